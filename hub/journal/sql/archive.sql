-- name: default_ids
-- The default partitions hold what stayed when its month was dropped, and whatever a wrong clock made: few rows.
select id from message_default where id < $1 union all select id from refusal_default where id < $1;

-- name: month_tables
select relname from pg_class
where relnamespace = current_schema()::regnamespace and relkind = 'r' and relname ~ '^(message|refusal)_\d{4}_\d\d$';

-- name: unfinished_parts
select distinct month from archive_part where state in ('writing', 'written') order by month;

-- name: next_part
insert into archive_part (month, part, state, begun_at)
select $1, coalesce(max(part), 0) + 1, 'writing', $2 from archive_part where month = $1
returning part;

-- name: hold_cases
-- Cases with a delivery that is not finished, one that a replay is about to add, or a message that is parked.
insert into archive_held (month, part, case_no)
select $1, $2, c.case_no
from (select o.case_no from delivery_open o
      union
      select m.case_no from replay_item r cross join lateral (select case_no from message where id = r.message_id offset 0) m
      where r.state in ('pending', 'held', 'released')
      union
      select case_no from parked) c
where exists (select from case_message m where m.case_no = c.case_no and m.message_id >= $3 and m.message_id < $4);

-- name: held_messages
select m.message_id
from archive_held h
cross join lateral (select message_id from case_message
                    where case_no = h.case_no and message_id >= $3 and message_id < $4 offset 0) m
where h.month = $1 and h.part = $2;

-- name: anything_to_archive
select exists (select from message m
               where m.id >= $3 and m.id < $4
                 and not exists (select from archive_held h where h.month = $1 and h.part = $2 and h.case_no = m.case_no))
    or exists (select from refusal where id >= $3 and id < $4);

-- name: archive_ids
-- In the order of the index of cases, so that a case stands together; every batch goes on where the last one ended.
select c.case_no, c.message_id
from case_message c
where (c.case_no, c.message_id) > ($5, $6) and c.message_id >= $3 and c.message_id < $4
  and not exists (select from archive_held h where h.month = $1 and h.part = $2 and h.case_no = c.case_no)
order by c.case_no, c.message_id
limit $7;

-- name: sizes
-- As stored, which needs no reading of large bodies.
select w.id, coalesce(m.size, 0) as size
from unnest($1::uuid[]) with ordinality as w (id, n)
left join lateral (
    select octet_length(raw) + octet_length(canonical) as size from message where id = w.id offset 0) m on true
order by w.n;

-- name: all_of_message
select m.* from unnest($1::uuid[]) as w (id) cross join lateral (select * from message where id = w.id offset 0) m;

-- name: all_of_delivery
select d.* from unnest($1::uuid[]) as w (id)
cross join lateral (select * from delivery where message_id = w.id offset 0) d order by d.message_id, d.destination;

-- name: all_of_attempt
select a.* from unnest($1::uuid[]) as w (id)
cross join lateral (select * from attempt where message_id = w.id offset 0) a order by a.message_id, a.destination, a.attempt;

-- name: all_of_settlement
select s.* from unnest($1::uuid[]) as w (id)
cross join lateral (select * from settlement where message_id = w.id offset 0) s order by s.message_id, s.destination;

-- name: all_of_leaf
select l.* from unnest($1::uuid[]) as w (id)
cross join lateral (select * from leaf where message_id = w.id offset 0) l order by l.message_id, l.id;

-- name: archive_refusals
select * from refusal where id > $3 and id >= $1 and id < $2 order by id limit $4;

-- name: write_segment
insert into archive_segment (month, part, number, kind, digest, size, rows, last_case, last_id)
values ($1, $2, $3, $4, $5, $6, $7::text::jsonb, $8, $9)
on conflict do nothing;

-- name: index_cases
insert into archived_case (case_no, month, part, number)
select c, $2, $3, $4 from unnest($1::text[]) as c
on conflict do nothing;

-- name: part_written
update archive_part set state = 'written', manifest = $3, written_at = $4 where month = $1 and part = $2 and state = 'writing';

-- name: forget_index
delete from archived_case where month = $1 and part = $2;

-- name: forget_segments
delete from archive_segment where month = $1 and part = $2;

-- name: forget_held
delete from archive_held where month = $1 and part = $2;

-- name: forget_part
delete from archive_part where month = $1 and part = $2 and dropped_at is null;

-- name: stirred
-- Something of the month that was finished is not any more.
select exists (
    select from delivery_open o
    where o.message_id >= $3 and o.message_id < $4
      and not exists (select from archive_held h where h.month = $1 and h.part = $2 and h.case_no = o.case_no))
    or exists (
    select from parked p
    where p.message_id >= $3 and p.message_id < $4
      and not exists (select from archive_held h where h.month = $1 and h.part = $2 and h.case_no = p.case_no));

-- name: part_dropped
update archive_part set dropped_at = $3 where month = $1 and part = $2 and state = 'written' and dropped_at is null;

-- name: tidy_segment
delete from case_message c
using archived_case a
where a.month = $1 and a.part = $2 and a.number = $3 and c.case_no = a.case_no
  and c.message_id >= $4 and c.message_id < $5
  and not exists (select from message m where m.id = c.message_id offset 0);

-- name: part_tidied
update archive_part set state = 'dropped' where month = $1 and part = $2 and state = 'written' and dropped_at is not null;

-- name: parts
select month, part, state, begun_at, dropped_at, manifest from archive_part
where $1::date is null or month = $1
order by month, part;

-- name: segments
select month, part, number, kind, digest, size, rows::text as rows, last_case, last_id from archive_segment
where $1::date is null or month = $1
order by month, part, number;

-- name: cases_of_part
select case_no, number from archived_case
where month = $1 and part = $2 and (case_no, number) > ($3, $4)
order by case_no, number
limit $5;

-- name: segments_of_cases
select c.case_no, s.digest
from unnest($1::text[]) as c (case_no)
cross join lateral (select month, part, number from archived_case where case_no = c.case_no offset 0) a
cross join lateral (
    select digest, month, part, number from archive_segment
    where month = a.month and part = a.part and number = a.number offset 0) s
order by c.case_no, s.month, s.part, s.number;

-- name: first_accepted
select min(accepted_at) from acceptance;

-- name: purge_duplicates
delete from acceptance a
using (select o.system, o.sender_id from acceptance o
       where o.accepted_at >= $1 and o.accepted_at < $2
         and exists (select from message m where m.id = o.message_id and m.event_time is not null offset 0)
       limit $3) old
where a.system = old.system and a.sender_id = old.sender_id;

-- name: purge_undated
delete from acceptance where accepted_at < $1;

-- name: cases_of_segment
select case_no from archived_case where month = $1 and part = $2 and number = $3;

-- name: forget_segment_index
delete from archived_case where month = $1 and part = $2 and number = $3 and case_no = any($4::text[]);

-- name: lock_cases
-- Nobody joins a case, names a material or takes a place in a lane until this commits. In the order of an acceptance.
lock table case_party, case_material, lane in share row exclusive mode;

-- name: vanished_cases
select c.case_no from unnest($1::text[]) as c (case_no)
where not exists (select from case_message m where m.case_no = c.case_no offset 0)
  and not exists (select from archived_case a where a.case_no = c.case_no offset 0)
  and not exists (select from delivery_open o where o.case_no = c.case_no offset 0);

-- name: forget_parties
delete from case_party where case_no = any($1::text[]);

-- name: forget_named
delete from case_material where case_no = any($1::text[]);

-- name: forget_lanes
delete from lane where case_no = any($1::text[]);

-- name: part_expired
update archive_part set state = 'expired', expired_at = coalesce(expired_at, $3) where month = $1 and part = $2;

-- name: archive_files_known
select s.digest from archive_segment s join archive_part p using (month, part)
where s.digest = any($1::text[]) and p.state <> 'expired'
union
select manifest from archive_part where manifest = any($1::text[]) and state <> 'expired';
