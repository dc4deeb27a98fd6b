# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``/contracts/``: the pages about contracts for people with a browser. Open to anybody: they name no system and no case."""

import base64
import hashlib
import re
from collections.abc import Sequence
from functools import partial
from typing import TypeAlias

from aiohttp import web

from contracts.documents.contract_page import INDEX
from contracts.documents.html import STYLE, written
from contracts.documents.page import HubLink, Language, PageLink
from contracts.documents.pages import Pages
from contracts.refusal import Refusal
from contracts.registry import Registry
from contracts.text import Text
from hub.api.once import Once
from hub.api.problems import NO_SUCH_PATH
from hub.api.route import Answer, Parameter, Route

_HTML = "text/html"
_LANGUAGES = {"zh": Language.ZH, "en": Language.EN}
_FOLDERS = {language: folder for folder, language in _LANGUAGES.items()}
_WEIGHT = re.compile(r"q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)", re.IGNORECASE)

_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
_HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

_Key: TypeAlias = tuple[str, Language, str]
"""The name of a page, its language, and how its addresses lead to the folder with the languages."""


def preferred(accept_language: str) -> Language:
    """The language that a reader wants more (RFC 9110 section 12.5.4); Chinese where both are as welcome."""
    weights = dict.fromkeys(Language, 0.0)
    for part in accept_language.split(","):
        tag, _, rest = part.partition(";")
        language = _LANGUAGES.get(tag.strip().partition("-")[0].lower())
        weight = _WEIGHT.fullmatch(rest.strip())
        if language is not None and (weight or not rest.strip()):
            weights[language] = max(weights[language], float(weight[1]) if weight else 1.0)
    return Language.EN if weights[Language.EN] > weights[Language.ZH] else Language.ZH


class Reading:
    """The resource. A page is written when it is first asked for."""

    def __init__(self, registry: Registry) -> None:
        self._pages = Pages(registry)
        self._names = frozenset(self._pages.names) - {INDEX}
        self._written = Once[_Key, bytes](self._write)

    async def first(self, request: web.Request, _system: str) -> web.StreamResponse | Refusal:
        """The index in the reader's language."""
        language = preferred(",".join(request.headers.getall("Accept-Language", ())))
        response = await self._answer((INDEX, language, ""))
        response.headers["Vary"] = "Accept-Language"
        return response

    async def index(self, request: web.Request, _system: str) -> web.StreamResponse | Refusal:
        """The index in one language."""
        language = _LANGUAGES.get(request.match_info["language"])
        return NO_SUCH_PATH if language is None else await self._answer((INDEX, language, "../"))

    async def page(self, request: web.Request, _system: str) -> web.StreamResponse | Refusal:
        """One page in one language."""
        language, name = _LANGUAGES.get(request.match_info["language"]), request.match_info["page"]
        if language is None or name not in self._names:
            return NO_SUCH_PATH
        return await self._answer((name, language, "../"))

    async def _answer(self, key: _Key) -> web.Response:
        body = await self._written.get(key)
        headers = {**_HEADERS, "Content-Language": key[1].value}
        return web.Response(body=body, content_type=_HTML, charset="utf-8", headers=headers)

    def _write(self, key: _Key) -> bytes:
        name, language, up = key
        page = self._pages.page(name)
        assert page is not None, "only pages that exist are asked for"
        return written(page, language, partial(_address, up), INDEX).encode()


def _address(up: str, link: PageLink | HubLink, language: Language) -> str:
    """Relative throughout: what stands before the hub may have put it under a path of its own."""
    match link:
        case HubLink(path):
            return f"{up}..{path}"
        case PageLink(page):
            return f"{up}{_FOLDERS[language]}/{'' if page == INDEX else page}"


_LANGUAGE = Parameter("language", "path", Text("语言", "The language"), {"type": "string", "enum": list(_LANGUAGES)})


def routes(registry: Registry) -> Sequence[Route]:
    """The routes of this resource."""
    reading = Reading(registry)
    answers = {200: Answer(Text("网页", "The page"), _HTML)}
    return (
        Route(
            method="GET",
            path="/contracts/",
            name="readContracts",
            meaning=Text(
                "契约目录网页，语言依 Accept-Language。", "The catalogue of contracts as a page, by Accept-Language."
            ),
            handler=reading.first,
            parameters=(Parameter("Accept-Language", "header", Text("读者的语言", "The reader's languages")),),
            answers=answers,
            open=True,
        ),
        Route(
            method="GET",
            path="/contracts/{language}/",
            name="readContractsIn",
            meaning=Text("一种语言的契约目录网页。", "The catalogue of contracts as a page, in one language."),
            handler=reading.index,
            parameters=(_LANGUAGE,),
            answers=answers,
            refusals=("E_NOT_FOUND",),
            open=True,
        ),
        Route(
            method="GET",
            path="/contracts/{language}/{page}",
            name="readContract",
            meaning=Text(
                "一个契约的网页，或目录列出的其他网页。", "The page of a contract, or another the catalogue leads to."
            ),
            handler=reading.page,
            parameters=(
                _LANGUAGE,
                Parameter("page", "path", Text("契约或网页名称", "The contract, or the page's name")),
            ),
            answers=answers,
            refusals=("E_NOT_FOUND",),
            open=True,
        ),
    )
