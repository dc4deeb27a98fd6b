# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Our tree as a manifest (对账清单), and theirs as something to be compared. A manifest is a message like any other."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from contracts.codes import ReconcilingSide
from contracts.families.fields import BEIJING
from contracts.families.oversight.reconciliation_counted import (
    CONTRACT,
    MOST_NODES,
    MOST_ROWS,
    ReconciliationCounted,
)
from contracts.reconciling.agreed import escaped
from contracts.reconciling.comparing import row_of
from contracts.reconciling.declared import Contradiction, beginning, with_more
from contracts.reconciling.tree import LATE, Sum, Tree, bucket_name, is_bucket, place_of
from contracts.text import Text
from hub.ports.journal.reconciling import Hearing, Line, Reconciliation, Takes
from hub.reconcile.agreement import Agreement

MANIFEST = CONTRACT.type


@dataclass(frozen=True, slots=True)
class Unfit:
    """A manifest that is not taken in. ``code`` is one of the refusal codes; ``path`` leads into the manifest."""

    code: str
    path: str
    text: Text


@dataclass(frozen=True, slots=True)
class Known:
    """Nothing new: it was heard before."""


Decided: TypeAlias = Takes | Unfit | Known


def written(
    agreement: Agreement,
    ours: str,
    counted: Reconciliation,
    tree: Tree,
    *,
    open_: Iterable[str] = (),
    lines: Sequence[Line] = (),
    wanted: Sequence[str] = (),
) -> dict[str, Any]:
    """Our manifest. ``open_`` names the nodes whose children are told; ``lines`` are whole buckets that are told."""
    assert counted.counted_at is not None, "it is counted"
    opened: dict[str, list[dict[str, Any]]] = {name: [] for name in open_ if is_bucket(name)}
    for one in lines:
        opened.setdefault(bucket_name(one.place), []).append(_row(one.line))
    nodes = {name: one for parent in open_ if not is_bucket(parent) for name, one in tree.below(parent).items()}
    late = tree.at(LATE)
    return {
        "manifest_no": agreement.manifest(counted.day),
        "agreement": agreement.name,
        "rule": counted.rule,
        "from_system": ours if agreement.sends else agreement.system,
        "to_system": agreement.system if agreement.sends else ours,
        "declared_by": (ReconcilingSide.SENDER if agreement.sends else ReconcilingSide.RECEIVER).value,
        "contract_type": agreement.agreed.contract,
        "contract_version": agreement.agreed.version,
        "day": counted.day.isoformat(),
        "counted_at": counted.counted_at.astimezone(BEIJING).isoformat(),
        "count": tree.at("").records,
        "digest": tree.at("").digest,
        "late_count": late.records,
        "late_digest": late.digest,
        **({"nodes": [_node(name, one) for name, one in sorted(nodes.items())]} if nodes else {}),
        **({"opened": [{"name": name, "rows": rows} for name, rows in sorted(opened.items())]} if opened else {}),
        **({"wanted": list(wanted)} if wanted else {}),
    }


def _node(name: str, one: Sum) -> dict[str, Any]:
    return {"name": name, "count": one.records, "digest": one.digest}


def room_for(tree: Tree, wanted: Iterable[str]) -> list[str]:
    """Of these nodes as many as one manifest holds; buckets that are too full for any are left out."""
    chosen: list[str] = []
    nodes, rows = 0, 0
    for name in wanted:
        if is_bucket(name):
            if tree.at(name).records + rows > MOST_ROWS:
                continue
            rows += tree.at(name).records
        elif nodes + 16 <= MOST_NODES:
            nodes += 16
        else:
            continue
        chosen.append(name)
    return chosen


def places_of(names: Iterable[str]) -> list[int]:
    """The numbers of those that are buckets."""
    return [place_of(name) for name in names if is_bucket(name)]


def _row(line: bytes) -> dict[str, Any]:
    row = row_of(line)
    return {
        "case_no": row.case,
        **({"record": row.record} if row.record else {}),
        "version": row.version,
        "content": row.content,
    }


def unfit(agreement: Agreement, reconciliation: Reconciliation, manifest: ReconciliationCounted) -> Unfit | None:
    """Why a manifest is not about this reconciliation, by what stands in its head."""
    ours = ReconcilingSide.SENDER if agreement.sends else ReconcilingSide.RECEIVER
    for field, said, meant in (
        ("manifest_no", manifest.manifest_no, agreement.manifest(reconciliation.day)),
        ("agreement", manifest.agreement, agreement.name),
        ("day", manifest.day, reconciliation.day),
        ("contract_type", manifest.contract_type, agreement.agreed.contract),
        ("contract_version", manifest.contract_version, agreement.agreed.version),
        ("rule", manifest.rule, reconciliation.rule),
    ):
        if said != meant:
            text = Text(f"与本次对账不符，应为 {meant}", f"it is not of this reconciliation, which has {meant}")
            return Unfit("E_RECONCILIATION_OTHER", f"$.data.{field}", text)
    if manifest.declared_by is ours:
        text = Text("应由对方制表", "it must have been counted by the other side")
        return Unfit("E_RECONCILIATION_OTHER", "$.data.declared_by", text)
    return None


def hearing(
    manifest: ReconciliationCounted, agreement: Agreement, source: str, may_open: Callable[[str], bool]
) -> Callable[[Hearing], Decided]:
    """What to do with a manifest, given what was heard before. ``may_open``: which nodes differ, so that nobody fills our
    journal with what nobody asked for.
    """
    root = Sum(manifest.count, manifest.digest)
    late = None if manifest.late_count is None else Sum(manifest.late_count, manifest.late_digest or "")
    nodes = {one.name: Sum(one.count, one.digest) for one in manifest.nodes if may_open(one.name[:-1])}
    opened = {
        one.name: [_line(agreement, row.case_no, row.record or "", row.version, row.content) for row in one.rows]
        for one in manifest.opened
        if may_open(one.name)
    }

    def decide(before: Hearing) -> Decided:
        known = before.declared
        anew = known is None or before.counted_at is None or manifest.counted_at > before.counted_at
        if not anew and before.counted_at is not None and manifest.counted_at < before.counted_at:
            text = Text("已收到更晚的统计", "a later count was heard already")
            return Unfit("E_RECONCILIATION_STALE", "$.data.counted_at", text)
        begun = beginning(root, late)
        if not anew and known is not None and any(known.sums.get(name) != begun.sums.get(name) for name in ("", LATE)):
            text = Text("同一统计时间的根与先前不同", "its root is not that of the same count before")
            return Unfit("E_RECONCILIATION_CONTRADICTS", "$.data.digest", text)
        more = with_more(begun if anew or known is None else known, nodes, opened)
        if isinstance(more, Contradiction):
            return Unfit("E_RECONCILIATION_CONTRADICTS", *_where(manifest, more))
        if not anew and more == known:
            return Known()
        return Takes(more, manifest.counted_at, source, anew)

    return decide


def _line(agreement: Agreement, case: str, record: str, version: int, content: str) -> bytes:
    return f"{escaped(case)}\t{escaped(record)}\t".encode() + agreement.agreed.rest(version, content)


def _where(manifest: ReconciliationCounted, wrong: Contradiction) -> tuple[str, Text]:
    """The place in the manifest, and what is wrong there."""
    name = wrong.name or "root"
    if wrong.orphan:
        text = Text(f"节点 {name} 尚未声明", f"the node {name} was not told")
    else:
        text = Text(f"与节点 {name} 的数量、摘要不符", f"it does not add up to count and digest of {name}")
    names = (("opened", [one.name for one in manifest.opened]), ("nodes", [one.name for one in manifest.nodes]))
    for kind, told in names:
        for n, each in enumerate(told):
            if each == wrong.name or each[:-1] == wrong.name:
                return f"$.data.{kind}[{n}]", text
    return "$.data.nodes", text
