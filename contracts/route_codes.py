# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Codes about routes: a message that cannot be decided, and tables that cannot be activated."""

from contracts.refusal_code import RefusalCode
from contracts.text import Text

ROUTE_CODES = {
    "E_ROUTE_UNDECIDED": RefusalCode(
        503,
        Text("路由无法判定", "A route cannot be decided"),
        Text(
            "路由的表达式对这条消息无法求值；请平台管理员修正后重发，内容无需更改",
            "The expression of a route has no value for this message; send it again, unchanged, once the platform's operator has "
            "mended the route",
        ),
    ),
    "E_ROUTES_UNUSABLE": RefusalCode(
        422,
        Text("路由表不可用", "The route table cannot be used"),
        Text(
            "按 violations 所列的行与改法修正；未做任何改变",
            "Mend what `violations` lists by line and remedy; nothing was changed",
        ),
    ),
    "E_ROUTES_OVERTAKEN": RefusalCode(
        409,
        Text("路由表已被他人更换", "Somebody else activated a table meanwhile"),
        Text("重新查看现用的表，再决定是否启用", "Look at the table in force again, and decide anew"),
    ),
}
