# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""How a request travels: over which session, under which TLS context, to whom. 出口"""

import ssl
from contextlib import AsyncExitStack
from typing import Self

import aiohttp
from yarl import URL

from connectors.rest.config import RestConfig
from connectors.sdk import Context, Rejected, Unavailable
from connectors.sdk.http.egress import CheckedResolver, Egress
from connectors.sdk.http.place import Document
from connectors.sdk.http.tls import LiveTls, TlsConfig
from connectors.sdk.session import open_session

MAX_CALLBACK = 2_048


class Ways:
    """Opened with its sink. Where egress is limited the session is its own, with a resolver that checks every address."""

    def __init__(self, config: RestConfig, context: Context) -> None:
        self._config = config
        self._context = context
        self._egress: Egress | None = config.egress
        written = config.tls or (TlsConfig(ca_file=config.tls_ca_file) if config.tls_ca_file is not None else None)
        self._tls = None if written is None else LiveTls(written)
        self._stack = AsyncExitStack()
        self.http: aiohttp.ClientSession = context.http

    async def __aenter__(self) -> Self:
        if self._egress is not None:
            self.http = await self._stack.enter_async_context(open_session(resolver=CheckedResolver(self._egress)))
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._stack.aclose()

    def tls(self) -> ssl.SSLContext | bool | Unavailable:
        """What to give aiohttp as ``ssl``."""
        if self._tls is None:
            return True
        try:
            return self._tls.present(self._context.monotonic())
        except OSError as error:  # also what is not a certificate: ssl.SSLError is an OSError
            kind = "TLS_CA_UNREADABLE" if self._config.tls_ca_file is not None else "TLS_FILES_UNREADABLE"
            return Unavailable(f"{kind}: {type(error).__name__}")

    def address(self, url: URL) -> URL | Rejected:
        """The address, if it may be called."""
        if self._egress is not None and not self._egress.allows(url):
            return REFUSED
        return url

    def callback(self, body: bytes, place: str) -> URL | Rejected:
        """The address that a message names, if it may be called."""
        text = Document(body).text(place) or ""
        try:
            url = URL(text) if 0 < len(text) <= MAX_CALLBACK and text.isprintable() else None
        except ValueError:
            url = None
        if url is None or url.scheme not in {"http", "https"} or not url.raw_host:
            return Rejected("CALLBACK_INVALID", "The message names no http or https address to send to.")
        return self.address(url.with_fragment(None))


REFUSED = Rejected("EGRESS_REFUSED", "The address is not one that this destination may call.")
