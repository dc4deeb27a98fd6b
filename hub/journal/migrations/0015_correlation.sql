-- Correlation (关联): under which identifiers later messages join a process, and those that did.

create table process_key (
    destination text collate "C" not null,
    key         text collate "C" not null,
    process_id  uuid not null references process (id) on delete cascade,
    primary key (destination, key)
);
create index process_key_process on process_key (process_id);

-- Copies: what joined may be archived with its own case long before the process is over.
create table process_joined (
    process_id  uuid        not null references process (id) on delete cascade,
    delivery_id uuid        not null,
    joined_at   timestamptz not null,
    attributes  bytea       not null,
    codec       smallint    not null,
    body        bytea       not null,
    primary key (process_id, delivery_id)
);
