# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A far side that counts: lines of its own, and manifests made of them, opened where it is asked to."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from contracts.families.fields import BEIJING
from contracts.families.oversight.reconciliation_counted import ReconciliationCounted
from contracts.reconciling.comparing import row_of
from contracts.reconciling.tree import LATE, bucket_name, bucket_of, grown, is_bucket, sum_of_lines
from hub.reconcile.agreement import Agreement


@dataclass(frozen=True, slots=True, kw_only=True)
class FarCount:
    """``late`` None: it does not tell apart what came late."""

    agreement: Agreement
    day: date
    counted_at: datetime
    lines: tuple[bytes, ...]
    late: tuple[bytes, ...] | None = None
    changes: dict[str, Any] = field(default_factory=dict)

    def manifest(self, open_: Iterable[str] = (), **changes: Any) -> ReconciliationCounted:
        """As a message says it."""
        return ReconciliationCounted.model_validate(self.document(open_, **changes))

    def document(self, open_: Iterable[str] = (), **changes: Any) -> dict[str, Any]:
        buckets = self._buckets()
        tree = grown({name: sum_of_lines(lines) for name, lines in buckets.items()})
        names = tuple(open_)
        nodes = {child: one for name in names if not is_bucket(name) for child, one in tree.below(name).items()}
        late = {} if self.late is None else {"late_count": tree.at(LATE).records, "late_digest": tree.at(LATE).digest}
        sends = self.agreement.sends
        return {
            "manifest_no": self.agreement.manifest(self.day),
            "agreement": self.agreement.name,
            "rule": self.agreement.agreed.rule,
            "from_system": "hub-1" if sends else self.agreement.system,
            "to_system": self.agreement.system if sends else "hub-1",
            "declared_by": "receiver" if sends else "sender",
            "contract_type": self.agreement.agreed.contract,
            "contract_version": self.agreement.agreed.version,
            "day": self.day.isoformat(),
            "counted_at": self.counted_at.astimezone(BEIJING).isoformat(),
            "count": tree.at("").records,
            "digest": tree.at("").digest,
            **late,
            "nodes": [{"name": n, "count": one.records, "digest": one.digest} for n, one in sorted(nodes.items())],
            "opened": [{"name": n, "rows": [_row(line) for line in buckets[n]]} for n in names if is_bucket(n)],
            **changes,
        }

    def _buckets(self) -> defaultdict[str, list[bytes]]:
        buckets: defaultdict[str, list[bytes]] = defaultdict(list)
        for lines, prefix in ((self.lines, ""), (self.late or (), LATE)):
            for line in lines:
                buckets[prefix + bucket_name(bucket_of(row_of(line).case))].append(line)
        return buckets


def _row(line: bytes) -> dict[str, Any]:
    row = row_of(line)
    named = {"record": row.record} if row.record else {}
    return {"case_no": row.case, "version": row.version, "content": row.content, **named}
