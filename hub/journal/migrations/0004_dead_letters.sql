-- Dead letters (and deliveries in doubt) by what they have in common, and what operators do about them.

-- What they have in common. A group without deliveries and without a note is forgotten after a while.
create table dead_group (
    id          bigint      generated always as identity primary key,
    destination text        collate "C" not null,
    code        text        collate "C" not null,
    contract    text        collate "C" not null,
    state       text        collate "C" not null check (state in ('dead', 'in_doubt')),
    note        text        not null default '',
    noted_by    text        not null default '',
    noted_at    timestamptz,
    made_at     timestamptz not null default clock_timestamp(),
    unique (destination, code, contract, state)
);

alter table delivery_open
    add column dead_group  bigint references dead_group,
    add column failed_at   timestamptz,
    add column replayed_at timestamptz,                  -- the last time somebody had it sent again: age counts from then
    add column late        boolean not null default false;   -- sent again after its lane had gone on
create index delivery_open_dead on delivery_open (dead_group, failed_at, id) where dead_group is not null;

-- Whoever sets a delivery aside, by whatever statement, puts it into its group; whoever takes it up again takes it out.
create function group_dead_letter() returns trigger language plpgsql as $$
declare
    kind text;
begin
    new.dead_group := null;
    new.failed_at := case when new.state = old.state then old.failed_at end;
    if new.state in ('dead', 'in_doubt') then
        select m.contract into kind from message m where m.id = new.message_id;
        kind := coalesce(kind, '');
        for n in 1..3 loop
            -- Held against being forgotten meanwhile.
            select g.id into new.dead_group from dead_group g
            where g.destination = new.destination and g.code = new.code and g.contract = kind and g.state = new.state
            for key share;
            exit when found;
            insert into dead_group (destination, code, contract, state)
            values (new.destination, new.code, kind, new.state)
            on conflict do nothing;
        end loop;
        new.failed_at := coalesce(new.failed_at, clock_timestamp());
    end if;
    return new;
end
$$;
create trigger delivery_open_grouped before update on delivery_open
for each row when (
    (new.state is distinct from old.state or new.code is distinct from old.code)
    and (new.state in ('dead', 'in_doubt') or old.state in ('dead', 'in_doubt')))
execute function group_dead_letter();

insert into dead_group (destination, code, contract, state)
select distinct o.destination, o.code, coalesce(m.contract, ''), o.state
from delivery_open o
left join message m on m.id = o.message_id
where o.state in ('dead', 'in_doubt');
update delivery_open o
set dead_group = g.id, failed_at = coalesce(o.claimed_at, o.accepted_at)
from dead_group g, message m
where o.state in ('dead', 'in_doubt') and m.id = o.message_id
  and g.destination = o.destination and g.code = o.code and g.contract = m.contract and g.state = o.state;

-- What operators did, once for each request: a request that comes again finds its own act.
create table act (
    id       uuid        primary key,
    request  text        collate "C" not null unique,
    digest   bytea       not null,   -- of what was asked for
    kind     text        collate "C" not null,
    actor    text        not null,
    via      text        collate "C" not null,
    reason   text        not null,
    subject  text        not null,   -- the group, replay or selection
    applied  integer     not null default 0,
    acted_at timestamptz not null
);

-- A replay has the id of the act that asked for it.
create table replay (
    id            uuid        primary key references act,
    rate          integer     not null,                       -- most deliveries a second
    tolerance     real        not null,                       -- the share of a step that may fail again
    state         text        collate "C" not null check (state in ('running', 'stopped', 'finished')),
    stopped_by    text        not null default '',            -- an operator, or nobody: then it stopped itself
    stop_code     text        not null default '',
    stop_detail   text        not null default '',
    step          integer     not null default 0,
    step_size     integer     not null default 0,
    step_released integer     not null default 0,
    next_at       timestamptz not null default '-infinity',   -- when a hub may look again
    ended_at      timestamptz
);
create index replay_running on replay (next_at) where state = 'running';

-- The deliveries as they were at the click. One that waits its turn or is under way belongs to one replay only.
create table replay_item (
    replay_id   uuid     not null references replay,
    n           integer  not null,
    kind        text     collate "C" not null check (kind in ('resend', 'add', 'withdraw')),
    delivery_id uuid     not null,
    message_id  uuid     not null,
    destination text     collate "C" not null,
    attempt     integer  not null,   -- it is sent again only if it was not tried since
    late        boolean  not null default false,
    state       text     collate "C" not null
        check (state in ('pending', 'held', 'released', 'done', 'failed', 'gone', 'refused')),
    code        text     not null default '',
    step        integer  not null default 0,
    -- Of a delivery that the present route table adds.
    party       text     collate "C",
    grp         text     collate "C",
    partition   smallint,
    ordered     boolean,
    priority    smallint,
    primary key (replay_id, n)
);
create unique index replay_item_open on replay_item (delivery_id) where state in ('pending', 'released');
create index replay_item_delivery on replay_item (delivery_id);
create index replay_item_state on replay_item (replay_id, state, n);
