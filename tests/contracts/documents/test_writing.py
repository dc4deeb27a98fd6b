# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Whatever a page says is written so that nothing of it is taken for markup."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.documents import html, markdown
from contracts.documents.page import (
    Block,
    Break,
    Bullets,
    Code,
    Folded,
    Heading,
    HubLink,
    Language,
    Listing,
    Page,
    PageLink,
    Paragraph,
    Table,
    Words,
    same,
    words,
)
from contracts.text import Text

HOSTILE = '<script>alert("1")</script> & \' | ` *a* [x](y) </code></pre></style>'


def one(*blocks: Block) -> Page:
    return Page("page", Text("标题", "Title"), blocks)


def leads(page: str, language: Language) -> str:
    return f"{page}.{language.value}.md"


def address(link: PageLink | HubLink, language: Language) -> str:
    return link.path if isinstance(link, HubLink) else f"{link.page}?{language.value}"


def as_markdown(*blocks: Block, language: Language = Language.EN) -> str:
    return markdown.written(one(*blocks), language, leads)


def as_html(*blocks: Block, language: Language = Language.EN) -> str:
    return html.written(one(*blocks), language, address, "index")


class Seen(HTMLParser):
    """Elements, attributes and text, as a browser would find them."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags = list[str]()
        self.attributes = list[tuple[str, str | None]]()
        self.words = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.words += data


def everywhere(text: str) -> tuple[Block, ...]:
    """The text in every place that a page has for one."""
    said = (same(text), Code(text), Break(), PageLink("there", same(text)), HubLink("/v1/x"))
    return (
        Heading(2, said, "anchor"),
        Paragraph(said),
        Bullets((said,)),
        Table((Text(text, text),), ((said,),)),
        Folded(said, (Paragraph(said), Listing("json", Text(text, text)))),
    )


def test_html_has_only_markup_of_its_own() -> None:
    plain, hostile = Seen(as_html(*everywhere("x"))), Seen(as_html(*everywhere(HOSTILE)))

    assert hostile.tags == plain.tags
    assert hostile.attributes == plain.attributes
    assert hostile.words.count(HOSTILE) == plain.words.count("\nx") + 0 or HOSTILE in hostile.words
    assert "script" not in hostile.tags


@given(st.text())
def test_html_shows_any_text_as_it_is(text: str) -> None:
    shown = Seen(as_html(Listing("", Text(text, text))))

    assert shown.tags == Seen(as_html(Listing("", Text("", "")))).tags
    # A parser of HTML makes one newline of the several kinds, and drops the one after <pre>.
    assert "".join(text.split()) in "".join(shown.words.split())


def test_an_address_is_escaped_like_any_value() -> None:
    page = as_html(Paragraph((HubLink('/"><script>'), PageLink('"><b>', same("x")))))

    assert "<script>" not in page
    assert "<b>" not in page


def test_html_names_its_language_and_leads_to_the_other() -> None:
    chinese = as_html(Paragraph((words("中文", "English"),)), language=Language.ZH)

    assert '<html lang="zh-CN">' in chinese
    assert "<p>中文</p>" in chinese
    assert '<a href="page?en" lang="en" hreflang="en">English</a>' in chinese
    assert '<a href="index?zh-CN">契约目录</a>' in chinese


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("case_no is there", "case_no is there"),
        ("_a_ *b* `c`", r"\_a\_ \*b\* \`c\`"),
        ("materials[*].digest", r"materials\[\*\].digest"),
        ("<b> & &amp; a|b", r"&lt;b\> & &amp;amp; a\|b"),
        ("# not a heading", r"\# not a heading"),
        ("- not an item", r"\- not an item"),
        ("1. not an item", r"1\. not an item"),
        ("two\nlines", "two lines"),
    ],
)
def test_markdown_takes_no_text_for_markup(said: str, written: str) -> None:
    assert as_markdown(Paragraph((same(said),))).endswith(f"\n\n{written}\n")


def test_code_may_hold_what_ends_code_and_cells() -> None:
    cell = as_markdown(Table((Text("一", "one"),), (((Code("^(a|b)`c`$"),),),)))
    line = as_markdown(Paragraph((Code("`^(a|b)$`"),)))

    assert cell.endswith("| ``^(a\\|b)`c`$`` |\n")
    assert line.endswith("\n`` `^(a|b)$` ``\n")


def test_markdown_says_each_block_in_the_language_of_the_file() -> None:
    blocks = (
        Heading(2, (words("二", "two"),), "second"),
        Bullets(((words("甲", "a"),), (PageLink("there", words("乙", "b")),))),
        Table((Text("头", "head"),), (((words("上", "up"), Break(), Words(Text("下", "down"))),),)),
        Folded((words("开", "open"),), (Listing("json", Text("{}", "{}")),)),
    )

    assert as_markdown(*blocks, language=Language.ZH).split("\n\n", 1)[1] == (
        "# 标题\n\n**简体中文** · [English](page.en.md)\n\n"
        '<a id="second"></a>\n\n## 二\n\n- 甲\n- [乙](there.zh-CN.md)\n\n'
        "| 头 |\n| --- |\n| 上<br>下 |\n\n"
        "<details>\n<summary>开</summary>\n\n```json\n{}\n```\n\n</details>\n"
    )
    assert "# Title\n\n**English** · [简体中文](page.zh-CN.md)" in as_markdown(*blocks)
