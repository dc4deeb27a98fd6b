# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Pages as HTML: no scripts, nothing from elsewhere, and nothing but markup of our own."""

from collections.abc import Callable
from html import escape
from typing import TypeAlias, assert_never

from contracts.documents.page import (
    Block,
    Break,
    Bullets,
    Code,
    Folded,
    Heading,
    HubLink,
    Inline,
    Language,
    Listing,
    Page,
    PageLink,
    Paragraph,
    Span,
    Table,
    Words,
)
from contracts.text import Text

Leads: TypeAlias = Callable[[PageLink | HubLink, Language], str]
"""The address of what a link leads to, from the page that is written."""

STYLE = """\
:root { color-scheme: light dark; }
body { margin: 0 auto; max-width: 76rem; padding: 1rem 1.5rem 4rem; font: 1rem/1.6 system-ui, "Noto Sans CJK SC", sans-serif; }
nav { display: flex; justify-content: space-between; border-bottom: 1px solid; padding-bottom: .5rem; }
h1 { font-size: 1.6rem; } h2 { margin-top: 2.5rem; border-bottom: 1px solid; } h3 { margin-top: 2rem; }
code, pre { font-family: ui-monospace, "Noto Sans Mono CJK SC", monospace; font-size: .9em; }
pre { overflow: auto; padding: .75rem; border: 1px solid; border-radius: .25rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; } th, td { border: 1px solid; padding: .3rem .6rem; text-align: left; vertical-align: top; }
th { white-space: nowrap; } td > code { white-space: nowrap; } summary { cursor: pointer; }
"""
"""The one style sheet; it stands inside every page."""

_CONTENTS = Text("契约目录", "All contracts")
_NAMES = {Language.ZH: "简体中文", Language.EN: "English"}


def written(page: Page, language: Language, leads: Leads, index: str) -> str:
    """The whole page. ``index`` is the name of the page that leads to all others."""
    home = escape(leads(PageLink(index, Words(_CONTENTS)), language))
    there = escape(leads(PageLink(page.name, Words(page.title)), language.other))
    other = language.other
    title = escape(language.of(page.title))
    body = "\n".join(_block(block, language, leads) for block in page.blocks)
    return (
        f'<!DOCTYPE html>\n<html lang="{language.value}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{title}</title>\n'
        f"<style>{STYLE}</style>\n</head>\n<body>\n"
        f'<nav><a href="{home}">{escape(language.of(_CONTENTS))}</a>'
        f'<a href="{there}" lang="{other.value}" hreflang="{other.value}">{_NAMES[other]}</a></nav>\n'
        f"<main>\n<h1>{title}</h1>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _block(block: Block, language: Language, leads: Leads) -> str:
    match block:
        case Heading(level, content, anchor):
            return f'<h{level} id="{escape(anchor)}">{_inline(content, language, leads)}</h{level}>'
        case Paragraph(content):
            return f"<p>{_inline(content, language, leads)}</p>"
        case Bullets(items):
            inside = "\n".join(f"<li>{_inline(item, language, leads)}</li>" for item in items)
            return f"<ul>\n{inside}\n</ul>"
        case Table(head, rows):
            heads = "".join(f"<th>{escape(language.of(text))}</th>" for text in head)
            body = "\n".join(
                "<tr>" + "".join(f"<td>{_inline(cell, language, leads)}</td>" for cell in row) + "</tr>" for row in rows
            )
            return (
                f'<div class="wide"><table>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table></div>'
            )
        case Listing(_, text):
            return f"<pre><code>{escape(language.of(text))}</code></pre>"
        case Folded(summary, blocks):
            inside = "\n".join(_block(one, language, leads) for one in blocks)
            return f"<details>\n<summary>{_inline(summary, language, leads)}</summary>\n{inside}\n</details>"
        case _:
            assert_never(block)


def _inline(content: Inline, language: Language, leads: Leads) -> str:
    return "".join(_span(span, language, leads) for span in content)


def _span(span: Span, language: Language, leads: Leads) -> str:
    match span:
        case Words(text):
            return escape(language.of(text))
        case Code(text):
            return f"<code>{escape(text)}</code>"
        case PageLink(_, label):
            return f'<a href="{escape(leads(span, language))}">{_span(label, language, leads)}</a>'
        case HubLink(path):
            return f'<a href="{escape(leads(span, language))}"><code>{escape(path)}</code></a>'
        case Break():
            return "<br>"
        case _:
            assert_never(span)
