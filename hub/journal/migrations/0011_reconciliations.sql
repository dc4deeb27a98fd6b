-- Reconciliations (对账): what was counted of one day, what the far side says it has, and what came of comparing the two.

create table reconciliation (
    id              uuid        primary key,
    agreement       text        collate "C" not null,
    day             date        not null,
    rule            text        collate "C" not null,   -- SM3 of what was agreed when it was counted
    state           text        collate "C" not null check (state in ('wanted', 'counting', 'counted')),
    asked_by        text        not null,
    asked_at        timestamptz not null,
    seen_at         timestamptz,                        -- whoever counts says now and then that it does
    counted_at      timestamptz,                        -- what had been delivered by then is in it
    records         bigint      not null default 0,
    digest          text        not null default '',
    late_records    bigint      not null default 0,
    late_digest     text        not null default '',
    superseded      bigint      not null default 0,     -- left out, because a later version came
    unfinished      jsonb       not null default '{}',  -- deliveries of the day that were not delivered then, by state
    far_counted_at  timestamptz,
    far_source      text        not null default '',    -- how the far side's count came
    verdict         text        collate "C" not null default '' check (verdict in ('', 'agreed', 'differs', 'list_wanted')),
    wanted          text[]      not null default '{}',  -- nodes that the far side has still to open
    compared_at     timestamptz,
    heard           uuid,                               -- the last of the far side's messages that was read
    statement       bytea,
    signature       bytea
);
create index reconciliation_day on reconciliation (agreement, day, id);
create index reconciliation_open on reconciliation (state, seen_at) where state <> 'counted';

-- The records that were counted, in the order of their buckets: what a difference is looked up in. Kept for some weeks.
create table reconciliation_line (
    reconciliation uuid     not null,
    place          smallint not null,                   -- the bucket; from 4096 on of what came late
    message_id     uuid     not null,
    key            bytea    not null,                   -- which record of which case
    rest           bytea    not null,
    superseded     boolean  not null default false,
    primary key (reconciliation, place, message_id)
);

create table reconciliation_bucket (
    reconciliation uuid     not null,
    place          smallint not null,
    records        integer  not null,
    digest         text     not null,
    primary key (reconciliation, place)
);

-- The far side's tree as far as it was told; lines of the buckets it has opened.
create table reconciliation_far (
    reconciliation uuid     not null,
    node           text     collate "C" not null,
    records        bigint   not null,
    digest         text     not null,
    lines          bytea[],
    primary key (reconciliation, node)
);

create table reconciliation_difference (
    reconciliation uuid     not null,
    n              integer  not null,
    kind           text     collate "C" not null
        check (kind in ('missing_there', 'missing_here', 'differs', 'twice')),
    case_no        text     collate "C" not null,
    record         text     not null,
    here_version   smallint,
    here_content   text,
    there_version  smallint,
    there_content  text,
    message_id     uuid,                                -- ours, where we have one
    standing       text     collate "C" not null default '',   -- what of its case is unfinished at the destination
    primary key (reconciliation, n)
);

-- A delivery that was delivered and that the far side does not have is sent once more, under its own id.
alter table replay_item drop constraint replay_item_kind_check;
alter table replay_item add constraint replay_item_kind_check check (kind in ('resend', 'add', 'withdraw', 'repeat'));
