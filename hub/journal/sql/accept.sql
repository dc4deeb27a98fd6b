-- name: parties_of_cases
-- Who may speak of these cases. One look per case, into its own partition; "offset 0" keeps the planner from a join.
select p.case_no, p.system
from unnest($1::text[]) as c (case_no)
cross join lateral (select case_no, system from case_party where case_no = c.case_no offset 0) p;

-- name: accept
-- COMMIT 1 whole, in one statement, since every question and answer would take a turn of the hub's busy loop while locks are held.
-- Two hubs never wait for each other in a circle: ids are taken first, then cases and materials, then lanes, each sorted. What
-- comes later reads from what comes before and is sorted in between, so nothing of it begins before all of that has its locks.
-- What no other transaction can be waiting for comes last. Deliveries ($23 on), parties ($35, $36) and materials ($37, $38)
-- name their message by its place in the batch, in millions, so that parked messages which are let out ($39 on) have their places
-- between. Returned are the messages whose id was free, each with what was offered of it, and what was offered of those let out.
with asked as materialized (
    select message_id, system, sender_id, case_no, accepted_at, expires_at, digest, n * 1000000 as n
    from unnest($1::uuid[], $2::text[], $3::text[], $6::text[], $8::timestamptz[], $9::timestamptz[], $15::bytea[])
        with ordinality as m (message_id, system, sender_id, case_no, accepted_at, expires_at, digest, n)
),
free as (
    insert into acceptance (system, sender_id, digest, message_id, accepted_at)
    select system, sender_id, digest, message_id, accepted_at from asked order by system, sender_id
    on conflict do nothing
    returning message_id
),
taken as materialized (
    select n, message_id, case_no, accepted_at, expires_at from asked join free using (message_id)
),
parties as (
    insert into case_party (case_no, system)
    select distinct t.case_no, p.system from unnest($35::bigint[], $36::text[]) as p (n, system) join taken t using (n)
    order by 1, 2
    on conflict do nothing
    returning 1
),
named as (
    insert into case_material (digest, case_no)
    select distinct m.digest, t.case_no
    from unnest($37::bigint[], $38::text[]) as m (n, digest) join taken t using (n), (select count(*) from parties) p
    order by 1, 2
    on conflict do nothing
    returning 1
),
bearing as materialized (
    select n, message_id, case_no, accepted_at, expires_at, ''::text as early from taken
    union all
    select * from unnest($39::bigint[], $40::uuid[], $41::text[], $42::timestamptz[], $43::timestamptz[], $44::text[])
),
planned as materialized (
    select d.*, t.message_id, t.case_no, t.accepted_at, t.expires_at, t.early,
           row_number() over (partition by d.destination, t.case_no order by n) as turn,
           count(*) over (partition by d.destination, t.case_no) as turns
    from unnest($23::uuid[], $24::bigint[], $25::text[], $26::boolean[], $27::text[], $28::smallint[], $29::smallint[],
                $30::boolean[], $31::timestamptz[], $32::timestamptz[], $33::text[])
         as d (id, n, destination, ordered, grp, partition, priority, room, due_at, ends_at, handling)
    join bearing t using (n)
),
lanes as (
    -- The lock on a lane is held until the commit, so positions are dense and in the order of acceptance.
    insert into lane as l (destination, case_no, last_position)
    select p.destination, p.case_no, p.turns
    from planned p, (select count(*) from parties) c, (select count(*) from named) m
    where p.turn = 1
    order by 1, 2
    on conflict (destination, case_no) do update set last_position = l.last_position + excluded.last_position
    returning destination, case_no, last_position, head
),
placed as materialized (
    select p.*, l.last_position - p.turns + p.turn as position,
           p.ordered and l.last_position - p.turns + p.turn <> l.head as held
    from planned p join lanes l using (destination, case_no)
),
messages as (
    insert into message (id, system, sender_id, contract, version, case_no, event_time, accepted_at, expires_at,
                         content_type, codec, raw, canonical, attributes, digest, table_version, receipt, access)
    select m.*
    from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::smallint[], $6::text[], $7::timestamptz[],
                $8::timestamptz[], $9::timestamptz[], $10::text[], $11::smallint[], $12::bytea[], $13::bytea[],
                $14::bytea[], $15::bytea[], $16::text[], $17::bytea[], $18::text[]) as m (message_id)
    where message_id in (select message_id from taken)
),
cases as (
    insert into case_message (case_no, message_id) select case_no, message_id from taken
),
leaves as (
    insert into leaf (message_id, id, kind, statement, hash)
    select l.*
    from unnest($1::uuid[], $19::uuid[], $20::text[], $21::bytea[], $22::bytea[]) as l (message_id)
    where message_id in (select message_id from taken)
),
-- Signatures of senders ($45 on), of the few messages that have one.
submissions as (
    insert into leaf (message_id, id, kind, statement, hash)
    select l.*
    from unnest($45::uuid[], $46::uuid[], $47::text[], $48::bytea[], $49::bytea[]) as l (message_id)
    where message_id in (select message_id from taken)
),
-- Keyed hashes of the numbers of persons ($50 on); sorted, and behind every other lock.
persons as (
    insert into personal_index (hash, kind, case_no)
    select distinct p.hash, p.kind, t.case_no
    from unnest($50::bigint[], $51::smallint[], $52::bytea[]) as p (n, kind, hash) join taken t using (n),
         (select count(*) from placed) l
    order by 1, 2, 3
    on conflict do nothing
),
deliveries as (
    insert into delivery (message_id, destination, delivery_id, case_no, position, handling)
    select message_id, destination, id, case_no, position, handling from placed
),
-- Six hours of age weigh as much as one step of priority: the urgent overtake a backlog, and nobody waits for ever.
opened as (
    insert into delivery_open (id, message_id, destination, case_no, position, ordered, grp, partition, priority, rank,
                               held, state, frame_id, offered_at, due_at, accepted_at, expires_at, early,
                               handling)
    select id, message_id, destination, case_no, position, ordered, grp, partition, priority,
           accepted_at + priority * interval '6 hours', held,
           case when room and not held then 'offered' else 'waiting' end, case when room and not held then $34::uuid end,
           case when room and not held then accepted_at end, coalesce(due_at, accepted_at),
           accepted_at, least(expires_at, ends_at), early, handling
    from placed
)
select t.message_id, p.id as offered
from taken t full join (select id, message_id from placed where room and not held) p on p.message_id = t.message_id;

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
-- Beside an acceptance, in the same order of locks: one row per lane, locked until the commit.
insert into lane as l (destination, case_no, last_position)
select * from unnest($1::text[], $2::text[], $3::bigint[]) as t (d, c, n)
order by t.d, t.c
on conflict (destination, case_no) do update set last_position = l.last_position + excluded.last_position
returning destination, case_no, last_position, head;

-- name: write_refusals
insert into refusal (id, system, sender_id, contract, code, problem, digest, refused_at, routing, statement, leaf, salt)
select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bytea[], $7::bytea[], $8::timestamptz[],
                     $9::text[], $10::bytea[], $11::bytea[], $12::bytea[])
on conflict do nothing;

-- name: join_cases
-- Sorted like every lock that two hubs may both want; a statement of its own, before the lanes.
insert into case_party (case_no, system)
select distinct p.c, p.s from unnest($1::text[], $2::text[]) as p (c, s)
order by 1, 2
on conflict do nothing;
