# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub analyse``: where the messages of a period lost their time, and whose fault it looks like. 分析"""

import asyncio
import sys
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from contracts.text import Text
from hub.analysis.report import Analysis, analysed, as_dict
from hub.analysis.sampling import SLICES
from hub.cli.consulting import consulted
from hub.cli.period import period_of
from hub.cli.telling import DEFAULT_CONFIG, AsJson, Config, stop, tell_json
from hub.ports.clock import SystemClock
from hub.ports.journal import JournalDown

_SHOWN = 10


def analyse(
    since: Annotated[str, typer.Option(help="多长时间以来，如 30m、1h、7d。 The period: 30m, 1h, 7d.")] = "1h",
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """从登记库找出压力大、易失败、受阻和最慢的环节，并给出依据。 Find the hops under pressure, failing, blocked and
    slowest in the journal, with the evidence.
    """
    asyncio.run(_analyse(config, period_of(since, as_json=as_json), as_json=as_json))


async def _analyse(config: Path, period: timedelta, *, as_json: bool) -> None:
    async with consulted(config, as_json=as_json) as (loaded, journal):
        slots = {name: endpoint.concurrency for name, endpoint in loaded.endpoints.items()}
        until = SystemClock().now()
        with Console(stderr=True).status("读取登记库… reading the journal") as status:

            def told(done: int) -> None:
                if sys.stderr.isatty():
                    status.update(f"读取登记库 reading the journal  {done}/{SLICES}")

            analysis = await analysed(journal, slots, until - period, until, told)
    if isinstance(analysis, JournalDown):
        stop(
            Text(f"登记库不可用（{analysis.reason}）。", f"The journal is away ({analysis.reason})."),
            Text("请稍后再试。", "Try again later."),
            as_json=as_json,
        )
    if as_json:
        tell_json(as_dict(analysis))
    else:
        _tell(analysis)


def _tell(analysis: Analysis) -> None:
    graph = analysis.graph
    typer.echo(
        f"{analysis.since:%Y-%m-%d %H:%M} – {analysis.until:%H:%M} UTC：约 {graph.messages:.0f} 件，抽样 {graph.sampled} 件；"
        f"{analysis.hubs} 个实例运行。 About {graph.messages:.0f} messages, {graph.sampled} sampled; {analysis.hubs} hubs."
    )
    found = analysis.bottlenecks()
    if not found:
        typer.echo("没有突出的问题。 Nothing stands out.")
    for n, one in enumerate(found[:_SHOWN], 1):
        typer.echo(f"{n}. {one.text.zh}（占全部等待的 {one.share:.0%}）")
        typer.echo(f"   {one.text.en} ({one.share:.0%} of all waiting)")
        typer.echo(f"   依据 evidence: {'  '.join(f'{name}={value}' for name, value in one.evidence.items())}")
        if one.examples:
            typer.echo(f"   例 examples: {' '.join(map(str, one.examples))}")
    typer.echo("依赖 system → contract → destination:")
    for (system, contract, destination), count in sorted(graph.edges.items(), key=lambda edge: -edge[1])[: 3 * _SHOWN]:
        hop = graph.hops[destination]
        typer.echo(
            f"  {system} → {contract} → {destination}  {count:.0f}  send p50/p95 {hop.sends.percentile(50):.3f}/"
            f"{hop.sends.percentile(95):.3f} s  失败 failed {hop.failure_share:.1%}"
        )
    for (system, code), count in analysis.refused.most_common(_SHOWN):
        typer.echo(f"  拒收 refused  {system}  {code}  {count}")
