# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The named points of the path. In production reaching one does nothing; a crash test ends the process there."""

from enum import StrEnum
from typing import Protocol


class Point(StrEnum):
    """Every point at which a message's fate changes hands, in the order of the path."""

    BEFORE_ACCEPT_COMMIT = "accept.before_commit"
    AFTER_ACCEPT_COMMIT = "accept.after_commit"
    BEFORE_PUBLISH = "relay.before_publish"
    AFTER_PUBLISH = "relay.after_publish"
    BEFORE_CLAIM_COMMIT = "deliver.before_claim_commit"
    AFTER_CLAIM_COMMIT = "deliver.after_claim_commit"
    BEFORE_SEND = "deliver.before_send"
    AFTER_SEND = "deliver.after_send"
    BEFORE_SETTLE_COMMIT = "deliver.before_settle_commit"
    AFTER_SETTLE_COMMIT = "deliver.after_settle_commit"
    BEFORE_ACKNOWLEDGE = "deliver.before_acknowledge"
    AFTER_ACKNOWLEDGE = "deliver.after_acknowledge"


class Probe(Protocol):
    """Told whenever a point is reached. Must not block, raise or await."""

    def reach(self, point: Point) -> None: ...


class Quiet:
    """The probe of a running hub: nothing happens."""

    def reach(self, point: Point) -> None:
        """Nothing."""
