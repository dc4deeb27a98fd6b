-- The journal, from its first day. Only what PostgreSQL 15 and 18 both have; no extensions.
-- Large tables are range-partitioned by UUIDv7, so by time; keys compare as bytes (COLLATE "C").

create table message (
    id            uuid        not null,
    system        text        collate "C" not null,
    sender_id     text        collate "C" not null,
    contract      text        collate "C" not null,
    version       smallint    not null,
    case_no       text        collate "C" not null,
    event_time    timestamptz,
    accepted_at   timestamptz not null,
    expires_at    timestamptz,
    content_type  text        not null,
    codec         smallint    not null,   -- how raw and canonical are compressed: 0 not at all, 1 zstd
    raw           bytea       not null,   -- as received
    canonical     bytea       not null,   -- the validated data
    attributes    bytea       not null,   -- the envelope, JSON
    digest        bytea       not null,   -- SHA-256 over attributes and data, the same in every HTTP mode
    table_version text        not null,   -- the route table that made the plan
    receipt       bytea       not null,
    primary key (id)
) partition by range (id);

-- Duplicate recognition: narrow, hash-partitioned, purged in batches.
create table acceptance (
    system      text        collate "C" not null,
    sender_id   text        collate "C" not null,
    digest      bytea       not null,
    message_id  uuid        not null,
    accepted_at timestamptz not null,
    primary key (system, sender_id)
) partition by hash (system, sender_id);

-- A case's messages and the systems that are parties to it. Hash-partitioned, so that a case is found in one place.
create table case_message (
    case_no    text collate "C" not null,
    message_id uuid not null,
    primary key (case_no, message_id)
) partition by hash (case_no);

create table case_party (
    case_no text collate "C" not null,
    system  text collate "C" not null,
    primary key (case_no, system)
) partition by hash (case_no);

-- A lane is (destination, case). Positions are dense; head is the lowest one that still blocks.
create table lane (
    destination   text   collate "C" not null,
    case_no       text   collate "C" not null,
    last_position bigint not null,
    head          bigint not null default 1,
    primary key (destination, case_no)
) with (fillfactor = 70);

-- The plan: written once, in COMMIT 1.
create table delivery (
    message_id  uuid     not null,
    destination text     collate "C" not null,
    delivery_id uuid     not null,
    case_no     text     collate "C" not null,
    position    bigint   not null,
    primary key (message_id, destination)
) partition by range (message_id);

-- The deliveries that are not finished: small, hot, independent of how much history there is.
create table delivery_open (
    id          uuid        primary key,
    message_id  uuid        not null,
    destination text        collate "C" not null,
    case_no     text        collate "C" not null,
    position    bigint      not null,
    ordered     boolean     not null,
    grp         text        collate "C" not null,
    partition   smallint    not null,
    priority    smallint    not null,
    rank        timestamptz not null,   -- what is offered first: urgent work ahead of a backlog, old work ahead of all
    state       text        collate "C" not null
        check (state in ('waiting', 'offered', 'sending', 'accepted', 'in_doubt', 'dead')),
    yields      boolean     not null default false,   -- open, but its lane goes on
    attempt     integer     not null default 0,       -- every claim
    failures    integer     not null default 0,       -- those that count against the limit
    suspect     boolean     not null default false,   -- a process died while sending it
    holder      uuid,
    epoch       bigint      not null default 0,
    frame_id    uuid,
    offered_at  timestamptz,
    claimed_at  timestamptz,
    lease_until timestamptz,
    due_at      timestamptz not null,
    accepted_at timestamptz not null,
    expires_at  timestamptz,
    code        text        not null default '',
    detail      text        not null default '',
    reference   text        not null default ''
) with (fillfactor = 70);
create unique index delivery_open_lane on delivery_open (destination, case_no, position);
create index delivery_open_due on delivery_open (grp, partition, state, rank);
create index delivery_open_shelf on delivery_open (destination, id) where state = 'accepted';

create table attempt (
    message_id  uuid        not null,
    destination text        collate "C" not null,
    attempt     integer     not null,
    state       text        collate "C" not null,
    code        text        not null,
    detail      text        not null,
    hub         uuid        not null,
    started_at  timestamptz not null,
    ended_at    timestamptz not null,
    primary key (message_id, destination, attempt)
) partition by range (message_id);

-- One final answer per message and destination, ever.
create table settlement (
    message_id  uuid        not null,
    destination text        collate "C" not null,
    state       text        collate "C" not null check (state in ('delivered', 'expired', 'withdrawn', 'skipped')),
    attempt     integer     not null,
    code        text        not null,
    detail      text        not null,
    reference   text        not null,
    settled_at  timestamptz not null,
    primary key (message_id, destination)
) partition by range (message_id);

-- Evidence: inserted only. A sequencer numbers leaves after the commit; that comes with the signatures.
create table leaf (
    message_id  uuid        not null,
    id          uuid        not null,
    kind        text        collate "C" not null,
    destination text        collate "C",
    statement   bytea       not null,
    hash        bytea       not null,
    primary key (message_id, id)
) partition by range (message_id);

create table refusal (
    id         uuid        not null,
    system     text        collate "C" not null,
    sender_id  text        collate "C",
    code       text        collate "C" not null,
    problem    bytea       not null,
    digest     bytea       not null,
    refused_at timestamptz not null,
    primary key (id)
) partition by range (id);

create table material (
    digest     text        collate "C" not null,
    system     text        collate "C" not null,
    size       bigint      not null,
    media_type text        not null,
    stored_at  timestamptz not null,
    primary key (digest, system)
);

-- Which cases name a material: their parties may read it.
create table case_material (
    digest  text collate "C" not null,
    case_no text collate "C" not null,
    primary key (digest, case_no)
);

create table hub_instance (
    incarnation uuid        primary key,
    name        text        collate "C" not null,
    started_at  timestamptz not null,
    seen_at     timestamptz not null
);

create table partition_lease (
    grp        text        collate "C" not null,
    partition  smallint    not null,
    owner      uuid,
    epoch      bigint      not null default 0,
    expires_at timestamptz not null default '-infinity',
    primary key (grp, partition)
) with (fillfactor = 50);

-- Facts about the surroundings that must survive a restart, such as the identity of the broker.
create table fact (
    name  text collate "C" primary key,
    value text not null
);

do $$
declare
    t text;
    n integer;
begin
    foreach t in array array['acceptance', 'case_message', 'case_party'] loop
        for n in 0..7 loop
            execute format('create table %I partition of %I for values with (modulus 8, remainder %s)', t || '_' || n, t, n);
        end loop;
    end loop;
    -- Whatever a wrong clock may produce still has a place.
    foreach t in array array['message', 'delivery', 'attempt', 'settlement', 'leaf', 'refusal'] loop
        execute format('create table %I partition of %I default', t || '_default', t);
    end loop;
end
$$;
