# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What the ledgers add up to while the morning runs: counts per contract, destination and code, and latencies."""

from collections import Counter, deque
from dataclasses import dataclass, field

from hub.demo.far.fate import TITLES
from hub.demo.ledgers import Entry
from hub.demo.scenario import Scenario

ELSEWHERE = "-"
"""Stands for a contract that is none of the morning's."""

_LATELY = 300


@dataclass(frozen=True, slots=True)
class Percentiles:
    """Milliseconds. ``count`` is how many were measured."""

    count: int
    p50: float
    p95: float
    p99: float


def percentiles(seconds: list[float]) -> Percentiles:
    """Nearest rank over seconds; all zero when there is nothing to measure."""
    if not seconds:
        return Percentiles(0, 0.0, 0.0, 0.0)
    ordered = sorted(seconds)
    p50, p95, p99 = (ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000 for share in (0.5, 0.95, 0.99))
    return Percentiles(len(ordered), round(p50, 1), round(p95, 1), round(p99, 1))


@dataclass(slots=True)
class Figures:
    """Counts effects of the scenario's own cases only. ``again``: answers after which a sender tried again, by code."""

    scenario: Scenario
    accepted: Counter[str] = field(default_factory=Counter)
    effects: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    delivered: Counter[str] = field(default_factory=Counter)
    repeats: Counter[str] = field(default_factory=Counter)
    again: Counter[str] = field(default_factory=Counter)
    duplicates: int = 0
    uploads: int = 0
    fetches: int = 0
    accept_seconds: list[float] = field(default_factory=list)
    effect_seconds: list[float] = field(default_factory=list)
    lately_accept: deque[float] = field(default_factory=lambda: deque(maxlen=_LATELY))
    lately_effect: deque[float] = field(default_factory=lambda: deque(maxlen=_LATELY))
    _sent: dict[tuple[str, int], Entry] = field(default_factory=dict)
    _accepted_at: dict[tuple[str, str], float] = field(default_factory=dict)
    _early: dict[tuple[str, str], list[float]] = field(default_factory=dict)
    _reached: dict[str, tuple[int, str]] = field(default_factory=dict)

    def take(self, system: str, entry: Entry) -> None:
        """One more entry of one system's book; those of one book in its order."""
        match entry["kind"]:
            case "sent":
                self._sent[system, entry["n"]] = entry
            case "answer":
                self._take_answer(system, entry)
            case "effect":
                self._take_effect(system, entry)
            case "repeat":
                self.repeats[system] += 1
            case "upload" if not entry["wrong"]:
                self.uploads += 1
            case "fetch" if entry["right"]:
                self.fetches += 1

    def _take_answer(self, system: str, entry: Entry) -> None:
        sent = self._sent.get((system, entry["to"]))
        if sent is None:
            return
        contract = sent["contract"] if sent["contract"] in TITLES else ELSEWHERE
        if 400 <= entry["status"] < 500 and entry["status"] not in {408, 425, 429}:
            self.refused[contract] += 1
            self.codes[entry["code"]] += 1
        elif entry["status"] not in {200, 202}:
            self.again[entry["code"] or f"HTTP {entry['status']}"] += 1
        if entry["status"] != 202 or sent["wrong"]:
            return
        key = (system, sent["id"])
        if key in self._accepted_at:
            self.duplicates += 1
            return
        self._accepted_at[key] = entry["t"]
        self.accepted[contract] += 1
        self._measure(self.accept_seconds, self.lately_accept, entry["t"] - sent["t"])
        for arrived in self._early.pop(key, ()):
            self._measure(self.effect_seconds, self.lately_effect, arrived - entry["t"])
        if (sent["order"], contract) > self._reached.get(sent["case"], (0, "")):
            self._reached[sent["case"]] = (sent["order"], contract)

    def _take_effect(self, system: str, entry: Entry) -> None:
        if entry["case"] not in self.scenario.fates:
            return
        self.delivered[system] += 1
        self.effects[entry["contract"]] += 1
        key = (entry["source"], entry["id"])
        accepted_at = self._accepted_at.get(key)
        if accepted_at is None:
            self._early.setdefault(key, []).append(entry["t"])
        else:
            self._measure(self.effect_seconds, self.lately_effect, entry["t"] - accepted_at)

    def _measure(self, every: list[float], lately: deque[float], seconds: float) -> None:
        """The message can be there before its sender holds the receipt: then nothing was waited for."""
        every.append(max(seconds, 0.0))
        lately.append(max(seconds, 0.0))

    @property
    def progress(self) -> int:
        """Grows as long as anything comes about."""
        return self.accepted.total() + self.effects.total() + self.codes.total()

    def at_stage(self) -> Counter[str]:
        """How many open cases stand at each contract."""
        return Counter(
            contract
            for case, (order, contract) in self._reached.items()
            if order < len(self.scenario.fates[case].turns)
        )

    @property
    def finished(self) -> int:
        """Cases whose last message has been accepted."""
        return sum(order == len(self.scenario.fates[case].turns) for case, (order, _) in self._reached.items())

    @property
    def complete(self) -> bool:
        """Everything promised has been accepted, has taken effect everywhere, and was refused where it had to be."""
        return (
            self.accepted.total() >= self.scenario.messages
            and self.effects.total() >= self.scenario.effects
            and self.codes.total() >= sum(self.scenario.refusals.values())
        )
