-- name: aliases_of
select a.system, a.number, a.case_no, a.disputed
from unnest($1::text[], $2::text[]) as w (system, number)
cross join lateral (
    select system, number, case_no, disputed from case_alias where system = w.system and number = w.number offset 0) a;

-- name: claim_aliases
-- The last locks of a COMMIT 1 or 2, sorted. What was said before is written no second time. What an operator decided stands, whoever says otherwise.
with said as materialized (
    select distinct system, number, case_no, how, at
    from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[]) as s (system, number, case_no, how, at)
),
claims as (
    insert into alias_claim (system, number, case_no, how, claimed_at)
    select system, number, case_no, how, at from said order by 1, 2, 3
    on conflict do nothing
)
insert into case_alias as a (system, number, case_no, disputed, learned_at)
select system, number, min(case_no), count(distinct case_no) > 1, min(at) from said group by system, number order by 1, 2
on conflict (system, number) do update
set disputed = true
where not a.disputed and not a.decided and (excluded.disputed or a.case_no <> excluded.case_no);

-- name: decide_alias
insert into case_alias as a (system, number, case_no, disputed, decided, learned_at)
values ($1, $2, $3, false, true, $4)
on conflict (system, number) do update set case_no = excluded.case_no, disputed = false, decided = true
returning 1;

-- name: aliases_listed
select a.system, a.number, a.case_no, a.disputed, a.decided, a.learned_at,
       array(select c.case_no from alias_claim c where c.system = a.system and c.number = a.number order by 1) as claims,
       array(select c.how from alias_claim c where c.system = a.system and c.number = a.number order by c.case_no) as ways,
       array(select c.claimed_at from alias_claim c where c.system = a.system and c.number = a.number order by c.case_no) as moments
from case_alias a
where (a.system, a.number) > ($1, $2) and (not $3 or a.disputed) and ($4::text is null or a.system = $4)
order by a.system, a.number
limit $5;

-- name: aliases_waited_for
select system, alias_number, reason, count(*) as n, min(parked_at) as since, min(pass_at) as until
from parked where alias_number is not null
group by system, alias_number, reason order by min(parked_at) limit $1;

-- name: resolvable
-- What waits for a number that is known by now, and is nobody else's.
select p.message_id, p.message_id as id, p.system, p.contract, p.plan, a.case_no, m.version, m.codec, m.canonical, m.attributes
from parked p
join case_alias a on a.system = p.system and a.number = p.alias_number and not a.disputed
cross join lateral (
    select version, codec, canonical, attributes from message where id = p.message_id offset 0) m
where p.alias_number is not null
order by p.message_id
limit $1;

-- name: rename_messages
with named as materialized (
    select * from unnest($1::uuid[], $2::text[], $3::smallint[], $4::bytea[], $5::bytea[], $6::bytea[])
        as w (id, case_no, codec, raw, canonical, attributes)
),
before as materialized (
    select m.id, m.case_no from named n cross join lateral (select id, case_no from message where id = n.id offset 0) m
),
gone as (
    delete from case_message c using before b where c.case_no = b.case_no and c.message_id = b.id
),
joined as (
    insert into case_message (case_no, message_id) select case_no, id from named on conflict do nothing
)
update message m
set case_no = n.case_no, codec = n.codec, raw = n.raw, canonical = n.canonical, attributes = n.attributes
from named n
where m.id = n.id;

-- name: raw_of
select id, system, codec, raw from message where id = any($1::uuid[]);
