# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The answer to a message of which a route cannot tell whether it is for it: nobody is passed over in silence."""

from contracts.refusal import Refusal
from contracts.text import Text
from routing.planned import Plan

_DETAIL = Text(
    "路由 {routes} 的表达式对这条消息无法求值，枢纽未接收；请平台管理员修正路由后重发。",
    "The expression of the route {routes} has no value for this message: it was not accepted. The platform's operator must mend "
    "the route; send it again then.",
)


def undecided(plan: Plan) -> Refusal | None:
    """The refusal that names the routes; None where all is decided. What only taps is left out without one."""
    routes = [one.route for one in plan.undecided if not one.tap]
    return _refusal(routes, plan.table_version) if routes else None


def unsayable(routes: list[str], table_version: str) -> Refusal:
    """The same where what a route adds, or when it sends, has no value."""
    return _refusal(routes, table_version)


def _refusal(routes: list[str], table_version: str) -> Refusal:
    return Refusal(
        "E_ROUTE_UNDECIDED", _DETAIL.filled(routes=", ".join(routes)), extra={"table_version": table_version}
    )
