-- name: parties_of_cases
-- Who may speak of these cases.
select case_no, system from case_party where case_no = any($1::text[]);

-- name: claim_ids
-- Take the ids, sorted, so that two hubs never wait for each other in a circle. Returns the winners' message ids.
insert into acceptance (system, sender_id, digest, message_id, accepted_at)
select * from unnest($1::text[], $2::text[], $3::bytea[], $4::uuid[], $5::timestamptz[]) as a (s, i, d, m, t)
order by a.s, a.i
on conflict do nothing
returning message_id;

-- name: first_acceptances
-- What stands under the ids of the losers.
select w.n, a.digest, a.message_id
from unnest($1::text[], $2::text[]) with ordinality as w (system, sender_id, n)
join acceptance a on a.system = w.system and a.sender_id = w.sender_id;

-- name: receipts
select id, receipt from message where id = any($1::uuid[]);

-- name: join_cases
insert into case_party (case_no, system)
select distinct p.c, p.s from unnest($1::text[], $2::text[]) as p (c, s)
order by 1, 2
on conflict do nothing;

-- name: list_under_cases
insert into case_message (case_no, message_id)
select c.n, c.m from unnest($1::text[], $2::uuid[]) as c (n, m)
order by 1, 2;

-- name: name_materials
insert into case_material (digest, case_no)
select distinct m.d, m.c from unnest($1::text[], $2::text[]) as m (d, c)
order by 1, 2
on conflict do nothing;

-- name: take_positions
-- One row per lane; the row lock is held until the commit, so positions are dense and in acceptance order.
insert into lane as l (destination, case_no, last_position)
select * from unnest($1::text[], $2::text[], $3::bigint[]) as t (d, c, n)
order by t.d, t.c
on conflict (destination, case_no) do update set last_position = l.last_position + excluded.last_position
returning destination, case_no, last_position, head;

-- name: write_messages
insert into message (id, system, sender_id, contract, version, case_no, event_time, accepted_at, expires_at,
                     content_type, codec, raw, canonical, attributes, digest, table_version, receipt)
select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::smallint[], $6::text[], $7::timestamptz[],
                     $8::timestamptz[], $9::timestamptz[], $10::text[], $11::smallint[], $12::bytea[], $13::bytea[],
                     $14::bytea[], $15::bytea[], $16::text[], $17::bytea[]);

-- name: write_deliveries
insert into delivery (message_id, destination, delivery_id, case_no, position)
select * from unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::bigint[]);

-- name: open_deliveries
insert into delivery_open (id, message_id, destination, case_no, position, ordered, grp, partition, priority, state,
                           frame_id, offered_at, due_at, accepted_at, expires_at)
select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::bigint[], $6::boolean[], $7::text[],
                     $8::smallint[], $9::smallint[], $10::text[], $11::uuid[], $12::timestamptz[], $13::timestamptz[],
                     $14::timestamptz[], $15::timestamptz[]);

-- name: write_leaves
insert into leaf (message_id, id, kind, destination, statement, hash)
select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::bytea[], $6::bytea[]);

-- name: write_refusals
insert into refusal (id, system, sender_id, code, problem, digest, refused_at)
select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::bytea[], $6::bytea[], $7::timestamptz[])
on conflict do nothing;
