# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Parameters of a query, and what is said of one that is wrong."""

from uuid import UUID

from aiohttp import web

from contracts.refusal import Refusal, Violation
from contracts.text import Text
from hub.api.route import Parameter

PAGE = 100
"""The most entries of one page."""

LIMIT = Parameter(
    "limit", "query", Text("每页条数", "The most of a page"), {"type": "integer", "minimum": 1, "maximum": PAGE}
)

AFTER = Text("上一页的 next", "The `next` of the page before")
"""What every ``after`` of a page is."""

AFTER_ID = Parameter("after", "query", AFTER, {"type": "string", "format": "uuid"})
"""For pages that end with an id."""


def after_id(request: web.Request) -> UUID | Refusal | None:
    """The id with which the page before ended; None: this is the first."""
    text = request.query.get("after")
    try:
        return None if text is None else UUID(text)
    except ValueError:
        return invalid("after", AFTER)


def limit_of(request: web.Request) -> int | Refusal:
    """How many entries of a page are wanted: 1 to :data:`PAGE`, which is also what it is when left out."""
    wanted = whole(request, "limit", PAGE, PAGE)
    return wanted if isinstance(wanted, Refusal) else max(wanted, 1)


def page_of(request: web.Request) -> tuple[int, UUID | None] | Refusal:
    """How many entries are wanted, and the id with which the page before ended."""
    limit, after = limit_of(request), after_id(request)
    if isinstance(limit, Refusal):
        return limit
    return after if isinstance(after, Refusal) else (limit, after)


def whole(request: web.Request, name: str, otherwise: int, most: int) -> int | Refusal:
    """A whole number, cut to ``most``; left out: ``otherwise``."""
    text = request.query.get(name)
    if text is None:
        return otherwise
    if text.isascii() and text.isdigit() and len(text) < 20:
        return min(int(text), most)
    return invalid(name, Text("非负整数", "a whole number, not negative"))


def invalid(name: str, expected: Text) -> Refusal:
    """The parameter is not what is expected."""
    violation = Violation(
        "E_QUERY_INVALID", f"$.query.{name}", expected, Text("改正或省略该参数", "Correct it or leave it out")
    )
    return Refusal("E_QUERY_INVALID", Text(f"参数 {name} 无效。", f"The parameter {name} is not valid."), (violation,))
