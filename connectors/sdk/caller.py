# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The far side a receiver is tried against: it calls, and understands what it is answered."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

from connectors.sdk.receiver import Reply, Request
from connectors.sdk.sink import Settings


class Understood(StrEnum):
    """What a reply tells its caller."""

    TAKEN = "taken"
    """It need not call again about this."""
    REFUSED = "refused"
    """It need not call again with this: it is wrong."""
    LATER = "later"
    """It should call again with this."""


class Caller(Protocol):
    """Written by a receiver's author for the rules of :mod:`connectors.sdk.receiver_rules`."""

    @property
    def settings(self) -> Settings:
        """The settings of a receiver for this caller."""
        ...

    def call(self, number: int) -> Request:
        """A good call, the same for the same number, that brings one message whose body holds ``number`` in decimal."""
        ...

    def forged(self, number: int) -> Sequence[Request]:
        """Calls like that one, each with something in it that a caller without the secret would get wrong: another body under
        the same signature, another moment, no signature, one too many. None where a receiver knows no secrets.
        """
        ...

    def understand(self, reply: Reply) -> Understood:
        """What the caller makes of a reply to a good call."""
        ...
