# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Of packages: how their parts stand, and what they come to. 套餐."""

from contracts.codes.code import Code


class PartStanding(Code):
    """套餐内办件的状态."""

    WAITING = "waiting", "待前置办件", "waits for the parts before it"
    SUBMITTED = "submitted", "已提交", "handed to its department"
    ACCEPTED = "accepted", "已受理", "taken on by its department"
    CORRECTING = "correcting", "待补正", "to be corrected by the applicant"
    DONE = "done", "已办结", "closed in the applicant's favour"
    REFUSED = "refused", "不予受理或不予许可", "not taken on, or denied"
    WITHDRAWN = "withdrawn", "已撤回", "withdrawn by the applicant"
    NOT_STARTED = "not_started", "未启动", "never begun, since a part before it failed or the package was withdrawn"
    UNDELIVERABLE = "undeliverable", "无法送达部门", "could not be handed to its department"
    OVERDUE = "overdue", "逾期未办结", "not closed in time, and waited for no longer"


class PackageOutcome(Code):
    """套餐的总体结果."""

    UNDER_WAY = "under_way", "办理中", "some part is not over"
    COMPLETED = "completed", "全部办结", "every part was closed in the applicant's favour"
    PARTLY = "partly", "部分办结", "some parts were, others were not"
    FAILED = "failed", "未办成", "no part was"
    WITHDRAWN = "withdrawn", "已撤回", "the applicant withdrew the package"
