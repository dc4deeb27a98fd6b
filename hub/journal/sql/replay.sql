-- name: make_replay
insert into replay (id, rate, tolerance, state) values ($1, $2, $3, 'running');

-- name: freeze_group
-- What is in another replay's hand is left there. In order of acceptance, whatever order they failed in.
with wanted as materialized (
    select o.id, o.message_id, o.destination, o.attempt, o.state, o.ordered and o.yields or o.late as late, o.expires_at
    from delivery_open o
    where o.dead_group = $2 and ($3::timestamptz is null or o.failed_at <= $3)
      and not exists (
          select from replay_item i where i.delivery_id = o.id and i.state in ('pending', 'released'))
    order by o.failed_at, o.id
    limit $4
)
insert into replay_item (replay_id, n, kind, delivery_id, message_id, destination, attempt, late, state, code)
select $1, row_number() over (order by w.message_id, w.destination), 'resend', w.id, w.message_id, w.destination, w.attempt,
       w.late, case when c.code = '' then 'pending' else 'refused' end, c.code
from wanted w
cross join lateral (
    select case
        when w.state = 'in_doubt' then 'IN_DOUBT'
        when not w.destination = any($5::text[]) then 'DESTINATION_UNKNOWN'
        when w.expires_at <= $6 then 'EXPIRED'
        else '' end as code) c
on conflict (delivery_id) where state in ('pending', 'released') do nothing;

-- name: freeze_named
insert into replay_item (replay_id, n, kind, delivery_id, message_id, destination, attempt, late, state, code)
select $1, row_number() over (order by o.message_id, o.destination), 'resend', o.id, o.message_id, o.destination, o.attempt,
       o.ordered and o.yields or o.late, case when c.code = '' then 'pending' else 'refused' end, c.code
from (select id, max(attempt) as attempt from unnest($2::uuid[], $6::integer[]) as u (id, attempt) group by id) w
cross join lateral (
    select id, message_id, destination, attempt, state, ordered, yields, late, expires_at from delivery_open where id = w.id
    union all
    select id, message_id, destination, 0, 'closed', false, false, false, null from closed_delivery where id = w.id
    offset 0) o
cross join lateral (
    select case
        when exists (select from replay_item i where i.delivery_id = o.id and i.state in ('pending', 'released'))
            then 'IN_REPLAY'
        when o.state = 'closed' then 'TRANSACTION_UNDONE'
        when o.state = 'in_doubt' and not $3 then 'IN_DOUBT'
        when o.state not in ('dead', 'in_doubt') then 'NOT_DEAD'
        when o.attempt <> w.attempt then 'CHANGED'
        when not o.destination = any($4::text[]) then 'DESTINATION_UNKNOWN'
        when o.expires_at <= $5 then 'EXPIRED'
        else '' end as code) c
on conflict (delivery_id) where state in ('pending', 'released') do nothing;

-- name: freeze_planned
insert into replay_item (replay_id, n, kind, delivery_id, message_id, destination, attempt, late, state, code, party, grp,
                         partition, ordered, priority, handling)
select $1, w.n, w.kind, w.delivery_id, w.message_id, w.destination, w.attempt,
       coalesce(o.ordered and o.yields or o.late, false),
       case when c.code = '' then 'pending' else 'refused' end, c.code, w.party, w.grp, w.partition, w.ordered, w.priority,
       w.handling
from unnest($2::text[], $3::uuid[], $4::uuid[], $5::text[], $6::integer[], $7::text[], $8::text[], $9::text[],
            $10::smallint[], $11::boolean[], $12::smallint[], $13::text[])
     with ordinality as w (kind, delivery_id, message_id, destination, attempt, code, party, grp, partition, ordered,
                           priority, handling, n)
left join lateral (select * from delivery_open where id = w.delivery_id offset 0) o on true
left join lateral (select expires_at from message where id = w.message_id offset 0) m on true
cross join lateral (select (w.handling::jsonb ->> 'ends')::timestamptz as ends) e
cross join lateral (
    select case
        when w.code <> '' then w.code
        when exists (select from replay_item i where i.delivery_id = w.delivery_id and i.state in ('pending', 'released'))
            then 'IN_REPLAY'
        when exists (select from emission e where e.message_id = w.message_id and e.closed_at is not null)
            then 'TRANSACTION_UNDONE'
        when w.kind = 'add' and exists (
            select from delivery d where d.message_id = w.message_id and d.destination = w.destination)
            then 'HAS_IT'
        when w.kind = 'add' and least(m.expires_at, e.ends) <= $14 then 'EXPIRED'
        when w.kind = 'add' then ''
        when o.state is null or o.attempt <> w.attempt then 'CHANGED'
        when w.kind = 'resend' and case when w.grp is null then o.expires_at else least(m.expires_at, e.ends) end <= $14
            then 'EXPIRED'
        else '' end as code) c
on conflict (delivery_id) where state in ('pending', 'released') do nothing;

-- name: freeze_repeats
-- What was delivered and is not there. A case of which something is unfinished there is left alone: it is not known, or not over.
-- Of one case the first only, since what is repeated runs free of its lane: the next one follows when that has arrived.
insert into replay_item (replay_id, n, kind, delivery_id, message_id, destination, attempt, late, state, code, grp, partition,
                         priority)
select $1, row_number() over (order by d.message_id, d.destination), 'repeat', d.delivery_id, d.message_id, d.destination,
       coalesce(s.attempt, 0), true, case when c.code = '' then 'pending' else 'refused' end, c.code, d.grp, d.partition,
       d.priority
from (select w.grp, w.partition, w.priority, f.*,
             row_number() over (partition by f.destination, f.case_no order by f.message_id) as nth
      from unnest($2::uuid[], $3::text[], $4::text[], $5::smallint[], $6::smallint[])
           as w (message_id, destination, grp, partition, priority)
      cross join lateral (
          select message_id, destination, delivery_id, case_no, handling from delivery
          where message_id = w.message_id and destination = w.destination offset 0) f) d
left join lateral (
    select state, attempt from settlement
    where message_id = d.message_id and destination = d.destination offset 0) s on true
left join lateral (select expires_at from message where id = d.message_id offset 0) m on true
left join lateral (
    select bool_or(state = 'in_doubt') as doubtful from delivery_open
    where destination = d.destination and case_no = d.case_no offset 0) o on true
cross join lateral (
    select case
        when exists (select from replay_item i where i.delivery_id = d.delivery_id and i.state in ('pending', 'released'))
            then 'IN_REPLAY'
        when exists (select from emission e where e.message_id = d.message_id and e.closed_at is not null)
            then 'TRANSACTION_UNDONE'
        when o.doubtful then 'IN_DOUBT'
        when o.doubtful is not null then 'UNDER_WAY'
        when s.state is distinct from 'delivered' then 'NOT_DELIVERED'
        when not d.destination = any($7::text[]) then 'DESTINATION_UNKNOWN'
        when least(m.expires_at, (d.handling::jsonb ->> 'ends')::timestamptz) <= $8 then 'EXPIRED'
        when d.nth > 1 then 'BEHIND'
        else '' end as code) c
on conflict (delivery_id) where state in ('pending', 'released') do nothing;

-- name: replay_lots
select destination, kind, state, code, late, count(*) as n
from replay_item where replay_id = $1
group by destination, kind, state, code, late
order by destination, kind, state, code, late;

-- name: replay_pending
select count(*) from replay_item where replay_id = $1 and state = 'pending';

-- name: replay
select r.*, a.actor, a.via, a.reason, a.acted_at
from replay r join act a using (id)
where r.id = $1;

-- name: replays
select r.*, a.actor, a.via, a.reason, a.acted_at
from replay r join act a using (id)
order by r.id desc
limit $1;

-- name: lock_replay
select state from replay where id = $1 for update;

-- name: stop_replay
update replay set state = 'stopped', stopped_by = $2, stop_code = $3, stop_detail = $4 where id = $1;

-- name: hold_items
-- While it is stopped, others may send them again.
update replay_item set state = 'held' where replay_id = $1 and state = 'pending';

-- name: resume_replay
update replay
set state = 'running', stopped_by = '', stop_code = '', stop_detail = '', step_size = 0, step_released = 0,
    next_at = '-infinity'
where id = $1;

-- name: unhold_items
-- Others may have taken some of them in hand meanwhile.
with taken as (
    update replay_item h set state = 'gone', code = 'IN_REPLAY'
    where h.replay_id = $1 and h.state = 'held'
      and exists (select from replay_item i where i.delivery_id = h.delivery_id and i.state in ('pending', 'released'))
    returning h.n
)
update replay_item h set state = 'pending'
where h.replay_id = $1 and h.state = 'held' and not exists (select from taken t where t.n = h.n);

-- name: replays_due
select id from replay where state = 'running' and next_at <= clock_timestamp() order by next_at limit 20;

-- name: take_replay
-- One hub at a time; where another has it, this one goes on to the next.
select r.*, a.actor, a.via, a.reason, a.acted_at
from replay r join act a using (id)
where r.id = $1 and r.state = 'running' and r.next_at <= clock_timestamp()
for update of r skip locked;

-- name: note_ends
-- What became of those that are under way: accepted is taken, and no longer this replay's concern. A doubt that the hub asks
-- the far side about is none yet. What its route has sent later is due then, and no longer this replay's concern either.
update replay_item i
set state = case when x.state in ('dead', 'in_doubt') then 'failed' when x.state = 'unknown' then 'gone' else 'done' end,
    code = case when x.state in ('dead', 'in_doubt') then x.code else x.state end
from (
    select u.n, coalesce(s.state, o.state, 'unknown') as state, coalesce(s.code, o.code, '') as code
    from replay_item u
    left join lateral (
        select case when state = 'in_doubt' and ask_at is not null then 'sending'
                    when state = 'waiting' and (u.handling::jsonb ->> 'due')::timestamptz > $2 then 'delayed'
                    else state end as state, code
        from delivery_open where id = u.delivery_id offset 0) o on true
    left join lateral (
        select state, code from settlement
        where message_id = u.message_id and destination = u.destination offset 0) s on true
    where u.replay_id = $1 and u.state = 'released'
) x
where i.replay_id = $1 and i.n = x.n and x.state not in ('waiting', 'offered', 'sending');

-- name: replay_progress
select (select count(*) from replay_item where replay_id = $1 and state = 'released') as under_way,
       (select count(*) from replay_item where replay_id = $1 and state = 'failed' and step = $2) as failed,
       (select count(*) from (
           select from replay_item where replay_id = $1 and state = 'pending' limit 1000) p) as pending;

-- name: next_items
select * from replay_item where replay_id = $1 and state = 'pending' order by n limit $2;

-- name: send_again
-- Only what nobody has touched since the click. A lane that went on is not turned back: what is late runs free of it. What was
-- planned anew is carried as the present routes say: when, until when, how urgently, for which purpose.
with again as (
    update delivery_open o
    set state = 'waiting', due_at = case when w.anew then greatest($3, (w.handling::jsonb ->> 'due')::timestamptz) else $3 end,
        failures = 0, crashes = 0, asked = 0, ask_at = null, replayed_at = $3,
        late = o.late or (o.ordered and o.yields), ordered = o.ordered and not o.yields, yields = false, holder = null,
        lease_until = null, frame_id = null,
        priority = case when w.anew then w.priority else o.priority end,
        rank = case when w.anew then o.accepted_at + w.priority * interval '6 hours' else o.rank end,
        expires_at = case when w.anew then least(m.expires_at, (w.handling::jsonb ->> 'ends')::timestamptz) else o.expires_at end,
        handling = case when w.anew then w.handling else o.handling end
    from (select u.*, d.message_id
          from unnest($1::uuid[], $2::integer[], $4::boolean[], $5::smallint[], $6::text[]) as u (id, attempt, anew, priority, handling)
          cross join lateral (select message_id from delivery_open where id = u.id offset 0) d) w
    left join lateral (select expires_at from message where id = w.message_id offset 0) m on true
    where o.id = w.id and o.attempt = w.attempt and o.state in ('dead', 'in_doubt')
    returning o.id, o.message_id, o.destination, o.handling, w.anew
),
told as (
    update delivery d set handling = a.handling
    from again a
    where a.anew and d.message_id = a.message_id and d.destination = a.destination and d.handling is distinct from a.handling
)
select id from again;

-- name: add_deliveries
-- The lane's rows are locked by take_positions. A message that has a delivery there already gets no second one.
with added as (
    insert into delivery (message_id, destination, delivery_id, case_no, position, handling)
    select * from unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::bigint[], $10::text[])
    returning delivery_id
)
insert into delivery_open (id, message_id, destination, case_no, position, ordered, grp, partition, priority, rank,
                           held, state, due_at, accepted_at, expires_at, replayed_at, handling)
select a.delivery_id, w.message_id, w.destination, w.case_no, w.position, w.ordered, w.grp, w.partition, w.priority,
       m.accepted_at + w.priority * interval '6 hours', w.ordered and w.position > l.head, 'waiting',
       greatest($11, (w.handling::jsonb ->> 'due')::timestamptz), m.accepted_at,
       least(m.expires_at, (w.handling::jsonb ->> 'ends')::timestamptz), $11, w.handling
from unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::bigint[], $6::boolean[], $7::text[], $8::smallint[],
            $9::smallint[], $10::text[])
     as w (message_id, destination, delivery_id, case_no, position, ordered, grp, partition, priority, handling)
join added a on a.delivery_id = w.delivery_id
join lane l on l.destination = w.destination and l.case_no = w.case_no
cross join lateral (select accepted_at, expires_at from message where id = w.message_id offset 0) m;

-- name: repeat_deliveries
-- Their final answer is taken back, since the far side has not what it stood for; what was proved then stays proved. They run
-- free of their lanes, which went on long ago. What has something unfinished in its lane by now is left alone.
with back as (
    delete from settlement s
    using unnest($1::uuid[], $2::text[], $3::integer[], $4::text[]) as w (message_id, destination, attempt, case_no)
    where s.message_id = w.message_id and s.destination = w.destination and s.attempt = w.attempt
      and s.state = 'delivered'
      and not exists (select from delivery_open o where o.destination = w.destination and o.case_no = w.case_no)
    returning s.message_id, s.destination, s.attempt
)
insert into delivery_open (id, message_id, destination, case_no, position, ordered, grp, partition, priority, rank, state,
                           attempt, late, due_at, accepted_at, expires_at, replayed_at, handling)
select d.delivery_id, b.message_id, b.destination, d.case_no, d.position, false, w.grp, w.partition, w.priority,
       m.accepted_at + w.priority * interval '6 hours', 'waiting', b.attempt, true, $8, m.accepted_at,
       least(m.expires_at, (d.handling::jsonb ->> 'ends')::timestamptz), $8, d.handling
from back b
join unnest($1::uuid[], $2::text[], $5::text[], $6::smallint[], $7::smallint[])
     as w (message_id, destination, grp, partition, priority) using (message_id, destination)
cross join lateral (
    select delivery_id, case_no, position, handling from delivery
    where message_id = b.message_id and destination = b.destination offset 0) d
cross join lateral (select accepted_at, expires_at from message where id = b.message_id offset 0) m
returning id;

-- name: planned_already
select d.message_id, d.destination
from unnest($1::uuid[], $2::text[]) as w (message_id, destination)
cross join lateral (
    select message_id, destination from delivery
    where message_id = w.message_id and destination = w.destination offset 0) d;

-- name: cases_of
select m.id, m.case_no
from unnest($1::uuid[]) as w (id)
cross join lateral (select id, case_no from message where id = w.id offset 0) m;

-- name: write_leaves
insert into leaf (message_id, id, kind, destination, statement, hash)
select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::bytea[], $6::bytea[]);

-- name: items_released
update replay_item i
set state = w.state, code = w.code, step = $4
from unnest($2::integer[], $3::text[], $5::text[]) as w (n, state, code)
where i.replay_id = $1 and i.n = w.n;

-- name: step_taken
update replay
set step = $2, step_size = $3, step_released = $4, next_at = clock_timestamp() + make_interval(secs => $5)
where id = $1;

-- name: finish_replay
update replay set state = 'finished', ended_at = $2 where id = $1;

-- name: look_later
update replay set next_at = clock_timestamp() + make_interval(secs => $2) where id = $1;

-- name: withdraw_dead
-- The present routes do not want it there any more. The rows are locked; lanes follow.
with gone as (
    delete from delivery_open o
    using unnest($1::uuid[], $2::integer[]) as w (id, attempt)
    where o.id = w.id and o.attempt = w.attempt and o.state in ('dead', 'in_doubt')
    returning o.id, o.destination, o.case_no, o.attempt
),
leaves as (
    insert into leaf (message_id, id, kind, destination, statement, hash)
    select w.message_id, w.leaf, w.kind, w.destination, w.statement, w.hash
    from unnest($1::uuid[], $3::uuid[], $4::text[], $5::uuid[], $6::text[], $7::bytea[], $8::bytea[])
         as w (id, message_id, destination, leaf, kind, statement, hash)
    join gone g using (id)
),
settled as (
    insert into settlement (message_id, destination, state, attempt, code, detail, reference, settled_at)
    select w.message_id, g.destination, 'withdrawn', g.attempt, 'REPLANNED', $9, '', $10
    from unnest($1::uuid[], $3::uuid[]) as w (id, message_id)
    join gone g using (id)
)
select id, destination, case_no from gone;

-- name: forget_replay_items
-- Of replays that are old and over, and none of whose messages is in the journal any more.
delete from replay_item d
using (select i.replay_id, i.n
       from act a
       join replay r using (id)
       join replay_item i on i.replay_id = a.id
       where a.id < $2 and a.acted_at < $1 and r.state <> 'running'
         and not exists (
             select from replay_item u
             where u.replay_id = a.id and u.state in ('pending', 'held', 'released'))
         and not exists (
             select from replay_item u
             cross join lateral (select from message where id = u.message_id offset 0) m
             where u.replay_id = a.id)
       limit $3) old
where d.replay_id = old.replay_id and d.n = old.n;

-- name: forget_replays
delete from replay where id = any(array(
    select a.id
    from act a
    join replay r using (id)
    where a.id < $2 and a.acted_at < $1 and r.state <> 'running'
      and not exists (select from replay_item i where i.replay_id = a.id)
    limit $3));

-- name: forget_acts
delete from act where id = any(array(
    select a.id from act a
    where a.id < $2 and a.acted_at < $1 and not exists (select from replay r where r.id = a.id)
    limit $3));

-- name: waits_for_others
-- Whether something of the delivery's case is unfinished at one of these destinations and holds its lane there.
select exists (
    select from delivery_open b
    where b.destination = any($2::text[]) and b.case_no = o.case_no and not b.yields) as waits
from delivery_open o
where o.id = $1;
