# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Of departments that ask one another. 征求意见、并联审批."""

from contracts.codes.code import Code


class ConsultationKind(Code):
    """征求意见的方式."""

    OPINION = "opinion", "征求意见", "asking for an opinion"
    PARALLEL = "parallel", "并联审批", "parallel approval"
    COUNTERSIGN = "countersign", "会签", "countersigning"


class ConsultationStage(Code):
    """征求意见所在阶段."""

    PREREVIEW = "prereview", "预审", "prereview"
    CORRECTION = "correction", "补正", "correction"
    ACCEPTANCE = "acceptance", "受理", "acceptance"
    REVIEW = "review", "审理", "review"


class OpinionStanding(Code):
    """被征求意见部门的答复状态."""

    ANSWERED = "answered", "已答复", "has answered"
    AWAITED = "awaited", "待答复", "has not answered yet"
    OVERDUE = "overdue", "逾期未答复", "did not answer in time"
    UNREACHED = "unreached", "未送达", "the question could not be delivered"


class ConsultationOutcome(Code):
    """征求意见的总体结果."""

    AGREED = "agreed", "均同意或无意见", "nobody objects"
    CONDITIONS = "conditions", "有条件同意", "nobody objects, and somebody sets conditions"
    OBJECTED = "objected", "有部门不同意", "somebody objects"
    INCOMPLETE = "incomplete", "有部门未答复", "nobody objects, and somebody has not answered"


class OpinionKind(Code):
    """意见."""

    AGREE = "agree", "同意", "agree"
    CONDITIONS = "conditions", "有条件同意", "agree with conditions"
    OBJECT = "object", "不同意", "object"
    NONE = "none", "无意见", "no opinion"
