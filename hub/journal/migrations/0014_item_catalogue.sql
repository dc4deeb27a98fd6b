-- The item catalogue (事项目录): every version of every item that came down, what each run changed, and a number for each change.

create table item_ledger (
    one       boolean     primary key default true check (one),
    change    bigint      not null default 0,   -- the last change; whoever takes items in holds this row
    since     timestamptz not null,             -- from when on something should have come
    heard_at  timestamptz,                      -- when the last item was accepted
    full_at   timestamptz                       -- when the last full run that was closed had ended
);

create table item_version (
    contract     text        collate "C" not null,
    code         text        collate "C" not null,
    version      smallint    not null,
    effective_on date        not null,
    expires_on   date,
    status       text        collate "C" not null,
    digest       bytea       not null,
    data         bytea       not null,
    message_id   uuid        not null,
    change       bigint      not null,          -- 0: it came late, after a newer one, and was told to nobody
    newest       boolean     not null,
    taken_at     timestamptz not null,
    heard_at     timestamptz not null,          -- when it was last said, also without any change
    primary key (contract, code, version, effective_on)
);
create unique index item_version_newest on item_version (contract, code) where newest;
create unique index item_version_change on item_version (change) where change > 0;
create index item_version_code on item_version (code);

create table item_run (
    id        text        collate "C" primary key,     -- full-2026-03-02, delta-2026-03-02
    full_run  boolean     not null,
    day       date        not null,
    began_at  timestamptz not null,
    closed_at timestamptz,
    heard     bigint      not null default 0,
    repeated  bigint      not null default 0
);
create index item_run_day on item_run (day);

create table item_finding (
    n            bigint   generated always as identity primary key,
    run          text     collate "C" not null,
    verdict      text     collate "C" not null
        check (verdict in ('added', 'changed', 'corrected', 'withdrawn', 'late', 'vanished')),
    contract     text     collate "C" not null,
    code         text     collate "C" not null,
    version      smallint not null,
    effective_on date     not null,
    coming       boolean  not null,             -- not yet in force when it came
    fields       text[]   not null default '{}',
    change       bigint   not null default 0,
    message_id   uuid,
    told         boolean  not null default false
);
create index item_finding_run on item_finding (run, n);
create unique index item_finding_message on item_finding (message_id) where message_id is not null;
