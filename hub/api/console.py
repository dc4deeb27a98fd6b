# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``/console/``: the console's page and what it is made of. 控制台

Open to anybody, since it holds nothing: whatever it shows it asks for with the session of whoever signs in. Nothing but what
stands in its own files may run in it.
"""

import gzip
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from aiohttp import hdrs, web

from contracts.refusal import Refusal
from contracts.text import Text
from hub.api.once import Once
from hub.api.problems import NO_SUCH_PATH
from hub.api.route import Answer, Parameter, Route

BUILT = Path(__file__).parent.parent / "console" / "static"
"""Where the console is built to; it is part of the wheel."""

_TYPES = MappingProxyType(
    {
        ".html": "text/html",
        ".js": "text/javascript",
        ".css": "text/css",
        ".svg": "image/svg+xml",
        ".woff2": "font/woff2",
    }
)
_INDEX = "index.html"
_PACKED_FROM = 1024
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_UNBUILT = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>govhub</title>
<p>本安装未含控制台。请在源码目录执行 <code>make console</code>，然后重启中枢。</p>
<p lang="en">Built without the console: run <code>make console</code> in the source tree, then start the hub anew.</p>
"""


@dataclass(frozen=True, slots=True)
class _File:
    """One file as it is sent. ``named``: its name tells its content, so a browser may keep it."""

    type: str
    plain: bytes
    packed: bytes | None
    tag: str
    named: bool


def _found(folder: Path) -> Mapping[str, Path]:
    """The files that may be asked for, by their names below the console."""
    return {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if path.suffix in _TYPES and path.is_file()
    }


class Console:
    """The resource. A file is read and packed when it is first asked for."""

    def __init__(self, built: Path = BUILT) -> None:
        self._found = _found(built)
        self._files = Once[str, _File](self._read)

    async def lead(self, _request: web.Request, _system: str) -> web.StreamResponse | Refusal:
        """To the page. Relative, since what stands before the hub may have put it under a path of its own."""
        return web.Response(status=308, headers={hdrs.LOCATION: "console/", **_HEADERS})

    async def page(self, request: web.Request, _system: str) -> web.StreamResponse | Refusal:
        """The page, and the files that it names."""
        name = request.path.partition("/console/")[2] or _INDEX
        if name not in self._found:
            if name == _INDEX:
                return web.Response(text=_UNBUILT, content_type="text/html", status=404, headers=_HEADERS)
            return NO_SUCH_PATH
        one = await self._files.get(name)
        headers = {
            **_HEADERS,
            hdrs.ETAG: f'"{one.tag}"',
            hdrs.CACHE_CONTROL: "public, max-age=31536000, immutable" if one.named else "no-cache",
            hdrs.VARY: hdrs.ACCEPT_ENCODING,
        }
        if any(tag.value == one.tag for tag in request.if_none_match or ()):
            return web.Response(status=304, headers=headers)
        body = one.plain
        if one.packed is not None and "gzip" in request.headers.get(hdrs.ACCEPT_ENCODING, "").lower():
            body = one.packed
            headers[hdrs.CONTENT_ENCODING] = "gzip"
        headers[hdrs.CONTENT_TYPE] = one.type if one.type.startswith("font/") else f"{one.type}; charset=utf-8"
        return web.Response(body=body, headers=headers)

    def _read(self, name: str) -> _File:
        path = self._found[name]
        plain = path.read_bytes()
        packed = gzip.compress(plain, 9, mtime=0) if len(plain) > _PACKED_FROM else None
        return _File(
            _TYPES[path.suffix], plain, packed, hashlib.sha256(plain).hexdigest()[:32], name.startswith("assets/")
        )


def routes(built: Path = BUILT) -> Sequence[Route]:
    """The routes of this resource."""
    console = Console(built)
    page = {200: Answer(Text("网页", "The page"), "text/html")}
    return (
        Route(
            method="GET",
            path="/console",
            name="findConsole",
            meaning=Text("前往控制台。", "Leads to the console."),
            handler=console.lead,
            answers={308: Answer(Text("控制台的地址", "Where it is"))},
            open=True,
            quiet=True,
        ),
        Route(
            method="GET",
            path="/console/",
            name="openConsole",
            meaning=Text("操作员的控制台。", "The operators' console."),
            handler=console.page,
            answers=page,
            refusals=("E_NOT_FOUND",),
            open=True,
            quiet=True,
        ),
        *(
            Route(
                method="GET",
                path=path,
                name=name,
                meaning=Text("控制台网页所用的文件。", "What the console's page is made of."),
                handler=console.page,
                parameters=(Parameter("file", "path", Text("文件", "The file")),),
                answers={200: Answer(Text("文件", "The file"), "application/octet-stream")},
                refusals=("E_NOT_FOUND",),
                open=True,
                quiet=True,
            )
            for path, name in (
                ("/console/{file}", "readConsoleFile"),
                ("/console/assets/{file}", "readConsoleAsset"),
            )
        ),
    )
