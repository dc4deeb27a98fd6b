-- name: begin_item_ledger
insert into item_ledger (since) values ($1) on conflict do nothing;

-- name: item_ledger
select change, since, heard_at, full_at from item_ledger;

-- name: hold_item_ledger
select change from item_ledger for update;

-- name: write_item_ledger
update item_ledger set change = $1, heard_at = greatest(heard_at, $2);

-- name: item_findings_of
select message_id, verdict, fields, coming, change, told from item_finding where message_id = any ($1::uuid[]);

-- name: newest_items
select v.contract, v.code, v.version, v.effective_on, v.expires_on, v.status, v.digest, v.data, v.message_id, v.change,
       v.newest, v.taken_at
from (select distinct contract, code from unnest($1::text[], $2::text[]) as u (contract, code)) w
join item_version v on v.newest and v.contract = w.contract and v.code = w.code;

-- name: not_newest_item
update item_version set newest = false where contract = $1 and code = $2 and newest;

-- name: write_item_version
-- A correction takes the place of what had the same version; a late one takes no newer one's place.
insert into item_version as v (contract, code, version, effective_on, expires_on, status, digest, data, message_id, change,
                               newest, taken_at, heard_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
on conflict (contract, code, version, effective_on) do update
set expires_on = excluded.expires_on, status = excluded.status, digest = excluded.digest, data = excluded.data,
    message_id = excluded.message_id, change = excluded.change, newest = excluded.newest, taken_at = excluded.taken_at,
    heard_at = excluded.heard_at
where excluded.newest;

-- name: items_heard
update item_version v set heard_at = greatest(v.heard_at, w.at)
from unnest($1::text[], $2::text[], $3::timestamptz[]) as w (contract, code, at)
where v.contract = w.contract and v.code = w.code and v.newest;

-- name: write_item_run
insert into item_run as r (id, full_run, day, began_at, heard, repeated) values ($1, $2, $3, $4, $5, $6)
on conflict (id) do update
set heard = r.heard + excluded.heard, repeated = r.repeated + excluded.repeated,
    began_at = least(r.began_at, excluded.began_at);

-- name: write_item_findings
insert into item_finding (run, verdict, contract, code, version, effective_on, coming, fields, change, message_id)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: item_told
update item_finding set told = true where message_id = $1;

-- name: item_changes
select contract, code, version, effective_on, expires_on, status, digest, data, message_id, change, newest, taken_at
from item_version
where change > $1 and change > 0
order by change
limit $2;

-- name: items_in_force
-- Whatever has not ended and has no later version in force in its place; versions that are still coming with it.
select contract, code, version, effective_on, expires_on, status, digest, data, message_id, change, newest, taken_at
from item_version v
where (contract, code, version, effective_on) > ($2, $3, $4::smallint, $5::date)
  and (expires_on is null or expires_on >= $1)
  and not exists (
      select from item_version o
      where o.contract = v.contract and o.code = v.code and o.effective_on <= $1
        and (o.version, o.effective_on) > (v.version, v.effective_on))
order by contract, code, version, effective_on
limit $6;

-- name: item_versions
select contract, code, version, effective_on, expires_on, status, digest, data, message_id, change, newest, taken_at
from item_version
where code = $1
order by contract, version, effective_on;

-- name: close_item_run
update item_run set closed_at = $2 where id = $1 and closed_at is null returning id;

-- name: write_vanished_items
-- Of the kinds that the run did bring: an item in force that it did not name.
with gone as (
    insert into item_finding (run, verdict, contract, code, version, effective_on, coming)
    select $1, 'vanished', v.contract, v.code, v.version, v.effective_on, v.effective_on > $3
    from item_version v
    where v.newest and v.heard_at < $2 and v.status <> 'withdrawn' and (v.expires_on is null or v.expires_on >= $3)
      and exists (select from item_version o where o.newest and o.contract = v.contract and o.heard_at >= $2)
    order by v.contract, v.code
    returning 1
)
select count(*) from gone;

-- name: full_item_run_ended
update item_ledger set full_at = greatest(full_at, $1);

-- name: item_runs
select id, full_run, day, began_at, closed_at, heard, repeated from item_run order by began_at desc, id limit $1;

-- name: item_run_counts
select run, verdict, count(*) as n, count(*) filter (where coming) as coming
from item_finding
where run = any ($1::text[])
group by run, verdict;

-- name: item_findings
select n, verdict, contract, code, version, effective_on, coming, fields, change, told
from item_finding
where run = $1 and n > $2
order by n
limit $3;

-- name: forget_item_findings
delete from item_finding where run in (select id from item_run where day < $1);

-- name: forget_item_runs
delete from item_run where day < $1;
