# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What hears a connector's process beside its answers and log lines."""

from typing import Protocol

from connectors.sdk.wire import Frame


class Listener(Protocol):
    """Hears what a child says beyond answers and log lines, in the order in which it says it. Pure bookkeeping."""

    @property
    def max_body_bytes(self) -> int:
        """The longest body that may stand behind a message."""
        ...

    def hear(self, frame: Frame) -> str:
        """Take one message; gives what is wrong with it, if something is, and the child is ended over it."""
        ...

    def ended(self) -> None:
        """The child is dead: nothing more will come."""
        ...


class Deaf:
    """For a child that has nothing else to say. ``max_body_bytes``: how much may stand behind an answer."""

    def __init__(self, max_body_bytes: int = 0) -> None:
        self.max_body_bytes = max_body_bytes

    def hear(self, frame: Frame) -> str:  # noqa: ARG002  # because it is not listened to
        """Everything is wrong."""
        return "not a message"

    def ended(self) -> None:
        """Nobody waits."""
