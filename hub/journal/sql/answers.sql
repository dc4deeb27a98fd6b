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

-- name: unanswered
-- A page of what far sides have and have not answered; in the order of the shelf's index, so that a page costs a page.
select id
from delivery_open
where standing = 3 and (destination, id) > ($1::text, $2::uuid) and ($3::text is null or destination <= $3)
  and ($4::timestamptz is null or answer_due <= $4)
order by destination, id
limit $5;

-- name: unanswered_entries
-- One look per delivery into each of the large tables. It waits from when the far side first said that it has it.
select o.id, o.message_id, o.destination, o.case_no, o.position, o.attempt, o.reference, o.accepted_at, o.replayed_at, o.answer_due,
       o.ask_at, o.asked, o.lease_until, m.system, m.sender_id, m.contract, m.version, a.since, b.n as behind
from unnest($1::uuid[]) as w (id)
cross join lateral (select * from delivery_open where id = w.id and state = 'accepted' offset 0) o
cross join lateral (
    select system, sender_id, contract, version from message where id = o.message_id offset 0) m
cross join lateral (
    select min(ended_at) as since from attempt
    where message_id = o.message_id and destination = o.destination and state = 'accepted'
      and ended_at >= coalesce(o.replayed_at, '-infinity') offset 0) a
cross join lateral (
    select count(*) as n from (
        select from delivery_open q
        where o.ordered and not o.yields and q.destination = o.destination and q.case_no = o.case_no
          and q.position > o.position
        limit 100) waiting) b
order by o.destination, o.id;

-- name: lock_unanswered
-- What is lent to a department now is in its hand, and its to answer.
select id, attempt from delivery_open
where id = any($1::uuid[]) and state = 'accepted' and (lease_until is null or lease_until <= $2)
order by id
for update;

-- name: reject_unanswered
-- The rows are locked; lanes follow where the destination lets them go on.
with leaves as (
    insert into leaf (message_id, id, kind, destination, statement, hash)
    select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::bytea[], $6::bytea[])
)
update delivery_open o
set state = 'dead', code = w.code, detail = w.detail, reference = '', yields = o.yields or w.goes_on, holder = null,
    lease_until = null, asked = 0, ask_at = null, answer_due = null
from unnest($7::uuid[], $8::text[], $9::text[], $10::boolean[]) as w (id, code, detail, goes_on)
where o.id = w.id;

-- name: ask_unanswered
update delivery_open set ask_at = $2, asked = 0
where id = any($1::uuid[]) and state = 'accepted' and (ask_at is null or ask_at > $2)
returning id;

-- name: awaited_references
select id, reference from delivery_open
where standing = 3 and destination = $1 and id > $2 and reference <> ''
order by id
limit $3;
