# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The answer to a message with odd identifiers, where a route that takes it is strict about them."""

from contracts.refusal import Refusal, Violation
from contracts.text import Text
from routing.planned import Plan

_DETAIL = Text(
    "有 {count} 处标识与编码有误；路由 {routes} 不接受，枢纽未接收。",
    "{count} oddities in identifiers; the route {routes} does not take them: the message was not accepted.",
)


def too_odd(plan: Plan, warnings: tuple[Violation, ...]) -> Refusal | None:
    """The refusal that names the strict routes and every warning; None when no route is strict or nothing is odd."""
    if not plan.strict or not warnings:
        return None
    detail = _DETAIL.filled(count=len(warnings), routes=", ".join(plan.strict))
    return Refusal("E_IDENTIFIER", detail, warnings, extra={"table_version": plan.table_version})
