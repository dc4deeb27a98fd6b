# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Code lists. Where GB/T 39046-2020 gives a code, its code is the canonical one; elsewhere a word is.

Sites use other codes for the same facts, and the same code for other facts. Mapping those is a matter of each adapter's
configuration; nothing here is ever compared with what a site sent.
"""

from enum import StrEnum
from typing import Self

from contracts.text import Text


class Code(StrEnum):
    """A code list: each member is the string that stands in canonical JSON, and has a ``text``."""

    text: Text

    def __new__(cls, value: str, zh: str, en: str) -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.text = Text(zh, en)
        return member


class ItemType(Code):
    """事项类型, GB/T 39046-2020 table A.1."""

    POWER = "00", "行政权力", "administrative power"
    LICENSING = "01", "行政许可", "licensing"
    PENALTY = "02", "行政处罚", "penalty"
    COERCION = "03", "行政强制", "coercive measure"
    LEVY = "04", "行政征收", "levy"
    PAYMENT = "05", "行政给付", "payment"
    INSPECTION = "06", "行政检查", "inspection"
    CONFIRMATION = "07", "行政确认", "confirmation"
    REWARD = "08", "行政奖励", "reward"
    RULING = "09", "行政裁决", "ruling"
    OTHER = "10", "其他", "other"
    PUBLIC_SERVICE = "20", "公共服务", "public service"


class ExerciseLevel(Code):
    """行使层级, GB/T 39046-2020 table A.2."""

    NATIONAL = "1", "国家级", "national"
    PROVINCE = "2", "省级", "province"
    CITY = "3", "市级", "city"
    COUNTY = "4", "县级", "county"
    TOWNSHIP = "5", "镇（乡、街道）级", "township"
    VILLAGE = "6", "村（社区）级", "village"
    GRADED = "7", "分级管理", "graded"


class OrganisationNature(Code):
    """实施主体性质, GB/T 39046-2020 table A.3."""

    STATUTORY = "1", "法定机关", "statutory body"
    AUTHORISED = "2", "授权组织", "authorised body"
    ENTRUSTED = "3", "受委托组织", "entrusted body"
    OTHER = "9", "其他", "other"


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


class Satisfaction(Code):
    """满意度, GB/T 39046-2020 table A.8: 1 is the best. The national rating interface counts the other way round."""

    VERY_SATISFIED = "1", "非常满意", "very satisfied"
    SATISFIED = "2", "满意", "satisfied"
    FAIRLY_SATISFIED = "3", "基本满意", "fairly satisfied"
    DISSATISFIED = "4", "不满意", "dissatisfied"
    VERY_DISSATISFIED = "5", "非常不满意", "very dissatisfied"


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


class CollectionMethod(Code):
    """领取方式."""

    WINDOW = "window", "窗口领取", "at the window"
    POST = "post", "邮寄送达", "by post"
    ONLINE = "online", "网上下载", "online"
    TERMINAL = "terminal", "自助终端", "at a self-service terminal"
    OTHER = "other", "其他", "other"


class PeriodUnit(Code):
    """时限单位."""

    WORKING_DAY = "working_day", "工作日", "working days"
    DAY = "day", "自然日", "calendar days"
