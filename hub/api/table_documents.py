# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Route tables as operators see them, at the API and on the command line."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from hub.api.documents import Document, says
from hub.ports.journal import Activation, InForce, Observed

# ruff: noqa: N815  # because camelCase names are the wire's


class TableActivation(Document):
    """One activation. ``via`` is ``start`` where a hub began with a table that never was active."""

    seq: int
    version: str
    actor: str
    via: str
    reason: str
    at: datetime


class ShadowDifference(Document):
    """One thing that the shadow does otherwise, of one contract from one system."""

    kind: Literal["appears", "vanishes", "changes", "refused", "taken"]
    destination: str | None
    system: str
    contract: str
    old: str
    new: str
    count: int
    firstAt: datetime
    lastAt: datetime
    samples: Annotated[list[UUID], says("消息，至多五件", "Messages, five at most")]


class ShadowTable(Document):
    """The table that runs beside the active one and delivers nowhere."""

    version: str
    planned: Annotated[int, says("试过的消息件数", "Messages it was tried on")]
    differing: int
    differences: list[ShadowDifference]


class RouteTables(Document):
    """What is in force in all hubs, what this hub goes by, and how it came to that."""

    seq: int
    active: Annotated[str, says("现用的表，空为从未启用", "The table in force; empty: none ever was")]
    here: Annotated[str, says("本实例所用的表", "The table that this hub goes by")]
    trouble: Annotated[str, says("本实例为何不能用现用的表", "Why this hub cannot go by the table in force")]
    shadow: ShadowTable | None
    history: list[TableActivation]


class RouteTable(Document):
    """One table, whole."""

    version: str
    table: str


class TableAct(Document):
    """A table to activate or to run in the shadow: its text, or the version of one that was there before."""

    request: Annotated[str, Field(min_length=1, max_length=100)]
    reason: Annotated[str, Field(min_length=1, max_length=500)]
    table: Annotated[str | None, says("路由表（YAML）全文", "The whole table, YAML")] = None
    version: Annotated[str | None, says("曾用的表的版本", "The version of a table that was there before")] = None
    cases: Annotated[str | None, says("用例（YAML）；未通过则不启用", "Its cases, YAML; it must pass them")] = None
    expected: Annotated[str | None, says("仅当现用的是此版本时", "Only if this version is in force now")] = None


def tables_document(
    now: InForce | None, here: str, trouble: str, observed: Observed | None, history: Sequence[Activation]
) -> dict[str, Any]:
    """All of it."""
    return {
        "seq": 0 if now is None else now.seq,
        "active": "" if now is None else now.version,
        "here": here,
        "trouble": trouble,
        "shadow": None if now is None or not now.shadow or observed is None else _shadow(now.shadow, observed),
        "history": [
            {
                "seq": one.seq,
                "version": one.version,
                "actor": one.actor,
                "via": one.via,
                "reason": one.reason,
                "at": one.at,
            }
            for one in history
        ],
    }


def _shadow(version: str, observed: Observed) -> dict[str, Any]:
    return {
        "version": version,
        "planned": observed.planned,
        "differing": observed.differing,
        "differences": [
            {
                "kind": one.difference.kind,
                "destination": one.difference.destination or None,
                "system": one.difference.system,
                "contract": one.difference.contract,
                "old": one.difference.old,
                "new": one.difference.new,
                "count": one.count,
                "firstAt": one.first_at,
                "lastAt": one.last_at,
                "samples": list(one.samples),
            }
            for one in observed.differences
        ],
    }
