-- name: refusals_of
select id, sender_id, contract, code, problem, refused_at
from refusal
where system = $1 and id < $2
order by id desc
limit $3;

-- name: waiting_at
-- Each destination by itself, along the index of its lanes, from where the page before ended.
select w.*, m.contract, m.version
from (
    select d.*
    from (select name, name = $2 as begun from unnest($1::text[]) as n (name) where name collate "C" >= $2) n
    cross join lateral (
        select o.id as delivery, o.message_id as message, o.destination, o.case_no as "case", o.position, o.state, o.code,
               o.attempt as attempts, o.accepted_at, o.due_at, o.expires_at,
               case when o.state = 'accepted' then o.lease_until end as lent_until
        from delivery_open o
        where o.destination = n.name
          and (o.case_no, o.position) > (case when n.begun then $3 else '' end, case when n.begun then $4::bigint else 0 end)
        order by o.case_no, o.position
        limit $5) d
    order by d.destination, d."case", d.position
    limit $5) w
cross join lateral (select contract, version from message where id = w.message offset 0) m
order by w.destination, w."case", w.position;
