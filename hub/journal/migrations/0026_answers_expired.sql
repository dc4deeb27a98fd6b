-- An answer that says that it was too late makes its delivery expired, and says so itself.

alter table answer drop constraint answer_state_check;
alter table answer add constraint answer_state_check check (state in ('delivered', 'dead', 'expired'));

update answer a
set state = 'expired'
from settlement s
where a.state = 'dead' and s.message_id = a.message_id and s.destination = a.destination
  and s.state = 'expired' and s.code = a.code;
