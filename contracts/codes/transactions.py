# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Of business transactions: how their steps stand, and what they come to. 业务事务."""

from contracts.codes.code import Code


class StepStanding(Code):
    """业务事务中步骤的状态."""

    WAITING = "waiting", "未开始", "not begun"
    NOT_NEEDED = "not_needed", "无需办理", "its condition does not hold"
    UNDER_WAY = "under_way", "进行中", "sent, and not over"
    IN_DOUBT = "in_doubt", "不明", "nobody knows yet whether it took effect"
    DONE = "done", "已完成", "took effect"
    FAILED = "failed", "未完成", "took no effect"
    UNDOING = "undoing", "撤销中", "its compensation is to come or under way"
    UNDONE = "undone", "已撤销", "its compensation took effect"
    NOT_UNDONE = "not_undone", "未能撤销", "its compensation failed, and a person decides"
    SETTLED = "settled", "人工处理", "a person has seen to it by hand"


class TransactionOutcome(Code):
    """业务事务的总体结果."""

    COMPLETED = "completed", "全部完成", "every step took effect"
    UNDONE = "undone", "已撤销", "what took effect was undone"
    NEEDS_PERSON = "needs_person", "需人工处理", "it goes on when a person has decided"
