# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub bench compare``: the hub beside a bare relay, FastStream and the limits of the machine, in one run."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from statistics import median
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from contracts.text import Text
from hub.bench.adverse import Adversity, suffer
from hub.bench.comparing import Comparison, Findings, compare
from hub.bench.run import BenchFailure
from hub.cli.telling import AsJson, stop, tell_json

T = TypeVar("T")


def compare_with_peers(
    broker: Annotated[
        str | None, typer.Option(help="amqp 地址；省略则自行启动。 An amqp URL; without it one is started.")
    ] = None,
    journal: Annotated[
        str | None, typer.Option(help="PostgreSQL 地址；省略则自行启动。 A PostgreSQL URL; without it one is started.")
    ] = None,
    hub_bus: Annotated[
        str, typer.Option(help="中枢的总线：rabbitmq 或 memory。 The hub's bus: rabbitmq or memory.")
    ] = "rabbitmq",
    seconds: Annotated[float, typer.Option(min=1, max=600, help="每阶段秒数。 Seconds per phase.")] = 10,
    rounds: Annotated[int, typer.Option(min=1, max=50, help="轮数，交错进行。 Interleaved rounds.")] = 5,
    cases: Annotated[int, typer.Option(min=1, help="办件数。 Number of cases.")] = 10_000,
    in_flight: Annotated[
        int, typer.Option(min=1, max=1000, help="HTTP 满载并发。 Requests under way at saturation.")
    ] = 64,
    adverse: Annotated[
        bool,
        typer.Option("--adverse", help="轮流强杀中枢、消息服务器、数据库。 Kill hub, broker and database in turn."),
    ] = False,
    every: Annotated[float, typer.Option(min=1, help="强杀间隔秒数。 Seconds between kills.")] = 30,
    lasting: Annotated[float, typer.Option(min=1, help="强杀持续秒数。 Seconds of killing.")] = 300,
    as_json: AsJson = False,
) -> None:
    """对比：裸中继、FastStream、中枢，同机同报文。 A bare relay, FastStream and the hub: one machine, one payload."""
    plan = Comparison(journal, broker, hub_bus, seconds, rounds, cases, in_flight)
    try:
        if adverse:
            findings = with_progress(lambda say: suffer(plan, Adversity(every, lasting), say))
        else:
            findings = with_progress(lambda say: compare(plan, say))
    except (BenchFailure, RuntimeError) as failure:
        stop(Text(str(failure), ""), Text("", ""), as_json=as_json)
    if as_json:
        tell_json(findings.as_dict())
    elif adverse:
        _show_adverse(findings, Console())
    else:
        _show(findings, Console())
    if sum(findings.values["lost"]) or sum(findings.values["duplicated"]):
        raise typer.Exit(1)


def _show_adverse(found: Findings, console: Console) -> None:
    table = Table("指标 Figure", "值 Value")
    table.add_row("无故障 clean /s", f"{found.median('clean_per_s'):,.0f}")
    ratio = found.median("adverse_per_s") / found.median("clean_per_s")
    table.add_row("强杀之下 adverse /s", f"{found.median('adverse_per_s'):,.0f} ({ratio:.2f} × clean)")
    table.add_row("强杀次数 kills", f"{found.median('kills'):.0f}")
    for title, name in (
        ("丢失 lost", "lost"),
        ("重复 duplicated", "duplicated"),
        ("同键重发 repeats, same key", "repeats"),
    ):
        table.add_row(title, f"{found.median(name):.0f}")
    console.print(table)


def with_progress(work: Callable[[Callable[[str], None]], Awaitable[T]]) -> T:
    """Do it, and tell a terminal what is going on in one line, anything else in many."""
    console = Console(stderr=True)

    async def done(say: Callable[[str], None]) -> T:
        return await work(say)

    if not console.is_terminal:
        return asyncio.run(done(lambda what: console.print(what, highlight=False)))
    with console.status("…") as status:
        return asyncio.run(done(status.update))


def _times(ratios: Sequence[float]) -> str:
    """The median of the rounds' ratios, with the smallest and the largest."""
    return f"{median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f})"


def _show(found: Findings, console: Console) -> None:
    table = Table("指标 Figure", "中位数 Median", "最小–最大 Spread", "之比（逐轮）Ratio, by round")
    relay, faststream = found.best("relay_per_s"), found.best("faststream_per_s")

    def row(title: str, name: str, ratio: str = "") -> None:
        values = found.values[name]
        table.add_row(title, f"{found.median(name):,.1f}", f"{min(values):,.1f} – {max(values):,.1f}", ratio)

    def against(name: str) -> str:
        return f"{_times(found.ratios(name, relay))} × relay\n{_times(found.ratios(name, faststream))} × FastStream"

    row("裸 aio-pika 中继 bare relay /s", relay, relay.rpartition("_")[2])
    row("FastStream /s", faststream, faststream.rpartition("_")[2])
    row("负载 load average", "load_average")
    row("裸 asyncpg 插入 bare insert rows/s", "bare_insert_rows_per_s")
    row("裸 aiohttp bare HTTP loop /s", "bare_http_per_s")
    table.add_section()
    row("队列到队列 bus to bus /s", "bus_to_bus_per_s", against("bus_to_bus_per_s"))
    row("  积压增长 backlog growth", "bus_to_bus_backlog_growth")
    row("  同一办件 one case /s", "one_case_bus_to_bus_per_s")
    row("HTTP 受理 accepted /s", "accepted_per_s", against("accepted_per_s"))
    row("HTTP 投递 delivered /s", "delivered_per_s", against("delivered_per_s"))
    row("  100 个坏办件 100 poisoned cases, delivered /s", "poisoned_delivered_per_s")
    row("受理延迟 accept p50 ms", "p50_ms")
    row("受理延迟 accept p99 ms", "p99_ms")
    row("投递延迟 delivered p50 ms", "delivered_p50_ms")
    row("投递延迟 delivered p99 ms", "delivered_p99_ms")
    table.add_section()
    for name in [name for name in found.values if name.startswith("cpu_ms.")]:
        row(f"CPU {name.removeprefix('cpu_ms.')} ms/message", name)
    row("内存 hub RSS, queues, MiB", "bus_to_bus_rss_mib")
    row("内存 hub RSS, HTTP, MiB", "http_rss_mib")
    table.add_row(
        "丢失 lost / 重复 duplicated", f"{sum(found.values['lost']):g} / {sum(found.values['duplicated']):g}", "", ""
    )
    console.print(table)
