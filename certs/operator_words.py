# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What operators did to deliveries, read from the statements that were made of it (:mod:`certs.receipt`)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson

from certs.leaf import REPLAYED


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorWord:
    """One act on one delivery. ``what`` is ``replayed``, ``added`` (a delivery that the plan did not have) or the final state
    that the operator's word gave it; ``late``: its lane had gone on. ``replay`` is the act that sent it again.
    """

    at: datetime
    destination: str
    delivery: UUID
    what: str
    code: str = ""
    by: str
    reason: str
    late: bool = False
    replay: UUID | None = None


def operator_word(kind: str, statement: bytes) -> OperatorWord | None:
    """The operator's part in a statement; None: none had any."""
    told = orjson.loads(statement)
    if not told.get("by"):
        return None
    common = {"by": told["by"], "reason": told["reason"], "destination": told["destination"]}
    if kind == REPLAYED:
        return OperatorWord(
            at=datetime.fromisoformat(told["replayedAt"]),
            delivery=UUID(told["delivery"]),
            what="added" if told["added"] else "replayed",
            late=told["late"],
            replay=UUID(told["replay"]),
            **common,
        )
    return OperatorWord(
        at=datetime.fromisoformat(told["settledAt"]),
        delivery=UUID(told["delivery"]),
        what=told["state"],
        code=told["code"],
        **common,
    )
