-- name: own_session
select backend_start from pg_stat_activity where pid = pg_backend_pid();

-- name: end_sessions
select pg_terminate_backend(a.pid)
from unnest($1::integer[], $2::timestamptz[]) as s (pid, begun)
join pg_stat_activity a on a.pid = s.pid and a.backend_start = s.begun;
