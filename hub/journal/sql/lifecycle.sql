-- name: open_dockets
-- The first lock of a COMMIT 1 that follows the lives of cases; sorted, so two hubs never wait for each other.
insert into case_docket as d (case_no)
select c from unnest($1::text[]) as c order by c
on conflict (case_no) do update set case_no = d.case_no
returning case_no, told, adopted, records, early, upto;

-- name: history_of_cases
-- What cases said that they were not heard to say, each after the newest message that was; mostly nothing.
select c.case_no, exists (select from archived_case a where a.case_no = c.case_no) as archived,
       m.id, m.contract, m.codec, m.canonical
from unnest($1::text[], $3::uuid[]) as c (case_no, upto)
left join lateral (
    select message_id from case_message
    where case_no = c.case_no and message_id > c.upto order by message_id limit 1000) w on true
left join lateral (
    select id, contract, codec, canonical from message
    where id = w.message_id and contract = any($2::text[]) offset 0) m on true
order by m.id;

-- name: take_parked
delete from parked where message_id = any($1::uuid[])
returning message_id, case_no, system, reason, parked_at, pass_at, expires_at, plan;

-- name: save_dockets
with dockets as (
    update case_docket d
    set told = true, adopted = s.adopted, records = s.records, early = s.early, upto = s.upto
    from unnest($1::text[], $2::boolean[], $3::text[], $4::text[], $5::uuid[]) as s (case_no, adopted, records, early, upto)
    where d.case_no = s.case_no
),
waiting as (
    insert into parked (message_id, case_no, system, contract, reason, parked_at, pass_at, expires_at, plan, alias_number)
    select * from unnest($6::uuid[], $7::text[], $8::text[], $9::text[], $10::text[], $11::timestamptz[], $12::timestamptz[],
                         $13::timestamptz[], $14::text[], $15::text[])
),
barred as (
    update parked p set reason = s.rule
    from unnest($16::uuid[], $17::text[]) as s (message_id, rule)
    where p.message_id = s.message_id
)
insert into leaf (message_id, id, kind, statement, hash)
select * from unnest($18::uuid[], $19::uuid[], $20::text[], $21::bytea[], $22::bytea[]);

-- name: parked_overdue
select distinct case_no from (select case_no from parked where pass_at <= $1 order by pass_at limit $2) p;

-- name: parked_of_case
select message_id, case_no, system, contract, reason, parked_at, pass_at from parked where case_no = $1 order by message_id;

-- name: parked_of_all
select message_id, case_no, system, contract, reason, parked_at, pass_at
from parked where message_id > $1 and ($2::text is null or reason = $2) order by message_id limit $3;

-- name: parked_standing
select reason, count(*) as n, min(parked_at) as oldest, min(pass_at) as next,
       count(*) filter (where $1 - parked_at > (pass_at - parked_at) / 2) as alarming
from parked group by reason;

-- name: docket_of
select adopted, seeds from case_docket where case_no = $1 and told;

-- name: sow_seeds
update case_docket d set seeds = (d.seeds::jsonb || s.seeds::jsonb)::text
from unnest($1::text[], $2::text[]) as s (case_no, seeds)
where d.case_no = s.case_no and not d.seeds::jsonb @> s.seeds::jsonb;

-- name: forget_dockets
delete from case_docket where case_no = any($1::text[]);

-- name: cases_waiting_at
-- Cases with something that a destination does not have yet, and what contracts that is of; in the order of the lanes' index.
select o.case_no, array_agg(distinct m.contract) as contracts
from (select case_no from delivery_open where destination = $1 and case_no > $2 group by case_no order by case_no limit $3) c
cross join lateral (select case_no, message_id from delivery_open where destination = $1 and case_no = c.case_no offset 0) o
cross join lateral (select contract from message where id = o.message_id offset 0) m
group by o.case_no
order by o.case_no;

-- name: dockets_of_cases
select case_no, told, adopted, records, early, upto from case_docket where case_no = any($1::text[]) and told;
