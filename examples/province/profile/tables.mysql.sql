-- SPDX-FileCopyrightText: The govhub authors
-- SPDX-License-Identifier: Apache-2.0
--
-- The same for MySQL and MariaDB. 同上，用于 MySQL 与 MariaDB。
create table dn_task_v4 (
  row_guid varchar(50) primary key,
  cd_operation varchar(2), cd_time datetime, cd_batch varchar(32),
  catalog_code varchar(20) not null, task_name varchar(200), task_type varchar(2), by_law varchar(1000),
  use_levels varchar(100), dept_name varchar(100), dept_code varchar(64), area_code varchar(12),
  task_version int, task_state varchar(1), change_reason varchar(1000), start_date date, end_date date,
  is_sync varchar(1) not null default '0', error_code varchar(50), error_reason varchar(500)
) default charset=utf8mb4;
create table dn_audit_abnormal_v4 (
  row_guid varchar(50) primary key,
  cd_operation varchar(2), cd_time datetime, cd_batch varchar(32),
  project_no varchar(50) not null, audit_no varchar(20), rule_code varchar(20), level varchar(1),
  abnormal_desc varchar(1000), org_name varchar(100), found_time datetime,
  is_sync varchar(1) not null default '0', error_code varchar(50), error_reason varchar(500)
) default charset=utf8mb4;
create table dn_supervise_v4 (
  row_guid varchar(50) primary key,
  cd_operation varchar(2), cd_time datetime, cd_batch varchar(32),
  project_no varchar(50) not null, order_no varchar(50), audit_no varchar(20), content varchar(1000),
  supervisor varchar(100), addressees varchar(2000), order_time datetime, reply_time datetime,
  is_sync varchar(1) not null default '0', error_code varchar(50), error_reason varchar(500)
) default charset=utf8mb4;
create table dn_data_error (
  id bigint not null auto_increment primary key,
  row_guid varchar(50), error_code varchar(50), error_msg varchar(500),
  is_sync varchar(1) not null default '0'
) default charset=utf8mb4;
create table up_task_address_v4 (
  seq bigint not null auto_increment unique,
  row_guid varchar(50) primary key,
  cd_operation varchar(2), cd_time datetime, cd_batch varchar(32),
  task_code varchar(36) not null, catalog_code varchar(20), task_handle_item varchar(50), task_version int,
  area_code varchar(12) not null, dept_code varchar(64), addresses varchar(4000) not null, changed_time datetime,
  is_sync varchar(1) not null default '0', error_code varchar(50), error_reason varchar(500)
) default charset=utf8mb4;
