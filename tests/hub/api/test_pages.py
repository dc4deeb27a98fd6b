# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The pages about contracts, as a browser is given them."""

import base64
import hashlib
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest

from contracts.catalogue import builtin
from contracts.documents.page import Language
from hub.api.pages import preferred
from tests.hub.api.house import House

TYPES = sorted({contract.type for contract in builtin().all()})


class Found(HTMLParser):
    """Where a page leads, and the elements it is made of."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.links = list[str]()
        self.elements = set[str]()
        self.handlers = list[str]()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.links += [value for name, value in attrs if name in {"href", "src", "action"} and value]
        self.handlers += [name for name, _ in attrs if name.startswith("on") or name == "style"]


async def get(house: House, path: str, headers: Mapping[str, str] | None = None) -> tuple[int, Mapping[str, str], str]:
    async with house.http.get(house.url + path, headers=headers) as answer:
        return answer.status, answer.headers, await answer.text()


async def test_everything_that_can_be_reached_is_there_and_keeps_the_rules(house: House) -> None:
    """Every page in both languages, followed link by link from the first as a reader would."""
    seen, waiting = set[str](), ["/contracts/"]
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        status, headers, text = await get(house, path)
        assert status == 200, path
        if not path.startswith("/contracts/"):
            continue
        page = Found(text)
        assert headers["Content-Type"] == "text/html; charset=utf-8"
        assert page.elements & {"script", "img", "iframe", "object", "link", "form", "base"} == set(), path
        assert page.handlers == [], path
        assert [link for link in page.links if urlsplit(link).netloc or urlsplit(link).scheme] == [], path
        waiting += [urljoin(path, link) for link in page.links]

    for folder in ("zh", "en"):
        assert {f"/contracts/{folder}/", *(f"/contracts/{folder}/{type_}" for type_ in TYPES)} <= seen
    assert {f"/v1/contracts/{c.type}/{c.version}" for c in builtin().all()} <= seen


async def test_the_policy_allows_the_one_style_sheet_and_nothing_else(house: House) -> None:
    _, headers, text = await get(house, "/contracts/en/")
    styles = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    [digest] = [base64.b64encode(hashlib.sha256(style.encode()).digest()).decode() for style in styles]

    assert headers["Content-Security-Policy"] == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        ("", Language.ZH),
        ("zh-CN,zh;q=0.9,en;q=0.8", Language.ZH),
        ("en-GB,en;q=0.9", Language.EN),
        ("fr, en;q=0.3", Language.EN),
        ("en;q=0.5, zh-Hans;q=0.6", Language.ZH),
        ("EN, zh;q=0", Language.EN),
        ("en, zh", Language.ZH),
        ("en;q=2, zh;q=0.1", Language.ZH),
        ("en;level=1", Language.ZH),
        (";;;,=,q=1,\u00e9", Language.ZH),
    ],
)
def test_the_reader_s_language_is_taken(accept: str, language: Language) -> None:
    assert preferred(accept) is language


async def test_the_first_page_is_in_the_reader_s_language(house: House) -> None:
    _, headers, english = await get(house, "/contracts/", {"Accept-Language": "en"})
    assert headers["Vary"] == "Accept-Language"
    assert headers["Content-Language"] == "en"
    assert "<h1>Catalogue of contracts</h1>" in english
    _, headers, chinese = await get(house, "/contracts/", {"Accept-Language": "zh-CN"})
    assert headers["Content-Language"] == "zh-CN"
    assert "<h1>契约目录</h1>" in chinese


@pytest.mark.parametrize(
    "path", ["/contracts/fr/", "/contracts/en/README", "/contracts/en/nothing", "/contracts/en/%3Cb%3E"]
)
async def test_other_pages_are_not_there(house: House, path: str) -> None:
    status, headers, text = await get(house, path)

    assert status == 404
    assert headers["Content-Type"] == "application/problem+json"
    assert "E_NOT_FOUND" in text
