# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Keeping what the hub knows of certificates: files that changed, revocation lists and answers, what runs out soon."""

import asyncio

from hub.running import Hub


async def certify(hub: Hub) -> None:
    """Look at the files every few seconds, at their authorities every few minutes. Runs until cancelled.

    One failure never keeps the rest from being looked at; what was known before stays.
    """
    identities, due = hub.identities, hub.clock.monotonic()
    while True:
        found = await asyncio.to_thread(identities.reread)
        if found is not None:
            identities.take(found)
            if found.unread:
                hub.log.warning("certificates unreadable", files=list(found.unread))
            else:
                hub.log.info("certificates read", anchors=len(found.anchors), signing=len(found.signing))
        if identities.feed is not None and hub.clock.monotonic() >= due:
            await look_for_revocations(hub)
            due = hub.clock.monotonic() + identities.check_seconds
        identities.gather()
        identities.expiry.tell(hub.clock.now(), hub.log)
        await hub.clock.sleep(min(identities.reread_seconds, identities.check_seconds))


async def look_for_revocations(hub: Hub) -> None:
    """Ask every authority once."""
    identities, feed = hub.identities, hub.identities.feed
    if feed is None:
        return
    before = set(feed.troubles)
    found = await feed.look(tuple(identities.trusting.seen.values()), hub.clock.now())
    identities.trusting.learn(found)
    for place in sorted(set(feed.troubles) - before):
        hub.log.warning("no revocation status", place=place, reason=feed.troubles[place].reason)
    for place in sorted(before - set(feed.troubles)):
        hub.log.info("revocation status again", place=place)
