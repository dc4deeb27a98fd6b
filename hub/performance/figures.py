# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The figures of departments in a period, and the records that tell them (cn.gov.performance.reported). Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from contracts.legal_clock.green_channel import GreenChannel
from hub.performance.counting import Counted, Counts
from hub.performance.period import Period

_MOST_ITEMS = 5000
_CENT = Decimal("0.01")


@dataclass(slots=True)
class Figures:
    """``cases`` were counted; ``nameless`` of them name no department, and are in nobody's figures."""

    period: Period
    drawn_at: datetime
    cases: int = 0
    nameless: int = 0
    counts: dict[str, dict[str, Counts]] = field(default_factory=dict)
    """By department, then by item."""
    names: dict[str, str] = field(default_factory=dict)
    item_names: dict[str, str] = field(default_factory=dict)

    def add(self, one: Counted) -> None:
        """One more case."""
        self.cases += 1
        if not one.department:
            self.nameless += 1
            return
        items = self.counts.setdefault(one.department, {})
        items[one.item] = items.get(one.item, Counts()) + one.counts
        self.names[one.department] = max(self.names.get(one.department, ""), one.department_name)
        self.item_names[one.item] = max(self.item_names.get(one.item, ""), one.item_name)

    def reports(self, green: GreenChannel) -> Iterator[dict[str, Any]]:
        """One record for each department, in the order of their codes."""
        for department in sorted(self.counts):
            yield self._report(department, self.counts[department], green)

    def _report(self, department: str, items: Mapping[str, Counts], green: GreenChannel) -> dict[str, Any]:
        whole = sum(items.values(), Counts())
        fast = sum((one for code, one in items.items() if green.has(code)), Counts())
        other = sum((one for code, one in items.items() if not green.has(code)), Counts())
        first, last = self.period.first, self.period.last
        said = {
            "report_no": f"JX-{first:%Y%m%d}-{last:%Y%m%d}-{department}",
            "department_code": department,
            "department_name": self.names[department] or department,
            "period_from": first.isoformat(),
            "period_until": last.isoformat(),
            **_pace(whole),
            "early": whole.early,
            "statutory_on_time": whole.statutory_on_time,
            "warned": whole.warned,
            "ordered": whole.ordered,
            "yellow_cards": whole.yellow,
            "red_cards": whole.red,
            "items": [
                _item(code, self.item_names.get(code, ""), one, green)
                for code, one in sorted(items.items())[:_MOST_ITEMS]
                if code
            ],
            "green": _pace(fast) if green.items else None,
            "ordinary": _pace(other) if green.items else None,
            "reported_at": self.drawn_at.isoformat(),
        }
        return {name: value for name, value in said.items() if value is not None}


def _item(code: str, name: str, counts: Counts, green: GreenChannel) -> dict[str, Any]:
    return {
        "item_code": code,
        **({"item_name": name} if name else {}),
        "green_channel": green.has(code),
        **_pace(counts),
        "early": counts.early,
        "statutory_on_time": counts.statutory_on_time,
        "warned": counts.warned,
        "ordered": counts.ordered,
    }


def _pace(counts: Counts) -> dict[str, Any]:
    said = {
        "accepted": counts.accepted,
        "completed": counts.completed,
        "on_time": counts.on_time,
        "overdue": counts.overdue,
        "average_working_days": _average(counts.working_days, counts.timed),
        "average_promised_days": _average(counts.promised_days, counts.promised),
    }
    return {name: value for name, value in said.items() if value is not None}


def _average(days: int, cases: int) -> str | None:
    return str((Decimal(days) / cases).quantize(_CENT)) if cases else None
