-- name: account
select * from operator_account where name = $1;

-- name: account_of_subject
select * from operator_account where issuer = $1 and subject = $2 and subject <> '';

-- name: accounts
select * from operator_account order by name;

-- name: add_account
insert into operator_account (name, title, password, issuer, subject, roles, regions, organisations, created_at, disabled_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
on conflict do nothing
returning name;

-- name: put_account
-- Only as it was seen: of two who change it at the same moment, none undoes what the other did.
update operator_account
set title = $2, password = $3, roles = $4, regions = $5, organisations = $6, disabled_at = $7
where name = $1 and password = $8 and roles = $9 and regions = $10 and organisations = $11
  and disabled_at is not distinct from $12
returning name;

-- name: whole_admins
select name from operator_account
where 'admin' = any(roles) and disabled_at is null and regions = '{}' and organisations = '{}'
order by name for update;

-- name: end_tokens
update operator_token set revoked_at = $2 where account = $1 and revoked_at is null;

-- name: grant_token
-- Whoever disables the account or sets a password at the same moment waits for this, or this for them: none is left over.
insert into operator_token (id, digest, account, kind, title, created_at, expires_at)
select $1, $2, name, $4, $5, $6, $7
from operator_account where name = $3 and disabled_at is null and password = $8
for share
returning id;

-- name: forget_tokens
delete from operator_token where account = $1 and expires_at <= $2;

-- name: bearer
select t.id, t.digest, t.account, t.kind, t.title as token_title, t.created_at as begun_at, t.expires_at,
       a.title, a.roles, a.regions, a.organisations, a.created_at, a.issuer, a.subject
from operator_token t join operator_account a on a.name = t.account
where t.digest = $1 and t.revoked_at is null and t.expires_at > $2 and a.disabled_at is null;

-- name: tokens_of
select id, digest, account, kind, title, created_at, expires_at, revoked_at
from operator_token where account = $1 order by id desc limit 1000;

-- name: revoke_token
update operator_token set revoked_at = $2 where id = $1 and revoked_at is null and expires_at > $2 returning account;

-- name: count_sign_in_failure
-- No row: the name is locked.
insert into sign_in_failure as s (name, failures, failed_at) values ($1, 1, $2)
on conflict (name) do update
set failures = case when s.failed_at > $3 then s.failures + 1 else 1 end, failed_at = excluded.failed_at
where s.failed_at <= $3 or s.failures < $4
returning failures;

-- name: forget_sign_in_failures
-- What is too old to matter, and the oldest beyond ten thousand: whoever makes names up fills no table.
delete from sign_in_failure
where failed_at <= $1 or name in (select name from sign_in_failure order by failed_at desc offset 10000);

-- name: forgive_sign_in
delete from sign_in_failure where name = $1;
