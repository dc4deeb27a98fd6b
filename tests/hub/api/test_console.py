# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The console's files as the hub serves them: nothing else may run beside them, and a browser keeps what does not change."""

import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from hub.api.console import BUILT, routes
from hub.api.route import Route
from tests.hub.api.house import House
from tests.support.missing import missing

SCRIPT = b"export const one = 1;\n" * 100


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[str]:
    """A small console that was built."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_bytes(b"<!doctype html><title>console</title>")
    (tmp_path / "assets" / "index-abc.js").write_bytes(SCRIPT)
    (tmp_path / "notes.txt").write_bytes(b"of no known kind")
    (tmp_path.parent / "secret.html").write_bytes(b"beside it")
    async with _served(tmp_path) as url:
        yield url


@asynccontextmanager
async def _served(folder: Path) -> AsyncIterator[str]:
    app = web.Application()
    for route in routes(folder):
        app.router.add_route(route.method, route.path, partial(_answer, route))
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/console/"
    finally:
        await runner.cleanup()


async def _answer(route: Route, request: web.Request) -> web.StreamResponse:
    answer = await route.handler(request, "")
    return answer if isinstance(answer, web.StreamResponse) else web.Response(status=404, text=answer.code)


async def test_the_page_may_run_its_own_files_only(site: str) -> None:
    async with aiohttp.ClientSession() as http, http.get(site) as answer:
        policy = dict(part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";"))
        assert (answer.status, answer.content_type) == (200, "text/html")
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"


async def test_what_is_named_by_its_content_is_kept_for_ever_and_the_page_is_asked_for_anew(site: str) -> None:
    async with aiohttp.ClientSession() as http:
        async with http.get(site) as page, http.get(f"{site}assets/index-abc.js") as script:
            assert page.headers["Cache-Control"] == "no-cache"
            assert "immutable" in script.headers["Cache-Control"]
            tag = page.headers["ETag"]
        async with http.get(site, headers={"If-None-Match": tag}) as again:
            assert (again.status, await again.read()) == (304, b"")


async def test_it_is_packed_for_whoever_can_unpack_it(site: str) -> None:
    async with aiohttp.ClientSession(auto_decompress=False) as http:
        address = f"{site}assets/index-abc.js"
        async with http.get(address, headers={"Accept-Encoding": "gzip"}) as packed:
            assert gzip.decompress(await packed.read()) == SCRIPT
        async with http.get(address, headers={"Accept-Encoding": "identity"}) as plain:
            assert await plain.read() == SCRIPT


@pytest.mark.parametrize(
    "path", ["notes.txt", "..%2Fsecret.html", "assets/..%2F..%2Fsecret.html", "assets/none.js", "%00"]
)
async def test_nothing_else_is_served(site: str, path: str) -> None:
    async with aiohttp.ClientSession() as http, http.get(f"{site}{path}", allow_redirects=False) as answer:
        assert answer.status == 404
        assert b"beside it" not in await answer.read()


async def test_an_installation_without_it_says_how_it_is_built(tmp_path: Path) -> None:
    async with _served(tmp_path) as url, aiohttp.ClientSession() as http, http.get(url) as answer:
        assert answer.status == 404
        assert "make console" in await answer.text()


async def test_the_hub_leads_to_it_and_serves_what_was_built(house: House) -> None:
    if not (BUILT / "index.html").exists():
        missing("make console")
    async with house.http.get(f"{house.url}/console") as answer:
        assert (answer.status, answer.url.path) == (200, "/console/")
        assert b'<div id="console">' in await answer.read()
