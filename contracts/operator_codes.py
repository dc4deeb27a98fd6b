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
    "E_TRANSACTION_UNDONE": RefusalCode(
        409,
        Text("所属业务事务已撤销此步骤", "Its transaction has undone that step"),
        Text("无须再处理；见 GET /v1/transactions", "Nothing is left to be decided; see GET /v1/transactions"),
    ),
    "E_TRANSACTION_IRREVOCABLE": RefusalCode(
        409,
        Text("该事务已不能撤销", "That transaction cannot be undone any more"),
        Text(
            "不可撤销的步骤已经发出，或全部已办成；请按业务另行处理",
            "A step that nothing undoes has gone out, or all of it is done; see to it by the business's own means",
        ),
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
        Text("请平台管理员授予相应权限或角色", "Ask for the right, or a role that has it, to be granted"),
    ),
    "E_SCOPE": RefusalCode(
        403,
        Text("超出操作员负责的区划或系统", "Beyond the operator's regions or systems"),
        Text("请由负责该区划或系统的操作员处理", "Ask an operator who is there for that region or system"),
    ),
    "E_SIGN_IN": RefusalCode(
        401,
        Text("登录失败", "Signing in failed"),
        Text(
            "核对账号与密码；多次失败后须等待一段时间",
            "Check account and password; after several failures wait a while",
        ),
    ),
    "E_ACCOUNT_INVALID": RefusalCode(
        422,
        Text("账号内容不合规", "The account cannot be so"),
        Text("按说明修改名称、密码、角色或范围", "Mend the name, password, roles or scope as it says"),
    ),
    "E_ACCOUNT_TAKEN": RefusalCode(
        409,
        Text("账号已存在", "There is such an account already"),
        Text("请换一个名称", "Choose another name"),
    ),
    "E_OWN_ACCOUNT": RefusalCode(
        403,
        Text("不能修改自己的账号", "One's own account cannot be changed"),
        Text("请由另一名管理员修改", "Ask another operator who administers accounts"),
    ),
    "E_LAST_ADMIN": RefusalCode(
        409,
        Text("不能去掉最后一个管理员", "The last administrator stays"),
        Text("先给另一账号 admin 角色，再修改此账号", "Give another account the role admin first"),
    ),
    "E_ISSUER_DOWN": RefusalCode(
        503,
        Text("签发者暂时不可用", "The issuer is away"),
        Text("稍后再登录，或改用密码、令牌", "Sign in later, or by a password or token"),
    ),
    "E_SECOND_PERSON": RefusalCode(
        409,
        Text("此操作需第二人批准", "This wants a second person"),
        Text(
            "请另一名有批准权限的操作员批准，再以同一 request 重发；内容已变的用新的 request",
            "Have another operator who may approve do so, and send the same request again; if its content changed, a new one",
        ),
    ),
    "E_OWN_PROPOSAL": RefusalCode(
        403,
        Text("不能批准自己的提议", "One's own proposal cannot be approved"),
        Text("请由另一名有批准权限的操作员批准", "Ask another operator who may approve"),
    ),
    "E_PROPOSAL_STATE": RefusalCode(
        409,
        Text("提议已不能如此决定", "The proposal cannot be decided so any more"),
        Text("请重新查看提议", "Look at the proposal again"),
    ),
}

OPERATOR_CODES: Mapping[str, RefusalCode] = MappingProxyType(_CODES)
