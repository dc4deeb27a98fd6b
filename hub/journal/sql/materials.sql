-- name: keep_material
-- Young again when it is stored again: whoever did so has just been told that it is there.
insert into material as m (digest, system, size, media_type, stored_at) values ($1, $2, $3, $4, $5)
on conflict (digest, system) do update set stored_at = greatest(m.stored_at, excluded.stored_at);

-- name: being_removed
select exists (select from material_removal where digest = $1);

-- name: material_for
-- Whoever stored it may read it, and every party to a case that names it.
select m.size, m.media_type
from material m
where m.digest = $1
  and (exists (select from material o where o.digest = $1 and o.system = $2)
       or exists (select from case_material c join case_party p using (case_no) where c.digest = $1 and p.system = $2))
limit 1;

-- name: unneeded
-- One look per digest (offset 0 keeps it so).
select d.digest
from unnest($1::text[]) as d (digest)
where not exists (select from case_material c where c.digest = d.digest offset 0)
  and not exists (select from material m where m.digest = d.digest and m.stored_at >= $2 offset 0);

-- name: lock_materials
-- Nobody names or stores a material until this commits. In the order in which an acceptance takes them.
lock table case_material, material in share row exclusive mode;

-- name: forget_materials
delete from material where digest = any($1::text[]);

-- name: doom_materials
insert into material_removal (digest, begun_at) select d, $2 from unnest($1::text[]) as d on conflict do nothing;

-- name: doomed_materials
select digest from material_removal order by begun_at, digest limit $1;

-- name: removed_materials
delete from material_removal where digest = any($1::text[]);
