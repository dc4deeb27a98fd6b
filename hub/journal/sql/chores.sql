-- name: may_do_chore
-- Whose turn it is was decided by the lock; this says whether it is time.
insert into chore as c (name) values ($1)
on conflict (name) do update set name = excluded.name
returning c.reached, c.ran_at + make_interval(secs => $2) <= clock_timestamp() as due;

-- name: did_chore
update chore set reached = $2, ran_at = case when $3 then clock_timestamp() else ran_at end where name = $1;

-- name: reached_of_chore
select reached from chore where name = $1;
