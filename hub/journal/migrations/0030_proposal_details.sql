-- What exactly a second person is asked about, to be looked at before it is approved.

alter table proposal add column details text not null default '';
