# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""How a version differs from the one before it: in meaning, for whom, and what converting between them loses."""

from collections.abc import Iterator

from contracts.contract import Contract
from contracts.documents.losses import Finds, finds
from contracts.documents.page import Block, Bullets, Code, Heading, Inline, Paragraph, Table, Words, codes, words
from contracts.publishing.compatibility import Party, changes
from contracts.registry import Registry
from contracts.text import Text

_CHANGES = (Text("字段", "Field"), Text("改变", "Change"), Text("规则", "Rule"), Text("涉及", "Concerns"))
_FINDS = (Text("字段", "Field"), Text("结果", "Result"), Text("原因", "Why"), Text("出现于", "Where"))
_PARTIES = {
    Party.PRODUCERS: Text("发送方", "senders"),
    Party.CONSUMERS: Text("接收方", "receivers"),
    Party.BOTH: Text("发送方与接收方", "senders and receivers"),
    Party.NOBODY: Text("无须改动", "nobody"),
}


def differences(registry: Registry, before: Contract, after: Contract) -> Iterator[Block]:
    """``after`` is the version that follows ``before``; both are of the registry."""
    old, new = before.version, after.version
    yield Heading(3, (words(f"与第 {old} 版的差异", f"Differences from version {old}"),), f"v{new}-differences")
    if after.conversion is not None:
        yield Bullets(tuple((Words(step.text()),) for step in after.conversion.steps))
    changed = changes(before.json_schema(), after.json_schema())
    if changed:
        yield Paragraph(
            (words("同一系统换用新版本时，涉及：", "For a system that moves to the new version, this concerns:"),)
        )
        rows = tuple(
            ((Code(_field(one.path)),), (Words(one.text),), (Code(one.rule),), (Words(_PARTIES[one.breaks]),))
            for one in changed
        )
        yield Table(_CHANGES, rows)
    if after.conversion is not None:
        yield Heading(3, (words("转换的损失", "What conversion loses"),), f"v{new}-losses")
        yield Paragraph(
            (
                words(
                    "由实际转换每个有效示例、并逐一换用代码表中的每个代码得出。",
                    "Found by converting every valid example, with every code of its code lists in turn.",
                ),
            )
        )
        yield from _direction(finds(registry, before, new), old, new)
        yield from _direction(finds(registry, after, old), new, old)


def _direction(found: tuple[Finds, ...], here: int, there: int) -> Iterator[Block]:
    way = (words(f"第 {here} 版 → 第 {there} 版：", f"Version {here} → version {there}: "),)
    if not found:
        yield Paragraph((*way, words("未发现损失。", "no loss was found.")))
        return
    yield Paragraph(way)
    yield Table(_FINDS, tuple(_row(one) for one in found))


def _row(one: Finds) -> tuple[Inline, ...]:
    result = words("无法转换", "cannot be converted") if one.refused else words("丢失", "is lost")
    where: Inline = codes(one.codes) if one.codes else (words("有该字段时", "wherever it is filled in"),)
    return (Code(_field(one.path)),), (result,), (Words(one.text),), where


def _field(path: str) -> str:
    return path.removeprefix("$.data.") if path != "$.data" else "$"
