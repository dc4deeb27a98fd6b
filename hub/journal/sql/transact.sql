-- name: lock_emissions
-- Emissions are locked before their process, as by whoever hears; and before deliveries, as by whoever replays.
select name, message_id, closed_at
from emission
where process_id = $1 and name = any($2::text[]) and message_id is not null
order by name
for update;

-- name: lock_open_of
select o.id, o.message_id, o.destination, o.state, o.attempt, o.case_no
from delivery_open o
where o.id = any(array(
    select d.delivery_id from unnest($1::uuid[]) as w (id)
    cross join lateral (select delivery_id from delivery where message_id = w.id offset 0) d))
order by o.id
for update;

-- name: ends_of
-- How the deliveries of these messages stand, and whether some attempt may have had its effect without that being known: doubtful, and
-- never denied by the far side afterwards.
select d.message_id, d.destination, d.delivery_id as id, d.case_no, coalesce(s.state, o.state) as state, coalesce(s.attempt, o.attempt) as attempt,
       s.state is not null as ended, coalesce(a.doubtful, false) as doubtful
from unnest($1::uuid[]) as w (id)
cross join lateral (
    select message_id, destination, delivery_id, case_no from delivery where message_id = w.id offset 0) d
left join lateral (
    select state, attempt from settlement
    where message_id = d.message_id and destination = d.destination offset 0) s on true
left join lateral (select state, attempt from delivery_open where id = d.delivery_id offset 0) o on true
left join lateral (
    select bool_or(a.code in ('IN_DOUBT', 'CRASHED', 'POISON', 'ASKED_IN_VAIN', 'UNWRITABLE') or a.state = 'in_doubt') as doubtful
    from attempt a
    where a.message_id = d.message_id and a.destination = d.destination
      and a.attempt > (
          select coalesce(max(n.attempt), 0) from attempt n
          where n.message_id = d.message_id and n.destination = d.destination and n.code = 'NOT_SEEN') offset 0) a on true
order by d.message_id, d.destination;

-- name: close_emissions
with closed as (
    update emission e
    set closed_at = $2, taken = w.taken, look_at = null
    from unnest($3::text[], $4::boolean[]) as w (name, taken)
    where e.process_id = $1 and e.name = w.name
)
insert into closed_delivery (id, message_id, destination, process_id)
select w.id, w.message_id, w.destination, $1
from unnest($5::uuid[], $6::uuid[], $7::text[]) as w (id, message_id, destination)
on conflict do nothing;

-- name: shut_among
-- Whoever is about to send something of these messages again holds their emissions meanwhile, so that none is closed under its hands.
select message_id, closed_at is not null as shut
from emission
where message_id = any($1::uuid[])
order by process_id, name
for share;

-- name: closed_among
select id from closed_delivery where id = any($1::uuid[]);

-- name: lock_process
select standing, awaits from process where id = $1 and finished_at is null for update;

-- name: lock_whole_process
select destination, standing, awaits, finished_at is not null as finished from process where id = $1 and standing <> '' for update;

-- name: final_emissions
select count(*) as n from emission where process_id = $1 and name = any($2::text[]) and refused = '';

-- name: interrupt_process
-- Whoever has it in its turn has lost it: nothing is named or rests by that turn any more, and it is taken anew at once.
update process set heard = true, turn = turn + 1, taken_until = null where id = $1;

-- name: join_word
-- A person's word about one emission: the first counts.
insert into process_joined (process_id, delivery_id, joined_at, attributes, codec, body)
values ($1, $2, $3, $4, $5, $6)
on conflict do nothing
returning delivery_id;

-- name: wake_process
update process set heard = true where id = $1;

-- name: list_transactions
select p.id, p.destination, p.case_no, p.begun_at, p.finished_at, p.standing, p.standing_at, p.awaits, p.why, p.message_id
from process p
where p.standing <> '' and p.id < $1 and ($2::text is null or p.standing = $2)
order by p.id desc
limit $3;

-- name: transaction
select id, destination, case_no, begun_at, finished_at, standing, standing_at, awaits, why, message_id
from process
where id = $1 and standing <> '';

-- name: parts_of_messages
-- What transactions have emitted of these messages ($1), and what began one: its process has the id of the delivery ($3) to it.
select e.message_id, e.name, p.id, p.destination, p.standing, p.why, p.awaits
from unnest($1::uuid[]) as w (id)
cross join lateral (select process_id, message_id, name from emission where message_id = w.id offset 0) e
cross join lateral (
    select id, destination, standing, why, awaits from process where id = e.process_id and standing <> '' offset 0) p
union all
select w.message_id, '', p.id, p.destination, p.standing, p.why, p.awaits
from unnest($2::uuid[], $3::uuid[]) as w (message_id, delivery_id)
cross join lateral (
    select id, destination, standing, why, awaits from process where id = w.delivery_id and standing <> '' offset 0) p;

-- name: steps_of
select name, named_at, message_id, refused, fates, closed_at, taken
from emission
where process_id = $1
order by named_at, name;

-- name: needing_persons
select destination, count(*) as n, min(standing_at) as since
from process
where standing = 'needs_person' and finished_at is null
group by destination
order by destination;
