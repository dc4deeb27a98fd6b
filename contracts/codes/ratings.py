# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Of what people think of the service they had. 好差评."""

from contracts.codes.code import Code


class Satisfaction(Code):
    """满意度, GB/T 39046-2020 table A.8: 1 is the best. The national rating interface counts the other way round."""

    VERY_SATISFIED = "1", "非常满意", "very satisfied"
    SATISFIED = "2", "满意", "satisfied"
    FAIRLY_SATISFIED = "3", "基本满意", "fairly satisfied"
    DISSATISFIED = "4", "不满意", "dissatisfied"
    VERY_DISSATISFIED = "5", "非常不满意", "very dissatisfied"


class Rating(Code):
    """满意度 as the national rating interface asks for it. It counts 1 for the worst and 5 for the best, the reverse of
    :class:`Satisfaction`; a word cannot be mistaken for either number.
    """

    VERY_DISSATISFIED = "very_dissatisfied", "非常不满意（国家接口代码 1）", "very dissatisfied (1 nationally)"
    DISSATISFIED = "dissatisfied", "不满意（国家接口代码 2）", "dissatisfied (2 nationally)"
    FAIRLY_SATISFIED = "fairly_satisfied", "基本满意（国家接口代码 3）", "fairly satisfied (3 nationally)"
    SATISFIED = "satisfied", "满意（国家接口代码 4）", "satisfied (4 nationally)"
    VERY_SATISFIED = "very_satisfied", "非常满意（国家接口代码 5）", "very satisfied (5 nationally)"


class RatingPlatform(Code):
    """评价渠道 (pf) of the national rating interface, in its order 1 to 7."""

    DESKTOP = "desktop", "电脑端", "computer"
    MOBILE = "mobile", "移动端", "mobile device"
    QR_CODE = "qr_code", "二维码", "QR code"
    TABLET = "tablet", "平板电脑", "tablet"
    HALL = "hall", "大厅其他", "another device of the hall"
    SMS = "sms", "短信", "text message"
    SYSTEM_DEFAULT = "system_default", "系统默认", "filled in by a system"


class RatingGiver(Code):
    """评价来源: whether anybody rated at all."""

    PERSON = "person", "办事人本人评价", "a person rated"
    SYSTEM_DEFAULT = "system_default", "系统默认，无人评价", "nobody rated; a system filled it in"


class EvaluatorType(Code):
    """评价人类型 (userProp) of the national rating interface, whose digits 5 and 6 differ from GB/T 39046 table A.4."""

    NATURAL_PERSON = "natural_person", "自然人", "natural person"
    ENTERPRISE = "enterprise", "企业法人", "enterprise"
    PUBLIC_INSTITUTION = "public_institution", "事业法人", "public institution"
    SOCIAL_ORGANISATION = "social_organisation", "社会组织法人", "social organisation"
    UNINCORPORATED = "unincorporated", "非法人组织", "unincorporated body"
    ADMINISTRATIVE_BODY = "administrative_body", "行政机关", "administrative body"
    OTHER = "other", "其他", "other"


class CaseProgress(Code):
    """办件状态 (proStatus) of the national rating interface, in its order 1 to 3."""

    WAITING = "waiting", "待受理", "waiting for acceptance"
    HANDLING = "handling", "办理中", "being handled"
    COMPLETED = "completed", "已办结", "completed"
