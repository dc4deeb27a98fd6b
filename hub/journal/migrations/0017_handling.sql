-- How its route has a message carried to a destination: for which purpose, with what added. Null: plainly.
alter table delivery add column handling text;
alter table delivery_open add column handling text;
alter table replay_item add column handling text;
