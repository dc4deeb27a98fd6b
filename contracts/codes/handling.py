# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Of a case on its way, from application to collection. 办件."""

from contracts.codes.code import Code


class ApplicantType(Code):
    """服务对象, GB/T 39046-2020 table A.4."""

    NATURAL_PERSON = "1", "自然人", "natural person"
    ENTERPRISE = "2", "企业法人", "enterprise"
    PUBLIC_INSTITUTION = "3", "事业法人", "public institution"
    SOCIAL_ORGANISATION = "4", "社会组织法人", "social organisation"
    ADMINISTRATIVE_BODY = "5", "行政机关", "administrative body"
    OTHER = "6", "其他组织", "other organisation"


class Channel(Code):
    """办理形式、申报来源, GB/T 39046-2020 table A.5."""

    WINDOW = "1", "窗口", "service window"
    DESKTOP = "2", "电脑端", "computer"
    MOBILE = "3", "移动端", "mobile device"
    COURIER = "4", "快递", "courier"
    OTHER = "9", "其他", "other"


class CaseType(Code):
    """办件类型, GB/T 39046-2020 table A.6."""

    IMMEDIATE = "1", "即办件", "done at once"
    PROMISED = "2", "承诺件", "done by a promised date"
    OTHER = "9", "其他", "other"


class SpecialProcedure(Code):
    """特别程序种类, GB/T 39046-2020 table A.7."""

    EXTENSION = "1", "延长审批", "extension of the period"
    OTHER = "2", "除延长审批之外的特别程序", "any other special procedure"


class StepStatus(Code):
    """环节办理状态, GB/T 39046-2020 table 7."""

    WAITING = "1", "待办", "waiting"
    DONE = "2", "已办", "done"


class StepAction(Code):
    """业务动作, GB/T 39046-2020 table 7, which names them without codes."""

    PASSED = "passed", "通过", "passed"
    RETURNED = "returned", "退回", "returned"
    OTHER = "other", "其他", "other"


class PrereviewDecision(Code):
    """预审（预受理）结论."""

    PASSED = "passed", "通过", "passed"
    REFUSED = "refused", "不予受理", "refused"
    CORRECTION = "correction", "补交补正", "to be corrected"


class AcceptanceDecision(Code):
    """受理结论."""

    ACCEPTED = "accepted", "受理", "accepted"
    REFUSED = "refused", "不予受理", "refused"


class AcceptanceFinding(Code):
    """受理结论, where a department may also answer an application by asking for corrections."""

    ACCEPTED = "accepted", "受理", "accepted"
    REFUSED = "refused", "不予受理", "refused"
    CORRECTION = "correction", "补齐补正", "to be corrected"


class CompletionResult(Code):
    """办结结果."""

    ISSUED = "issued", "出证办结", "closed with a certificate"
    PERMITTED = "permitted", "准予许可", "permitted"
    DENIED = "denied", "不予许可", "denied"
    RETURNED = "returned", "退回办结", "returned to the applicant"
    VOIDED = "voided", "作废办结", "voided"
    DELETED = "deleted", "删除办结", "deleted"
    TRANSFERRED = "transferred", "转报办结", "passed on to a higher authority"
    LAPSED = "lapsed", "补正不来办结", "lapsed: the correction never came"


class CaseClosing(Code):
    """办结结果, with the endings that some sites count and GB/T 39046-2020 has no words for."""

    ISSUED = "issued", "出证办结", "closed with a certificate"
    PERMITTED = "permitted", "准予许可", "permitted"
    DENIED = "denied", "不予许可", "denied"
    RETURNED = "returned", "退回办结", "returned to the applicant"
    VOIDED = "voided", "作废办结", "voided"
    DELETED = "deleted", "删除办结", "deleted"
    TRANSFERRED = "transferred", "转报办结", "passed on to a higher authority"
    LAPSED = "lapsed", "补正不来办结", "lapsed: the correction never came"
    WITHDRAWN = "withdrawn", "撤销申请", "withdrawn by the applicant"
    TERMINATED = "terminated", "终止办结", "terminated by the department"
    CLOSED = "closed", "办结（未说明结论）", "closed; the site does not say with what decision"


class CollectionMethod(Code):
    """领取方式."""

    WINDOW = "window", "窗口领取", "at the window"
    POST = "post", "邮寄送达", "by post"
    ONLINE = "online", "网上下载", "online"
    TERMINAL = "terminal", "自助终端", "at a self-service terminal"
    OTHER = "other", "其他", "other"


class MaterialStage(Code):
    """材料所属阶段."""

    APPLICATION = "application", "申报", "application"
    ACCEPTANCE = "acceptance", "受理", "acceptance"
    REVIEW = "review", "审批", "review"
    COMPLETION = "completion", "办结", "completion"
    COLLECTION = "collection", "送达", "collection"
