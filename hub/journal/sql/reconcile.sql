-- name: ask_reconciliation
insert into reconciliation (id, agreement, day, rule, state, asked_by, asked_at)
values ($1, $2, $3, $4, 'wanted', $5, $6);

-- name: earlier_reconciliations
-- Of the same day: a new count takes their place. What they came to stays, what they were counted from goes.
select id from reconciliation where agreement = $1 and day = $2 and id <> $3;

-- name: old_reconciliations
select r.id from reconciliation r
where r.agreement = $1 and r.asked_at < $2 and exists (select from reconciliation_bucket b where b.reconciliation = r.id)
limit 20;

-- name: drop_lines
delete from reconciliation_line l
using (select place, message_id from reconciliation_line where reconciliation = $1 limit $2) old
where l.reconciliation = $1 and l.place = old.place and l.message_id = old.message_id;

-- name: drop_buckets
delete from reconciliation_bucket where reconciliation = $1;

-- name: drop_far
delete from reconciliation_far where reconciliation = $1;

-- name: drop_differences
delete from reconciliation_difference where reconciliation = $1;

-- name: take_reconciliation
-- One that nobody counts, or whose counter has not been heard of for a while.
update reconciliation r
set state = 'counting', seen_at = clock_timestamp()
from (select id from reconciliation
      where state <> 'counted' and ($1::uuid is null or id = $1)
        and (state = 'wanted' or seen_at < clock_timestamp() - interval '2 minutes')
      order by id limit 1 for update skip locked) t
where r.id = t.id
returning r.*;

-- name: still_counting
update reconciliation set seen_at = clock_timestamp() where id = $1 and state = 'counting' returning id;

-- name: sent_records
-- What was delivered to one destination, in the order of acceptance.
select m.id, m.case_no, m.version, m.codec, m.canonical, s.settled_at
from message m
cross join lateral (
    select settled_at from settlement
    where message_id = m.id and destination = $4 and state = 'delivered' and settled_at <= $5 offset 0) s
where m.id > $1 and m.id < $2 and m.contract = $3 and m.codec < 32
order by m.id
limit $6;

-- name: received_records
select m.id, m.case_no, m.version, m.codec, m.canonical, m.accepted_at as settled_at
from message m
where m.id > $1 and m.id < $2 and m.contract = $3 and m.system = $4 and m.accepted_at <= $5 and m.codec < 32
order by m.id
limit $6;

-- name: unfinished_sent
select o.state, count(*) as n
from delivery_open o
cross join lateral (select contract from message where id = o.message_id offset 0) m
where o.destination = $1 and o.message_id > $2 and o.message_id < $3 and m.contract = $4
group by o.state;

-- name: month_archived
select exists (select from archive_part where month = date_trunc('month', $1::timestamptz at time zone 'UTC')::date
               and state in ('dropped', 'expired'));

-- name: supersede_lines
update reconciliation_line l
set superseded = true
from unnest($2::smallint[], $3::bytea[]) as w (place, key)
where l.reconciliation = $1 and l.place in (w.place, w.place + 4096) and l.key = w.key;

-- name: bucket_lines
-- Whole buckets, each as one text whose digest is the bucket's. Where only the latest version counts ($4), of one record the one
-- that was accepted last.
select place, count(*)::integer as records, string_agg(line, ''::bytea order by line) as lines
from (select distinct on (place % 4096, key, case when $4 then null else message_id end) place, key || rest as line
      from reconciliation_line
      where reconciliation = $1 and not superseded
        and (place >= $2 and place < $3 or place >= $2::integer + 4096 and place < $3::integer + 4096)
      order by place % 4096, key, case when $4 then null else message_id end, message_id desc) l
group by place
order by place;

-- name: lines_at
select distinct on (place % 4096, key, case when $3 then null else message_id end) place, message_id, key || rest as line
from reconciliation_line
where reconciliation = $1 and place = any($2::smallint[]) and not superseded
order by place % 4096, key, case when $3 then null else message_id end, message_id desc;

-- name: superseded_lines
select count(*) filter (where superseded) as marked, count(*) as lines from reconciliation_line where reconciliation = $1;

-- name: write_buckets
insert into reconciliation_bucket (reconciliation, place, records, digest)
select $1, * from unnest($2::smallint[], $3::integer[], $4::text[])
on conflict (reconciliation, place) do update set records = excluded.records, digest = excluded.digest;

-- name: counted
update reconciliation
set state = 'counted', counted_at = $2, records = $3, digest = $4, late_records = $5, late_digest = $6, superseded = $7,
    unfinished = $8::jsonb
where id = $1 and state = 'counting'
returning id;

-- name: reconciliation
select * from reconciliation where id = $1;

-- name: latest_reconciliation
select * from reconciliation where agreement = $1 and day = $2 order by id desc limit 1;

-- name: reconciliations
select * from reconciliation
where id < $1 and ($2::text is null or agreement = $2)
order by id desc
limit $3;

-- name: reconciliations_between
-- The latest of each day.
select distinct on (agreement, day) *
from reconciliation
where day >= $1 and day < $2
order by agreement, day, id desc;

-- name: open_reconciliations
-- What may still hear of the far side: counted lately and not agreed.
select distinct on (agreement, day) *
from reconciliation
where state = 'counted' and asked_at >= $1
order by agreement, day, id desc;

-- name: buckets
select place, records, digest from reconciliation_bucket where reconciliation = $1;

-- name: lock_reconciliation
select * from reconciliation where id = $1 for update;

-- name: far_nodes
select node, records, digest, lines from reconciliation_far where reconciliation = $1;

-- name: write_far
insert into reconciliation_far (reconciliation, node, records, digest)
select $1, * from unnest($2::text[], $3::bigint[], $4::text[])
on conflict (reconciliation, node) do nothing;

-- name: write_far_lines
update reconciliation_far set lines = $3 where reconciliation = $1 and node = $2;

-- name: far_heard
update reconciliation
set far_counted_at = $2, far_source = $3, verdict = '', wanted = '{}', compared_at = null, statement = null, signature = null
where id = $1;

-- name: message_heard
update reconciliation set heard = $2 where id = $1;

-- name: compared
update reconciliation set verdict = $2, wanted = $3, compared_at = $4 where id = $1;

-- name: write_differences
insert into reconciliation_difference (reconciliation, n, kind, case_no, record, here_version, here_content, there_version,
                                       there_content, message_id, standing)
select $1, * from unnest($2::integer[], $3::text[], $4::text[], $5::text[], $6::smallint[], $7::text[], $8::smallint[],
                         $9::text[], $10::uuid[], $11::text[]);

-- name: differences
select * from reconciliation_difference
where reconciliation = $1 and n > $2 and ($3::text is null or kind = $3)
order by n
limit $4;

-- name: difference_counts
select kind, count(*) as n from reconciliation_difference where reconciliation = $1 group by kind;

-- name: standing_of_cases
-- The worst of what is unfinished in each lane.
select distinct on (o.case_no) o.case_no, o.state
from unnest($2::text[]) as w (case_no)
cross join lateral (
    select case_no, state from delivery_open where destination = $1 and case_no = w.case_no offset 0) o
order by o.case_no, array_position(array['in_doubt', 'dead', 'sending', 'accepted', 'offered', 'waiting'], o.state);

-- name: state_reconciliation
update reconciliation set statement = $2, signature = $3 where id = $1 and statement is null;

-- name: manifests_said
-- Messages about one manifest from one system, as case messages are found: by their number.
select m.id, m.codec, m.canonical
from case_message c
cross join lateral (select id, system, contract, version, codec, canonical from message where id = c.message_id offset 0) m
where c.case_no = $1 and c.message_id > $2 and m.system = $3 and m.contract = $4
order by m.id
limit $5;

-- name: sent_by_version
-- What systems sent: how much of it in which version, and how much of it how long after the moment it speaks of.
select system, contract, version, count(*) as messages,
       count(*) filter (where event_time is not null) as timed,
       count(*) filter (where accepted_at - event_time <= make_interval(secs => $4)) as timely
from message
where id > $1 and id < $2 and system = any($3::text[])
group by system, contract, version
order by system, contract, version;
