-- Why a transaction (业务事务) is undone, or needs a person: its processor's word beside how it stands.

alter table process add column why text collate "C" not null default '';
