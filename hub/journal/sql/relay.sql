-- name: pressure
select q.grp, q.partition,
       (select count(*) from delivery_open o
        where o.grp = q.grp and o.partition = q.partition and o.state = 'offered') as offered,
       exists (select from delivery_open o
               where o.grp = q.grp and o.partition = q.partition and o.state = 'waiting' and o.due_at <= $3
                 and o.destination <> all (array(select destination from destination_gate where shut))) as due
from unnest($1::text[], $2::smallint[]) as q (grp, partition);

-- name: offer_due
-- What must hold, however this is made faster: only lane heads; only what is due; nothing of a shut destination, so that its
-- backlog neither fills the window nor costs a look at every row of it; by rank among the rest.
with due as materialized (
    select o.id
    from delivery_open o
    join lane l on l.destination = o.destination and l.case_no = o.case_no
    where o.grp = $1 and o.partition = $2 and o.state = 'waiting' and o.due_at <= $3
      and (not o.ordered or o.position = l.head)
      and o.destination <> all (array(select destination from destination_gate where shut))
    order by o.rank
    limit $4
    for update of o skip locked
)
update delivery_open o
set state = 'offered', offered_at = $3, frame_id = $5
from due d
where o.id = d.id
returning o.id, o.destination, o.grp, o.partition;

-- name: give_back
with back as materialized (
    select id from delivery_open where id = any($1::uuid[]) and state = 'offered' order by id for update
)
update delivery_open o
set state = 'waiting', frame_id = null, due_at = $2
from back b
where o.id = b.id;

-- name: astray
select id, frame_id from delivery_open
where grp = $1 and partition = $2 and state = 'offered' and offered_at < $3
limit 1000;

-- name: unclaim
with lost as materialized (
    select id from delivery_open
    where grp = $1 and partition = $2 and state = 'sending' and holder = $3 and claimed_at < $4
      and not id = any($5::uuid[])
    order by id
    for update skip locked
)
update delivery_open o
set state = 'waiting', holder = null, due_at = $6
from lost l
where o.id = l.id
returning o.id;
