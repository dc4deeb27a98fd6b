# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What of certificates and keys somebody should see to, as health tells it: with its age, and never with a word of a secret."""

from collections.abc import Iterator
from datetime import datetime

from hub.health import Condition
from hub.identities.identities import Identities


def identity_conditions(identities: Identities, now: datetime) -> Iterator[Condition]:
    """What runs out within thirty days or has, authorities that do not answer, files that cannot be read."""
    for one in identities.expiry.soon(now):
        until = one.until.isoformat(timespec="seconds")
        told = "expired at" if one.until <= now else "expires at"
        mark = f" {one.mark}" if one.mark else ""
        yield Condition("identity", f"{one.kind}{mark} of {one.holder} {told} {until}", now)
    for systems in sorted(identities.clients.holders.shared):
        yield Condition("identity", f"one key serves {' and '.join(systems)}; only its first holder is believed", now)
    feed = identities.feed
    if feed is not None:
        made = feed.made()
        for place, trouble in sorted(feed.troubles.items()):
            known = made.get(place)
            age = (
                "nothing is known from there"
                if known is None
                else f"known is that of {known.isoformat(timespec='seconds')}"
            )
            yield Condition("revocation", f"{place}: {trouble.reason}; {age}", trouble.since)
    for name in identities.unread:
        yield Condition("certificates", f"{name} cannot be read; what it held before serves", now)
