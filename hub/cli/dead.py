# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub dead``: look at dead letters, and act on them, directly on the journal, beside running hubs."""

import asyncio
from typing import Annotated, NoReturn
from uuid import UUID

import typer

from contracts.text import Text
from hub.act_refusals import refusal_of
from hub.acting import Acting, Answer, Order, Undone
from hub.api.dead_views import act_document, entry_document, group_document, replay_document
from hub.cli.consulting import away
from hub.cli.dead_acting import Actor, Deliveries, Group, Reason, Request, Yes, acting, agreed, order_of, wanted_of
from hub.cli.dead_resending import Resend, resend_deliveries, tell_replay
from hub.cli.dead_tables import tell_entries, tell_groups, tell_replays
from hub.cli.telling import DEFAULT_CONFIG, AsJson, Config, stop, tell_json
from hub.ports.journal import Acted, DeadEntry, DeadGroup, JournalDown, Named, NoSuch, OfGroup, ReplayView

app = typer.Typer(
    help="死信：查看、重放、跳过、认定。 Dead letters: look, resend, discard, resolve.", no_args_is_help=True
)

Replay = Annotated[UUID, typer.Argument(help="重放编号。 The replay's id.")]
_PAGE = 100


@app.command(name="list")
def list_groups(
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="至多组数。 The most groups.")] = 200,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """列出死信组，最近失败的在前。 List the groups, those that failed last ahead."""

    async def work() -> None:
        async with acting(config, as_json=as_json) as on:
            groups: list[DeadGroup] = []
            while len(groups) < limit:
                wanted = min(_PAGE, limit - len(groups))
                found = await on.journal.dead_letters.groups(groups[-1].id if groups else 0, wanted)
                if isinstance(found, JournalDown):
                    away(found, as_json=as_json)
                groups += found
                if len(found) < wanted:
                    break
        groups.sort(key=lambda group: str(group.newest), reverse=True)
        if as_json:
            tell_json({"groups": [group_document(group) for group in groups]})
        else:
            tell_groups(groups)

    asyncio.run(work())


@app.command()
def show(
    group: Group,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="至多件数。 The most deliveries.")] = 50,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """一个死信组及其投递，不含消息内容。 A group and its deliveries; nothing of what the messages say."""

    async def work() -> None:
        async with acting(config, as_json=as_json) as on:
            found = await on.journal.dead_letters.group(group)
            if not isinstance(found, DeadGroup):
                _refused(found, as_json=as_json)
            entries: list[DeadEntry] = []
            while len(entries) < limit:
                after = (entries[-1].failed_at, entries[-1].delivery) if entries else None
                wanted = min(_PAGE, limit - len(entries))
                page = await on.journal.dead_letters.entries(group, after, wanted)
                if isinstance(page, JournalDown):
                    away(page, as_json=as_json)
                entries += page
                if len(page) < wanted:
                    break
        if as_json:
            tell_json({"group": group_document(found), "deliveries": [entry_document(entry) for entry in entries]})
        else:
            tell_groups([found])
            tell_entries(entries)

    asyncio.run(work())


@app.command()
def note(
    group: Group,
    text: Annotated[str, typer.Argument(help="备注，空则清除。 The note; empty takes it away.")],
    actor: Actor = "",
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """给死信组写备注。 Leave a note on a group."""

    async def work() -> None:
        async with acting(config, as_json=as_json) as on:
            _tell(await on.note(order_of(on, actor, "", "", "note"), group, text), as_json=as_json)

    asyncio.run(work())


@app.command()
def resend(
    group: Annotated[int | None, typer.Argument(help="死信组编号。 The group's number.")] = None,
    delivery: Deliveries = None,
    *,
    reason: Reason,
    replan: Annotated[
        bool, typer.Option("--replan", help="按现行路由表。 By the present routes; whoever has it gets no second.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只试算。 Only tell what would be sent.")] = False,
    rate: Annotated[int, typer.Option(min=1, max=1000, help="每秒至多件数。 The most a second.")] = 50,
    tolerance: Annotated[
        float, typer.Option(min=0, max=1, help="一级中可再次失败的比例。 The share of a step that may fail again.")
    ] = 0.1,
    wait: Annotated[bool, typer.Option("--wait", help="等到结束，显示进度。 Wait for its end; show progress.")] = False,
    yes: Yes = False,
    request: Request = "",
    actor: Actor = "",
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """重放：先试算，确认后逐级发送。 Send again: a dry run first, then step by step once you agree."""
    wish = Resend(wanted_of(group, delivery, as_json=as_json), replan, dry_run, rate, tolerance, wait, yes)

    async def work() -> None:
        async with acting(config, as_json=as_json) as on:
            await resend_deliveries(on, wish, order_of(on, actor, request, reason, "resend"), as_json=as_json)

    asyncio.run(work())


@app.command()
def discard(
    group: Annotated[int | None, typer.Argument(help="死信组编号。 The group's number.")] = None,
    delivery: Deliveries = None,
    *,
    reason: Reason,
    yes: Yes = False,
    request: Request = "",
    actor: Actor = "",
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """跳过：不再投递，通道放行；理由会告知发送方。 Discard for good; lanes go on, and senders are told the reason."""
    wanted = wanted_of(group, delivery, as_json=as_json)

    async def work() -> None:
        async with acting(config, as_json=as_json) as on:
            if isinstance(wanted, OfGroup):
                await _discard_group(
                    on, wanted, order_of(on, actor, request, reason, "discard"), yes=yes, as_json=as_json
                )
                return
            agreed(f"跳过 {len(wanted.deliveries)} 件投递？ Discard them?", yes=yes, as_json=as_json)
            _tell(await on.discard(order_of(on, actor, request, reason, "discard"), wanted), as_json=as_json)

    asyncio.run(work())


async def _discard_group(on: Acting, wanted: OfGroup, order: Order, *, yes: bool, as_json: bool) -> None:
    """Up to what was there when it was asked for, in acts of a thousand."""
    group = await on.journal.dead_letters.group(wanted.group)
    if not isinstance(group, DeadGroup):
        _refused(group, as_json=as_json)
    agreed(f"跳过 {group.count}{'+' if group.more else ''} 件投递？ Discard them?", yes=yes, as_json=as_json)
    acts, applied, seen = 0, 0, group.newest
    while isinstance(group, DeadGroup) and group.oldest is not None and seen is not None and group.oldest <= seen:
        part = Order(order.actor, order.via, f"{order.request}.{acts}", order.reason)
        answer = await on.discard(part, OfGroup(group.id, seen))
        if not isinstance(answer, Acted):
            _refused(answer, as_json=as_json)
        acts, applied = acts + 1, applied + answer.applied
        if not answer.applied:
            break
        group = await on.journal.dead_letters.group(wanted.group)
    if as_json:
        tell_json({"request": order.request, "acts": acts, "applied": applied})
    else:
        typer.echo(f"已跳过 {applied} 件。 {applied} discarded.")


@app.command()
def resolve(
    delivery: Annotated[list[UUID], typer.Argument(help="存疑投递的编号。 Deliveries in doubt.")],
    *,
    delivered: Annotated[
        bool,
        typer.Option("--delivered/--not-delivered", help="已送达，或未送达（随即重放）。 Or not: it is sent again."),
    ],
    reason: Reason,
    reference: Annotated[str, typer.Option(help="对方凭证号。 The far side's own proof.")] = "",
    request: Request = "",
    actor: Actor = "",
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """认定存疑投递的结果。 Say what deliveries in doubt came to."""

    async def work() -> None:
        async with acting(config, as_json=as_json) as on:
            order = order_of(on, actor, request, reason, "resolve")
            if delivered:
                _tell(await on.resolve_delivered(order, Named(tuple(delivery)), reference), as_json=as_json)
                return
            wish = Resend(Named(tuple(delivery), doubtful=True), yes=True)
            await resend_deliveries(on, wish, order, as_json=as_json)

    asyncio.run(work())


@app.command()
def replays(
    replay: Annotated[UUID | None, typer.Argument(help="重放编号。 One replay.")] = None,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """最近的重放，或一次重放的进展。 The newest replays, or how one stands."""

    async def work() -> None:
        async with acting(config, as_json=as_json) as on:
            if replay is None:
                found = await on.journal.replays.list(20)
                if isinstance(found, JournalDown):
                    away(found, as_json=as_json)
                if as_json:
                    tell_json({"replays": [replay_document(one) for one in found]})
                else:
                    tell_replays(found)
                return
            view = await on.journal.replays.view(replay)
            if not isinstance(view, ReplayView):
                _refused(view, as_json=as_json)
            tell_replay(view, as_json=as_json)

    asyncio.run(work())


@app.command(name="stop")
def stop_replay(
    replay: Replay, *, reason: Reason, actor: Actor = "", config: Config = DEFAULT_CONFIG, as_json: AsJson = False
) -> None:
    """停止一次重放；已发出的照常结束。 Stop a replay; what is under way ends as it may."""

    async def work() -> None:
        async with acting(config, as_json=as_json) as on:
            _tell(await on.stop(order_of(on, actor, "", reason, "stop"), replay), as_json=as_json)

    asyncio.run(work())


@app.command()
def resume(
    replay: Replay, *, reason: Reason, actor: Actor = "", config: Config = DEFAULT_CONFIG, as_json: AsJson = False
) -> None:
    """继续已停止的重放，自最小一级起。 Let a stopped replay go on, from the smallest step."""

    async def work() -> None:
        async with acting(config, as_json=as_json) as on:
            _tell(await on.resume(order_of(on, actor, "", reason, "resume"), replay), as_json=as_json)

    asyncio.run(work())


def _tell(answer: Answer | Undone, *, as_json: bool) -> None:
    if not isinstance(answer, Acted):
        _refused(answer, as_json=as_json)
    if as_json:
        tell_json(act_document(answer))
    elif answer.again:
        typer.echo(f"早先已执行，改变 {answer.applied} 件。 Done before; {answer.applied} changed then.")
    else:
        typer.echo(f"已记录，改变 {answer.applied} 件。 Recorded; {answer.applied} changed.")


def _refused(answer: NoSuch | Answer | Undone, *, as_json: bool) -> NoReturn:
    if isinstance(answer, JournalDown):
        away(answer, as_json=as_json)
    assert not isinstance(answer, Acted), "an act that is recorded is no refusal"
    refusal = refusal_of(answer)
    remedy = Text("请用 govhub dead list 与 replays 查看。", "See govhub dead list and replays.")
    stop(refusal.detail, remedy, as_json=as_json)
