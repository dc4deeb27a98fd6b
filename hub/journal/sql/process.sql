-- name: begin_processes
insert into process (id, message_id, destination, case_no, begun_at, due_at)
select o.id, o.message_id, o.destination, o.case_no, $2, $2
from unnest($1::uuid[]) as w (id)
cross join lateral (select id, message_id, destination, case_no from delivery_open where id = w.id offset 0) o
order by o.id
on conflict (id) do update
    set due_at = case when process.finished_at is null then process.due_at else excluded.due_at end, finished_at = null
returning id;

-- name: claim_process_keys
-- A key is one process's for as long as the journal knows that process.
insert into process_key (destination, key, process_id)
select o.destination, w.key, o.id
from unnest($1::uuid[], $2::text[]) as w (id, key)
join process o on o.id = w.id
order by o.destination, w.key
on conflict do nothing;

-- name: drop_keyless_processes
-- Those of these that came too late for one of their keys: they have not begun.
delete from process
where id in (
    select p.id
    from unnest($1::uuid[], $2::text[]) as w (id, key)
    join process p on p.id = w.id
    join process_key k on k.destination = p.destination and k.key = w.key
    where k.process_id <> p.id)
returning id;

-- name: join_processes
-- Locked in the order of their ids, as everywhere. A finished one has another turn, and so has one that is to answer again.
with wanted as materialized (
    select k.process_id, w.*
    from unnest($2::uuid[], $3::text[], $4::text[], $5::bytea[], $6::smallint[], $7::bytea[], $8::boolean[])
        as w (delivery_id, destination, key, attributes, codec, body, answered)
    cross join lateral (
        select process_id from process_key where destination = w.destination and key = w.key offset 0) k
    where k.process_id <> w.delivery_id -- what began a process does not join it when it is told again
),
locked as materialized (
    select id from process where id in (select process_id from wanted) order by id for update
),
joined as (
    insert into process_joined (process_id, delivery_id, joined_at, attributes, codec, body)
    select w.process_id, w.delivery_id, $1, w.attributes, w.codec, w.body
    from wanted w
    join locked l on l.id = w.process_id
    order by w.process_id, w.delivery_id
    on conflict do nothing
    returning process_id
),
news as (
    update process p
    set heard = true, finished_at = null
    where p.id in (select process_id from joined union all select process_id from wanted where answered)
)
select w.delivery_id from wanted w join locked l on l.id = w.process_id;

-- name: keep_findings
-- What was asked in a turn joins its process, as long as the turn is still its own.
insert into process_joined (process_id, delivery_id, joined_at, attributes, codec, body)
select p.id, w.finding_id, $1, w.attributes, w.codec, w.body
from unnest($2::uuid[], $3::integer[], $4::uuid[], $5::bytea[], $6::smallint[], $7::bytea[])
    as w (process_id, turn, finding_id, attributes, codec, body)
join process p on p.id = w.process_id and p.turn = w.turn
order by p.id, w.finding_id
on conflict do nothing;

-- name: joined_of
select process_id, delivery_id, joined_at, attributes, codec, body
from process_joined
where process_id = any($1::uuid[])
order by process_id, joined_at, delivery_id;

-- name: take_processes
-- What was heard is forgotten here, so whoever dies before it rests leaves it due when its time is over.
with due as materialized (
    select id
    from process
    where (due_at <= $2 or heard) and finished_at is null and destination = any($1::text[])
      and (taken_until is null or taken_until <= $2)
    order by due_at
    limit $3
    for update skip locked
)
update process p
set turn = p.turn + 1, taken_until = $4, heard = false, due_at = least(p.due_at, $4)
from due d
where p.id = d.id
returning p.id, p.message_id, p.destination, p.case_no, p.begun_at, p.turn, p.standing, p.awaits, p.why;

-- name: emissions_of
select process_id, name, named_at, message_id, refused, fates, closed_at, taken
from emission
where process_id = any($1::uuid[])
order by process_id, named_at, name;

-- name: fence_processes
-- Those that are still this turn's, locked in the order of their ids.
select p.id
from process p
join unnest($1::uuid[], $2::integer[]) as w (id, turn) on w.id = p.id and w.turn = p.turn
where p.finished_at is null
order by p.id
for update of p;

-- name: name_emissions
insert into emission (process_id, name, named_at)
select * from unnest($1::uuid[], $2::text[], $3::timestamptz[]) as n (p, e, t)
order by n.p, n.e
on conflict do nothing;

-- name: rest_processes
-- Emissions that are looked at stay untouched, those of a finished process too: whoever hears locks them before the process.
-- What joined while the last turn was under way was not seen by it: it is not over before another turn.
with known as (
    update emission e
    set message_id = k.message_id, refused = k.refused, look_at = case when k.message_id is not null then $1::timestamptz end
    from unnest($2::uuid[], $3::text[], $4::uuid[], $5::text[]) as k (process_id, name, message_id, refused)
    where e.process_id = k.process_id and e.name = k.name and e.message_id is null
)
update process p
set due_at = r.due_at, taken_until = null, finished_at = case when r.finished and not p.heard then $1 end,
    standing = r.standing, awaits = r.awaits, why = r.why, standing_at = case when p.standing = r.standing then p.standing_at else $1 end
from unnest($6::uuid[], $7::timestamptz[], $8::boolean[], $9::text[], $10::text[], $11::text[])
    as r (id, due_at, finished, standing, awaits, why)
where p.id = r.id;

-- name: hear_fates
-- One look per delivery, each by its key; "offset 0" keeps the planner from joining with all there is.
with due as materialized (
    select process_id, name, message_id, fates, looks
    from emission
    where look_at <= $1 or (look_at is not null and message_id = any($2::uuid[]))
    order by look_at
    limit $3
    for update skip locked
),
told as materialized (
    select d.process_id, d.name, d.fates as before, d.looks, f.fates, f.ended, b.finished
    from due d
    cross join lateral (select finished_at is not null as finished from process where id = d.process_id offset 0) b
    cross join lateral (
        select coalesce(jsonb_object_agg(p.destination, jsonb_build_array(
                   coalesce(s.state, case when o.state in ('offered', 'sending') then 'waiting' else o.state end, 'waiting'),
                   coalesce(s.code, case when o.state in ('waiting', 'offered', 'sending') then '' else o.code end, ''),
                   coalesce(a.doubtful, false))), '{}'::jsonb) as fates,
               coalesce(bool_and(s.state is not null), false) as ended
        from (select destination, delivery_id from delivery where message_id = d.message_id offset 0) p
        left join lateral (
            select state, code from settlement
            where message_id = d.message_id and destination = p.destination offset 0) s on true
        left join lateral (select state, code from delivery_open where id = p.delivery_id offset 0) o on true
        left join lateral (
            select bool_or(code in ('IN_DOUBT', 'CRASHED', 'POISON', 'ASKED_IN_VAIN', 'UNWRITABLE') or state = 'in_doubt') as doubtful
            from attempt
            where message_id = d.message_id and destination = p.destination
              and coalesce(s.state, o.state) in ('dead', 'expired') offset 0) a on true) f
),
written as (
    update emission e
    set fates = t.fates, looks = least(t.looks + 1, 100),
        look_at = case when not t.ended and not t.finished then $1 + make_interval(secs => least(60, 0.5 * power(2, least(t.looks, 10)))) end
    from told t
    where e.process_id = t.process_id and e.name = t.name
),
-- Processes are locked in the order of their ids, as everywhere; whoever has locked one waits for none of these emissions.
hearing as materialized (
    select id
    from process
    where id in (select process_id from told where fates is distinct from before) and finished_at is null
    order by id
    for update
),
news as (
    update process p set heard = true from hearing h where p.id = h.id
)
select count(*) from told;

-- name: open_paces
insert into pace (key, last) select k, $2 from unnest($1::bytea[]) as w (k) order by k on conflict do nothing;

-- name: lock_paces
select key, uses, ats from pace where key = any($1::bytea[]) order by key for update;

-- name: save_pace
update pace set uses = $2, ats = $3, last = $4 where key = $1;

-- name: purge_processes
delete from process
where id in (select id from process where finished_at < $1 order by finished_at limit $2 for update skip locked);

-- name: purge_paces
delete from pace where key in (select key from pace where last < $1 limit $2);

-- name: overdue_deliveries
-- What waits at a destination that is shut and may not be sent any more; of the partitions this hub owns now.
select o.id, o.grp, o.partition, o.destination
from delivery_open o
join partition_lease p on p.grp = o.grp and p.partition = o.partition and p.owner = $1
where o.expires_at <= $2 and o.state = 'waiting' and not o.held
  and o.destination = any (array(select destination from destination_gate where shut))
order by o.expires_at
limit $3;
