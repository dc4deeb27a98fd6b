# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A destination as operators see it, at the API and on the command line."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from contracts.masking import mask_numbers
from hub.api.documents import Document, says
from hub.ports.journal import Breaker, Gate

# ruff: noqa: N815  # because camelCase names are the wire's


class Pausing(Document):
    """Who paused a destination, when and why."""

    at: datetime
    actor: str
    reason: str


class Destination(Document):
    """Whether a destination is sent to, and what is not finished there."""

    destination: str
    configured: Annotated[bool, says("部署文件中有它", "The deployment file names it")]
    state: Annotated[
        Literal["open", "paused", "away", "probing"],
        says(
            "open 正常投递；paused 人工暂停；away 无应答，已熔断；probing 正在探测",
            "Sent to; paused by a person; behind an open breaker; being probed",
        ),
    ]
    since: Annotated[datetime | None, says("停止投递的起始时间", "Since when it is sent nothing")]
    reason: Annotated[
        str,
        says(
            "暂停的理由，否则为对方最近一次的失败，长数字已遮盖",
            "Why it is paused, else how it last failed; long numbers of the far side are masked",
        ),
    ]
    breaker: Breaker
    failures: Annotated[int, says("连续失败次数", "Failures in a row")]
    opened: Annotated[int, says("累计熔断次数", "How often its breaker ever opened")]
    nextProbe: datetime | None
    paused: Pausing | None
    deliveries: Annotated[dict[str, int], says("未完成件数，按状态", "Deliveries that are not finished, by state")]


class Destinations(Document):
    """Every destination that is configured, shut, or has something open."""

    countedAt: Annotated[
        datetime | None, says("件数的统计时间；空为尚未统计", "When the deliveries were counted; null: not yet")
    ]
    destinations: list[Destination]


def destination_documents(
    configured: Collection[str], gates: Mapping[str, Gate], counts: Mapping[str, Mapping[str, int]]
) -> list[dict[str, Any]]:
    """All of them, by name. ``counts`` are open deliveries by destination and state."""
    names = sorted({*configured, *counts, *(name for name, gate in gates.items() if gate.shut)})
    return [_document(name, gates.get(name), counts.get(name, {}), configured=name in configured) for name in names]


def _document(name: str, gate: Gate | None, counts: Mapping[str, int], *, configured: bool) -> dict[str, Any]:
    paused = None if gate is None else gate.paused
    return {
        "destination": name,
        "configured": configured,
        "state": _state(gate),
        "since": None if gate is None or not gate.shut else (gate.since if paused is None else paused.at),
        "reason": paused.reason if paused else "" if gate is None else mask_numbers(gate.reason),
        "breaker": Breaker.CLOSED if gate is None else gate.breaker,
        "failures": 0 if gate is None else gate.failures,
        "opened": 0 if gate is None else gate.opened,
        "nextProbe": None if gate is None or paused is not None else gate.probe_at,
        "paused": None if paused is None else {"at": paused.at, "actor": paused.actor, "reason": paused.reason},
        "deliveries": dict(counts),
    }


def _state(gate: Gate | None) -> str:
    if gate is None or not gate.shut:
        return "open"
    if gate.paused is not None:
        return "paused"
    return "probing" if gate.breaker is Breaker.HALF_OPEN else "away"
