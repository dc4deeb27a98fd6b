# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Contracts of other packages have pages too, whatever their models are made of."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from contracts.catalogue import BUILTIN
from contracts.codes import Code
from contracts.contract import Contract
from contracts.documents.fields import fields
from contracts.documents.html import written
from contracts.documents.markdown import written as markdown
from contracts.documents.page import HubLink, Language, Page, PageLink
from contracts.documents.pages import Pages
from contracts.example import Example
from contracts.registry import Registry
from contracts.text import Text


class Colour(Code):
    """Not one of ours."""

    RED = "red", "红", "red"


class Inner(BaseModel):
    wide: Annotated[float, Field(title="宽", description="Width", ge=0, le=9.5)]


class Foreign(BaseModel):
    """Types, patterns and names that no family of ours has."""

    key_no: Annotated[str, Field(title="编号", description="Key")]
    colour: Annotated[Colour | None, Field(title="颜色", description="Colour")] = None
    exact: Annotated[str, Field(title="样式", description="<b>a|b</b>", pattern="^(a|b)$")]
    named: Annotated[str, Field(title="别名", description="Aliased", alias="otherName")]
    size: Annotated[Literal["S", "L"], Field(title="尺寸", description="Size")]
    fixed: Annotated[Literal["x"], Field(title="定值", description="Always x")]
    link: Annotated[str, Field(title="链接", description="Link", json_schema_extra={"format": "uri"})]
    anything: Annotated[object, Field(title="任意", description="Anything")]
    inside: Annotated[list[Inner], Field(title="内部", description="Objects")]


FOREIGN = Contract(
    type="org.example.thing.seen",
    version=1,
    title=Text("所见", "Thing seen"),
    meaning=Text("所见之物。", "A thing was seen."),
    model=Foreign,
    subject="key_no",
    examples=(Example("plain", {"key_no": "1"}, valid=False, expect=(("E_ORG_OWN", "$.data"),)),),
)
PAGES = Pages(Registry((*BUILTIN.contracts, FOREIGN)))


def leads(page: str, language: Language) -> str:
    return f"{page}.{language.value}"


def made(name: str) -> Page:
    page = PAGES.page(name)
    assert page is not None
    return page


def test_a_foreign_contract_is_listed_apart_from_ours() -> None:
    index = markdown(made("README"), Language.EN, leads)

    assert "[Thing seen](org.example.thing.seen.en)" in index.split("## Other contract packages")[1]
    assert "## Other contract packages" not in markdown(made_without(), Language.EN, leads)


def made_without() -> Page:
    page = Pages(Registry(BUILTIN.contracts)).page("README")
    assert page is not None
    return page


def test_every_field_has_a_row_whatever_its_type() -> None:
    text = markdown(made(FOREIGN.type), Language.EN, leads)
    rows = {line.split("`")[1]: line for line in text.splitlines() if line.startswith("| `") and "E_ORG" not in line}

    assert "`red` red" in rows["colour"]
    assert "string<br>`^(a\\|b)$` | &lt;b\\>a\\|b&lt;/b\\> |" in rows["exact"]
    assert "| 别名 | ✓ | string |" in rows["otherName"]
    assert "`S`<br>`L`" in rows["size"]
    assert "| `x` |" in rows["fixed"]
    assert "| `uri` |" in rows["link"]
    assert "| `*` |" in rows["anything"]
    assert "array<br>object" in rows["inside"]
    assert "number 0..9.5" in rows["inside[*].wide"]
    assert len(fields(FOREIGN).rows) == 10


def test_an_unknown_code_stands_for_itself_and_nothing_of_a_package_is_markup() -> None:
    def address(link: PageLink | HubLink, _language: Language) -> str:
        return link.path if isinstance(link, HubLink) else link.page

    page = written(made(FOREIGN.type), Language.EN, address, "README")
    assert "<td><code>E_ORG_OWN</code></td><td><code>$.data</code></td><td>E_ORG_OWN</td>" in page
    assert "&lt;b&gt;a|b&lt;/b&gt;" in page
    assert "<b>" not in page


def test_there_is_no_page_of_another_name() -> None:
    assert PAGES.page("org.example.thing.unseen") is None
