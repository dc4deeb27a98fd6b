-- name: data_keys_of
-- What wraps now, for each of these; a destroyed key is nobody's any more.
select k.id, k.system, k.month, k.suite, k.master, k.wrapped
from unnest($2::text[], $3::date[]) as w (system, month)
cross join lateral (
    select id, system, month, suite, master, wrapped from data_key
    where purpose = $1 and system = w.system and month = w.month and wrapped is not null offset 0) k;

-- name: make_data_key
-- Whoever comes second finds the first one's.
insert into data_key (purpose, system, month, suite, master, wrapped, made_at)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict do nothing;

-- name: data_keys_by_id
select id, purpose, system, month, suite, master, wrapped from data_key where id = any($1::integer[]);

-- name: data_keys_to_try
-- The newest key of each master key: whether the hub has all that it needs is seen by these.
select distinct on (master) id, purpose, system, month, suite, master, wrapped
from data_key where wrapped is not null
order by master, id desc;

-- name: count_data_keys
select master, count(*) as keys, min(month) as since from data_key where wrapped is not null group by master order by master;

-- name: keys_to_rewrap
select id, purpose, system, month, suite, master, wrapped from data_key where wrapped is not null and master <> $1 order by id;

-- name: rewrap_data_key
update data_key set master = $3, wrapped = $4 where id = $1 and master = $2 and wrapped is not null;

-- name: plain_messages
-- Along the primary key: what was written before this journal was sealed.
select id, system, codec, raw, canonical, attributes from message where id > $1 and codec < 16 order by id limit $2;

-- name: seal_messages
update message m
set codec = s.codec, raw = s.raw, canonical = s.canonical, attributes = s.attributes
from unnest($1::uuid[], $2::smallint[], $3::smallint[], $4::bytea[], $5::bytea[], $6::bytea[])
    as s (id, before, codec, raw, canonical, attributes)
where m.id = s.id and m.codec = s.before
returning m.id;

-- name: plain_joined
select process_id, delivery_id, codec, body, attributes from process_joined
where (process_id, delivery_id) > ($1, $2) and codec < 16 order by process_id, delivery_id limit $3;

-- name: seal_joined
update process_joined j
set codec = s.codec, body = s.body, attributes = s.attributes
from unnest($1::uuid[], $2::uuid[], $3::smallint[], $4::smallint[], $5::bytea[], $6::bytea[])
    as s (process_id, delivery_id, before, codec, body, attributes)
where j.process_id = s.process_id and j.delivery_id = s.delivery_id and j.codec = s.before
returning j.delivery_id;
