# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A deployment's journal for a command that works on it, beside running hubs or without any."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NoReturn

import typer

from contracts.refusal_codes import CODES
from contracts.text import Text
from hub.act_refusals import refusal_of
from hub.app import consulting
from hub.clearance import OutOfScope
from hub.cli.telling import FAULTY, stop, tell_faults
from hub.config.load import Loaded, load_deployment
from hub.logging import configure
from hub.ports.journal import Journal, JournalDown, RequestTaken
from hub.second_person import Unapproved
from hub.start_failures import Failure


@asynccontextmanager
async def consulted(config: Path, *, as_json: bool) -> AsyncIterator[tuple[Loaded, Journal]]:
    """A deployment and its journal; ends the command when one of them cannot be had."""
    loaded = load_deployment(config)
    if not isinstance(loaded, Loaded):
        tell_faults(loaded, as_json=as_json)
        raise typer.Exit(FAULTY)
    async with consulting(loaded, configure("error")) as journal:
        if isinstance(journal, Failure):
            stop(journal.reason, journal.remedy, as_json=as_json, code=FAULTY)
        yield loaded, journal


def hindered(answer: RequestTaken | OutOfScope | Unapproved, *, as_json: bool) -> NoReturn:
    """End the command: the act wants a second person, is beyond a scope, or its request named another; nothing was done."""
    if isinstance(answer, RequestTaken):
        request_taken(as_json=as_json)
    refusal = refusal_of(answer)
    stop(refusal.detail, CODES[refusal.code].remedy, as_json=as_json, code=FAULTY)


def request_taken(*, as_json: bool) -> NoReturn:
    """End the command because another act was recorded under this request; nothing was done."""
    stop(
        Text("这个操作名称已用于另一操作。", "Another act was done under this name."),
        Text("请换一个 --request。", "Give another --request."),
        as_json=as_json,
        code=2,
    )


def away(down: JournalDown, *, as_json: bool) -> NoReturn:
    """End the command because the journal does not answer."""
    stop(
        Text(f"登记库不可用（{down.reason}）。", f"The journal is away ({down.reason})."),
        Text("请稍后再试。", "Try again later."),
        as_json=as_json,
    )
