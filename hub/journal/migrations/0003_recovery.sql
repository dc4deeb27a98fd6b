-- Recovery: what shuts a destination, what is asked about a delivery in doubt, and which delivery breaks whoever sends it.

-- One row per destination that ever failed or was paused; no row: nothing is in the way.
-- While "shut" holds, no hub offers or claims the destination's deliveries: they wait, and no attempt is burnt.
create table destination_gate (
    destination   text        collate "C" primary key,
    breaker       text        collate "C" not null default 'closed' check (breaker in ('closed', 'open', 'half_open')),
    failures      integer     not null default 0,   -- one after the other, since the far side last answered
    openings      integer     not null default 0,   -- since a delivery was last answered: the pause grows by them
    opened        bigint      not null default 0,   -- ever
    since         timestamptz not null,             -- of the breaker's state; half-open counts as open
    reason        text        not null default '',
    probe_at      timestamptz,
    prober        uuid,                             -- the hub that probes, until that moment
    probe_until   timestamptz,
    paused_at     timestamptz,
    paused_by     text,
    paused_reason text,
    shut          boolean     generated always as (breaker <> 'closed' or paused_at is not null) stored
) with (fillfactor = 50);

alter table delivery_open
    add column crashes integer     not null default 0,   -- sends in a row that broke the connector or the process
    add column asked   integer     not null default 0,   -- how often the far side was asked about this doubt
    add column ask_at  timestamptz;                      -- in doubt and to be asked about; null: a person decides
create index delivery_open_asking on delivery_open (grp, partition, ask_at) where state = 'in_doubt' and ask_at is not null;
