-- Who asked a register what for, when, and with what outcome; never what about.

create table lookup_record (
    id       uuid        primary key,
    asked_at timestamptz not null,
    lookup   text        collate "C" not null,
    system   text        collate "C" not null,
    purpose  text        not null,
    criteria text[]      not null,                -- their names alone
    outcome  text        collate "C" not null,    -- found, not_found, rejected, unavailable
    code     text        collate "C" not null,
    records  integer     not null,
    manner   text        collate "C" not null,    -- asked, remembered, stale
    took_ms  integer     not null
);
create index lookup_record_lookup on lookup_record (lookup, id);
create index lookup_record_system on lookup_record (system, id);
