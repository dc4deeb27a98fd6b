-- name: lead_log
-- Whoever leads from now on; a leader of an earlier epoch writes nothing any more.
update log_head set epoch = epoch + 1 returning log, epoch, size, chain;

-- name: log_head
select log, epoch, size, chain, sequenced_at from log_head;

-- name: lock_log_head
select size, chain from log_head where epoch = $1 for update;

-- name: anything_queued
select exists (select from leaf_queue);

-- name: take_queued
-- In the order in which they were queued: whoever began after another's commit stands behind it. What stands in the log already
-- was queued again by a hub of an earlier version that moved it to another partition.
with taken as (
    delete from leaf_queue q
    using (select seq from leaf_queue order by seq limit $1 for update) as first
    where q.seq = first.seq
    returning q.seq, q.message_id, q.id, q.kind, q.hash
)
select message_id, id, kind, hash, exists (
    select from log_leaf g where g.message_id = t.message_id and g.id = t.id offset 0) as known
from taken t order by seq;

-- name: append_leaves
insert into log_leaf (idx, message_id, id, kind, hash, chain)
select * from unnest($1::bigint[], $2::uuid[], $3::uuid[], $4::text[], $5::bytea[], $6::bytea[]);

-- name: append_to_tiles
insert into log_tile as t (level, n, hashes)
select * from unnest($1::smallint[], $2::bigint[], $3::bytea[])
on conflict (level, n) do update set hashes = t.hashes || excluded.hashes;

-- name: move_log_head
update log_head set size = $2, chain = $3, sequenced_at = $4 where epoch = $1;

-- name: count_queued
select count(*) from (select from leaf_queue limit 100000) q;

-- name: leaf_hashes
select hash from log_leaf where idx >= $1 and idx < $2 order by idx;

-- name: tile
select hashes from log_tile where level = $1 and n = $2;

-- name: write_checkpoint
insert into checkpoint (size, root, note, made_at)
select $2, $3, $4, $5 from log_head where epoch = $1 and size >= $2
on conflict (size) do nothing
returning size;

-- name: newest_checkpoint
select size, root, note, made_at from checkpoint order by size desc limit 1;

-- name: checkpoint_above
-- The first one that covers so many leaves.
select size, root, note, made_at from checkpoint where size >= $1 order by size limit 1;

-- name: stamped_checkpoint_above
select c.size, c.root, c.note, c.made_at
from checkpoint_stamp s join checkpoint c using (size)
where s.size >= $1 order by s.size limit 1;

-- name: checkpoints_from
select size, root, note, made_at from checkpoint where size > $1 order by size limit $2;

-- name: stamps_of
select authority, token, stamped_at from checkpoint_stamp where size = $1 order by authority;

-- name: unstamped
-- Checkpoints that await their stamp, the newest first: it vouches for all that is older.
select c.size, c.note, c.made_at from checkpoint c
where c.size > $1 and not exists (select from checkpoint_stamp s where s.size = c.size)
order by c.size desc limit $2;

-- name: last_stamped
select size, stamped_at from checkpoint_stamp order by size desc limit 1;

-- name: write_stamp
insert into checkpoint_stamp (size, authority, token, stamped_at) values ($1, $2, $3, $4) on conflict do nothing;

-- name: leaves_from
select idx, message_id, id, kind, hash, chain from log_leaf where idx >= $1 order by idx limit $2;

-- name: places_of
select l.message_id, l.id, l.idx
from unnest($1::uuid[]) as w (id) cross join lateral (
    select message_id, id, idx from log_leaf where message_id = w.id offset 0) l;

-- name: leaves_of
select l.idx, l.message_id, l.id, l.kind, l.hash, l.chain
from unnest($1::uuid[]) as w (id) cross join lateral (select * from log_leaf where message_id = w.id offset 0) l;

-- name: statements_of
select l.message_id, l.id, l.kind, l.statement, l.hash
from unnest($1::uuid[], $2::uuid[]) as w (message_id, id)
cross join lateral (select * from leaf where message_id = w.message_id and id = w.id offset 0) l
union all
select r.id, r.id, 'refused', r.statement, r.leaf
from unnest($1::uuid[], $2::uuid[]) as w (message_id, id)
cross join lateral (select * from refusal where id = w.message_id and leaf is not null offset 0) r
where w.message_id = w.id;

-- name: opening_of_refusal
select digest, salt from refusal where id = $1 and salt is not null;

-- name: outside_the_log
-- Leaves that have neither an index nor a place in the queue: whoever wrote them went around the trigger, or took them out.
select l.message_id, l.id from leaf l
where not exists (select from log_leaf g where g.message_id = l.message_id and g.id = l.id)
  and not exists (select from leaf_queue q where q.message_id = l.message_id and q.id = l.id)
union all
select r.id, r.id from refusal r
where r.leaf is not null
  and not exists (select from log_leaf g where g.message_id = r.id and g.id = r.id)
  and not exists (select from leaf_queue q where q.message_id = r.id and q.id = r.id)
order by 1, 2 limit 1;

-- name: archived_months
select distinct month from archive_part where dropped_at is not null;

-- name: tiles_from
select level, n, hashes from log_tile order by level, n;

-- name: keep_seal
insert into evidence_seal (digest, signature, made_at) values ($1, $2, $3) on conflict do nothing;

-- name: seal_of
select signature from evidence_seal where digest = $1;

-- name: know_certificate
insert into evidence_certificate (digest, role, certificate, known_since) values ($1, $2, $3, $4) on conflict do nothing;

-- name: known_certificates
select role, certificate from evidence_certificate order by known_since, digest;
