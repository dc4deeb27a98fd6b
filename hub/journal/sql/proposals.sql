-- name: propose
insert into proposal (id, request, kind, subject, content, size, proposer, reason, proposed_at, expires_at, details)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
on conflict (request) do nothing
returning id;

-- name: proposal_of_request
select p.*, a.id as act from proposal p left join act a on a.request = p.request where p.request = $1;

-- name: proposal
select p.*, a.id as act from proposal p left join act a on a.request = p.request where p.id = $1;

-- name: proposals
select p.id, p.request, p.kind, p.subject, p.content, p.size, p.proposer, p.reason, p.proposed_at, p.expires_at, p.approver,
       p.approved_at, p.refused, p.word, a.id as act
from proposal p left join act a on a.request = p.request
where p.id < $1 and (not $3 or (p.approver is null and p.expires_at > $4)) order by p.id desc limit $2;

-- name: decide_proposal
-- Once, by somebody else, in time, and on exactly what was seen.
update proposal set approver = $2, approved_at = $3, refused = $4, word = $5
where id = $1 and approver is null and expires_at > $3 and content = $6 and proposer <> $2
returning id;

-- name: forget_proposals
-- What expires later than that may still be carried out, however old it is.
delete from proposal where id = any(array(
    select id from proposal where proposed_at < $1 and expires_at < $1 order by id limit $2));
