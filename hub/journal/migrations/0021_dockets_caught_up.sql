-- How far a docket has heard its case, so that it can be caught up where messages were accepted while lives were not followed.
alter table case_docket add column upto uuid not null default '00000000-0000-0000-0000-000000000000';
