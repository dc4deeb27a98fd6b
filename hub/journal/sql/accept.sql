-- name: parties_of_cases
-- Who may speak of these cases. One look per case, into its own partition; "offset 0" keeps the planner from a join.
select p.case_no, p.system
from unnest($1::text[]) as c (case_no)
cross join lateral (select case_no, system from case_party where case_no = c.case_no offset 0) p;

-- name: claim_ids
-- Take the ids, sorted, so that two hubs never wait for each other in a circle. Returns the winners' message ids.
insert into acceptance (system, sender_id, digest, message_id, accepted_at)
select * from unnest($1::text[], $2::text[], $3::bytea[], $4::uuid[], $5::timestamptz[]) as a (s, i, d, m, t)
order by a.s, a.i
on conflict do nothing
returning message_id;

-- name: first_acceptances
-- What stands under the ids of the losers: one look per id, as above.
select w.n, a.digest, a.message_id
from unnest($1::text[], $2::text[]) with ordinality as w (system, sender_id, n)
cross join lateral (
    select digest, message_id from acceptance where system = w.system and sender_id = w.sender_id offset 0) a;

-- name: receipts
select m.id, m.receipt
from unnest($1::uuid[]) as w (id)
cross join lateral (select id, receipt from message where id = w.id offset 0) m;

-- name: take_positions
-- One row per lane; the row lock is held until the commit, so positions are dense and in acceptance order.
insert into lane as l (destination, case_no, last_position)
select * from unnest($1::text[], $2::text[], $3::bigint[]) as t (d, c, n)
order by t.d, t.c
on conflict (destination, case_no) do update set last_position = l.last_position + excluded.last_position
returning destination, case_no, last_position, head;

-- name: write_refusals
insert into refusal (id, system, sender_id, contract, code, problem, digest, refused_at)
select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bytea[], $7::bytea[], $8::timestamptz[])
on conflict do nothing;

-- name: join_cases
-- Sorted like every lock that two hubs may both want; a statement of its own, before the lanes.
insert into case_party (case_no, system)
select distinct p.c, p.s from unnest($1::text[], $2::text[]) as p (c, s)
order by 1, 2
on conflict do nothing;

-- name: write_accepted
-- All that no other transaction can be waiting for, in one statement. A delivery names its message by its place in the batch.
with messages as (
    insert into message (id, system, sender_id, contract, version, case_no, event_time, accepted_at, expires_at,
                         content_type, codec, raw, canonical, attributes, digest, table_version, receipt)
    select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::smallint[], $6::text[], $7::timestamptz[],
                         $8::timestamptz[], $9::timestamptz[], $10::text[], $11::smallint[], $12::bytea[], $13::bytea[],
                         $14::bytea[], $15::bytea[], $16::text[], $17::bytea[])
),
cases as (
    insert into case_message (case_no, message_id) select * from unnest($6::text[], $1::uuid[])
),
leaves as (
    insert into leaf (message_id, id, kind, statement, hash)
    select * from unnest($1::uuid[], $18::uuid[], $19::text[], $20::bytea[], $21::bytea[])
),
planned as materialized (
    select d.*, m.message_id, m.case_no, m.accepted_at, m.expires_at
    from unnest($22::uuid[], $23::bigint[], $24::text[], $25::bigint[], $26::boolean[], $27::text[], $28::smallint[],
                $29::smallint[], $30::boolean[], $31::boolean[])
         as d (id, n, destination, position, ordered, grp, partition, priority, held, offered)
    join unnest($1::uuid[], $6::text[], $8::timestamptz[], $9::timestamptz[])
         with ordinality as m (message_id, case_no, accepted_at, expires_at, n) using (n)
),
deliveries as (
    insert into delivery (message_id, destination, delivery_id, case_no, position)
    select message_id, destination, id, case_no, position from planned
)
-- Six hours of age weigh as much as one step of priority: the urgent overtake a backlog, and nobody waits for ever.
insert into delivery_open (id, message_id, destination, case_no, position, ordered, grp, partition, priority, rank,
                           held, state, frame_id, offered_at, due_at, accepted_at, expires_at)
select id, message_id, destination, case_no, position, ordered, grp, partition, priority,
       accepted_at + priority * interval '6 hours', held,
       case when offered then 'offered' else 'waiting' end, case when offered then $32::uuid end,
       case when offered then accepted_at end, accepted_at, accepted_at, expires_at
from planned;

-- name: name_materials
insert into case_material (digest, case_no)
select distinct m.d, m.c from unnest($1::text[], $2::text[]) as m (d, c)
order by 1, 2
on conflict do nothing;
