-- Which contract versions are in use. A hub that cannot read one of them must not work on this journal; a version that some
-- living hub cannot read is not accepted yet.

alter table hub_instance add column speaks text[] not null default '{}';

create table contract_active (
    schema       text        collate "C" primary key,   -- the dataschema of the version
    activated_at timestamptz not null
);
