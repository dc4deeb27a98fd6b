-- name: pressure
-- What is on the bus, by destination, and the partitions in which something waits at the head of its lane and is not shut: a
-- step per destination, however much waits.
select q.grp, q.partition, o.destination, count(*) as offered, false as ready
from unnest($1::text[], $2::smallint[]) as q (grp, partition)
join delivery_open o on o.grp = q.grp and o.partition = q.partition and o.standing = 2 and o.state = 'offered'
group by 1, 2, 3
union all
select q.grp, q.partition, '', 0, true
from unnest($1::text[], $2::smallint[]) as q (grp, partition)
where exists (
    with recursive places (destination) as (
        (select o.destination from delivery_open o
         where o.grp = q.grp and o.partition = q.partition and o.standing = 1
         order by o.destination limit 1)
        union all
        select (select o.destination from delivery_open o
                where o.grp = q.grp and o.partition = q.partition and o.standing = 1 and o.destination > p.destination
                order by o.destination limit 1)
        from places p where p.destination is not null
    )
    select from places where destination <> all (array(select destination from destination_gate where shut)));

-- name: offer_due
-- Only lane heads; only what is due; nothing of a shut destination; by rank among the rest. The first of each destination,
-- then the first of those: a step per destination that has something ready, however much that is and whatever may not be
-- offered. Of one destination at most $8, of those in $6 at most $7 each.
with recursive places (destination) as (
    (select o.destination from delivery_open o
     where o.grp = $1 and o.partition = $2 and o.standing = 1
     order by o.destination limit 1)
    union all
    select (select o.destination from delivery_open o
            where o.grp = $1 and o.partition = $2 and o.standing = 1 and o.destination > p.destination
            order by o.destination limit 1)
    from places p where p.destination is not null
),
first as materialized (
    select o.id, o.rank
    from places p
    left join unnest($6::text[], $7::integer[]) as c (destination, most) using (destination)
    cross join lateral (
        select id, rank from delivery_open
        where grp = $1 and partition = $2 and standing = 1 and destination = p.destination and due_at <= $3
        order by rank
        limit least($4, coalesce(c.most, $8))) o
    where p.destination <> all (array(select destination from destination_gate where shut))
    order by o.rank
    limit $4
),
due as materialized (
    select o.id
    from first f
    join delivery_open o on o.id = f.id
    join lane l on l.destination = o.destination and l.case_no = o.case_no
    where o.state = 'waiting' and o.due_at <= $3 and (not o.ordered or o.position = l.head)
    order by o.rank
    for update of o skip locked
)
update delivery_open o
set state = 'offered', offered_at = $3, frame_id = $5
from due d
where o.id = d.id
returning o.id, o.destination, o.grp, o.partition;

-- name: give_back
-- $3: why, where that is to be seen; empty: what stands there stays.
with back as materialized (
    select id from delivery_open where id = any($1::uuid[]) and state = 'offered' order by id for update
)
update delivery_open o
set state = 'waiting', frame_id = null, due_at = $2, code = case when $3::text = '' then o.code else $3 end
from back b
where o.id = b.id;

-- name: astray
select id, frame_id from delivery_open
where grp = $1 and partition = $2 and standing = 2 and state = 'offered' and offered_at < $3
limit 1000;

-- name: unclaim
with lost as materialized (
    select id from delivery_open
    where grp = $1 and partition = $2 and standing = 2 and state = 'sending' and holder = $3 and claimed_at < $4
      and not id = any($5::uuid[])
    order by id
    for update skip locked
)
update delivery_open o
set state = 'waiting', holder = null, due_at = $6
from lost l
where o.id = l.id
returning o.id;
