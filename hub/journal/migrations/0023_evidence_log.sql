-- The log: every leaf in one order for ever, with its chain, the tiles of its Merkle tree and its checkpoints. It holds hashes and
-- ids only, so it outlives the statements when they go to the archive. Inserted only: a change is refused, and would be seen.

-- Leaves that have no index yet. A queue, so that a leaf is found when it is committed and not before, however long that took.
create table leaf_queue (
    seq        bigint generated always as identity primary key,
    message_id uuid   not null,
    id         uuid   not null,
    kind       text   collate "C" not null,
    hash       bytea  not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000);

-- One log per database. The identity is made here: another database, though it was restored from nothing, is another log.
create table log_head (
    one          boolean     primary key default true check (one),
    log          uuid        not null default gen_random_uuid(),
    epoch        bigint      not null default 0,
    size         bigint      not null default 0,
    chain        bytea       not null default decode(repeat('00', 32), 'hex'),
    sequenced_at timestamptz
);
insert into log_head default values;

create table log_leaf (
    idx        bigint primary key,
    message_id uuid   not null,
    id         uuid   not null,
    kind       text   collate "C" not null,
    hash       bytea  not null,
    chain      bytea  not null
);
create unique index log_leaf_of_message on log_leaf (message_id, id);

-- Level 1 and up; the hashes of a tile of level 0 are those of its leaves.
create table log_tile (
    level  smallint not null,
    n      bigint   not null,
    hashes bytea    not null,
    primary key (level, n)
);

create table checkpoint (
    size    bigint      primary key,
    root    bytea       not null,
    note    bytea       not null,
    made_at timestamptz not null
);

create table checkpoint_stamp (
    size       bigint      not null references checkpoint,
    authority  text        collate "C" not null,
    token      bytea       not null,
    stamped_at timestamptz not null,
    primary key (size, authority)
);

-- What was signed over an export, once: the same export has the same signature, though signing draws lots.
create table evidence_seal (
    digest    bytea       primary key,
    signature bytea       not null,
    made_at   timestamptz not null
);

create function queue_leaves() returns trigger language plpgsql as $$
begin
    insert into leaf_queue (message_id, id, kind, hash) select message_id, id, kind, hash from new_leaves order by id;
    return null;
end
$$;

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'rows of % are never changed', tg_table_name using errcode = 'restrict_violation';
end
$$;

-- What drop_month moves from one partition to another was queued when it was written.
create trigger leaf_queued after insert on leaf referencing new table as new_leaves
    for each statement when (current_setting('govhub.moving', true) is distinct from 'yes')
    execute function queue_leaves();
create trigger leaf_unchanged before update on leaf for each statement execute function refuse_change();
create trigger log_leaf_unchanged before update or delete or truncate on log_leaf
    for each statement execute function refuse_change();
create trigger checkpoint_unchanged before update or delete or truncate on checkpoint
    for each statement execute function refuse_change();

-- Evidence from before this migration: it has its place in the log too, first.
insert into leaf_queue (message_id, id, kind, hash) select message_id, id, kind, hash from leaf order by message_id, id;

-- Certificates that signed evidence, kept for whoever verifies after they have been replaced.
create table evidence_certificate (
    digest      bytea       primary key,
    role        text        collate "C" not null,
    certificate bytea       not null,
    known_since timestamptz not null
);
