-- Business transactions (业务事务): what a process says of itself, and what it sends of a step no more.

alter table process
    add column standing   text collate "C" not null default '',  -- how it stands, a word of its processor's; empty: it says none
    add column awaits     text collate "C" not null default '',  -- the emission that a person must decide about
    add column standing_at timestamptz;
create index process_standing on process (standing, id) where standing <> '';

alter table emission
    add column closed_at timestamptz,  -- nothing of it is sent any more, whoever asks for it
    add column taken     boolean;      -- when it was closed: whether it took effect somewhere, or perhaps did

-- The deliveries of what was closed, so that whoever names one is told why it is not sent again.
create table closed_delivery (
    id          uuid primary key,
    message_id  uuid not null,
    destination text collate "C" not null,
    process_id  uuid not null references process (id) on delete cascade
);
create index closed_delivery_process on closed_delivery (process_id);
