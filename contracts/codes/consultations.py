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


class OpinionKind(Code):
    """意见."""

    AGREE = "agree", "同意", "agree"
    CONDITIONS = "conditions", "有条件同意", "agree with conditions"
    OBJECT = "object", "不同意", "object"
    NONE = "none", "无意见", "no opinion"
