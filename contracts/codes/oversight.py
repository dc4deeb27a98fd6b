# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Of supervision and of decisions that are published. 监察、双公示."""

from contracts.codes.code import Code


class WarningSeverity(Code):
    """预警级别. GB/T 39046-2020 table 11 has a code for the kind of a warning and no list of such codes."""

    NOTICE = "notice", "提醒", "notice"
    YELLOW = "yellow", "黄牌", "yellow card"
    RED = "red", "红牌", "red card"


class WarningTrigger(Code):
    """预警依据: which of a case's times has come, or something else."""

    WARNING_TIME = "warning_time", "预警时间", "the time set for a warning"
    PROMISED_TIME = "promised_time", "承诺时间", "the promised time"
    STATUTORY_TIME = "statutory_time", "法定时间", "the statutory time"
    OTHER = "other", "其他", "something other than time"


class SupervisedRole(Code):
    """督办对象: whom a supervise order is addressed to, by role."""

    STAGE_CHIEF = "stage_chief", "环节首席代表", "chief representative of the stage"
    ITEM_CHIEF = "item_chief", "事项首席代表", "chief representative of the item"
    HANDLER = "handler", "具体负责人", "officer in charge"


class PublishedDecision(Code):
    """双公示类别: the two kinds of decision that are published."""

    LICENSING = "licensing", "行政许可", "administrative licensing"
    PENALTY = "penalty", "行政处罚", "administrative penalty"


class LicensingKind(Code):
    """许可类别, the kinds of the credit platforms' tables (XK_XKLB)."""

    ORDINARY = "ordinary", "普通", "ordinary"
    FRANCHISE = "franchise", "特许", "franchise"
    RECOGNITION = "recognition", "认可", "recognition"
    APPROVAL = "approval", "核准", "approval"
    REGISTRATION = "registration", "登记", "registration"
    OTHER = "other", "其他", "other"


class Validity(Code):
    """有效期: whether it ends."""

    UNTIL = "until", "有截止日期", "until a day"
    LONG_TERM = "long_term", "长期", "without an end"
