# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The page ``docs/contracts/coverage.md``: which contracts serve which systems."""

from typing import assert_never

from contracts.catalogue import builtin
from contracts.systems import SYSTEMS, Copied, Coverage, Later, Outside, Served
from contracts.text import Text


def coverage_page() -> str:
    """The page as Markdown, without the lines that every generated page begins with."""
    lines = [
        "# 系统与契约对照 / Systems and the contracts that serve them",
        "",
        "下表列出政务服务集成中枢要对接的 49 类系统，以及为其服务的契约；没有契约的说明缘由。",
        "The 49 kinds of systems that a hub of government services meets, and the contracts that serve each; where there is",
        "none, why.",
        "",
        "| # | 系统 System | 契约 Contracts | 说明 Remarks |",
        "| --- | --- | --- | --- |",
        *(
            f"| {one.number} | {_cell(one.name)} | {_contracts(one.coverage)} | {_remark(one.coverage)} |"
            for one in SYSTEMS
        ),
        "",
    ]
    return "\n".join(lines)


def _contracts(coverage: Coverage) -> str:
    match coverage:
        case Served(types):
            return "<br>".join(f"`{type_}` {builtin().versions(type_)[-1].title.zh}" for type_ in types)
        case Copied():
            return "全部 all"
        case Later():
            return "以后 later"
        case Outside():
            return "不经中枢 not for the hub"
        case _:
            assert_never(coverage)


def _remark(coverage: Coverage) -> str:
    match coverage:
        case Served(_, rest):
            return "" if rest is None else _cell(rest)
        case Copied():
            return _cell(Text("接收全部消息的副本。", "It receives a copy of every message."))
        case Later(reason) | Outside(reason):
            return _cell(reason)
        case _:
            assert_never(coverage)


def _cell(text: Text) -> str:
    return f"{text.zh}<br>{text.en}".replace("|", "\\|")
