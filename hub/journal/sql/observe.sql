-- name: standings
-- One pass over what is open. Only a head is ever offered or tried, so those that were are known to be one.
select destination, state, count(*) as count, min(accepted_at) as oldest,
       min(accepted_at) filter (where state in ('offered', 'sending') or attempt > 0 or not ordered) as oldest_head,
       count(*) filter (where ordered and not yields and state in ('dead', 'in_doubt')) as blocking
from delivery_open
group by destination, state
order by destination, state;

-- name: unowned
select count(*) as partitions, min(l.expires_at) filter (where l.expires_at > '-infinity') as since
from unnest($1::text[], $2::smallint[]) as q (grp, partition)
left join partition_lease l on l.grp = q.grp and l.partition = q.partition
where l.owner is null or l.expires_at <= clock_timestamp();

-- name: try_write
-- Random text does not compress, so this takes new pages; what is undone leaves them to be used again.
insert into fact (name, value)
select 'try ' || gen_random_uuid(), string_agg(gen_random_uuid()::text, '') from generate_series(1, 4000);
