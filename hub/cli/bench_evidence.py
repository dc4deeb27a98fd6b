# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub bench evidence``: what signatures, receipts and the log cost, as a share of the throughput."""

from statistics import median
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from contracts.text import Text
from hub.bench.comparing import Comparison, Findings
from hub.bench.evidence import MOST_LOST, OFF, SUITES, lost_share, weigh
from hub.bench.run import BenchFailure
from hub.cli.bench_compare import with_progress
from hub.cli.telling import AsJson, stop, tell_json


def weigh_evidence(
    broker: Annotated[
        str | None, typer.Option(help="amqp 地址；省略则自行启动。 An amqp URL; without it one is started.")
    ] = None,
    hub_bus: Annotated[
        str, typer.Option(help="中枢的总线：rabbitmq 或 memory。 The hub's bus: rabbitmq or memory.")
    ] = "rabbitmq",
    seconds: Annotated[float, typer.Option(min=1, max=600, help="每次秒数。 Seconds for each.")] = 10,
    rounds: Annotated[int, typer.Option(min=1, max=50, help="轮数，交错进行。 Interleaved rounds.")] = 5,
    cases: Annotated[int, typer.Option(min=1, help="办件数。 Number of cases.")] = 10_000,
    in_flight: Annotated[int, typer.Option(min=1, max=1000, help="满载并发。 Requests under way.")] = 64,
    as_json: AsJson = False,
) -> None:
    """存证的代价：不存证、intl-1、gm-1 轮流，报文由发送方签名并验签。 What evidence costs: without, intl-1, gm-1, in turn."""
    plan = Comparison(None, broker, hub_bus, seconds, rounds, cases, in_flight)
    try:
        found = with_progress(lambda say: weigh(plan, say))
    except (BenchFailure, RuntimeError) as failure:
        stop(Text(str(failure), ""), Text("", ""), as_json=as_json)
    if as_json:
        tell_json(_as_dict(found))
    else:
        _show(found, Console())
    if _failures(found):
        raise typer.Exit(1)


def _failures(found: Findings) -> float:
    return sum(sum(found.values[f"{what}.{how}"]) for what in (OFF, *SUITES) for how in ("lost", "duplicated"))


def _as_dict(found: Findings) -> dict[str, object]:
    medians = {name: round(median(values), 4) for name, values in found.values.items()}
    rates = {suite: found.ratios(f"{suite}.accepted_per_s", f"{OFF}.accepted_per_s") for suite in SUITES}
    return {
        "rounds": {name: [round(value, 4) for value in values] for name, values in found.values.items()},
        "medians": medians,
        "ratios": {
            suite: {"median": round(median(ratios), 4), "spread": [round(min(ratios), 4), round(max(ratios), 4)]}
            for suite, ratios in rates.items()
        },
        "lost_share": {suite: round(lost_share(found, suite), 4) for suite in SUITES},
        "most_lost": MOST_LOST,
        "within": {suite: lost_share(found, suite) <= MOST_LOST[suite] for suite in SUITES},
    }


def _show(found: Findings, console: Console) -> None:
    table = Table("", "不存证 off", *SUITES)
    names = [name.removeprefix(f"{OFF}.") for name in found.values if name.startswith(f"{OFF}.")]
    for name in names:
        table.add_row(name, *(f"{found.median(f'{what}.{name}'):,.3f}" for what in (OFF, *SUITES)))
    shares = []
    for suite in SUITES:
        ratios = found.ratios(f"{suite}.accepted_per_s", f"{OFF}.accepted_per_s")
        shares.append(
            f"{lost_share(found, suite):.1%} ({1 - max(ratios):.1%} – {1 - min(ratios):.1%}) / {MOST_LOST[suite]:.0%}"
        )
    table.add_section()
    table.add_row("吞吐代价 cost of throughput / 上限 at most", "", *shares)
    table.add_row("负载 load average", f"{found.median('load_average'):.1f}", "", "")
    console.print(table)
