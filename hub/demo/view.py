# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The morning while it runs: one table for a terminal, one line now and then for everything else."""

from collections.abc import Mapping
from dataclasses import dataclass

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text as Styled

from contracts.catalogue import builtin
from hub.demo.far.fate import TITLES
from hub.demo.figures import Figures, percentiles

ENGLISH: Mapping[str, str] = {contract.type: contract.title.en for contract in builtin().all()}


@dataclass(frozen=True, slots=True)
class Moment:
    """What the view needs beside the figures. ``health`` is what the hub says of itself, or why it says nothing."""

    seconds: float
    health: str
    well: bool


def picture(figures: Figures, moment: Moment) -> RenderableType:
    """Everything on one screen."""
    scenario = figures.scenario
    accept, effect = percentiles(list(figures.lately_accept)), percentiles(list(figures.lately_effect))
    head = Styled.assemble(
        ("政务服务集成中枢 · 一个上午", "bold"),
        f"   {moment.seconds:5.1f} s   中枢 hub: ",
        (moment.health, "green" if moment.well else "red"),
    )
    tail = Styled(
        f"办件 cases {figures.finished}/{scenario.morning.cases}   "
        f"延迟 latency p50/p95：接收 accept {accept.p50:.0f}/{accept.p95:.0f} ms，"
        f"生效 effect {effect.p50:.0f}/{effect.p95:.0f} ms   "
        f"重复到达 repeats {figures.repeats.total()}"
    )
    bar = Table.grid()
    bar.add_row(
        ProgressBar(total=scenario.effects, completed=figures.effects.total(), width=72),
        f" {figures.effects.total()}/{scenario.effects}",
    )
    return Group(head, bar, per_contract(figures), tail)


def per_contract(figures: Figures) -> Table:
    """Contracts in the order of a case's life: where the cases stand, and what became of the messages."""
    table = Table(expand=False)
    table.add_column("契约 contract")
    for title in ("停在此处\ncases here", "已接收\naccepted", "已生效\neffects", "被拒\nrefused"):
        table.add_column(title, justify="right")
    here = figures.at_stage()
    for contract, title in TITLES.items():
        counts = (here[contract], figures.accepted[contract], figures.effects[contract], figures.refused[contract])
        table.add_row(f"{title} {ENGLISH[contract]}", *(str(count or "·") for count in counts))
    elsewhere = figures.refused.total() - sum(figures.refused[contract] for contract in TITLES)
    totals = (here.total(), figures.accepted.total(), figures.effects.total())
    table.add_section()
    table.add_row("未知契约 unknown", "·", "·", "·", str(elsewhere or "·"))
    table.add_row("合计 total", *map(str, (*totals, figures.refused.total())), style="bold")
    return table


def line(figures: Figures, moment: Moment) -> str:
    """The same in one line, for logs and pipes."""
    effect = percentiles(list(figures.lately_effect))
    return (
        f"{moment.seconds:5.1f}s 办结 done {figures.finished}/{figures.scenario.morning.cases} "
        f"接收 accepted {figures.accepted.total()}/{figures.scenario.messages} "
        f"生效 effects {figures.effects.total()}/{figures.scenario.effects} "
        f"被拒 refused {figures.refused.total()} p95 {effect.p95:.0f}ms 中枢 hub {moment.health}"
    )
