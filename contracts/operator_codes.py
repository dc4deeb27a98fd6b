# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The stable codes that stand between operators and systems, part of :data:`contracts.refusal_codes.CODES`."""

from collections.abc import Mapping
from types import MappingProxyType

from contracts.refusal_code import RefusalCode
from contracts.text import Text

_CODES = {
    "E_OPERATORS_ONLY": RefusalCode(
        403,
        Text("仅供操作员使用", "For operators only"),
        Text(
            "使用部署文件 operators 中登记的操作员密钥",
            "Use the key of an operator, as registered under operators in the deployment file",
        ),
    ),
    "E_SYSTEMS_ONLY": RefusalCode(
        403,
        Text("仅供系统使用", "For systems only"),
        Text(
            "使用部署文件 systems 中登记的系统密钥",
            "Use the key of a system, as registered under systems in the deployment file",
        ),
    ),
    "E_REQUEST_REUSE": RefusalCode(
        409,
        Text("请求标识已被另一项操作占用", "Request already taken by another act"),
        Text("新的操作使用新的 request；重试时内容保持不变", "Give a new act a new request; repeat one unchanged"),
    ),
    "E_STEP_NOT_AWAITED": RefusalCode(
        409,
        Text("该步骤不在等人裁定", "No decision is awaited about that step"),
        Text("重新查看该事务的 awaits，再决定如何处理", "Look at the transaction's `awaits` again, and decide anew"),
    ),
    "E_NOT_ASKABLE": RefusalCode(
        409,
        Text("对方无法查询", "The far side cannot be asked"),
        Text(
            "请向对方核实，再以 delivered 或 rejected 认定",
            "Find out what became of it, and decide that it is delivered or rejected",
        ),
    ),
    "E_RIGHT_MISSING": RefusalCode(
        403,
        Text("操作员没有此项权限", "The operator lacks the right"),
        Text("请平台管理员在部署文件的 may 中授予", "Ask for it to be granted under may in the deployment file"),
    ),
}

OPERATOR_CODES: Mapping[str, RefusalCode] = MappingProxyType(_CODES)
