# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What operators did to deliveries, and how what waited was let out, read from the statements of it (:mod:`certs.receipt`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from certs.leaf import RELEASED, REPLAYED


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorWord:
    """One act on one delivery, or on a message that waited before it had any.

    ``what`` is ``replayed``, ``added`` (a delivery that the plan did not have), the final state that the operator's word gave
    it, or how a message that waited was let out: ``released``, ``passed_on``, ``adopted``; then ``since`` is from when it waited
    and ``code`` by which rule, and ``by`` is empty where nobody had to say so. ``late``: its lane had gone on. ``replay`` is the
    act that sent it.
    """

    at: datetime
    destination: str = ""
    delivery: UUID | None = None
    what: str
    code: str = ""
    by: str = ""
    reason: str = ""
    late: bool = False
    replay: UUID | None = None
    since: datetime | None = None


def operator_word(kind: str, statement: bytes) -> OperatorWord | None:
    """What a statement says of this; None: nothing."""
    told = orjson.loads(statement)
    if kind == RELEASED:
        return _of_release(told)
    if not told.get("by"):
        return None
    replayed = kind == REPLAYED
    return OperatorWord(
        at=datetime.fromisoformat(told["replayedAt" if replayed else "settledAt"]),
        destination=told["destination"],
        delivery=UUID(told["delivery"]),
        what=("added" if told["added"] else "replayed") if replayed else told["state"],
        code="" if replayed else told["code"],
        by=told["by"],
        reason=told["reason"],
        late=replayed and told["late"],
        replay=UUID(told["replay"]) if replayed else None,
    )


def _of_release(told: Mapping[str, Any]) -> OperatorWord:
    return OperatorWord(
        at=datetime.fromisoformat(told["releasedAt"]),
        what=told["how"],
        code=told["rule"],
        by=told.get("by", ""),
        reason=told.get("reason", ""),
        since=datetime.fromisoformat(told["parkedAt"]),
    )
