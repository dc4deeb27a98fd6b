-- An answer that came when it decided nothing any more (迟到的答复), beside the attempt it belongs to.
alter table attempt
    add column late_state     text        collate "C",
    add column late_code      text,
    add column late_detail    text,
    add column late_reference text,
    add column late_at        timestamptz;
