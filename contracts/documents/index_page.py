# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The page that leads to all others: every contract by group, and what holds for every message."""

from collections.abc import Iterator, Sequence

from contracts.catalogue import GROUPS, Group
from contracts.contract import Contract
from contracts.documents.contract_page import INDEX
from contracts.documents.page import (
    Block,
    Bullets,
    Code,
    Heading,
    HubLink,
    Inline,
    Page,
    PageLink,
    Paragraph,
    Table,
    Words,
    lines,
    same,
    words,
)
from contracts.registry import Registry
from contracts.text import Text

_HEAD = (Text("契约", "Contract"), Text("type", "type"), Text("版本", "Versions"), Text("含义", "Meaning"))
_TITLE = Text("契约目录", "Catalogue of contracts")
_ELSEWHERE = Text("其他契约包", "Other contract packages")


def index_page(registry: Registry, others: Sequence[tuple[str, Words]]) -> Page:
    """The index over a registry; ``others`` are the pages that are about no one contract, with what to call them."""
    blocks: list[Block] = [
        Paragraph(
            (
                words("消息是 CloudEvents 1.0 事件：", "A message is a CloudEvents 1.0 event: "),
                Code("type"),
                words(" 为契约名称，", " names the contract, "),
                Code("dataschema"),
                words(" 为契约版本，", " its version, and "),
                Code("subject"),
                words(
                    " 与数据中的一个字段相同，多为办件编号。",
                    " is the same as one field of the data, mostly the case number.",
                ),
            )
        ),
        Paragraph(
            (
                words(
                    "字符串长度按字符计；未注明的字符串为一行，不为空白，不含控制字符。",
                    "Lengths count characters. Unless said otherwise a string is one line, not blank, without control "
                    "characters.",
                ),
            )
        ),
        Paragraph(
            (
                words("运行中的中枢在 ", "A running hub shows these pages at "),
                HubLink("/contracts/"),
                words(" 提供这些页面，在 ", "; its interface is described at "),
                HubLink("/openapi.json"),
                words("（OpenAPI 3.1）与 ", " (OpenAPI 3.1) and "),
                HubLink("/asyncapi.json"),
                words("（AsyncAPI 3.0）说明其接口。", " (AsyncAPI 3.0)."),
            )
        ),
        Bullets(tuple((PageLink(name, label),) for name, label in others)),
    ]
    for number, group in enumerate(_groups(registry), 1):
        blocks.append(Heading(2, (Words(group.title),), f"group-{number}"))
        types = tuple(dict.fromkeys(contract.type for contract in group.contracts))
        blocks.append(Table(_HEAD, tuple(_row(registry, type_) for type_ in types)))
    return Page(INDEX, _TITLE, tuple(blocks))


def _groups(registry: Registry) -> Iterator[Group]:
    ours = {contract.schema_uri for group in GROUPS for contract in group.contracts}
    for group in GROUPS:
        here: Sequence[Contract] = [one for one in group.contracts if registry.by_schema(one.schema_uri)]
        if here:
            yield Group(group.title, here)
    elsewhere = [contract for contract in registry.all() if contract.schema_uri not in ours]
    if elsewhere:
        yield Group(_ELSEWHERE, elsewhere)


def _row(registry: Registry, type_: str) -> tuple[Inline, ...]:
    versions = registry.versions(type_)
    newest = versions[-1]
    numbers = lines((same(str(contract.version)),) for contract in versions)
    return (PageLink(type_, Words(newest.title)),), (Code(type_),), numbers, (Words(newest.meaning),)
