-- name: make_answers
-- In the order of their keys, as whoever else makes one: whoever comes second waits for the first, and then finds its row.
insert into answer (destination, reference, made_at)
select w.destination, w.reference, $3
from unnest($1::text[], $2::text[]) as w (destination, reference)
order by 1, 2
on conflict do nothing
returning destination, reference;

-- name: lock_answers
select a.*
from unnest($1::text[], $2::text[]) as w (destination, reference)
join answer a on a.destination = w.destination and a.reference = w.reference
order by a.destination, a.reference
for update of a;

-- name: save_answers
update answer a
set message_id = w.message_id, delivery_id = w.delivery_id, attempt = w.attempt, awaited = w.awaited,
    state = w.state, code = w.code, detail = w.detail, receipt = w.receipt, answered_at = w.answered_at, heard_at = w.heard_at,
    contradictions = w.contradictions, other_state = w.other_state, other_code = w.other_code, other_detail = w.other_detail,
    other_receipt = w.other_receipt, other_at = w.other_at, other_heard_at = w.other_heard_at
from unnest($1::text[], $2::text[], $3::uuid[], $4::uuid[], $5::integer[], $6::boolean[], $7::text[], $8::text[], $9::text[],
            $10::text[], $11::timestamptz[], $12::timestamptz[], $13::integer[], $14::text[], $15::text[], $16::text[],
            $17::text[], $18::timestamptz[], $19::timestamptz[])
    as w (destination, reference, message_id, delivery_id, attempt, awaited, state, code, detail, receipt, answered_at, heard_at,
          contradictions, other_state, other_code, other_detail, other_receipt, other_at, other_heard_at)
where a.destination = w.destination and a.reference = w.reference;

-- name: unmake_answers
delete from answer a
using unnest($1::text[], $2::text[]) as w (destination, reference)
where a.destination = w.destination and a.reference = w.reference;

-- name: early_answers
-- How many wait for something to be accepted under them, as far as that matters.
select w.destination, c.n
from unnest($1::text[]) as w (destination)
cross join lateral (
    select count(*) as n from (
        select from answer where destination = w.destination and delivery_id is null limit $2) counted) c;

-- name: take_answered
-- Of those that are named because of their idempotency key, only the doubtful: nobody knows what became of their sending.
with wanted as materialized (
    select o.id
    from unnest($1::uuid[], $2::text[], $3::boolean[]) as w (id, destination, awaited)
    join delivery_open o on o.id = w.id and o.destination = w.destination
    where o.state = 'in_doubt' or (o.state = 'accepted' and w.awaited)
    order by o.id
    for update of o
)
update delivery_open o
set attempt = o.attempt + 1, claimed_at = $4
from wanted w
where o.id = w.id
returning o.id, o.message_id, o.destination, o.grp, o.partition, o.case_no, o.attempt, o.failures, o.suspect, o.crashes,
          o.asked, o.holder, o.epoch, o.accepted_at, o.claimed_at, o.expires_at, o.replayed_at, o.late, o.early, o.handling, o.reference;

-- name: ended_as
-- How deliveries stand that can no longer be answered.
select w.id, coalesce(o.state, s.state) as state, coalesce(o.code, s.code) as code
from unnest($1::uuid[], $2::uuid[], $3::text[]) as w (id, message_id, destination)
left join lateral (select state, code from delivery_open where id = w.id offset 0) o on true
left join lateral (
    select state, code from settlement
    where message_id = w.message_id and destination = w.destination offset 0) s on true;

-- name: purge_early
with old as materialized (
    select destination, reference from answer
    where delivery_id is null and made_at < $1
    limit $2
    for update skip locked
),
gone as (
    delete from answer a using old o
    where a.destination = o.destination and a.reference = o.reference
    returning a.destination
)
select destination, count(*) as n from gone group by destination;

-- name: purge_answers
-- What is still open keeps its row, however old it is.
with old as materialized (
    select a.destination, a.reference from answer a
    where a.delivery_id is not null and a.made_at < $1
      and not exists (select from delivery_open o where o.id = a.delivery_id offset 0)
    limit $2
    for update skip locked
),
gone as (
    delete from answer a using old o
    where a.destination = o.destination and a.reference = o.reference
    returning a.destination
)
select count(*) as n from gone;
