-- Personal data at rest: data keys by system and month, wrapped by a master key that is not in this database; and the keyed-hash index
-- by which cases are found. A message whose codec has bit 16 is sealed (raw, canonical, attributes); one with codec 32 is erased.

create table data_key (
    id           integer     generated always as identity primary key,
    purpose      text        collate "C" not null check (purpose in ('seal', 'index')),
    system       text        collate "C" not null,
    month        date        not null,
    suite        text        collate "C" not null,
    master       text        collate "C" not null,   -- the name of the key that wraps it
    wrapped      bytea,                               -- null: destroyed, and with it all that it sealed
    made_at      timestamptz not null,
    destroyed_at timestamptz
);
create unique index data_key_current on data_key (purpose, system, month) where wrapped is not null;

-- HMAC-SHA-256 of kind and value under a key of its own, cut to 16 bytes. It names no value, and nobody without the key can try some.
create table personal_index (
    hash    bytea    not null,
    kind    smallint not null,   -- 1 ID number, 2 phone, 3 credit code
    case_no text     collate "C" not null,
    primary key (hash, kind, case_no)
);
create index personal_index_case on personal_index (case_no);

-- What an erasure has yet to do outside of this database, so that it is finished whatever dies meanwhile.
create table erasure (
    case_no   text        collate "C" primary key,
    act       uuid        not null references act,
    messages  integer     not null,
    asked_at  timestamptz not null,
    archived  boolean     not null default false,   -- the archive's copies are gone
    materials text[]      not null default '{}',    -- digests that are still to be removed
    ended_at  timestamptz
);
