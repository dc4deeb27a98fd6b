-- name: standings
-- One pass over what is open. Only a head is ever offered or tried, so those that were are known to be one.
select destination, state, count(*) as count, min(accepted_at) as oldest,
       min(accepted_at) filter (where state in ('offered', 'sending') or attempt > 0 or not ordered) as oldest_head,
       count(*) filter (where ordered and not yields and state in ('dead', 'in_doubt')) as blocking,
       count(*) filter (where answer_due <= clock_timestamp() and (ask_at is null or asked > 0)) as overdue,
       min(answer_due) filter (where answer_due <= clock_timestamp() and (ask_at is null or asked > 0)) as overdue_since
from delivery_open
group by destination, state
order by destination, state;

-- name: unowned
select count(*) as partitions, min(l.expires_at) filter (where l.expires_at > '-infinity') as since
from unnest($1::text[], $2::smallint[]) as q (grp, partition)
left join partition_lease l on l.grp = q.grp and l.partition = q.partition
where l.owner is null or l.expires_at <= clock_timestamp();

-- name: moment
select clock_timestamp() as moment;

-- name: try_write
-- Random text does not compress, so this takes new pages; what is undone leaves them to be used again.
insert into fact (name, value)
select 'try ' || gen_random_uuid(), string_agg(gen_random_uuid()::text, '') from generate_series(1, 4000);

-- name: sampled_messages
select id, system, contract, accepted_at from message where id >= $1 and id < $2 order by id limit $3;

-- name: sampled_deliveries
-- Of each message: its deliveries, how they stand, when the one ahead in the lane was settled, and what holds them now.
-- One look per key throughout ("offset 0" keeps it so). The one ahead is found among the case's last few messages.
select d.message_id, d.destination, coalesce(s.state, o.state) as state, coalesce(s.code, o.code, '') as code,
       s.settled_at, ahead.settled_at as freed_at,
       (select b.state from delivery_open b
        where o.ordered and b.destination = o.destination and b.case_no = o.case_no and b.position < o.position
          and b.ordered and not b.yields
        order by b.position limit 1) as held_by
from unnest($1::uuid[]) as w (id)
cross join lateral (select * from delivery where message_id = w.id offset 0) d
left join delivery_open o on o.id = d.delivery_id
left join lateral (
    select state, code, settled_at from settlement
    where message_id = d.message_id and destination = d.destination offset 0) s on true
left join lateral (
    select f.settled_at
    from (select message_id from case_message
          where d.position > 1 and case_no = d.case_no and message_id < d.message_id
          order by message_id desc limit 20) c
    cross join lateral (
        select position from delivery where message_id = c.message_id and destination = d.destination offset 0) p
    cross join lateral (
        select settled_at from settlement where message_id = c.message_id and destination = d.destination offset 0) f
    where p.position = d.position - 1
    limit 1) ahead on true
order by d.message_id, d.destination;

-- name: sampled_refusals
select system, code from refusal where id >= $1 order by id desc limit $2;
