-- name: message
-- One look per id (offset 0 keeps it so): each goes into its own month, in every plan.
select m.*
from unnest($1::uuid[]) as w (id)
cross join lateral (
    select id, system, sender_id, contract, version, case_no, event_time, accepted_at, digest, table_version, receipt,
           coalesce(access, '') as access
    from message where id = w.id offset 0) m
order by m.id;

-- name: recorded
-- Ids are UUIDv7, so this walks the primary key from the first month that matters.
select id, system, contract, version, case_no, accepted_at, codec, canonical
from message where id > $1 and accepted_at >= $2 and codec < 32
order by id limit $3;

-- name: unplanned
-- What the routes refused, and what they asked about it; by the ids of the refusals, as above.
select id, system, contract, code, routing
from refusal where id > $1 and refused_at >= $2 and routing is not null
order by id limit $3;

-- name: before
select m.*
from (select message_id from case_message where case_no = $1 and message_id < $2 order by message_id desc limit 1000) w
cross join lateral (
    select id, system, contract, version, case_no, accepted_at, codec, canonical
    from message where id = w.message_id and contract = any($3::text[]) offset 0) m
order by m.id desc;

-- name: cases_that_said
-- So many rows along the primary key, whatever they say; the last one tells how far that went.
select id, case_no, contract = any($4::text[]) as wanted
from message where id > $1 and id < $2
order by id limit $3;

-- name: message_id_of
select message_id from acceptance where system = $1 and sender_id = $2;

-- name: messages_of_case
select message_id from case_message where case_no = $1 order by message_id limit $2;

-- name: messages_of_cases
select c.case_no, m.message_id
from unnest($1::text[], $2::integer[]) as c (case_no, most)
cross join lateral (
    select message_id from case_message where case_no = c.case_no order by message_id limit c.most) m;

-- name: deliveries
select d.message_id, d.delivery_id, d.destination, d.position,
       coalesce(s.state, o.state) as state, coalesce(s.code, o.code, '') as code,
       coalesce(s.detail, o.detail, '') as detail, coalesce(s.reference, o.reference, '') as reference,
       o.due_at, o.answer_due, s.settled_at,
       coalesce(o.late, exists (
           select from replay_item i
           where i.delivery_id = d.delivery_id and i.late and i.state in ('released', 'done', 'failed'))) as late,
       (select b.id from delivery_open b
        where o.ordered and b.destination = o.destination and b.case_no = o.case_no and b.position < o.position
          and b.ordered and not b.yields
        order by b.position limit 1) as blocked_by
from unnest($1::uuid[]) as w (id)
cross join lateral (select * from delivery where message_id = w.id offset 0) d
left join delivery_open o on o.id = d.delivery_id
-- One look per delivery, into its own month: a plain join may read all of history.
left join lateral (
    select * from settlement where message_id = d.message_id and destination = d.destination offset 0) s on true
order by d.message_id, d.destination;

-- name: attempts
select a.*
from unnest($1::uuid[]) as w (id)
cross join lateral (
    select message_id, destination, attempt, state, code, detail, started_at, ended_at,
           late_state, late_code, late_detail, late_reference, late_at
    from attempt where message_id = w.id offset 0) a
order by a.message_id, a.destination, a.attempt;

-- name: operators_leaves
-- Of all but the receipts, since no operator has a part in those.
select l.*
from unnest($1::uuid[]) as w (id)
cross join lateral (
    select message_id, id, kind, statement from leaf where message_id = w.id and kind <> 'accepted' offset 0) l
order by l.message_id, l.id;

-- name: counts
select destination, state, count(*) as n from delivery_open group by destination, state;

-- name: writable
select not pg_is_in_recovery() and current_setting('transaction_read_only') = 'off' as writable;

-- name: room
-- 256 KB that do not compress; never committed. Less might find a place between rows while a commit does not.
insert into fact (name, value)
select 'room ' || gen_random_uuid(), string_agg(gen_random_uuid()::text, '') from generate_series(1, 7000);
