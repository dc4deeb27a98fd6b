-- name: record_lookups
-- The array of each row's criteria comes as JSON: unnest would flatten arrays of arrays.
insert into lookup_record (id, asked_at, lookup, system, purpose, criteria, outcome, code, records, manner, took_ms, rule)
select id, asked_at, lookup, system, purpose, array(select jsonb_array_elements_text(criteria)), outcome, code, records, manner, took_ms, rule
from unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::jsonb[], $7::text[], $8::text[], $9::integer[],
            $10::text[], $11::integer[], $12::text[])
    as r (id, asked_at, lookup, system, purpose, criteria, outcome, code, records, manner, took_ms, rule)
on conflict (id) do nothing;

-- name: newest_lookups
select id, asked_at, lookup, system, purpose, criteria, outcome, code, records, manner, took_ms, rule
from lookup_record where id < $1 order by id desc limit $2;

-- name: newest_lookups_of_one
select id, asked_at, lookup, system, purpose, criteria, outcome, code, records, manner, took_ms, rule
from lookup_record where lookup = $3 and id < $1 order by id desc limit $2;

-- name: newest_lookups_by
-- Of one system, and where a lookup is named, of that: a system asks few of them.
select id, asked_at, lookup, system, purpose, criteria, outcome, code, records, manner, took_ms, rule
from lookup_record where system = $3 and ($4::text is null or lookup = $4) and id < $1 order by id desc limit $2;

-- name: forget_lookups
delete from lookup_record where id = any(array(
    select id from lookup_record where id < $2 and asked_at < $1 limit $3));
