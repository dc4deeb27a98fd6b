# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What the morning came to, for people and for programs."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console, RenderableType
from rich.table import Table

from contracts.refusal_codes import CODES
from contracts.text import Text
from hub.demo.figures import Figures, Percentiles, percentiles
from hub.demo.flows import Flow
from hub.demo.reconcile import Fault, Reconciled
from hub.demo.scenario import SYSTEMS
from hub.demo.settling import Settled
from hub.demo.view import per_contract

_FAULTS = {
    Fault.LOST: Text("丢失", "lost"),
    Fault.DUPLICATED: Text("重复", "duplicated"),
    Fault.DISORDERED: Text("乱序", "out of order"),
    Fault.ALTERED: Text("内容改变", "altered"),
    Fault.STRAY: Text("无回执或错投的生效", "effects without a receipt or in the wrong place"),
    Fault.CONTRADICTED: Text("回执前后不一", "receipts that contradict each other"),
    Fault.TAKEN: Text("错误未按预期被拒", "mistakes not refused as expected"),
    Fault.REFUSED: Text("正确却被拒", "messages in order, yet refused"),
    Fault.UNANSWERED: Text("没有得到答复", "unanswered"),
    Fault.MATERIAL: Text("材料存取有误", "materials not stored or fetched as they should"),
    Fault.DAMAGED: Text("账本缺损", "damaged ledgers"),
}
_COUNTED = {
    "accepted": Text("已受理", "accepted"),
    "sent": Text("已发送", "sent"),
    "confirmed": Text("已确认送达", "confirmed"),
    "sealed": Text("平台用印", "sealed"),
    "fetched": Text("取得", "fetched"),
    "verified": Text("本地核验", "verified"),
    "ordered": Text("已下单", "ordered"),
    "routes": Text("路由", "routes"),
    "rows": Text("已取行", "rows"),
}
_VERDICTS = {
    "agreed": Text("一致", "agreed"),
    "differs": Text("不一致", "differs"),
    "list_wanted": Text("未比对完", "not compared to the end"),
    "none": Text("未比对", "not compared"),
    "failed": Text("没有完成", "not done"),
}
_THE_THREE = (Fault.LOST, Fault.DUPLICATED, Fault.DISORDERED)
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Report:
    """The end of a morning. ``seconds`` from the first application to quiet."""

    figures: Figures
    reconciled: Reconciled
    seconds: float
    flows: tuple[Flow, ...] = ()
    settled: tuple[Settled, ...] = ()

    @property
    def kept(self) -> bool:
        """Nothing is wrong, and what was promised came about."""
        beside = all(flow.complete for flow in self.flows) and all(day.holds for day in self.settled)
        return self.reconciled.clean and self.figures.complete and beside

    @property
    def accept(self) -> Percentiles:
        """From sending to holding the receipt, as the senders saw it."""
        return percentiles(self.figures.accept_seconds)

    @property
    def effect(self) -> Percentiles:
        """From holding the receipt to the effect at a far side, over all destinations."""
        return percentiles(self.figures.effect_seconds)

    def as_dict(self) -> dict[str, Any]:
        """For programs."""
        figures, scenario = self.figures, self.figures.scenario
        return {
            "ok": self.kept,
            "seconds": round(self.seconds, 1),
            "cases": {"promised": scenario.morning.cases, "finished": figures.finished},
            "accepted": {
                "promised": scenario.messages,
                "total": figures.accepted.total(),
                "by_contract": dict(figures.accepted),
                "answered_again": figures.duplicates,
            },
            "delivered": {
                "promised": scenario.effects,
                "total": figures.delivered.total(),
                "by_destination": dict(figures.delivered),
                "repeats_without_effect": dict(figures.repeats),
            },
            "refused": {"promised": sum(scenario.refusals.values()), "by_code": dict(figures.codes)},
            "senders_tried_again_after": dict(figures.again),
            "materials": {"stored": figures.uploads, "fetched": figures.fetches},
            "flows": {flow.name: flow.as_dict() for flow in self.flows},
            "reconciled_with_the_province": [day.as_dict() for day in self.settled],
            "latency_ms": {"accept": asdict(self.accept), "effect": asdict(self.effect)},
            **{fault.value: self._counts()[fault] for fault in _THE_THREE},
            "other_faults": {fault.value: self.reconciled.count(fault) for fault in Fault if fault not in _THE_THREE},
            "findings": [asdict(one) | {"fault": one.fault.value} for one in self.reconciled.findings[:100]],
        }

    def print(self, console: Console) -> None:
        """For people."""
        for part in self._parts():
            console.print(part, highlight=False)

    def _parts(self) -> Iterator[RenderableType]:
        figures = self.figures
        yield per_contract(figures)
        yield self._destinations()
        yield self._refusals()
        yield self._latencies()
        yield from self._services()
        yield (
            f"办件 cases {figures.finished}/{figures.scenario.morning.cases}，"
            f"重复发送、回执相同 sent again, same receipt {figures.duplicates}，"
            f"材料 materials 存 stored {figures.uploads} 取 fetched {figures.fetches}，{self.seconds:.1f} s"
        )
        if figures.again:
            told = "，".join(f"{code} {count}" for code, count in figures.again.most_common())
            yield f"发送方稍后重试 senders tried again after: {told}（HTTP 0：没有应答 no answer）"
        counts = self._counts()
        three = [(_FAULTS[fault], counts[fault]) for fault in _THE_THREE]
        style = "bold green" if self.kept else "bold red"
        yield f"[{style}]" + " ".join(f"{text.zh} {count}" for text, count in three) + "[/]"
        yield f"[{style}]" + ", ".join(f"{text.en} {count}" for text, count in three) + "[/]"
        yield "（只依据各对方系统自己的账本，与中枢的说法无关。 From the far sides' own ledgers, not from the hub's word.）"
        for fault, count in counts.items():
            if count and fault not in _THE_THREE:
                yield f"[red]{_FAULTS[fault].zh} {count} / {_FAULTS[fault].en} {count}[/]"
        for finding in self.reconciled.findings[:_SHOWN]:
            place = f"{finding.where} ← {finding.source} {finding.id} {finding.case}".rstrip()
            yield f"  [red]{_FAULTS[finding.fault].zh} {_FAULTS[finding.fault].en}[/]: {place}"
        for flow in self.flows:
            for number in sorted(flow.lost | flow.twice)[:_SHOWN]:
                yield f"  [red]{flow.title.zh} {flow.title.en}[/]: {number}"
        if not figures.complete:
            yield "[red]没有达到约定的数量。 Fewer than was promised.[/]"

    def _counts(self) -> dict[Fault, int]:
        """Faults of the books; what services and province lack or have twice counts with the rest."""
        counts = {fault: self.reconciled.count(fault) for fault in Fault}
        counts[Fault.LOST] += sum(len(flow.lost) for flow in self.flows)
        counts[Fault.DUPLICATED] += sum(len(flow.twice) for flow in self.flows)
        return counts

    def _services(self) -> Iterator[RenderableType]:
        if not self.flows:
            return
        table = Table()
        table.add_column("服务与上报 services and province")
        table.add_column("应有\npromised", justify="right")
        table.add_column("对方系统计数 counted by the far sides")
        for flow in self.flows:
            told = "，".join(f"{_COUNTED[name].zh} {name} {count}" for name, count in flow.counts.items())
            table.add_row(f"{flow.title.zh} {flow.title.en}", str(flow.promised), told)
        yield table
        for day in self.settled:
            verdict = _VERDICTS.get(day.verdict, Text(day.verdict, day.verdict))
            style = "green" if day.holds else "red"
            yield (
                f"[{style}]与省级对账 reconciled with the province {day.day}：本方 here {day.here}，省级 there {day.there}，"
                f"{verdict.zh} {verdict.en}，本场差异 of this morning {len(day.differing)}[/]"
            )
            if day.reason is not None:
                yield f"[red]{day.reason.zh} {day.reason.en}[/]"

    def _destinations(self) -> Table:
        table = Table()
        table.add_column("目的地 destination")
        table.add_column("已生效\neffects", justify="right")
        table.add_column("重复到达，未再生效\nrepeats without effect", justify="right")
        for system in SYSTEMS:
            table.add_row(system, str(self.figures.delivered[system]), str(self.figures.repeats[system]))
        return table

    def _refusals(self) -> Table:
        table = Table()
        table.add_column("拒绝原因 refused because")
        for heading in ("预期\nexpected", "实际\nrefused"):
            table.add_column(heading, justify="right")
        expected = self.figures.scenario.refusals
        for code in sorted({*expected, *self.figures.codes}):
            title = CODES[code].title if code in CODES else Text("未知代码", "unknown code")
            table.add_row(
                f"{title.zh} {title.en} [dim]{code}[/]", str(expected.get(code, 0)), str(self.figures.codes[code])
            )
        return table

    def _latencies(self) -> Table:
        table = Table()
        table.add_column("延迟 latency (ms)")
        for title in ("p50", "p95", "p99", "n"):
            table.add_column(title, justify="right")
        for what, of in (
            ("发出 → 回执  sent → receipt", self.accept),
            ("回执 → 对方生效  receipt → effect", self.effect),
        ):
            table.add_row(what, f"{of.p50:.1f}", f"{of.p95:.1f}", f"{of.p99:.1f}", str(of.count))
        return table
