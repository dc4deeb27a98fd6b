# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Of cases that were accepted although materials were missing. 容缺受理."""

from contracts.codes.code import Code


class SupplementStanding(Code):
    """容缺材料的状态."""

    AWAITED = "awaited", "待补交", "not in yet"
    SUPPLIED = "supplied", "已补交", "has come"
    OVERDUE = "overdue", "逾期未补交", "did not come in time, and has not come yet"


class SupplementNews(Code):
    """容缺材料的进展."""

    ASKED = "asked", "一次性告知", "what is missing is told, once and wholly"
    SUPPLIED = "supplied", "补交了一部分", "some of it has come"
    EXTENDED = "extended", "逾期，已展期", "the time was up, and is longer now"
    OVERDUE = "overdue", "逾期未补齐", "the time is up, and something is missing"
    COMPLETE = "complete", "已补齐", "all of it has come"
