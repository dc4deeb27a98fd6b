-- SPDX-FileCopyrightText: The govhub authors
-- SPDX-License-Identifier: Apache-2.0
--
-- What this province (invented) hands down, beside the national up_* tables _v4 (connectors/front_db/profiles). For rehearsals.
-- 该省（虚构）下发的表；上报的 up_* 表见 connectors/front_db/profiles。供演练。
create table dn_task_v4 (
  row_guid varchar(50) primary key,
  cd_operation varchar(2), cd_time timestamp, cd_batch varchar(32),
  catalog_code varchar(20) not null, task_name varchar(200), task_type varchar(2), by_law varchar(1000),
  use_levels varchar(100), dept_name varchar(100), dept_code varchar(64), area_code varchar(12),
  task_version integer, task_state varchar(1), change_reason varchar(1000), start_date date, end_date date,
  is_sync varchar(1) not null default '0', error_code varchar(50), error_reason varchar(500)
);
create table dn_audit_abnormal_v4 (
  row_guid varchar(50) primary key,
  cd_operation varchar(2), cd_time timestamp, cd_batch varchar(32),
  project_no varchar(50) not null, audit_no varchar(20), rule_code varchar(20), level varchar(1),
  abnormal_desc varchar(1000), org_name varchar(100), found_time timestamp,
  is_sync varchar(1) not null default '0', error_code varchar(50), error_reason varchar(500)
);
create table dn_supervise_v4 (
  row_guid varchar(50) primary key,
  cd_operation varchar(2), cd_time timestamp, cd_batch varchar(32),
  project_no varchar(50) not null, order_no varchar(50), audit_no varchar(20), content varchar(1000),
  supervisor varchar(100), addressees varchar(2000), order_time timestamp, reply_time timestamp,
  is_sync varchar(1) not null default '0', error_code varchar(50), error_reason varchar(500)
);
create table dn_data_error (
  id bigint generated always as identity primary key,
  row_guid varchar(50), error_code varchar(50), error_msg varchar(500),
  is_sync varchar(1) not null default '0'
);
create table up_task_address_v4 (
  seq bigint generated always as identity unique,
  row_guid varchar(50) primary key,
  cd_operation varchar(2), cd_time timestamp, cd_batch varchar(32),
  task_code varchar(36) not null, catalog_code varchar(20), task_handle_item varchar(50), task_version integer,
  area_code varchar(12) not null, dept_code varchar(64), addresses varchar(4000) not null, changed_time timestamp,
  is_sync varchar(1) not null default '0', error_code varchar(50), error_reason varchar(500)
);
