-- A system may ask what was refused to it: of which contract, and without looking at everybody's refusals.

alter table refusal add column contract text collate "C";   -- the type as its sender wrote it; null: it could not be read
create index refusal_system on refusal (system, id);
