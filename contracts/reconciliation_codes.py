# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The stable codes of reconciling, part of :data:`contracts.refusal_codes.CODES`."""

from collections.abc import Mapping
from types import MappingProxyType

from contracts.refusal_code import RefusalCode
from contracts.text import Text

_CODES = {
    "E_RECONCILIATION_DAY_OPEN": RefusalCode(
        409,
        Text("该日尚未结账", "The day is not closed yet"),
        Text("结账时间（约定的 closes_hours）之后再对账", "Come again after it closes (closes_hours of the agreement)"),
    ),
    "E_RECONCILIATION_ARCHIVED": RefusalCode(
        409,
        Text("该日的消息已归档", "Messages of the day are archived"),
        Text("以当时的对账结论为准", "Go by the statement that was made at the time"),
    ),
    "E_RECONCILIATION_UNCOUNTED": RefusalCode(
        409,
        Text("该日尚未统计完", "The day is not counted yet"),
        Text("稍后再试，或请平台发起对账", "Try again later, or ask the platform to reconcile the day"),
    ),
    "E_RECONCILIATION_UNFINISHED": RefusalCode(
        409,
        Text("双方尚未比对完毕", "The two sides are not compared to the end"),
        Text(
            "先取得对方清单，并展开 wanted 中的节点", "First get the far side's manifest, and open the nodes in wanted"
        ),
    ),
    "E_RECONCILIATION_OTHER": RefusalCode(
        409,
        Text("对账清单不属于这次对账", "The manifest is of another reconciliation"),
        Text("核对约定、对账日、契约版本与口径摘要", "Check agreement, day, contract version and rule"),
    ),
    "E_RECONCILIATION_STALE": RefusalCode(
        409,
        Text("已收到更晚的对账清单", "A later manifest was heard already"),
        Text("重新统计后再发送", "Count again and send that"),
    ),
    "E_RECONCILIATION_CONTRADICTS": RefusalCode(
        422,
        Text("对账清单自相矛盾", "The manifest contradicts itself"),
        Text(
            "节点的数量与摘要须由其下内容算出；统计变化后换用新的 counted_at",
            "Count and digest of a node are those of what hangs from it; after counting anew use a new counted_at",
        ),
    ),
    "E_RECONCILIATION_UNSIGNED": RefusalCode(
        409,
        Text("没有可用的签署密钥", "There is no key to sign with"),
        Text(
            "在部署文件中配置 reconciliation.key（P-256 私钥）", "Configure reconciliation.key, a private key on P-256"
        ),
    ),
}

RECONCILIATION_CODES: Mapping[str, RefusalCode] = MappingProxyType(_CODES)
