-- The life of each case on the bus: what is known of it, and the messages that wait for what must come before them.

-- One row per case that has said anything since its life is followed; written in COMMIT 1, whose first lock it is.
create table case_docket (
    case_no text    collate "C" not null,
    told    boolean not null default false,   -- false: nothing is known yet, not even what the journal had before
    adopted boolean not null default false,   -- under way before its messages came here: nothing is waited for
    records text    not null default '[]',    -- [[contract, gist]]
    seeds   text    not null default '[]',    -- [[contract, gist]]: what was known when the case was taken over
    early   text    not null default '[]',    -- [[message, rule, contract, gist]]
    primary key (case_no)
) partition by hash (case_no);

do $$
begin
    for n in 0..7 loop
        execute format('create table case_docket_%s partition of case_docket for values with (modulus 8, remainder %s) '
                       'with (fillfactor = 70)', n, n);
    end loop;
end
$$;

-- Accepted, and not yet in any lane. The row goes when the message is let out; the leaf of that stays.
create table parked (
    message_id  uuid        primary key,
    case_no     text        collate "C" not null,
    system      text        collate "C" not null,
    contract    text        collate "C" not null,
    reason      text        collate "C" not null,   -- the number of the rule it waits by
    parked_at   timestamptz not null,
    pass_at     timestamptz not null,               -- it waits until then at most
    expires_at  timestamptz,
    plan        text        not null                -- its deliveries: [{id, destination, ordered, group, partition, priority}]
);
create index parked_passing on parked (pass_at);
create index parked_case on parked (case_no);

alter table delivery_open add column early text not null default '';   -- the rule by which it waited in vain
