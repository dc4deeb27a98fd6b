-- name: regions_of_messages
select m.id, m.region
from unnest($1::uuid[]) as w (id)
cross join lateral (
    select id, nullif(access, '')::jsonb ->> 'region' as region from message where id = w.id offset 0) m;

-- name: regions_of_cases
select distinct c.case_no, m.region
from unnest($1::text[]) as c (case_no)
cross join lateral (
    select message_id from case_message where case_no = c.case_no order by message_id limit 1000) w
cross join lateral (
    select nullif(access, '')::jsonb ->> 'region' as region from message where id = w.message_id offset 0) m
where m.region is not null;

-- name: reach_of_replay
select distinct i.destination, m.region
from replay_item i
left join lateral (
    select nullif(access, '')::jsonb ->> 'region' as region from message where id = i.message_id offset 0) m on true
where i.replay_id = $1;

-- name: cases_of_number
select case_no from alias_claim where system = $1 and number = $2
union
select case_no from case_alias where system = $1 and number = $2;

-- name: dead_inside
-- Every dead letter of the groups is looked at: who is there for some regions pays for it, and nobody else.
select o.dead_group, count(*) as n, min(o.failed_at) as oldest, max(o.failed_at) as newest
from delivery_open o
cross join lateral (
    select nullif(access, '')::jsonb ->> 'region' as region from message where id = o.message_id offset 0) m
where o.dead_group = any($1::bigint[]) and exists (select from unnest($2::text[]) as r (code) where starts_with(m.region, r.code))
group by o.dead_group;
