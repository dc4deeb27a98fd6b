# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Of investment projects. 投资项目."""

from contracts.codes.code import Code


class ProjectType(Code):
    """投资项目管理类型."""

    APPROVAL = "approval", "审批", "government investment, approved"
    RATIFICATION = "ratification", "核准", "enterprise investment, ratified"
    FILING = "filing", "备案", "enterprise investment, put on file"


class ProjectStage(Code):
    """工程建设项目审批阶段: the four stages of 国办发〔2019〕11号."""

    LAND = "land", "立项用地规划许可", "project, land use and planning"
    DESIGN = "design", "工程建设许可", "construction design"
    BUILDING = "building", "施工许可", "building"
    ACCEPTANCE = "acceptance", "竣工验收", "acceptance of the finished works"


class ProjectState(Code):
    """投资项目状态."""

    REGISTERED = "registered", "已赋码", "registered, code given"
    HANDLING = "handling", "办理中", "being handled"
    APPROVED = "approved", "已审批、核准或备案", "approved, ratified or on file"
    CHANGED = "changed", "已变更", "changed"
    VOIDED = "voided", "已作废", "voided"
