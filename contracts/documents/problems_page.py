# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The page of everything that a program may be told is wrong, by its stable code."""

from collections.abc import Mapping

from contracts.documents.page import Code, Heading, Page, Paragraph, Table, Words, same, words
from contracts.identifiers.oddity import WARNING_CODES
from contracts.refusal_codes import CODES
from contracts.text import Text
from contracts.violation_codes import VIOLATION_CODES

NAME = "problems"
TITLE = Text("问题代码", "Problem codes")

_CODE, _MEANING = Text("代码", "Code"), Text("含义", "Meaning")
_HEAD = (_CODE, Text("HTTP", "HTTP"), _MEANING, Text("处理", "Remedy"))


def problems_page() -> Page:
    """The catalogue of refusal, violation and warning codes."""
    refusals = tuple(
        ((Code(name),), (same(str(code.status)),), (Words(code.title),), (Words(code.remedy),))
        for name, code in CODES.items()
    )
    return Page(
        NAME,
        TITLE,
        (
            Paragraph(
                (
                    words("被拒绝的请求以 ", "A refused request is answered with "),
                    Code("application/problem+json"),
                    words("（RFC 9457）答复，其 ", " (RFC 9457); its "),
                    Code("code"),
                    words(" 不变，可供程序判断。", " never changes, and programs may branch on it."),
                )
            ),
            Table(_HEAD, refusals),
            Heading(2, (words("数据中的问题", "Violations in data"),), "violations"),
            Paragraph(
                (
                    Code("E_CONTRACT_INVALID"),
                    words(" 一次列出全部问题，", " lists all of them at once; "),
                    Code("path"),
                    words(
                        " 为 JSONPath；说明中从不出现数据的值。",
                        " is a JSONPath, and no text repeats a value of the data.",
                    ),
                )
            ),
            _meanings(VIOLATION_CODES),
            Heading(2, (words("标识与编码的警告", "Warnings about identifiers"),), "warnings"),
            Paragraph(
                (
                    words("默认只在回执的 ", "By default the receipt lists them under "),
                    Code("warnings"),
                    words(" 中列出（代码与路径）；路由写明 ", " (code and path); a route that says "),
                    Code("identifiers: refuse"),
                    words(" 时以 ", " has the message refused with "),
                    Code("E_IDENTIFIER"),
                    words(" 拒收。", "."),
                )
            ),
            _meanings(WARNING_CODES),
        ),
    )


def _meanings(codes: Mapping[str, Text]) -> Table:
    return Table((_CODE, _MEANING), tuple(((Code(name),), (Words(title),)) for name, title in codes.items()))
