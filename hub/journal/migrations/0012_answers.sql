-- The answer that comes later (最终答复): what became of what a far side had only accepted.

alter table delivery_open
    add column answer_due timestamptz;   -- accepted, and its final answer should be in by then; null: nobody said

-- One row per reference that something was accepted under, or that was answered before that.
create table answer (
    destination    text        collate "C" not null,
    reference      text        collate "C" not null,
    made_at        timestamptz not null,
    message_id     uuid,                               -- null: nothing was accepted under it yet
    delivery_id    uuid,
    attempt        integer     not null default 0,     -- that was accepted, or that the answer was written as
    awaited        boolean     not null default false,
    state          text        collate "C" check (state in ('delivered', 'dead')),   -- what the answer makes of it; null: none yet
    code           text        not null default '',
    detail         text        not null default '',
    receipt        text        not null default '',
    answered_at    timestamptz,                        -- as the far side says
    heard_at       timestamptz,
    contradictions integer     not null default 0,     -- answers that said the opposite, and the first of them
    other_state    text        collate "C",
    other_code     text        not null default '',
    other_detail   text        not null default '',
    other_receipt  text        not null default '',
    other_at       timestamptz,
    other_heard_at timestamptz,
    primary key (destination, reference)
) with (fillfactor = 70);

create index answer_early on answer (destination, made_at) where delivery_id is null;
-- Forgotten by age, and rows stand in the order of their ages.
create index answer_age on answer using brin (made_at) with (autosummarize = on);
