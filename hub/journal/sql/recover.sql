-- name: gates
-- The rows that say something; a destination without one is open for business.
select destination, breaker, failures, openings, opened, since, reason,
       case when breaker = 'half_open' then probe_until else probe_at end as probe_at, paused_at, paused_by, paused_reason
from destination_gate
where shut or failures > 0 or openings > 0 or opened > 0
order by destination;

-- name: report_heard
-- What a hub heard since it last told, one row per destination. Only a closed breaker counts: once it is open, the probe decides.
insert into destination_gate as g (destination, failures, reason, since, breaker, openings, opened, probe_at)
select p.destination, p.failures, p.reason, case when p.failures >= p.most then $8::timestamptz else 'epoch' end, case when p.failures >= p.most then 'open' else 'closed' end,
       case when p.failures >= p.most then 1 else 0 end, case when p.failures >= p.most then 1 else 0 end,
       case when p.failures >= p.most then $8::timestamptz + make_interval(secs => p.first) end
from unnest($1::text[], $2::boolean[], $3::integer[], $4::text[], $5::integer[], $6::float8[], $7::float8[])
    as p (destination, answered, failures, reason, most, first, longest)
where p.failures > 0
order by p.destination
on conflict (destination) do nothing
returning destination;

-- name: count_heard
with heard as materialized (
    select g.destination, p.answered, p.reason, p.most, p.first, p.longest,
           case when p.answered then 0 else g.failures end + p.failures as failures,
           case when p.answered then 0 else g.openings end as openings
    from destination_gate g
    join unnest($1::text[], $2::boolean[], $3::integer[], $4::text[], $5::integer[], $6::float8[], $7::float8[])
        as p (destination, answered, failures, reason, most, first, longest) using (destination)
    where g.breaker = 'closed'
    order by g.destination
    for update of g
)
update destination_gate g
set failures = h.failures,
    reason = case when h.failures > 0 then h.reason else '' end,
    openings = h.openings + case when h.failures >= h.most then 1 else 0 end,
    opened = g.opened + case when h.failures >= h.most then 1 else 0 end,
    breaker = case when h.failures >= h.most then 'open' else 'closed' end,
    since = case when h.failures >= h.most then $8::timestamptz else g.since end,
    probe_at = case when h.failures >= h.most
        then $8::timestamptz + make_interval(secs => least(h.longest, h.first * power(2, least(h.openings, 20)))) end
from heard h
where g.destination = h.destination;

-- name: take_probe
-- One hub at a time; one that died while it probed is succeeded when its time is up.
update destination_gate
set breaker = 'half_open', prober = $2, probe_until = $4
where destination = $1 and breaker <> 'closed' and paused_at is null and probe_at <= $3
  and (breaker = 'open' or probe_until <= $3)
returning destination;

-- name: close_breaker
-- Only a delivery that was answered makes the pauses short again: a far side that says yes and takes nothing is asked less often.
update destination_gate
set breaker = 'closed', failures = 0, since = $3, reason = '', probe_at = null, prober = null, probe_until = null,
    openings = case when $4 then 0 else openings end
where destination = $1 and breaker = 'half_open' and prober = $2;

-- name: reopen_breaker
update destination_gate
set breaker = 'open', reason = $4, prober = null, probe_until = null, openings = openings + 1,
    probe_at = $3::timestamptz + make_interval(secs => least($6::float8, $5::float8 * power(2, least(openings, 20))))
where destination = $1 and breaker = 'half_open' and prober = $2;

-- name: pass_probe_on
-- No delivery to try it with is this hub's: another one may have one.
update destination_gate
set breaker = 'open', prober = null, probe_until = null, probe_at = $3
where destination = $1 and breaker = 'half_open' and prober = $2;

-- name: trial_delivery
-- One that heads its lane, of a partition of ours if there is one. A handful of each partition is looked at, never the whole
-- backlog; of these the one that was tried least, so that no delivery that always fails keeps a destination shut.
select o.id, p.grp, p.partition, o.state = 'waiting' and q.grp is not null as mine
from partition_lease p
left join unnest($2::text[], $3::smallint[]) as q (grp, partition) on q.grp = p.grp and q.partition = p.partition
cross join lateral (
    (select id, state, attempt, rank from delivery_open
     where grp = p.grp and partition = p.partition and standing = 1 and destination = $1
     order by rank limit 20)
    union all
    (select id, state, attempt, rank from delivery_open
     where grp = p.grp and partition = p.partition and standing = 2 and state = 'offered' and destination = $1
     limit 20)) o
order by 4 desc, o.attempt, o.rank
limit 1;

-- name: pause_destination
insert into destination_gate as g (destination, since, paused_at, paused_by, paused_reason) values ($1, 'epoch', $2::timestamptz, $3, $4)
on conflict (destination) do update set paused_at = $2, paused_by = $3, paused_reason = $4
where g.paused_at is null
returning destination;

-- name: resume_destination
-- A breaker that is open is probed at once: whoever resumes believes that the far side is back.
update destination_gate
set paused_at = null, paused_by = null, paused_reason = null,
    since = case when breaker = 'closed' then $2::timestamptz else since end,
    probe_at = case when breaker = 'closed' then null else $2::timestamptz end
where destination = $1 and paused_at is not null
returning destination;

-- name: take_doubts
-- Whoever owns the partition asks. A question whose asker died is asked again when its time is up; the holder and the attempt
-- fence off the answer of one who only was slow.
with due as materialized (
    select o.id, p.epoch
    from partition_lease p
    join delivery_open o on o.grp = p.grp and o.partition = p.partition
    where p.owner = $1 and p.expires_at > clock_timestamp()
      and o.state in ('in_doubt', 'accepted') and o.ask_at <= $2 and o.destination = any($3::text[])
      and o.destination <> all (array(select destination from destination_gate where shut))
    order by o.ask_at
    limit $4
    for update of o skip locked
),
taken as (
    update delivery_open o
    set holder = $1, epoch = d.epoch, attempt = o.attempt + 1, claimed_at = $2, ask_at = $5
    from due d
    where o.id = d.id
    returning o.*
)
select o.id, o.message_id, o.destination, o.grp, o.partition, o.case_no, o.attempt, o.failures, o.suspect, o.crashes,
       o.asked, o.holder, o.epoch, o.accepted_at, o.claimed_at, o.expires_at, o.replayed_at, o.late, o.early, o.handling,
       case when o.state = 'accepted' then o.reference else '' end as reference,
       (select g.since from destination_gate g where g.destination = o.destination) as back_at
from taken o
order by o.id;
