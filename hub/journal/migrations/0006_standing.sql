-- Where an open delivery stands, for the indexes: they must neither walk over what waits behind others, however much that is, nor
-- be written when a delivery goes from "offered" to "sending".

alter table delivery_open
    -- Something before it in its lane blocks it. Written when it takes its place and when the head reaches it.
    add column held boolean not null default false;

update delivery_open o
set held = true
from lane l
where l.destination = o.destination and l.case_no = o.case_no
  and o.state = 'waiting' and o.ordered and o.position > l.head;

alter table delivery_open
    add column standing smallint generated always as (
        case
            when state in ('offered', 'sending') then 2   -- under way
            when state = 'waiting' and held then 0        -- behind another
            when state = 'waiting' then 1                 -- may be offered when it is due
            when state = 'accepted' then 3                -- on a shelf
        end) stored;

drop index delivery_open_due;
drop index delivery_open_shelf;
create index delivery_open_ready on delivery_open (grp, partition, destination, rank) where standing = 1;
create index delivery_open_under_way on delivery_open (grp, partition, standing) where standing in (0, 2);
create index delivery_open_shelf on delivery_open (destination, id) where standing = 3;

-- Only what is in doubt is asked about; the same index, but written with the column alone.
drop index delivery_open_asking;
create index delivery_open_asking on delivery_open (grp, partition, ask_at) where ask_at is not null;
