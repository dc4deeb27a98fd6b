-- name: enter_hub
insert into hub_instance (incarnation, name, started_at, seen_at, speaks)
values ($1, $2, clock_timestamp(), clock_timestamp(), $3::text[]);

-- name: lock_contracts
-- Whoever enters and whoever activates wait for each other: so no version is activated past a hub that is just entering.
select pg_advisory_xact_lock($1);

-- name: active_contracts
select schema from contract_active order by schema;

-- name: hubs_not_speaking
select name from hub_instance
where not speaks @> array[$1::text] and seen_at > clock_timestamp() - make_interval(secs => $2)
order by name;

-- name: activate_contract
insert into contract_active (schema, activated_at) values ($1, clock_timestamp()) on conflict do nothing;

-- name: open_deliveries_of
select count(*)
from delivery_open o
cross join lateral (select contract, version from message where id = o.message_id offset 0) m
where m.contract = $1 and m.version = $2;

-- name: deactivate_contract
delete from contract_active where schema = $1;

-- name: fence_predecessor
update partition_lease set owner = null, expires_at = '-infinity'
where owner in (select incarnation from hub_instance where name = $1 and incarnation <> $2);

-- name: forget_predecessor
delete from hub_instance where name = $1 and incarnation <> $2;

-- name: make_leases
insert into partition_lease (grp, partition)
select * from unnest($1::text[], $2::smallint[])
on conflict do nothing;

-- name: seen
update hub_instance set seen_at = clock_timestamp(), deaf = $2 where incarnation = $1;

-- name: living_hubs
select count(*) from hub_instance where seen_at > clock_timestamp() - make_interval(secs => $1);

-- name: place_among_hubs
-- Among those that share the work: whoever hears nothing of the broker has none, unless nobody hears of it.
with hub as (
    select incarnation, not deaf or not bool_or(not deaf) over () as works
    from hub_instance where seen_at > clock_timestamp() - make_interval(secs => $1)
)
select count(*) filter (where works) as living, count(*) filter (where works and incarnation < $2) as before,
       coalesce(bool_or(works) filter (where incarnation = $2), true) as works
from hub;

-- name: renew_leases
-- A lease that ran out is not renewed: someone may be about to take it. It is taken again like any other.
with mine as materialized (
    select grp, partition from partition_lease
    where owner = $1 and expires_at > clock_timestamp()
    order by grp, partition
    for update
)
update partition_lease p
set expires_at = clock_timestamp() + make_interval(secs => $2)
from mine m
where p.grp = m.grp and p.partition = m.partition
returning p.grp, p.partition, p.epoch;

-- name: take_leases
with free as materialized (
    select grp, partition from partition_lease
    where (owner is null or expires_at <= clock_timestamp())
    order by grp, partition
    limit $3
    for update skip locked
)
update partition_lease p
set owner = $1, epoch = p.epoch + 1, expires_at = clock_timestamp() + make_interval(secs => $2)
from free f
where p.grp = f.grp and p.partition = f.partition
returning p.grp, p.partition, p.epoch;

-- name: release_leases
update partition_lease p
set owner = null, expires_at = '-infinity'
from unnest($2::text[], $3::smallint[]) as r (grp, partition)
where p.grp = r.grp and p.partition = r.partition and p.owner = $1;

-- name: leave_hub
delete from hub_instance where incarnation = $1;

-- name: recover_offered
-- The dead owner's window may or may not be on the bus; offering it twice is harmless, since the claim decides.
update delivery_open set state = 'waiting', frame_id = null
where grp = $1 and partition = $2 and standing = 2 and state = 'offered';

-- name: recover_sending
-- Perhaps sent: again where the far side keeps the key ($3), asked about where it can be asked ($5), else for a person. A death
-- names everybody who was under way; all are suspect, and a suspect is sent alone. The count of crashes ends with the first send
-- that is answered, so it grows only for the one that kills; the path sets it aside when there were too many.
-- What this very process has in hand is left to it: its lease ran out, its claim did not.
with cut as materialized (
    select id from delivery_open
    where grp = $1 and partition = $2 and standing = 2 and state = 'sending' and not (holder = $6 and id = any($7::uuid[]))
    order by id
    for update
)
update delivery_open o
set state = case when o.destination = any($3::text[]) then 'waiting' else 'in_doubt' end,
    code = 'CRASHED', detail = 'the process died while sending',
    crashes = o.crashes + 1, suspect = true, holder = null, due_at = $4::timestamptz,
    asked = 0, ask_at = case when o.destination = any($5::text[]) then $4::timestamptz end
from cut c
where o.id = c.id
returning o.message_id, o.destination, o.attempt, o.claimed_at, o.state;

-- name: recovered_attempts
insert into attempt (message_id, destination, attempt, state, code, detail, hub, started_at, ended_at)
select * from unnest($1::uuid[], $2::text[], $3::integer[], $4::text[], $5::text[], $6::text[], $7::uuid[],
                     $8::timestamptz[], $9::timestamptz[])
on conflict do nothing;

-- name: agree
-- The first value stands; whoever comes later is told it. Of two hubs that start together the later waits for the row of
-- the earlier, which its own snapshot does not have: written over with itself, the row is returned nevertheless.
insert into fact (name, value) values ($1, $2) on conflict (name) do update set value = fact.value returning value;
