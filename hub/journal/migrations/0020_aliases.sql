-- What departments call cases: their own numbers, and who said so.

create table case_alias (
    system     text        collate "C" not null,
    number     text        collate "C" not null,
    case_no    text        collate "C" not null,
    disputed   boolean     not null default false,   -- it was said to be another case's too; an operator decides
    decided    boolean     not null default false,   -- an operator has
    learned_at timestamptz not null,
    primary key (system, number)
) partition by hash (system, number);

-- Every case that a number was ever said to be of.
create table alias_claim (
    system     text        collate "C" not null,
    number     text        collate "C" not null,
    case_no    text        collate "C" not null,
    how        text        collate "C" not null,      -- receipt, import or decision
    claimed_at timestamptz not null,
    primary key (system, number, case_no)
) partition by hash (system, number);

do $$
begin
    for n in 0..7 loop
        execute format('create table case_alias_%s partition of case_alias for values with (modulus 8, remainder %s)', n, n);
        execute format('create table alias_claim_%s partition of alias_claim for values with (modulus 8, remainder %s)', n, n);
    end loop;
end
$$;
create index case_alias_disputed on case_alias (system, number) where disputed;

-- A message whose case is not known waits under the number that it came with.
alter table parked add column alias_number text collate "C";
create index parked_alias on parked (system, alias_number) where alias_number is not null;
