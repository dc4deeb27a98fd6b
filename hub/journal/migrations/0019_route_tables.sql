-- Route tables by version, kept for ever: what planned a message can be read as long as the message.
create table route_table (
    version_id text collate "C" primary key,
    content    text        not null,
    first_at   timestamptz not null
);

-- One row for each activation; the last one is in force in every hub.
create table route_activation (
    seq        bigint      primary key,
    version_id text        collate "C" not null references route_table,
    actor      text        not null,
    via        text        not null,
    reason     text        not null,
    at         timestamptz not null
);

-- The table that runs beside the active one, delivering nowhere; one row or none.
create table route_shadow (
    one        boolean     primary key default true check (one),
    version_id text        collate "C" not null references route_table,
    actor      text        not null,
    at         timestamptz not null
);

-- On how many messages a shadow was tried beside an active table.
create table route_trial (
    shadow    text   collate "C" not null,
    active    text   collate "C" not null,
    planned   bigint not null,
    differing bigint not null,
    primary key (shadow, active)
);

-- What it would have done otherwise, by kind, with a few messages to look at.
create table route_difference (
    shadow      text        collate "C" not null,
    active      text        collate "C" not null,
    kind        text        collate "C" not null,
    destination text        collate "C" not null,
    old         text        collate "C" not null,
    new         text        collate "C" not null,
    system      text        collate "C" not null,
    contract    text        collate "C" not null,
    seen        bigint      not null,
    first_at    timestamptz not null,
    last_at     timestamptz not null,
    samples     uuid[]      not null,
    primary key (shadow, active, kind, destination, old, new, system, contract)
);
