-- SPDX-FileCopyrightText: The govhub authors
-- SPDX-License-Identifier: Apache-2.0
--
-- The national front database (前置库), tables up_* of version v4, for MySQL and MariaDB. Names, lengths and NOT NULL are those that field
-- practice shows of the national tables; the codes of the two-letter columns were never published. What is the hub's own is said:
-- is_sync with the values 0 new, 1 taken, 3 refused, 9 not found is one common form, and error_code and error_reason are where a
-- row's author finds why. A site whose tables are there already makes none of these, and names its own columns in the settings.
-- 国家前置库 up_* 表（版本 v4）。列名、长度与非空约束取自公开实践；两位代码的含义没有公布。is_sync 取值与 error_* 两列为本项目的约定；
-- 现场已有表的，不必执行本文件，只需在配置中写明列名。

-- 受理 / acceptances
create table up_pro_accept_v4 (
  seq bigint not null auto_increment unique comment '写入次序（本项目所加）',
  row_guid varchar(50) primary key comment '记录标识',
  cd_operation varchar(2) not null comment '操作 I/U/D（代码含义未公布，按通行用法）',
  cd_time datetime not null comment '写入时间',
  cd_batch varchar(32) comment '批次号',
  data_source varchar(3) comment '数据来源',
  project_no varchar(50) not null comment '办件编号',
  catalog_code varchar(12) not null comment '基本编码',
  local_catalog_code varchar(50) comment '地方基本编码',
  task_code varchar(36) not null comment '实施编码',
  local_task_code varchar(50) comment '地方实施编码',
  task_handle_item varchar(50) comment '业务办理项编码',
  task_name varchar(1000) comment '事项名称',
  task_version int comment '事项版本',
  project_name varchar(1000) comment '办理摘要',
  applyer_name varchar(100) not null comment '申请人名称',
  applyer_type varchar(2) comment '申请人类型',
  applyer_page_type varchar(70) comment '证件类型',
  applyer_page_code varchar(500) comment '证件号码，可容密文',
  contact_name varchar(100) comment '联系人',
  contact_type varchar(6) comment '联系人证件类型',
  contact_code varchar(50) comment '联系人证件号码',
  contact_mobile varchar(11) comment '联系人手机',
  legal varchar(100) comment '法定代表人',
  address varchar(1000) comment '通讯地址',
  zip_code varchar(6) comment '邮编',
  apply_date datetime not null comment '申请时间',
  apply_type varchar(2) not null comment '申报来源',
  project_type varchar(2) not null comment '办件类型',
  accept_date datetime not null comment '受理时间',
  org_name varchar(100) comment '受理单位',
  org_code varchar(64) not null comment '受理单位代码',
  handle_user_name varchar(100) comment '受理人',
  accept_doc_no varchar(50) comment '受理文书编号',
  promise_date varchar(30) comment '承诺办结时间',
  is_sync varchar(1) not null default '0' comment '0 新 1 已取 3 拒绝 9 查无',
  error_code varchar(50) comment '退回代码',
  error_reason varchar(500) comment '退回原因'
) default charset=utf8mb4;
create index up_pro_accept_v4_waiting on up_pro_accept_v4 (is_sync, seq);

-- 办理环节 / process steps
create table up_pro_process_v4 (
  seq bigint not null auto_increment unique comment '写入次序（本项目所加）',
  row_guid varchar(50) primary key comment '记录标识',
  cd_operation varchar(2) not null comment '操作 I/U/D（代码含义未公布，按通行用法）',
  cd_time datetime not null comment '写入时间',
  cd_batch varchar(32) comment '批次号',
  data_source varchar(3) comment '数据来源',
  project_no varchar(50) not null comment '办件编号',
  event_name varchar(2) comment '业务动作',
  process_name varchar(1000) comment '环节名称',
  handle_user_name varchar(100) comment '处理人',
  handle_explain varchar(2000) not null comment '处理意见',
  event_start_time datetime not null comment '开始时间',
  event_end_time datetime not null comment '结束时间',
  remark varchar(256) comment '备注',
  is_sync varchar(1) not null default '0' comment '0 新 1 已取 3 拒绝 9 查无',
  error_code varchar(50) comment '退回代码',
  error_reason varchar(500) comment '退回原因'
) default charset=utf8mb4;
create index up_pro_process_v4_waiting on up_pro_process_v4 (is_sync, seq);

-- 特别程序 / special procedures
create table up_pro_special_procedure_v4 (
  seq bigint not null auto_increment unique comment '写入次序（本项目所加）',
  row_guid varchar(50) primary key comment '记录标识',
  cd_operation varchar(2) not null comment '操作 I/U/D（代码含义未公布，按通行用法）',
  cd_time datetime not null comment '写入时间',
  cd_batch varchar(32) comment '批次号',
  data_source varchar(3) comment '数据来源',
  project_no varchar(50) not null comment '办件编号',
  special_type varchar(2) not null comment '种类',
  special_name varchar(1000) not null comment '名称',
  special_time datetime not null comment '开始时间',
  special_reason varchar(2000) not null comment '启动理由',
  applyer_user_name varchar(100) comment '申请人',
  end_time datetime not null comment '结束时间',
  result varchar(2000) comment '结果',
  special_explain varchar(2000) comment '办理意见',
  handle_user varchar(100) comment '办理人',
  is_sync varchar(1) not null default '0' comment '0 新 1 已取 3 拒绝 9 查无',
  error_code varchar(50) comment '退回代码',
  error_reason varchar(500) comment '退回原因'
) default charset=utf8mb4;
create index up_pro_special_procedure_v4_waiting on up_pro_special_procedure_v4 (is_sync, seq);

-- 办结 / completions
create table up_pro_result_v4 (
  seq bigint not null auto_increment unique comment '写入次序（本项目所加）',
  row_guid varchar(50) primary key comment '记录标识',
  cd_operation varchar(2) not null comment '操作 I/U/D（代码含义未公布，按通行用法）',
  cd_time datetime not null comment '写入时间',
  cd_batch varchar(32) comment '批次号',
  data_source varchar(3) comment '数据来源',
  project_no varchar(50) not null comment '办件编号',
  handle_user_name varchar(100) comment '办理人',
  result_date datetime not null comment '办结时间',
  result_type varchar(2) not null comment '办理结果',
  result_cetr_name varchar(256) comment '结果证照名称（列名如此）',
  result_cetr_no varchar(2000) comment '证照编号',
  result_explain varchar(2000) comment '结果描述',
  is_delivery_results varchar(2) not null comment '是否快递',
  satisfaction varchar(2) comment '满意度（标度未公布）',
  is_sync varchar(1) not null default '0' comment '0 新 1 已取 3 拒绝 9 查无',
  error_code varchar(50) comment '退回代码',
  error_reason varchar(500) comment '退回原因'
) default charset=utf8mb4;
create index up_pro_result_v4_waiting on up_pro_result_v4 (is_sync, seq);

-- 材料 / materials
create table up_pro_material_v4 (
  seq bigint not null auto_increment unique comment '写入次序（本项目所加）',
  row_guid varchar(50) primary key comment '记录标识',
  cd_operation varchar(2) not null comment '操作 I/U/D（代码含义未公布，按通行用法）',
  cd_time datetime not null comment '写入时间',
  cd_batch varchar(32) comment '批次号',
  data_source varchar(3) comment '数据来源',
  project_no varchar(50) not null comment '办件编号',
  material_name varchar(200) not null comment '材料名称',
  get_type varchar(2) not null comment '收取方式',
  get_num varchar(5) comment '收取数量',
  material_attach_name varchar(200) comment '附件名称',
  is_sync varchar(1) not null default '0' comment '0 新 1 已取 3 拒绝 9 查无',
  error_code varchar(50) comment '退回代码',
  error_reason varchar(500) comment '退回原因'
) default charset=utf8mb4;
create index up_pro_material_v4_waiting on up_pro_material_v4 (is_sync, seq);
create index up_pro_material_v4_case on up_pro_material_v4 (project_no);

-- 证照目录 / licences
create table up_lic_data_v4 (
  seq bigint not null auto_increment unique comment '写入次序（本项目所加）',
  row_guid varchar(50) primary key comment '记录标识',
  cd_operation varchar(2) not null comment '操作 I/U/D（代码含义未公布，按通行用法）',
  cd_time datetime not null comment '写入时间',
  cd_batch varchar(32) comment '批次号',
  data_source varchar(3) comment '数据来源',
  certificate_name varchar(512) comment '证照名称',
  certificate_type varchar(256) comment '证照类型',
  certificate_type_code varchar(64) comment '类型代码',
  certificate_number varchar(128) comment '证照编号',
  certificate_source_id varchar(128) comment '来源标识',
  certificate_holder varchar(256) comment '持证者',
  certificate_holder_code varchar(256) comment '持证者代码',
  certificate_holder_type varchar(2000) comment '持证者类型',
  certificate_area_code varchar(32) comment '行政区划',
  issue_dept varchar(256) comment '发证单位',
  issue_dept_code varchar(32) comment '发证单位代码',
  issue_date varchar(32) comment '发证日期',
  is_sync varchar(1) not null default '0' comment '0 新 1 已取 3 拒绝 9 查无',
  error_code varchar(50) comment '退回代码',
  error_reason varchar(500) comment '退回原因'
) default charset=utf8mb4;
create index up_lic_data_v4_waiting on up_lic_data_v4 (is_sync, seq);

-- The hub's own, only where a table without a flag is read: how far, and what of it was refused.
-- 中枢自用：仅当读取没有标志列的表时需要，记录读到何处、拒绝了什么。
create table govhub_bookmark (name varchar(200) primary key, position varchar(500) not null, moved_at datetime) default charset=utf8mb4;
create table govhub_refused (
  id varchar(32) primary key, name varchar(200) not null, row_key varchar(200) not null, code varchar(100) not null,
  reason varchar(1000) not null, refused_at datetime not null
) default charset=utf8mb4;
