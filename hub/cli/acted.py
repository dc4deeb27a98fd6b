# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a command says of the act that it ordered."""

from collections.abc import Callable

import typer

from contracts.text import Text
from hub.acting import Answer
from hub.api.dead_views import act_document
from hub.clearance import OutOfScope
from hub.cli.consulting import away, hindered
from hub.cli.telling import stop, tell_json
from hub.ports.journal import Acted, JournalDown, NoSuch, RequestTaken
from hub.second_person import Unapproved


def no_such_case(case: str) -> tuple[Text, Text]:
    """That a case is not there, and what to do."""
    return Text(f"没有办件 {case}。", f"There is no case {case}."), Text("请核对编号。", "See to its number.")


def tell_act(answer: Answer, done: Callable[[Acted], str], missing: tuple[Text, Text], *, as_json: bool) -> None:
    """The act as it is recorded; ends the command where it is not. ``missing``: what it was to be done to is not there."""
    match answer:
        case Acted() if as_json:
            tell_json(act_document(answer))
        case Acted():
            typer.echo(done(answer))
        case NoSuch():
            stop(*missing, as_json=as_json)
        case RequestTaken() | OutOfScope() | Unapproved():
            hindered(answer, as_json=as_json)
        case JournalDown():
            away(answer, as_json=as_json)
