# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The page that says which contracts serve which of the systems a hub meets."""

from typing import assert_never

from contracts.documents.page import Inline, Page, PageLink, Paragraph, Table, Words, lines, same, words
from contracts.registry import Registry
from contracts.systems import SYSTEMS, Copied, Coverage, Later, Outside, Served
from contracts.text import Text

NAME = "coverage"

_HEAD = (Text("#", "#"), Text("系统", "System"), Text("契约", "Contracts"), Text("说明", "Remarks"))
TITLE = Text("系统与契约对照", "Systems and the contracts that serve them")


def coverage_page(registry: Registry) -> Page:
    """The systems, with the contracts that the registry has for them."""
    says = words(
        f"下表列出政务服务集成中枢要对接的 {len(SYSTEMS)} 类系统，以及为其服务的契约；没有契约的说明缘由。",
        f"The {len(SYSTEMS)} kinds of systems that a hub of government services meets, and the contracts that serve each; "
        "where there is none, why.",
    )
    rows = tuple(
        ((same(str(one.number)),), (Words(one.name),), _contracts(registry, one.coverage), _remark(one.coverage))
        for one in SYSTEMS
    )
    return Page(NAME, TITLE, (Paragraph((says,)), Table(_HEAD, rows)))


def _contracts(registry: Registry, coverage: Coverage) -> Inline:
    match coverage:
        case Served(types):
            return lines(
                (PageLink(one[-1].type, Words(one[-1].title)),) for one in map(registry.versions, types) if one
            )
        case Copied():
            return (words("全部", "all"),)
        case Later():
            return (words("以后", "later"),)
        case Outside():
            return (words("不经中枢", "not for the hub"),)
        case _:
            assert_never(coverage)


def _remark(coverage: Coverage) -> Inline:
    match coverage:
        case Served(_, rest):
            return () if rest is None else (Words(rest),)
        case Copied():
            return (words("接收全部消息的副本。", "It receives a copy of every message."),)
        case Later(reason) | Outside(reason):
            return (Words(reason),)
        case _:
            assert_never(coverage)
