# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub bench``: how fast the real path is on this machine, beside the machine's own limits."""

import asyncio
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from contracts.text import Text
from hub.bench.run import BenchFailure, Figures, Plan, run
from hub.cli.telling import AsJson, stop, tell_json

app = typer.Typer(invoke_without_command=True)


@app.callback()
def bench(
    context: typer.Context,
    bus: Annotated[str, typer.Option(help="memory 或 amqp 地址。 memory, or an amqp URL.")] = "memory",
    journal: Annotated[
        str, typer.Option(help="embedded 或 PostgreSQL 地址。 embedded, or a PostgreSQL URL.")
    ] = "embedded",
    seconds: Annotated[float, typer.Option(min=1, max=600, help="每阶段秒数。 Seconds per phase.")] = 10,
    in_flight: Annotated[int, typer.Option(min=1, max=1000, help="满载并发。 Requests under way at saturation.")] = 64,
    destinations: Annotated[
        int, typer.Option(min=1, max=16, help="每条消息的目的地数。 Destinations per message.")
    ] = 1,
    cases: Annotated[int, typer.Option(min=1, help="办件数。 Number of cases.")] = 10_000,
    as_json: AsJson = False,
) -> None:
    """压测真实路径：HTTP 进、登记、总线、HTTP 出。 Load the real path: HTTP in, journal, bus, HTTP out."""
    if context.invoked_subcommand is not None:
        return
    console = Console(stderr=True)
    plan = Plan(journal, bus, seconds, in_flight, destinations, cases)
    try:
        with console.status("…") as status:
            figures = asyncio.run(run(plan, status.update))
    except (BenchFailure, RuntimeError) as failure:
        stop(Text(str(failure), ""), Text("", ""), as_json=as_json)
    if as_json:
        tell_json(figures.as_dict())
    else:
        _show(figures, Console())
    if figures.lost or figures.duplicated:
        raise typer.Exit(1)


def _show(figures: Figures, console: Console) -> None:
    table = Table("指标 Figure", "值 Value", "与极限之比 Of the limit")
    f = figures
    table.add_row(
        "受理 accepted /s", f"{f.accepted_per_s:,.0f}", f"{f.accepted_per_s / f.bare_http_per_s:.2f} × bare HTTP"
    )
    of_relay = f"{f.delivered_per_s / f.bare_relay_per_s:.2f} × bare relay" if f.bare_relay_per_s else ""
    table.add_row("投递 delivered /s", f"{f.delivered_per_s:,.0f}", of_relay)
    table.add_row(
        "受理延迟 accept p50/p95/p99 ms", f"{f.accept_p50_ms:.1f} / {f.accept_p95_ms:.1f} / {f.accept_p99_ms:.1f}",
        f"@ {f.latency_rate_per_s:,.0f}/s",
    )  # fmt: skip
    table.add_row(
        "投递延迟 delivered p50/p95/p99 ms",
        f"{f.delivered_p50_ms:.1f} / {f.delivered_p95_ms:.1f} / {f.delivered_p99_ms:.1f}",
        f"@ {f.latency_rate_per_s:,.0f}/s",
    )
    for part, cost in f.cpu_ms_per_message.items():
        table.add_row(f"CPU {part} ms/message", f"{cost:.3f}", "")
    table.add_row("丢失 lost / 重复 duplicated", f"{f.lost} / {f.duplicated}", "")
    table.add_row("拒绝 refused", str(f.refused or 0), "")
    table.add_section()
    table.add_row("fdatasync /s", f"{f.fdatasync_per_s:,.0f}", "")
    table.add_row("bare aiohttp loop /s", f"{f.bare_http_per_s:,.0f}", "")
    table.add_row("bare asyncpg rows /s", f"{f.bare_insert_rows_per_s:,.0f}", "")
    if f.bare_relay_per_s:
        table.add_row("bare aio-pika relay /s", f"{f.bare_relay_per_s:,.0f}", "")
    console.print(table)
