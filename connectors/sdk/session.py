# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The HTTP session a destination is lent: its own pool, no memory, no surprises from the environment."""

import aiohttp
from aiohttp.abc import AbstractResolver

_DNS_SECONDS = 10
_CONNECT_SECONDS = 10.0
_IDLE_SECONDS = 15.0


def open_session(connections: int = 100, resolver: AbstractResolver | None = None) -> aiohttp.ClientSession:
    """A session for one destination, to be closed by the caller; ``connections`` is the size of its pool.

    ``resolver`` looks names up instead of the system's.
    It keeps no cookies (one case's answer must not colour the next request), reads no proxy or netrc from the
    environment, and has no total time-out of its own: each request brings the parcel's.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            limit=connections, ttl_dns_cache=_DNS_SECONDS, keepalive_timeout=_IDLE_SECONDS, resolver=resolver
        ),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_SECONDS),
        trust_env=False,
        auto_decompress=False,
    )
