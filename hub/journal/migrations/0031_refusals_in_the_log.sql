-- A refusal is evidence too: what the hub refused, to whom, and why, has its statement and its place in the log. The salt opens what
-- the statement commits to. Refusals from before this migration have none.
alter table refusal add column statement bytea, add column leaf bytea, add column salt bytea;

create function queue_refusals() returns trigger language plpgsql as $$
begin
    insert into leaf_queue (message_id, id, kind, hash)
    select id, id, 'refused', leaf from new_refusals where leaf is not null order by id;
    return null;
end
$$;

create trigger refusal_queued after insert on refusal referencing new table as new_refusals
    for each statement when (current_setting('govhub.moving', true) is distinct from 'yes')
    execute function queue_refusals();
create trigger refusal_unchanged before update on refusal for each statement execute function refuse_change();
