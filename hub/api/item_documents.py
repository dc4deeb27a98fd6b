# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The item catalogue as it is shown at the API and on the command line."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal

from hub.api.documents import Document, says
from hub.ports.journal.cataloguing import Finding, Run

# ruff: noqa: N815  # because camelCase names are the wire's

Verdict = Literal["added", "changed", "corrected", "withdrawn", "late", "vanished"]


class ItemVersion(Document):
    """One version of one item."""

    change: Annotated[int, says("变更号；0：晚于新版本才到", "Number of the change; 0: it came after a newer version")]
    contract: str
    code: Annotated[str, says("事项编码", "The item's code")]
    version: Annotated[int, says("省级事项版本", "The province's version of the item")]
    effectiveOn: date
    expiresOn: date | None
    status: str
    newest: Annotated[bool, says("目前最新版本", "No newer version has come")]
    takenAt: datetime
    data: Annotated[dict[str, Any], says("契约数据", "The contract's data")]


class ItemChanges(Document):
    """Changes in their order."""

    version: Annotated[int, says("目录目前的变更号", "Number of the catalogue's last change")]
    items: list[ItemVersion]
    next: Annotated[int | None, says("还有更多：下一次的 since", "There is more: the `since` to go on with")]


class ItemRun(Document):
    """One run."""

    run: str
    kind: Literal["full", "delta"]
    day: date
    beganAt: datetime
    closedAt: datetime | None
    heard: Annotated[int, says("收到条数", "How many came")]
    repeated: Annotated[int, says("其中无变化的", "Of which nothing was new")]
    counts: Annotated[dict[str, int], says("各类变化；coming 为尚未生效", "By what changed; coming: not yet in force")]


class ItemRuns(Document):
    """The newest first."""

    runs: list[ItemRun]


class ItemFinding(Document):
    """One line of a report."""

    n: int
    verdict: Verdict
    contract: str
    code: str
    version: int
    effectiveOn: date
    coming: Annotated[bool, says("到达时尚未生效", "Not yet in force when it came")]
    fields: Annotated[list[str], says("有变化的字段", "The members that differ")]
    change: int
    told: Annotated[bool, says("已按路由分发", "Handed to the routes")]


class ItemReport(Document):
    """A page of the report of a run."""

    findings: list[ItemFinding]
    next: Annotated[int | None, says("还有更多：下一页的 after", "There is more: the `after` to go on with")]


def run_document(run: Run) -> Mapping[str, object]:
    """One run."""
    return {
        "run": run.id,
        "kind": "full" if run.full else "delta",
        "day": run.day,
        "beganAt": run.began_at,
        "closedAt": run.closed_at,
        "heard": run.heard,
        "repeated": run.repeated,
        "counts": {name: n for name, n in sorted(run.counts.items()) if n},
    }


def finding_document(one: Finding) -> Mapping[str, object]:
    """One line of a report."""
    return {
        "n": one.n,
        "verdict": one.verdict.value,
        "contract": one.contract,
        "code": one.code,
        "version": one.version,
        "effectiveOn": one.effective_on,
        "coming": one.coming,
        "fields": list(one.fields),
        "change": one.change,
        "told": one.told,
    }
