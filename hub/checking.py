# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Asking every far side of a deployment whether it is there, without a hub: each is opened as the hub would, and asked."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from structlog.typing import FilteringBoundLogger

from connectors.sdk import InDoubt, Lookup, Outcome, Rejected, Sink, Source, Unavailable
from connectors.sdk.guard import QUESTION_SECONDS, guarded, raised
from connectors.sdk.metrics import Meter
from hub.config.credentials import secrets_of
from hub.config.intake import Called
from hub.config.load import Loaded
from hub.lookups.desk import open_lookup
from hub.openings import open_sink, open_source
from hub.ports.clock import SystemClock


@dataclass(frozen=True, slots=True)
class Checked:
    """One destination, source or lookup, and what came of asking; ``outcome`` is None for one that is called and calls nobody."""

    name: str
    role: str
    kind: str
    isolation: str
    outcome: Outcome | None

    @property
    def detail(self) -> str:
        """What it said, in one line."""
        match self.outcome:
            case Unavailable(reason=reason) | InDoubt(reason=reason):
                return reason
            case Rejected(code=code, detail=detail):
                return f"{code} {detail}".strip()
            case _:
                return ""


async def check_all(loaded: Loaded, log: FilteringBoundLogger) -> list[Checked]:
    """All of them at once; no check has an effect at a far side."""
    clock = SystemClock()
    asked: list[Awaitable[Checked]] = []
    for name, endpoint in loaded.endpoints.items():
        about = Checked(name, "destination", endpoint.section.connector, endpoint.isolation, None)
        if endpoint.processor is not None:
            asked.append(_untold(about))
            continue
        secret = secrets_of(loaded, endpoint.section.settings)
        asked.append(_checked(open_sink(endpoint, secret, clock, log, Meter()), about))
    for name, intake in loaded.intakes.items():
        about = Checked(name, "source", intake.section.connector, intake.isolation, None)
        if isinstance(intake, Called):
            asked.append(_untold(about))
            continue
        secret = secrets_of(loaded, intake.section.settings)
        opened = open_source(intake, secret, clock, log, Meter())
        asked.append(_checked(opened, about))
    for name, askable in loaded.lookups.items():
        about = Checked(name, "lookup", askable.section.connector, askable.isolation, None)
        secret = secrets_of(loaded, askable.section.settings)
        asked.append(_checked(open_lookup(askable, secret, clock, log), about))
    return list(await asyncio.gather(*asked))


async def _untold(about: Checked) -> Checked:
    return about


async def _checked(
    opening: AbstractAsyncContextManager[Sink]
    | AbstractAsyncContextManager[Source]
    | AbstractAsyncContextManager[Lookup],
    about: Checked,
) -> Checked:
    def with_outcome(outcome: Outcome) -> Checked:
        return Checked(about.name, about.role, about.kind, about.isolation, outcome)

    try:
        async with opening as opened:
            check: Callable[[], Awaitable[Outcome]] = opened.check
            return with_outcome(await guarded(check, QUESTION_SECONDS))
    except Exception as error:  # noqa: BLE001  # because a connector's code may raise anything
        return with_outcome(InDoubt(f"CONNECTOR_RAISED: {raised(error)}"))
