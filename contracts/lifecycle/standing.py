# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""How a case stands, for people and for the legal clock."""

from dataclasses import dataclass

from contracts.codes import Code
from contracts.lifecycle.message import Message


class Phase(Code):
    """Where a case stands, for people and filters; the rules look at the records themselves."""

    UNKNOWN = "unknown", "未登记", "unknown"
    APPLIED = "applied", "已申请", "applied"
    CORRECTING = "correcting", "待补正", "to be corrected"
    PREREVIEWED = "prereviewed", "预审通过", "prereviewed"
    REFUSED = "refused", "不予受理", "refused"
    HANDLING = "handling", "办理中", "being handled"
    SUSPENDED = "suspended", "特别程序中", "in a special procedure"
    CLOSED = "closed", "已办结", "closed"
    LICENSED = "licensed", "已出证", "licence issued"
    COLLECTED = "collected", "已领取", "collected"


class Ticking(Code):
    """What the legal clock of a case does."""

    NOT_STARTED = "not_started", "未起算", "not started"
    RUNNING = "running", "计时中", "running"
    PAUSED = "paused", "暂停", "paused"
    STOPPED = "stopped", "已停止", "stopped"


@dataclass(frozen=True, slots=True)
class Clock:
    """The legal clock, which runs from the acceptance to the completion; how much of it is left is not told here.

    ``paused_by``: the starts of special procedures and the requests for correction that are open; empty unless it is paused.
    """

    ticking: Ticking
    paused_by: frozenset[Message] = frozenset()
