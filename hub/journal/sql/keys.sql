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
