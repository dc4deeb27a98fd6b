# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub reconcile``: compare a day with a counterparty, down to the cases, and mend what may be mended. 对账"""

import asyncio
import getpass
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, NoReturn
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import Progress

from contracts import strict_json
from contracts.contract import Checked
from contracts.families.oversight.reconciliation_counted import CONTRACT, ReconciliationCounted
from contracts.refusal import Refusal
from contracts.refusal_codes import CODES
from contracts.text import Text
from hub.act_refusals import refusal_of
from hub.api.reconciliation_documents import (
    card_document,
    difference_document,
    proposal_document,
    reconciliation_document,
    statement_document,
)
from hub.app import agreements_for
from hub.cli.dead_acting import Actor, Reason, Request, Yes, acting, agreed, order_of
from hub.cli.dead_resending import tell_replay
from hub.cli.dead_tables import tell_lots
from hub.cli.reconcile_tables import tell_cards, tell_differences, tell_reconciliations
from hub.cli.telling import DEFAULT_CONFIG, AsJson, Config, stop, tell_json
from hub.config.load import Loaded, load_deployment
from hub.ports.journal import Acted, JournalDown, Pace, ReplayView
from hub.ports.journal.reconciling import Reconciliation
from hub.reconcile.desk import Reconciling
from hub.reconcile.scorecard import worst_first

app = typer.Typer(help="对账：比对、查找差异、补推、签署。 Reconcile with counterparties.", no_args_is_help=True)

Id = Annotated[UUID, typer.Argument(help="对账编号。 The reconciliation's id.")]
Day = Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="对账日。 The day.")]
Far = Annotated[
    list[Path] | None,
    typer.Option(
        "--far", help="对方清单文件（JSON），可多次。 The far side's manifests, in their order; may be repeated."
    ),
]
_LARGEST = 64 * 1024 * 1024


@app.command()
def run(
    agreement: Annotated[str, typer.Argument(help="对账约定。 The agreement.")],
    day: Day,
    far: Far = None,
    actor: Actor = "",
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """统计一天，并与对方清单（如有）比对。 Count a day, and compare it with the far side's manifests, if any."""

    async def work() -> None:
        async with _desk(config, as_json=as_json) as desk:
            with Progress(console=Console(stderr=True), disable=as_json) as bar:
                task = bar.add_task("统计 counting", total=None)
                counted = await desk.run(
                    agreement, day.date(), actor or getpass.getuser(), lambda n: bar.update(task, completed=n)
                )
            counted = _must(counted, as_json=as_json)
            for file in far or ():
                counted = await _heard(desk, counted, file, as_json=as_json)
        _tell(counted, as_json=as_json)

    asyncio.run(work())


@app.command()
def show(
    reconciliation: Annotated[
        UUID | None, typer.Argument(help="对账编号；省略则列出最近的。 One; or the newest.")
    ] = None,
    agreement: Annotated[str | None, typer.Option(help="只看这一约定。 Of this agreement only.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="至多条数。 The most.")] = 20,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """一次对账的现状，或最近各次。 How one stands, or the newest."""

    async def work() -> None:
        async with _desk(config, as_json=as_json) as desk:
            if reconciliation is not None:
                _tell(_must(await desk.show(reconciliation), as_json=as_json), as_json=as_json)
                return
            found = await desk.journal.list(None, agreement, limit)
        if isinstance(found, JournalDown):
            _down(as_json=as_json)
        if as_json:
            tell_json({"reconciliations": [reconciliation_document(one) for one in found]})
        else:
            tell_reconciliations(found)

    asyncio.run(work())


@app.command()
def manifest(
    reconciliation: Id,
    node: Annotated[
        list[str] | None, typer.Option("--node", help="展开的节点，可多次。 A node to open; the root unless said.")
    ] = None,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """我方的对账清单（JSON），供对方比对。 Our manifest, as one JSON object, for the far side."""

    async def work() -> None:
        async with _desk(config, as_json=True) as desk:
            counted = _must(await desk.show(reconciliation), as_json=True)
            data = await desk.manifest(counted, node or [""], wanted=True)
        if isinstance(data, Refusal):
            _refused(data, as_json=True)
        tell_json(data)

    asyncio.run(work())


@app.command()
def drill(
    reconciliation: Id,
    far: Far = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000_000, help="至多条数。 The most differences.")] = 10_000,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """差异直至办件编号；--far 补充对方展开的节点。 What differs, down to the cases; --far adds what was opened."""

    async def work() -> None:
        async with _desk(config, as_json=as_json) as desk:
            counted = _must(await desk.show(reconciliation), as_json=as_json)
            for file in far or ():
                counted = await _heard(desk, counted, file, as_json=as_json)
            found = await desk.journal.differences(counted.id, None, 0, limit)
        if isinstance(found, JournalDown):
            _down(as_json=as_json)
        if as_json:
            tell_json({**reconciliation_document(counted), "found": [difference_document(one) for one in found]})
        else:
            tell_reconciliations([counted])
            tell_differences(found)

    asyncio.run(work())


@app.command()
def propose(reconciliation: Id, config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """补推方案：试算，不执行。 What could be sent once more; nothing is done."""

    async def work() -> None:
        async with _desk(config, as_json=as_json) as desk:
            await _proposed(desk, reconciliation, as_json=as_json, tell=True)

    asyncio.run(work())


@app.command()
def apply(
    reconciliation: Id,
    *,
    reason: Reason,
    rate: Annotated[int, typer.Option(min=1, max=1000, help="每秒至多件数。 The most a second.")] = 50,
    tolerance: Annotated[
        float, typer.Option(min=0, max=1, help="一级中可失败的比例。 The share of a step that may fail.")
    ] = 0.1,
    yes: Yes = False,
    request: Request = "",
    actor: Actor = "",
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """补推：确认后作为一次重放逐级发送。 Send once more what is missing, as a replay, once you agree."""

    async def work() -> None:
        async with _desk(config, as_json=as_json) as desk:
            await _proposed(desk, reconciliation, as_json=as_json, tell=not as_json)
            agreed("现在补推？ Send them once more?", yes=yes, as_json=as_json)
            order = order_of(desk.acting, actor, request, reason, "repush")
            answer = await desk.apply(order, reconciliation, Pace(rate=rate, tolerance=tolerance))
            if isinstance(answer, Refusal):
                _refused(answer, as_json=as_json)
            if not isinstance(answer, Acted):
                _refused(refusal_of(answer), as_json=as_json)
            view = await desk.acting.journal.replays.view(answer.id)
        if not isinstance(view, ReplayView):
            _down(as_json=as_json)
        tell_replay(view, as_json=as_json)

    asyncio.run(work())


@app.command()
def statement(
    reconciliation: Id,
    out: Annotated[
        Path | None, typer.Option("--out", help="写出 NAME.json 与 NAME.sig。 Write NAME.json and NAME.sig.")
    ] = None,
    actor: Actor = "",
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """签署的对账结论；只生成一次。 The signed statement; it is made once."""

    async def work() -> None:
        async with _desk(config, as_json=as_json) as desk:
            stated = _must(await desk.state(reconciliation, actor or getpass.getuser()), as_json=as_json)
        assert stated.statement is not None, "it is stated"
        assert stated.signature is not None, "it is signed"
        if out is not None:
            out.with_suffix(".json").write_bytes(stated.statement)
            out.with_suffix(".sig").write_bytes(stated.signature)
        if as_json:
            tell_json(statement_document(stated))
        else:
            typer.echo(stated.statement.decode())

    asyncio.run(work())


@app.command()
def scorecard(
    since: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="起始日（含）。 First day.")],
    until: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="截止日（不含）。 Day after the last.")],
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """各部门的及时率、完整率与旧版契约占比。 Timeliness, completeness and contract lag of every counterparty."""

    async def work() -> None:
        async with _desk(config, as_json=as_json) as desk:
            cards = await desk.scorecard(since.date(), until.date())
        if isinstance(cards, Refusal):
            _refused(cards, as_json=as_json)
        ordered = worst_first(cards)
        if as_json:
            days = {"since": since.date(), "until": until.date()}
            tell_json({**days, "cards": [card_document(card) for card in ordered]})
        else:
            tell_cards(ordered)

    asyncio.run(work())


@asynccontextmanager
async def _desk(config: Path, *, as_json: bool) -> AsyncIterator[Reconciling]:
    async with acting(config, as_json=as_json) as on:
        loaded = load_deployment(config)
        assert isinstance(loaded, Loaded), "it was loaded a moment ago"
        yield Reconciling.of(on, agreements_for(loaded))


async def _proposed(desk: Reconciling, reconciliation: UUID, *, as_json: bool, tell: bool) -> None:
    proposed = await desk.propose(reconciliation)
    if isinstance(proposed, Refusal):
        _refused(proposed, as_json=as_json)
    proposal, previewed = proposed
    document = proposal_document(proposal, previewed.lots)
    if tell and as_json:
        tell_json(document)
    elif tell:
        tell_lots(previewed.lots)
        left = ", ".join(f"{code} {n}" for code, n in sorted(document["left"].items()))
        typer.echo(
            f"可补推 {document['would']} 件；不补推：{left or '无'}。 {document['would']} would go; left alone: {left or '-'}"
        )


async def _heard(desk: Reconciling, counted: Reconciliation, file: Path, *, as_json: bool) -> Reconciliation:
    told = _manifest(file, as_json=as_json)
    heard = await desk.hear(told, "", f"file {file.name}")
    if isinstance(heard, Refusal):
        _refused(heard, as_json=as_json, file=file)
    if heard.id != counted.id:
        reason = Text(f"{file.name} 属于另一次对账。", f"{file.name} is of another reconciliation.")
        stop(reason, Text("核对约定与对账日。", "Check agreement and day."), as_json=as_json)
    return heard


def _manifest(file: Path, *, as_json: bool) -> ReconciliationCounted:
    try:
        if file.stat().st_size > _LARGEST:
            _unreadable(file, Text("文件过大", "it is too large"), as_json=as_json)
        value = strict_json.parse(file.read_bytes())
    except OSError as error:
        _unreadable(file, Text(str(error.strerror), str(error.strerror)), as_json=as_json)
    if isinstance(value, Refusal):
        _unreadable(file, value.detail, as_json=as_json)
    number = value.get("manifest_no") if isinstance(value, dict) else None
    checked = CONTRACT.check(value, number if isinstance(number, str) else None)
    if not isinstance(checked, Checked):
        _refused(CONTRACT.invalid(checked), as_json=as_json, file=file)
    return ReconciliationCounted.model_validate(value)


def _unreadable(file: Path, why: Text, *, as_json: bool) -> NoReturn:
    reason = Text(f"{file} 不是对账清单：{why.zh}", f"{file} is no manifest: {why.en}")
    stop(reason, Text("请提供一个 JSON 对象。", "Give one JSON object."), as_json=as_json, code=2)


def _must(found: Reconciliation | Refusal, *, as_json: bool) -> Reconciliation:
    if isinstance(found, Refusal):
        _refused(found, as_json=as_json)
    return found


def _refused(refusal: Refusal, *, as_json: bool, file: Path | None = None) -> NoReturn:
    told = "".join(f"\n  {one.path}: {one.expected}" for one in refusal.violations)
    where = f"{file}: " if file else ""
    reason = Text(
        f"{where}{refusal.code} {refusal.detail.zh}{told}", f"{where}{refusal.code} {refusal.detail.en}{told}"
    )
    stop(reason, CODES[refusal.code].remedy, as_json=as_json)


def _down(*, as_json: bool) -> NoReturn:
    stop(Text("登记库不可用。", "The journal is away."), Text("请稍后再试。", "Try again later."), as_json=as_json)


def _tell(counted: Reconciliation, *, as_json: bool) -> None:
    if as_json:
        tell_json(reconciliation_document(counted))
    else:
        tell_reconciliations([counted])
