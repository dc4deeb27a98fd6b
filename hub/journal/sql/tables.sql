-- name: route_standing
select a.seq, a.version_id, coalesce((select version_id from route_shadow), '') as shadow
from route_activation a order by a.seq desc limit 1;

-- name: route_content
select content from route_table where version_id = $1;

-- name: keep_route_table
insert into route_table (version_id, content, first_at) values ($1, $2, $3) on conflict do nothing;

-- name: lock_route_tables
-- Whoever activates waits for whoever does: so each sees what the one before has activated.
select pg_advisory_xact_lock($1);

-- name: begin_route_table
-- Only a table that never was active: a hub that starts with an older file goes by what is in force.
insert into route_activation (seq, version_id, actor, via, reason, at)
select coalesce((select max(seq) from route_activation), 0) + 1, $1, $2, 'start', '', $3
where not exists (select from route_activation where version_id = $1);

-- name: activate_route_table
insert into route_activation (seq, version_id, actor, via, reason, at) values ($1, $2, $3, $4, $5, $6);

-- name: cast_route_shadow
insert into route_shadow (version_id, actor, at) values ($1, $2, $3)
on conflict (one) do update set version_id = excluded.version_id, actor = excluded.actor, at = excluded.at
where route_shadow.version_id <> excluded.version_id
returning 1;

-- name: end_route_shadow
delete from route_shadow where $1 in ('', version_id) returning 1;

-- name: route_history
select seq, version_id as version, actor, via, reason, at from route_activation order by seq desc limit $1;

-- name: count_route_trial
insert into route_trial as t (shadow, active, planned, differing) values ($1, $2, $3, $4)
on conflict (shadow, active) do update
set planned = t.planned + excluded.planned, differing = t.differing + excluded.differing;

-- name: add_route_differences
-- Sorted, since several hubs tell at the same time.
insert into route_difference as d (shadow, active, kind, destination, old, new, system, contract, seen, first_at, last_at, samples)
select $1, $2, s.kind, s.destination, s.old, s.new, s.system, s.contract, count(*), $10, $10,
       (array_agg(s.message order by s.message))[1:5]
from unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::uuid[])
     as s (kind, destination, old, new, system, contract, message)
group by s.kind, s.destination, s.old, s.new, s.system, s.contract
order by 3, 4, 5, 6, 7, 8
on conflict (shadow, active, kind, destination, old, new, system, contract) do update
set seen = d.seen + excluded.seen, last_at = greatest(d.last_at, excluded.last_at),
    samples = (d.samples || excluded.samples)[1:5];

-- name: route_trial
select planned, differing from route_trial where shadow = $1 and active = $2;

-- name: route_differences
select kind, destination, old, new, system, contract, seen, first_at, last_at, samples
from route_difference where shadow = $1 and active = $2
order by seen desc, kind, destination, old, new, system, contract
limit 1000;
