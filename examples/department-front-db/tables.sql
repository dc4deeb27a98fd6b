-- SPDX-FileCopyrightText: The govhub authors
-- SPDX-License-Identifier: Apache-2.0
--
-- The department's tables (made up), for PostgreSQL. is_sync: 0 new, 1 taken, 3 refused; then error_code and error_reason say why.
-- 部门前置库的表（虚构）。is_sync：0 新，1 已取，3 拒收；拒收时 error_code、error_reason 写明原因。

-- 申请 / applications
create table t_sqxx (
  seq bigint generated always as identity unique,
  row_guid varchar(50) primary key,
  cd_operation varchar(2) not null,
  cd_time varchar(19) not null,
  project_no varchar(2000) not null,
  task_code varchar(2000) not null,
  task_name varchar(2000),
  region varchar(2000),
  dept_code varchar(2000),
  level_code varchar(2000),
  case_type varchar(2000),
  channel varchar(2000),
  applyer_type varchar(2000),
  applyer_name varchar(2000) not null,
  applyer_page_type varchar(2000) not null,
  applyer_page_code varchar(2000) not null,
  applyer_phone varchar(2000),
  contact_name varchar(2000),
  contact_mobile varchar(2000),
  summary varchar(2000),
  apply_date varchar(2000) not null,
  is_sync varchar(1) not null default '0',
  error_code varchar(50),
  error_reason varchar(500)
);

-- 补正受理 / corrections supplied
create table t_bzsl (
  seq bigint generated always as identity unique,
  row_guid varchar(50) primary key,
  cd_operation varchar(2) not null,
  cd_time varchar(19) not null,
  project_no varchar(2000) not null,
  correction_no varchar(2000),
  handler varchar(2000),
  supplied_date varchar(2000) not null,
  note varchar(2000),
  materials varchar(2000),
  is_sync varchar(1) not null default '0',
  error_code varchar(50),
  error_reason varchar(500)
);

-- 补正告知 / corrections requested
create table t_bzgz (
  seq bigint generated always as identity unique,
  row_guid varchar(50) primary key,
  cd_operation varchar(2) not null,
  cd_time varchar(19) not null,
  project_no varchar(2000) not null,
  correction_no varchar(2000),
  sender varchar(2000),
  reason varchar(2000) not null,
  request_date varchar(2000) not null,
  materials varchar(2000),
  is_sync varchar(1) not null default '0',
  error_code varchar(50),
  error_reason varchar(500)
);

-- 受理 / acceptances
create table t_slxx (
  seq bigint generated always as identity unique,
  row_guid varchar(50) primary key,
  cd_operation varchar(2) not null,
  cd_time varchar(19) not null,
  project_no varchar(2000) not null,
  task_code varchar(2000) not null,
  task_name varchar(2000),
  case_type varchar(2000),
  decision varchar(2000),
  reason varchar(2000),
  org_name varchar(2000),
  org_code varchar(2000),
  handler varchar(2000),
  doc_no varchar(2000),
  promise_date varchar(2000),
  accept_date varchar(2000) not null,
  is_sync varchar(1) not null default '0',
  error_code varchar(50),
  error_reason varchar(500)
);

-- 办理环节 / process steps
create table t_hjxx (
  seq bigint generated always as identity unique,
  row_guid varchar(50) primary key,
  cd_operation varchar(2) not null,
  cd_time varchar(19) not null,
  project_no varchar(2000) not null,
  step_name varchar(2000) not null,
  action varchar(2000),
  status varchar(2000),
  opinion varchar(2000),
  handler varchar(2000),
  org_name varchar(2000),
  org_code varchar(2000),
  start_date varchar(2000) not null,
  end_date varchar(2000),
  is_sync varchar(1) not null default '0',
  error_code varchar(50),
  error_reason varchar(500)
);

-- 特别程序开始 / special procedures begun
create table t_tbks (
  seq bigint generated always as identity unique,
  row_guid varchar(50) primary key,
  cd_operation varchar(2) not null,
  cd_time varchar(19) not null,
  project_no varchar(2000) not null,
  special_no varchar(2000) not null,
  special_type varchar(2000),
  special_name varchar(2000),
  reason varchar(2000),
  approved_by varchar(2000),
  start_date varchar(2000) not null,
  is_sync varchar(1) not null default '0',
  error_code varchar(50),
  error_reason varchar(500)
);

-- 特别程序结束 / special procedures ended
create table t_tbjs (
  seq bigint generated always as identity unique,
  row_guid varchar(50) primary key,
  cd_operation varchar(2) not null,
  cd_time varchar(19) not null,
  project_no varchar(2000) not null,
  special_no varchar(2000) not null,
  result varchar(2000) not null,
  opinion varchar(2000),
  handler varchar(2000),
  end_date varchar(2000) not null,
  is_sync varchar(1) not null default '0',
  error_code varchar(50),
  error_reason varchar(500)
);

-- 办结 / completions
create table t_bjxx (
  seq bigint generated always as identity unique,
  row_guid varchar(50) primary key,
  cd_operation varchar(2) not null,
  cd_time varchar(19) not null,
  project_no varchar(2000) not null,
  result_type varchar(2000),
  reason varchar(2000),
  explanation varchar(2000),
  licence_name varchar(2000),
  licence_no varchar(2000),
  handler varchar(2000),
  result_date varchar(2000) not null,
  is_sync varchar(1) not null default '0',
  error_code varchar(50),
  error_reason varchar(500)
);
