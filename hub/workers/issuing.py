# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Fetches the keys of the operators' issuer, so that no request waits for it. 外部身份公钥"""

import asyncio

import aiohttp

from hub.running import Hub


async def keep_issuer_keys(hub: Hub) -> None:
    """Until cancelled. Without an issuer there is nothing to do."""
    if hub.issuer is None:
        await asyncio.Event().wait()
        return
    async with aiohttp.ClientSession(trust_env=False) as http:
        await hub.issuer.keep_fetching(http)
