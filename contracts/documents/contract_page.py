# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The page of one contract type: its versions, newest first, and where it stands among the others."""

from collections.abc import Iterator, Mapping

from contracts.contract import Contract
from contracts.documents.dialects import dialects
from contracts.documents.differences import differences
from contracts.documents.examples import examples
from contracts.documents.fields import fields
from contracts.documents.lifecycle_page import lifecycle_rules
from contracts.documents.page import (
    Block,
    Break,
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
    words,
)
from contracts.mapping.site_map import SiteMap
from contracts.registry import Registry
from contracts.text import Text

INDEX = "README"

_VERSIONS = (
    Text("版本", "Version"),
    Text("名称", "Title"),
    Text("dataschema", "dataschema"),
    Text("运行中枢提供的模式", "Schemas, from a running hub"),
)


def contract_page(registry: Registry, type_: str, known: Mapping[str, SiteMap]) -> Page:
    """Everything about one type of the registry; ``known`` are the maps of dialects by name."""
    versions = registry.versions(type_)
    newest = versions[-1]
    blocks: list[Block] = [
        Paragraph((Code(type_), Break(), Words(newest.meaning))),
        Paragraph((PageLink(INDEX, words("契约目录", "All contracts")),)),
        Heading(2, (words("版本", "Versions"),), "versions"),
        Table(
            _VERSIONS,
            tuple(
                (
                    (words(f"第 {one.version} 版", f"{one.version}"),),
                    (Words(one.title),),
                    (Code(one.schema_uri),),
                    _schemas(one),
                )
                for one in versions
            ),
        ),
    ]
    blocks += dialects(versions, known)
    blocks += lifecycle_rules(type_)
    for contract in reversed(versions):
        blocks += _version(registry, contract)
    return Page(type_, newest.title, tuple(blocks))


def _schemas(contract: Contract) -> Inline:
    at = f"/v1/contracts/{contract.type}/{contract.version}"
    return (words("JSON 模式：", "JSON Schema: "), HubLink(at), Break(), words("XSD：", "XSD: "), HubLink(f"{at}.xsd"))


def _version(registry: Registry, contract: Contract) -> Iterator[Block]:
    version = contract.version
    yield Heading(2, (words(f"第 {version} 版：", f"Version {version}: "), Words(contract.title)), f"v{version}")
    yield Paragraph((Words(contract.meaning),))
    yield Paragraph(
        (
            words("信封的 ", "The envelope's "),
            Code("subject"),
            words(" 与 ", " is the same as "),
            Code(f"data.{contract.subject}"),
            words(" 相同；同一 ", "; messages of one "),
            Code("subject"),
            words(" 的消息按序投递。", " are delivered in order."),
        )
    )
    yield Heading(3, (words("字段", "Fields"),), f"v{version}-fields")
    yield fields(contract)
    if contract.rules:
        yield Heading(3, (words("字段间规则", "Rules between fields"),), f"v{version}-rules")
        yield Bullets(tuple((Words(rule.text()),) for rule in contract.rules))
    before = next((one for one in registry.versions(contract.type) if one.version == version - 1), None)
    if before is not None:
        yield from differences(registry, before, contract)
    yield from examples(contract)
