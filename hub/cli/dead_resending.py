# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub dead resend``: tell what would be sent, ask, send, and watch it go."""

from dataclasses import dataclass, replace
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import Progress

from contracts.text import Text
from hub.act_refusals import refusal_of
from hub.acting import Acting, Order
from hub.api.dead_views import dry_run_document, replay_document
from hub.clearance import OutOfScope
from hub.cli.consulting import away, hindered
from hub.cli.dead_acting import agreed
from hub.cli.dead_tables import tell_lots
from hub.cli.telling import stop, tell_json
from hub.ports.clock import SystemClock
from hub.ports.journal import Acted, DeadGroup, JournalDown, Named, OfGroup, Pace, Previewed, ReplayState, ReplayView

_LOOK_SECONDS = 0.5
_OPEN = ("pending", "released", "held")


@dataclass(frozen=True, slots=True)
class Resend:
    """What the command line asked for."""

    wanted: Named | OfGroup
    replan: bool = False
    dry_run: bool = False
    rate: int = 50
    tolerance: float = 0.1
    wait: bool = False
    yes: bool = False


async def _previewed(on: Acting, wanted: Named | OfGroup, *, replan: bool, as_json: bool) -> Previewed:
    previewed = await on.preview(wanted, replan=replan)
    if isinstance(previewed, JournalDown):
        away(previewed, as_json=as_json)
    if isinstance(previewed, OutOfScope):  # on this machine nobody's scope is limited
        hindered(previewed, as_json=as_json)
    return previewed


async def resend_deliveries(on: Acting, wish: Resend, order: Order, *, as_json: bool) -> None:
    """The dry run, and what follows from it."""
    wanted = wish.wanted
    if isinstance(wanted, OfGroup):
        group = await on.journal.dead_letters.group(wanted.group)
        if not isinstance(group, DeadGroup):
            refusal = refusal_of(group)
            stop(refusal.detail, Text("请用 govhub dead list 查看。", "See govhub dead list."), as_json=as_json)
        wanted = replace(wanted, seen=group.newest)  # no more is sent than is told now
    previewed = await _previewed(on, wanted, as_json=as_json, replan=wish.replan)
    told = dry_run_document(previewed.lots, wanted.seen if isinstance(wanted, OfGroup) else None)
    if not as_json:
        tell_lots(previewed.lots)
        typer.echo(f"将处理 {told['would']} 件，不能处理 {told['cannot']} 件。 {told['would']} would go.")
    if wish.dry_run:
        if as_json:
            tell_json(told)
        return
    agreed("现在重放？ Send them again?", yes=wish.yes, as_json=as_json)
    pace = Pace(rate=wish.rate, tolerance=wish.tolerance)
    answer = await on.resend(order, wanted, pace, replan=wish.replan)
    if not isinstance(answer, Acted):
        refusal = refusal_of(answer)
        stop(refusal.detail, Text("请换一个 --request。", "Use another --request."), as_json=as_json)
    view = await _watched(on, answer.id, as_json=as_json) if wish.wait else await _view(on, answer.id, as_json=as_json)
    tell_replay(view, as_json=as_json)
    if view.state is ReplayState.STOPPED:
        raise typer.Exit(1)


def tell_replay(view: ReplayView, *, as_json: bool) -> None:
    """How a replay stands."""
    if as_json:
        tell_json(replay_document(view))
        return
    tell_lots(view.lots)
    typer.echo(f"重放 replay {view.id}: {view.state.value}")
    if view.stop_code:
        by = view.stopped_by or "自行停止 by itself"
        typer.echo(f"停止 stopped: {by}  {view.stop_code} {view.stop_detail}")
    elif view.state is ReplayState.RUNNING:
        typer.echo(f"由运行中的中枢逐级发送；查看进展：govhub dead replays {view.id} （running hubs carry it on）")


async def _view(on: Acting, replay: UUID, *, as_json: bool) -> ReplayView:
    view = await on.journal.replays.view(replay)
    if isinstance(view, JournalDown):
        away(view, as_json=as_json)
    assert isinstance(view, ReplayView), "it was started just now"
    return view


async def _watched(on: Acting, replay: UUID, *, as_json: bool) -> ReplayView:
    """The replay when it runs no more, with a bar until then."""
    view = await _view(on, replay, as_json=as_json)
    with Progress(console=Console(stderr=True), disable=as_json) as bar:
        task = bar.add_task("重放 replay", total=sum(view.counts.values()))
        while view.state is ReplayState.RUNNING:
            open_ones = sum(view.counts.get(state, 0) for state in _OPEN)
            bar.update(task, completed=sum(view.counts.values()) - open_ones)
            await SystemClock().sleep(_LOOK_SECONDS)
            view = await _view(on, replay, as_json=as_json)
        bar.update(task, completed=sum(view.counts.values()))
    return view
