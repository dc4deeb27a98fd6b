# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The public surface is written down: a change here is a change for every third party."""

from connectors import sdk


def test_the_surface_is_pinned() -> None:
    assert sdk.__all__ == [
        "Accepted",
        "Answer",
        "Connector",
        "Context",
        "Delivered",
        "Idempotency",
        "InDoubt",
        "Item",
        "Manifest",
        "NotNow",
        "NotSeen",
        "Outcome",
        "Parcel",
        "QueryOutcome",
        "Refused",
        "Rejected",
        "Rendering",
        "Role",
        "Settings",
        "Sink",
        "Source",
        "SourceConnector",
        "Taken",
        "Unavailable",
    ]
    assert all(hasattr(sdk, name) for name in sdk.__all__)
