# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Everything a connector under trial says to its log, and everything it asks of its secrets."""

from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

import structlog
from structlog.typing import FilteringBoundLogger

BLOCKED = "connector blocked"
"""What the host of a child says, not the connector: on a busy machine also of an honest one. Another rule asks for it."""


@dataclass(slots=True)
class Overheard:
    """``said`` are the events' names, ``lines`` whole lines as text."""

    said: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def log(self) -> FilteringBoundLogger:
        """A log that writes nowhere else."""

        def overhear(_logger: object, level: str, event: MutableMapping[str, Any]) -> NoReturn:
            if event.get("event") == BLOCKED:
                raise structlog.DropEvent
            self.said.append(str(event.get("event")))
            self.lines.append(f"{level} {dict(event)}")
            raise structlog.DropEvent

        logger: FilteringBoundLogger = structlog.wrap_logger(
            None, processors=[overhear], wrapper_class=structlog.make_filtering_bound_logger(0)
        )
        return logger


@dataclass(slots=True)
class Vault:
    """Secrets that can be changed and taken away, and who asked for them. Called as a context's ``secret``."""

    opened: Callable[[str], str]
    asked: list[str] = field(default_factory=list)
    given: list[str] = field(default_factory=list)
    """Every value that was ever given away."""
    gone: bool = False
    """Whether there are none for now."""
    suffix: str = ""
    """What stands behind each value since it was rotated."""

    def __call__(self, name: str) -> str:
        """The present value. Raises ``KeyError``."""
        self.asked.append(str.__str__(name))
        if self.gone:
            raise KeyError(str.__str__(name))
        value = self.opened(name) + self.suffix
        self.given.append(value)
        return value
