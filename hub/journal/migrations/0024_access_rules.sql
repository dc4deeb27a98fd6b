-- By which rule a message was accepted and may be received, and by which a register was asked.

alter table message add column access text collate "C";
alter table lookup_record add column rule text collate "C" not null default '';
