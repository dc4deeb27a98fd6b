-- name: note_audit
insert into audit_entry (id, at, account, act, subject, reason, via, outcome, request)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
on conflict (id) do nothing;

-- name: gather_audit
-- The same, but one entry with those like it, so that nobody who is not signed in fills the trail.
insert into audit_entry as e (id, at, account, act, subject, reason, via, outcome, request, alike)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
on conflict (alike) where alike is not null do update set times = e.times + 1;

-- name: find_audit
-- Both halves are walked by their ids, newest first, until there are enough that fit.
select id, at, account, act, subject, reason, via, outcome, request, applied, times
from audit a
where id < $1
  and ($3::text is null or account = $3)
  and ($4::text is null or act = $4)
  and ($5::text is null or subject = $5 or exists (select from act_case c where c.case_no = $5 and c.act = a.id))
  and ($6::timestamptz is null or at >= $6)
  and ($7::timestamptz is null or at < $7)
order by id desc limit $2;

-- name: act_is_about
insert into act_case (case_no, act) select distinct c, $1::uuid from unnest($2::text[]) as c on conflict do nothing;

-- name: act_is_about_its_replay
insert into act_case (case_no, act)
select distinct o.case_no, $1::uuid from replay_item i join delivery_open o on o.id = i.delivery_id where i.replay_id = $1
on conflict do nothing;

-- name: forget_audit
-- Ids follow time, so the primary key finds the oldest.
delete from audit_entry where id = any(array(
    select id from audit_entry where id < $2 and at < $1 order by id limit $3));
