-- name: take_request
-- Whoever brings the same request at once waits here for the first, and then finds it.
insert into act (id, request, digest, kind, actor, via, reason, subject, acted_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
on conflict (request) do nothing
returning id;

-- name: act_of_request
select id, digest, applied from act where request = $1;

-- name: act_applied
update act set applied = $2 where id = $1;

-- name: newest_acts
-- Ids follow time, so the primary key has them in order.
select id, request, kind, actor, via, reason, subject, applied, acted_at
from act
where id < $1
order by id desc
limit $2;

-- name: dead_groups
-- Few rows, each with bounded looks into one index. In order, so that no plan ever walks the table to find a few.
with page as materialized (
    select g.*, f.oldest
    from dead_group g
    cross join lateral (
        select o.failed_at as oldest from delivery_open o where o.dead_group = g.id
        order by o.failed_at, o.id limit 1) f
    where g.id > $1 and ($4::text is null or g.destination = $4) and ($5::text is null or g.code = $5)
      and ($6::text is null or g.contract = $6) and ($7::text is null or g.state = $7)
    order by g.id
    limit $2
)
select g.id, g.destination, g.code, g.contract, g.state, g.note, g.noted_by, g.noted_at, g.oldest, l.newest, c.n
from page g
cross join lateral (
    select o.failed_at as newest from delivery_open o where o.dead_group = g.id
    order by o.failed_at desc, o.id desc limit 1) l
cross join lateral (
    select count(*) as n from (
        select from delivery_open o where o.dead_group = g.id
        order by o.failed_at, o.id limit $3) counted) c
order by g.id;

-- name: dead_group
select g.id, g.destination, g.code, g.contract, g.state, g.note, g.noted_by, g.noted_at, c.n,
       (select o.failed_at from delivery_open o where o.dead_group = g.id
        order by o.failed_at, o.id limit 1) as oldest,
       (select o.failed_at from delivery_open o where o.dead_group = g.id
        order by o.failed_at desc, o.id desc limit 1) as newest
from dead_group g
cross join lateral (
    select count(*) as n from (
        select from delivery_open o where o.dead_group = g.id
        order by o.failed_at, o.id limit $2) counted) c
where g.id = $1;

-- name: dead_of_group
select id from delivery_open
where dead_group = $1 and (failed_at, id) > ($2, $3)
order by failed_at, id
limit $4;

-- name: dead_entries
-- One look per delivery into each of the large tables.
select o.id, o.message_id, o.destination, o.case_no, o.position, o.state, o.code, o.detail, o.attempt, o.failed_at,
       o.accepted_at, o.expires_at, o.late, o.ask_at, m.system, m.sender_id, m.contract, m.version, b.n as behind, r.replay_id
from unnest($1::uuid[]) as w (id)
cross join lateral (
    select * from delivery_open where id = w.id and dead_group is not null offset 0) o
cross join lateral (
    select system, sender_id, contract, version from message where id = o.message_id offset 0) m
cross join lateral (
    select count(*) as n from (
        select from delivery_open q
        where o.ordered and not o.yields and q.destination = o.destination and q.case_no = o.case_no
          and q.position > o.position
        limit 100) waiting) b
left join lateral (
    select i.replay_id from replay_item i
    where i.delivery_id = o.id and i.state in ('pending', 'released') limit 1) r on true
order by o.failed_at, o.id;

-- name: note_group
update dead_group set note = $2, noted_by = $3, noted_at = $4 where id = $1 returning id;

-- name: lock_dead
select id, state, attempt, case_no, destination
from delivery_open
where id = any($1::uuid[]) and state in ('dead', 'in_doubt')
order by id
for update;

-- name: end_dead
-- The rows are locked; lanes follow.
with leaves as (
    insert into leaf (message_id, id, kind, destination, statement, hash)
    select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::bytea[], $6::bytea[])
),
settled as (
    insert into settlement (message_id, destination, state, attempt, code, detail, reference, settled_at)
    select * from unnest($1::uuid[], $4::text[], $7::text[], $8::integer[], $9::text[], $10::text[], $11::text[],
                         $12::timestamptz[])
)
delete from delivery_open where id = any($13::uuid[]);

-- name: forget_groups
delete from dead_group where id = any(array(
    select g.id
    from dead_group g
    left join lateral (
        select o.id from delivery_open o where o.dead_group = g.id order by o.failed_at, o.id limit 1) o on true
    where g.made_at < $1 and g.note = '' and o.id is null
    limit 1000));

-- name: recorded_among
select m.*
from unnest($1::uuid[]) as w (id)
cross join lateral (
    select id, system, contract, version, case_no, accepted_at, codec, canonical
    from message where id = w.id offset 0) m;

-- name: dead_walk
-- The next few of these destinations, whatever waits behind them: so many rows of a group are looked at and no more.
select o.id, o.failed_at
from dead_group g
cross join lateral (
    select id, failed_at, ordered and not yields as blocks from delivery_open
    where dead_group = g.id and (failed_at, id) > ($3, $4)
    order by failed_at, id
    limit $5) o
where g.destination = any($1::text[]) and g.state = 'dead' and g.code <> all($2::text[]) and o.blocks
order by o.failed_at, o.id
limit $5;

-- name: alike_behind
-- What waits behind a dead delivery in its lane and is of its contract.
select o.id as dead, n.id, n.message_id
from unnest($1::uuid[]) as w (id)
cross join lateral (
    select o.*, g.contract from delivery_open o join dead_group g on g.id = o.dead_group where o.id = w.id offset 0) o
cross join lateral (
    select n.id, n.message_id
    from delivery_open n
    cross join lateral (select contract from message where id = n.message_id offset 0) m
    where n.destination = o.destination and n.case_no = o.case_no and n.position > o.position
      and n.state = 'waiting' and n.ordered and m.contract = o.contract
    order by n.position
    limit 20) n;

-- name: lock_successor
select d.position
from delivery_open d
join delivery_open n on n.destination = d.destination and n.case_no = d.case_no and n.position > d.position
where d.id = $1 and n.id = $2 and n.state = 'waiting' and n.ordered
for update of n;

-- name: take_place
update delivery_open set position = $2 where id = $1;
