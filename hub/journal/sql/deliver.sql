-- name: claim
-- Rows are locked in the order of their ids. Only lane heads (or free lanes), only in partitions we own now, only what is due,
-- and nothing of a destination that is shut, but for the one delivery it is tried with ($5).
with wanted as materialized (
    select o.id
    from delivery_open o
    where o.id = any($1::uuid[])
      and (o.state = 'offered' or (o.state = 'waiting' and (o.due_at <= $3 or o.id = any($5::uuid[]))))
      and (o.destination <> all (array(select destination from destination_gate where shut)) or o.id = any($5::uuid[]))
    order by o.id
    for update
),
mine as (
    update delivery_open o
    set state = 'sending', attempt = o.attempt + 1, holder = $2, epoch = p.epoch, claimed_at = $3
    from wanted w, partition_lease p
    where o.id = w.id
      and p.grp = o.grp and p.partition = o.partition and p.owner = $2 and p.expires_at > clock_timestamp()
      and (not o.suspect or o.id = any($4::uuid[]))
      and (not o.ordered or o.position = (
          select l.head from lane l where l.destination = o.destination and l.case_no = o.case_no))
    returning o.*
)
select o.id, o.message_id, o.destination, o.grp, o.partition, o.case_no, o.attempt, o.failures, o.suspect, o.crashes,
       o.asked, o.holder, o.epoch, o.accepted_at, o.claimed_at, o.expires_at, o.replayed_at, o.late, o.early, o.handling,
       (select case when g.shut then $3 else g.since end from destination_gate g where g.destination = o.destination) as back_at
from mine o;

-- name: bodies
-- Apart from the claim, so that no plan ever joins it with the whole history.
select m.*
from unnest($1::uuid[]) as w (id)
cross join lateral (
    select id, contract, version, attributes, canonical, codec from message where id = w.id offset 0) m;

-- name: why_unclaimed
-- Of those that a claim did not give: which must be sent alone, and which destination is shut.
select id, destination = any (array(select destination from destination_gate where shut)) as halted
from delivery_open
where id = any($1::uuid[]) and state in ('offered', 'waiting')
  and (suspect or destination = any (array(select destination from destination_gate where shut)));

-- name: disown_claims
-- The moment of the claim says that it is that very one. A takeover has left the row in doubt as it found it, one crash richer.
with lost as materialized (
    select o.id
    from unnest($1::uuid[], $2::timestamptz[]) as w (id, claimed_at)
    join delivery_open o on o.id = w.id and o.claimed_at = w.claimed_at
    where (o.state = 'sending' and o.holder = $3) or (o.state = 'in_doubt' and o.code = 'CRASHED' and o.holder is null)
    order by o.id
    for update of o
)
update delivery_open o
set state = 'waiting', code = 'LEASE_LOST', detail = '', due_at = $4, holder = null, asked = 0, ask_at = null,
    crashes = case when o.state = 'in_doubt' then greatest(o.crashes - 1, 0) else o.crashes end,
    suspect = case when o.state = 'in_doubt' then o.crashes > 1 else o.suspect end
from lost l
where o.id = l.id
returning o.id;

-- name: lock_open
select id, state, attempt, epoch, holder, code
from delivery_open where id = any($1::uuid[])
order by id
for update;

-- name: write_outcomes
-- The rows are locked. A lane that has gone on while something was accepted is not stopped by what becomes of that. Last the lanes
-- that were freed ($38, $39) are locked, sorted; the next statement sees what the holders of those
-- locks have committed. Nothing else in here waits for anybody.
with attempts as (
    insert into attempt (message_id, destination, attempt, state, code, detail, hub, started_at, ended_at)
    select * from unnest($1::uuid[], $2::text[], $3::integer[], $4::text[], $5::text[], $6::text[], $7::uuid[],
                         $8::timestamptz[], $9::timestamptz[])
),
leaves as (
    insert into leaf (message_id, id, kind, destination, statement, hash)
    select * from unnest($10::uuid[], $11::uuid[], $12::text[], $13::text[], $14::bytea[], $15::bytea[])
),
settled as (
    insert into settlement (message_id, destination, state, attempt, code, detail, reference, settled_at)
    select f.message_id, f.destination, f.state, f.attempt, f.code, f.detail, f.reference, f.settled_at
    from unnest($16::uuid[], $17::uuid[], $18::text[], $19::text[], $20::integer[], $21::text[], $22::text[], $23::text[],
                $24::timestamptz[])
         as f (id, message_id, destination, state, attempt, code, detail, reference, settled_at)
),
closed as (
    delete from delivery_open where id = any($16::uuid[])
),
changed as (
    update delivery_open o
    set state = c.state, code = c.code, detail = c.detail, reference = c.reference, due_at = coalesce(c.due_at, o.due_at),
        failures = o.failures + c.failed, yields = c.yields or (o.yields and o.state = 'accepted'), suspect = c.suspect,
        crashes = c.crashes, asked = c.asked, ask_at = c.ask_at, holder = null, lease_until = null,
        answer_due = case when c.state = 'accepted' then coalesce(o.answer_due, c.answer_due) end
    from unnest($25::uuid[], $26::text[], $27::text[], $28::text[], $29::text[], $30::timestamptz[], $31::integer[],
                $32::boolean[], $33::boolean[], $34::integer[], $35::integer[], $36::timestamptz[], $37::timestamptz[])
        as c (id, state, code, detail, reference, due_at, failed, yields, suspect, crashes, asked, ask_at, answer_due)
    where o.id = c.id
)
select l.destination, l.case_no
from lane l
join unnest($38::text[], $39::text[]) as f (destination, case_no) using (destination, case_no)
order by 1, 2
for update of l;

-- name: write_late
-- What was told of an attempt when it was no longer the sender's to tell: beside what stands there. What stands there may be this
-- very telling, come again after its commit; that says nothing new.
insert into attempt as a (message_id, destination, attempt, state, code, detail, hub, started_at, ended_at,
                          late_state, late_code, late_detail, late_reference, late_at)
select w.message_id, w.destination, w.attempt, w.state, w.code, w.detail, w.hub, w.started_at, w.ended_at,
       w.state, w.code, w.detail, w.reference, w.at
from unnest($1::uuid[], $2::text[], $3::integer[], $4::text[], $5::text[], $6::text[], $7::uuid[], $8::timestamptz[],
            $9::timestamptz[], $10::text[], $11::timestamptz[])
     as w (message_id, destination, attempt, state, code, detail, hub, started_at, ended_at, reference, at)
cross join lateral (select id from message where id = w.message_id offset 0) m
order by 1, 2, 3
on conflict (message_id, destination, attempt) do update
set late_state = excluded.late_state, late_code = excluded.late_code, late_detail = excluded.late_detail,
    late_reference = excluded.late_reference, late_at = excluded.late_at
where a.late_at is null and (a.hub, a.ended_at, a.code) is distinct from (excluded.hub, excluded.ended_at, excluded.code);

-- name: lock_lanes
-- A statement of its own: the next one must see what the holders of these locks have committed.
select l.destination, l.case_no
from lane l
join unnest($1::text[], $2::text[]) as f (destination, case_no) using (destination, case_no)
order by 1, 2
for update of l;

-- name: advance_lanes
update lane l
set head = coalesce(
    (select min(o.position) from delivery_open o
     where o.destination = l.destination and o.case_no = l.case_no and o.ordered and not o.yields),
    l.last_position + 1)
from unnest($1::text[], $2::text[]) as f (destination, case_no)
where l.destination = f.destination and l.case_no = f.case_no
returning l.destination, l.case_no, l.head, l.last_position;

-- name: release_heads
-- What has come to the head of its lane is held no longer, and offered if it is due and the window has room ($6); else the window
-- takes it by its rank, or a backlog would keep the window to itself.
-- Locked rows are left to the sweeper: waiting for one could close a circle. What is shut waits in the journal.
with heads as materialized (
    select o.id,
           h.room and o.due_at <= $4
           and h.destination <> all (array(select destination from destination_gate where shut)) as due
    from unnest($1::text[], $2::text[], $3::bigint[], $6::boolean[]) as h (destination, case_no, head, room)
    cross join lateral (
        select id, due_at from delivery_open
        where destination = h.destination and case_no = h.case_no and position = h.head and state = 'waiting'
        offset 0 for update skip locked) o
),
released as (
    update delivery_open o
    set held = false,
        state = case when h.due then 'offered' else o.state end,
        offered_at = case when h.due then $4 else o.offered_at end,
        frame_id = case when h.due then $5 else o.frame_id end
    from heads h
    where o.id = h.id and (h.due or o.held)
    returning o.id, o.destination, o.grp, o.partition, o.state
)
select id, destination, grp, partition from released where state = 'offered';

-- name: free_heads
with heads as materialized (
    select o.id
    from unnest($1::text[], $2::text[], $3::bigint[]) as h (destination, case_no, head)
    cross join lateral (
        select id from delivery_open
        where destination = h.destination and case_no = h.case_no and position = h.head and held
        offset 0 for update skip locked) o
)
update delivery_open o set held = false from heads h where o.id = h.id;

-- name: free_missed
-- What should have been freed and was not. This looks at everything that is held in a partition.
with heads as materialized (
    select o.id
    from delivery_open o
    cross join lateral (
        select from lane where destination = o.destination and case_no = o.case_no and head = o.position offset 0) l
    where o.grp = $1 and o.partition = $2 and o.standing = 0
    for update of o skip locked
)
update delivery_open o set held = false from heads h where o.id = h.id
returning o.id;

-- name: free_on_shelves
-- No mailbox is named twice; one that a person paused lends nothing. Apart from the update, whose plan would think of all that
-- lies there.
select o.id, w.holder, w.until
from (select * from unnest($1::text[], $2::integer[], $3::uuid[], $4::timestamptz[]) as u (destination, most, holder, until)
      where destination <> all (array(select destination from destination_gate where paused_at is not null))) w
cross join lateral (
    select id from delivery_open
    where destination = w.destination and standing = 3 and (lease_until is null or lease_until <= $5)
    order by id
    limit w.most
    for update skip locked) o;

-- name: lend
with lent as (
    update delivery_open o
    set holder = f.holder, lease_until = f.until, attempt = o.attempt + 1, claimed_at = $4
    from unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) as f (id, holder, until)
    where o.id = f.id
    returning o.*
)
select o.id, o.message_id, o.destination, o.grp, o.partition, o.case_no, o.attempt, o.failures, o.suspect, o.crashes,
       o.asked, o.holder, o.epoch, o.accepted_at, o.claimed_at, o.expires_at, o.replayed_at, o.late, o.early, o.handling
from lent o
order by o.id;

-- name: filled_shelves
select d.destination
from unnest($1::text[]) as d (destination)
where d.destination <> all (array(select destination from destination_gate where paused_at is not null)) and exists (
    select from delivery_open o
    where o.destination = d.destination and o.standing = 3 and (o.lease_until is null or o.lease_until <= $2));

-- name: leased
select o.id, o.message_id, o.destination, o.grp, o.partition, o.case_no, o.attempt, o.failures, o.suspect, o.crashes,
       o.asked, o.holder, o.epoch, o.accepted_at, o.claimed_at, o.expires_at, o.replayed_at, o.late, o.early, o.handling
from unnest($1::text[], $2::uuid[]) as w (destination, holder)
cross join lateral (
    select * from delivery_open
    where destination = w.destination and standing = 3 and holder = w.holder offset 0) o
order by o.id;
