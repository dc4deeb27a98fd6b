-- Retention: what is removed, what is archived, and who is at it. The archive's files lie in the store; their index is here.

-- Work that one hub does at a time, when it was last done, and how far it came.
create table chore (
    name    text        collate "C" primary key,
    ran_at  timestamptz not null default '-infinity',
    reached text        collate "C" not null default ''
);

-- The bytes of these are being removed. Whoever stores one of them meanwhile is asked to come again.
create table material_removal (
    digest   text        collate "C" primary key,
    begun_at timestamptz not null
);

-- Duplicates are purged by age, and rows stand in the order of their ages.
create index acceptance_age on acceptance using brin (accepted_at) with (autosummarize = on);

-- One archiving of a month: what was finished then. What was not stays online, and is a later part of the same month.
create table archive_part (
    month      date        not null,
    part       integer     not null,
    state      text        collate "C" not null check (state in ('writing', 'written', 'dropped', 'expired')),
    begun_at   timestamptz not null,
    written_at timestamptz,
    dropped_at timestamptz,
    expired_at timestamptz,
    manifest   text        collate "C",   -- the digest of its file
    primary key (month, part)
);
create unique index archive_part_open on archive_part (month) where state in ('writing', 'written');

-- The cases that had unfinished work when the part was begun: their messages stay online, all of them.
create table archive_held (
    month   date not null,
    part    integer not null,
    case_no text collate "C" not null,
    primary key (month, part, case_no)
);

create table archive_segment (
    month   date    not null,
    part    integer not null,
    number  integer not null,
    kind    text    collate "C" not null check (kind in ('messages', 'refusals', 'cases')),
    digest  text    collate "C" not null,
    size    bigint  not null,
    rows    jsonb   not null,             -- how many of each table
    last_case text  collate "C" not null,   -- the next segment begins behind this
    last_id   uuid  not null,
    primary key (month, part, number)
);

-- In which files a case stands: the index that spares a look-up all others.
create table archived_case (
    case_no text    collate "C" not null,
    month   date    not null,
    part    integer not null,
    number  integer not null,
    primary key (case_no, month, part, number)
) partition by hash (case_no);

do $$
begin
    for n in 0..7 loop
        execute format('create table %I partition of archived_case for values with (modulus 8, remainder %s)',
                       'archived_case_' || n, n);
    end loop;
end
$$;
create index archived_case_segment on archived_case (month, part, number);
