# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub answers``: deliveries whose final answer has not come, and what operators say became of them."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text as Plain

from connectors.sdk import Idempotency
from contracts.refusal_codes import CODES
from hub.api.answer_documents import unanswered_document
from hub.api.dead_views import act_document
from hub.clearance import Clearance
from hub.cli.consulting import away, consulted
from hub.cli.dead_acting import Actor, Reason, Request, order_for
from hub.cli.telling import DEFAULT_CONFIG, AsJson, Config, stop, tell_json
from hub.config.load import Loaded
from hub.deciding import Deciding, Verdict, refused
from hub.operating import second_person_of
from hub.ports.clock import SystemClock
from hub.ports.ids import TimeOrderedIds
from hub.ports.journal import Acted, Journal, JournalDown, Unanswered

app = typer.Typer(
    help="待答复：对方已受理而最终答复未到的投递。 What far sides have accepted and not answered.",
    no_args_is_help=True,
)
_PAGE = 500


@app.command(name="list")
def list_answers(
    destination: Annotated[str | None, typer.Option(help="只看此目的地。 Only this destination's.")] = None,
    overdue: Annotated[bool, typer.Option("--overdue", help="只看逾期的。 Only those that are overdue.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="至多件数。 The most deliveries.")] = 100,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """列出未答复的投递及已等多久。 Those that are not answered, and how long they have waited."""
    asyncio.run(_list(destination, limit, config, overdue=overdue, as_json=as_json))


async def _list(destination: str | None, limit: int, config: Path, *, overdue: bool, as_json: bool) -> None:
    now = SystemClock().now()
    found: list[Unanswered] = []
    async with consulted(config, as_json=as_json) as (_, journal):
        while len(found) < limit:
            wanted = min(_PAGE, limit - len(found))
            after = (found[-1].destination, found[-1].delivery) if found else ("", UUID(int=0))
            page = await journal.unanswered.listed(
                after, wanted, destination=destination, due_before=now if overdue else None
            )
            if isinstance(page, JournalDown):
                away(page, as_json=as_json)
            found += page
            if len(page) < wanted:
                break
    if as_json:
        tell_json({"answers": [unanswered_document(one, now) for one in found]})
    else:
        _tell(found, now)


def _tell(found: Sequence[Unanswered], now: datetime) -> None:
    if not found:
        typer.echo("没有待答复的投递。 Everything is answered.")
        return
    table = Table(box=None, pad_edge=False)
    for column in ("目的地 destination", "办件 case", "契约 contract", "凭据 reference", "已等 waited", "逾期 overdue",
                   "挡住 behind", "投递 delivery"):  # fmt: skip
        table.add_column(column, overflow="fold")
    for one in found:
        late = "是 yes" if one.due is not None and one.due <= now else ""
        waited = timedelta(seconds=max(0, int((now - one.since).total_seconds())))
        table.add_row(
            Plain(one.destination), Plain(one.case), Plain(one.contract), Plain(one.reference), str(waited), late,
            str(one.behind), str(one.delivery),
        )  # fmt: skip
    console = Console()
    if not console.is_terminal:  # for files and pipes nothing is cut or folded
        console.width = 400
    console.print(table)


@app.command()
def decide(
    delivery: Annotated[list[UUID], typer.Argument(help="投递编号。 Deliveries.")],
    *,
    verdict: Annotated[
        Verdict,
        typer.Option(
            help="delivered 已送达；rejected 对方拒收，列为死信；ask 立即询问对方。"
            " It is delivered; refused, and a dead letter; or the far side is asked now."
        ),
    ],
    reason: Reason,
    reference: Annotated[str, typer.Option(help="对方凭证号。 The far side's own proof.")] = "",
    request: Request = "",
    actor: Actor = "",
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """认定未答复的投递。 Say what became of deliveries that are not answered."""
    asyncio.run(_decide(delivery, verdict, reference, config, actor, request, reason, as_json=as_json))


async def _decide(
    deliveries: Sequence[UUID],
    verdict: Verdict,
    reference: str,
    config: Path,
    actor: str,
    request: str,
    reason: str,
    *,
    as_json: bool,
) -> None:
    async with consulted(config, as_json=as_json) as (loaded, journal):
        on = _deciding(loaded, journal)
        answer = await on.decide(order_for(on.ids, actor, request, reason, "answer"), deliveries, verdict, reference)
    match answer:
        case Acted(_, applied, again):
            if as_json:
                tell_json(act_document(answer))
            else:
                once = "早先已执行" if again else "已记录"
                typer.echo(f"{once}，改变 {applied} 件。 {'Done before' if again else 'Recorded'}; {applied} changed.")
        case JournalDown():
            away(answer, as_json=as_json)
        case _:
            refusal = refused(answer)
            stop(refusal.detail, CODES[refusal.code].remedy, as_json=as_json)


def _deciding(loaded: Loaded, journal: Journal) -> Deciding:
    clock = SystemClock()
    endpoints = loaded.endpoints.items()
    return Deciding(
        hub=loaded.deployment.hub.name,
        clock=clock,
        ids=TimeOrderedIds(clock),
        unanswered=journal.unanswered,
        askable=frozenset(name for name, one in endpoints if one.promises.idempotency is Idempotency.QUERYABLE),
        yielding=frozenset(name for name, one in endpoints if one.section.on_dead == "continue"),
        clearance=Clearance(
            jurisdictions=journal.jurisdictions,
            places=loaded.places(),
            second=second_person_of(loaded.deployment.operating, journal, clock, TimeOrderedIds(clock)),
        ),
    )
