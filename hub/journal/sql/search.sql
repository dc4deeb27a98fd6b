-- name: sent_as
select a.system, m.case_no, m.id
from unnest($2::text[]) as w (system)
cross join lateral (
    select system, message_id from acceptance where system = w.system and sender_id = $1 offset 0) a
cross join lateral (select id, case_no from message where id = a.message_id offset 0) m
order by a.system;

-- name: called
select c.system, c.case_no
from unnest($2::text[]) as w (system)
cross join lateral (
    select system, case_no from alias_claim where system = w.system and number = $1
    union
    select system, case_no from case_alias where system = w.system and number = $1) c
order by c.system, c.case_no;

-- name: delivery_by_id
select o.destination, m.case_no, m.id
from delivery_open o
cross join lateral (select id, case_no from message where id = o.message_id offset 0) m
where o.id = $1;
