-- Processors (处理器): what each began, what it has emitted and what became of that; and what is let through at a pace.

create table process (
    id          uuid        primary key,          -- the delivery that brought its message
    message_id  uuid        not null,
    destination text        collate "C" not null,
    case_no     text        collate "C" not null,
    begun_at    timestamptz not null,
    due_at      timestamptz,                      -- when it is looked at next; null: when it hears something
    heard       boolean     not null default false,
    turn        integer     not null default 0,   -- fences: counts how often it was taken
    taken_until timestamptz,
    finished_at timestamptz
) with (fillfactor = 70);
create index process_due on process (due_at) where due_at is not null;
create index process_heard on process (id) where heard;
create index process_finished on process (finished_at) where finished_at is not null;

create table emission (
    process_id uuid        not null references process (id) on delete cascade,
    name       text        collate "C" not null,
    named_at   timestamptz not null,
    message_id uuid,                              -- once it is accepted
    refused    text        collate "C" not null default '',
    fates      jsonb       not null default '{}', -- {destination: [state, code, doubtful]}
    looks      smallint    not null default 0,
    look_at    timestamptz,                       -- when its fates are looked at next; null: no more, or not accepted yet
    primary key (process_id, name)
) with (fillfactor = 70);
create index emission_look on emission (look_at) where look_at is not null;
create index emission_message on emission (message_id) where message_id is not null;

-- What was let through, by a keyed digest of whom it concerns.
create table pace (
    key  bytea         primary key,
    uses text[]        not null default '{}',
    ats  timestamptz[] not null default '{}',     -- of each use, in the same order
    last timestamptz   not null
) with (fillfactor = 70);
create index pace_last on pace using brin (last) with (autosummarize = on);

-- What nobody sends any more ends also while its destination is shut.
create index delivery_open_expiring on delivery_open (expires_at) where expires_at is not null;
