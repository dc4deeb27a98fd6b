-- What replays have still to do, wherever they stand: archiving keeps their cases.
create index replay_item_unfinished on replay_item (message_id) where state in ('pending', 'held', 'released');
