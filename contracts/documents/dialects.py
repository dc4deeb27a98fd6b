# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Which dialects a contract can be written in and read from, as the maps that come with the hub have it."""

from collections.abc import Iterator, Mapping, Sequence

from contracts.contract import Contract
from contracts.documents.page import Block, Code, Heading, Inline, Table, Words, lines, words
from contracts.mapping.loading import Loaded, load, shipped
from contracts.mapping.map_file import Carrier
from contracts.mapping.site_map import SiteMap
from contracts.registry import Registry
from contracts.text import Text

_HEAD = (
    Text("方言", "Dialect"),
    Text("形式", "Form"),
    Text("编码", "Encoding"),
    Text("写出", "Written"),
    Text("读入", "Read"),
)
_CARRIERS: Mapping[Carrier, Text] = {
    "xml": Text("XML", "XML"),
    "rows": Text("前置库表行", "rows of a front database"),
    "messages": Text("扁平报文", "flat messages"),
}
_CANONICAL = (Words(Text("规范 JSON", "canonical JSON")),)


def maps(registry: Registry) -> Mapping[str, SiteMap]:
    """The maps that come with the hub, by name, as far as they fit the contracts of the registry."""
    loaded = {name: load(path, registry) for name, path in shipped().items()}
    return {name: found.site_map for name, found in loaded.items() if isinstance(found, Loaded)}


def dialects(versions: Sequence[Contract], known: Mapping[str, SiteMap]) -> Iterator[Block]:
    """Every dialect that can say some version of a type, and in which direction."""
    every = lines(_version(contract) for contract in versions)
    rows: list[tuple[Inline, ...]] = [(_CANONICAL, (Words(Text("JSON", "JSON")),), (Code("UTF-8"),), every, every)]
    for name, site_map in known.items():
        writes = [contract for contract in versions if contract in site_map.writes()]
        reads = [contract for contract in versions if contract in site_map.reads()]
        if writes or reads:
            rows.append(
                (
                    (Words(site_map.title), Words(Text("：", ": ")), Code(name)),
                    (Words(_CARRIERS[site_map.carrier]),),
                    (Code(site_map.encoding.value),),
                    lines(_version(contract) for contract in writes),
                    lines(_version(contract) for contract in reads),
                )
            )
    yield Heading(2, (words("方言", "Dialects"),), "dialects")
    yield Table(_HEAD, tuple(rows))


def _version(contract: Contract) -> Inline:
    return (words(f"第 {contract.version} 版", f"version {contract.version}"),)
