-- A hub that has been cut off from the broker for a while, and from nothing else: others take its partitions.
alter table hub_instance add column deaf boolean not null default false;
