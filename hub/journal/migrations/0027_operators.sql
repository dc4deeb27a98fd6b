-- Accounts of operators, what they hold, who failed to sign in, what waits for a second person, and the audit trail of all that.

create table operator_account (
    name          text        collate "C" primary key,
    title         text        not null,
    password      text        not null,                    -- argon2id; empty: its issuer signs it in
    issuer        text        collate "C" not null,
    subject       text        collate "C" not null,
    roles         text[]      not null,
    regions       text[]      not null,
    organisations text[]      not null,
    created_at    timestamptz not null,
    disabled_at   timestamptz
);
create unique index operator_account_subject on operator_account (issuer, subject) where subject <> '';

create table operator_token (
    id         uuid        primary key,
    digest     bytea       not null unique,
    account    text        collate "C" not null references operator_account,
    kind       text        collate "C" not null check (kind in ('session', 'token')),
    title      text        not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    revoked_at timestamptz
);
create index operator_token_account on operator_token (account, id);

-- By a digest of the name that was given, whether there is such an account or not.
create table sign_in_failure (
    name      bytea       primary key,
    failures  integer     not null,
    failed_at timestamptz not null
);

create table audit_entry (
    id      uuid        primary key,
    at      timestamptz not null,
    account text        not null,
    act     text        collate "C" not null,
    subject text        not null,
    reason  text        not null,
    via     text        collate "C" not null,
    outcome text        collate "C" not null,
    request text        collate "C" not null,
    times   integer     not null default 1,                -- of failed sign-ins: how many within a quarter of an hour
    alike   text        collate "C"                        -- what those have in common that are one entry; null: one by itself
);
create unique index audit_entry_alike on audit_entry (alike) where alike is not null;

-- Which cases an act was about, so that the trail can be searched by them.
create table act_case (
    case_no text collate "C" not null,
    act     uuid not null references act on delete cascade,
    primary key (case_no, act)
);
create index act_case_act on act_case (act);

create view audit as
select id, acted_at as at, actor as account, kind as act, subject, reason, via, 'done'::text collate "C" as outcome, request, applied,
       1 as times
from act
union all
select id, at, account, act, subject, reason, via, outcome, request, 0, times from audit_entry;

-- A dangerous act waits here for a second person. It is carried out once there is an act under its request.
create table proposal (
    id          uuid        primary key,
    request     text        collate "C" not null unique,
    kind        text        collate "C" not null,
    subject     text        not null,
    content     bytea       not null,                      -- digest of exactly what would be done
    size        integer     not null,
    proposer    text        not null,
    reason      text        not null,
    proposed_at timestamptz not null,
    expires_at  timestamptz not null,
    approver    text,
    approved_at timestamptz,
    refused     boolean     not null default false,
    word        text        not null default ''            -- why it was approved or refused
);
create index proposal_waiting on proposal (id) where approver is null;
