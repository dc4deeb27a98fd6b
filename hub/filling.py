# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Content enrichment of a copy: fields that its record lacks, from expressions and lookups. 内容充实

What the sender said is never changed: only what is absent is filled in, and each field by itself must satisfy the contract of the
record. What cannot be filled in is left out, or the copy is a dead letter, as its route says.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import orjson

from contracts import strict_json
from contracts.contract import Checked, Contract
from contracts.conversion import Loss
from contracts.text import Text
from hub.ports.journal import Claim


class Filled(Loss):
    """A field that the sender did not send; nothing is lost, but the copy differs from what was accepted."""


@dataclass(frozen=True, slots=True)
class Unfilled:
    """Fields that could not be filled in, of a copy that must have them."""

    fields: tuple[str, ...]


def filled(
    claim: Claim, contract: Contract, values: Mapping[str, str | None], *, needed: bool
) -> tuple[Claim, tuple[Filled, ...]] | Unfilled:
    """The claim with what its record lacked. ``values``: by field, None or empty where nobody knew one; ``needed``: all must
    be had.
    """
    record = orjson.loads(claim.canonical)
    told: list[Filled] = []
    missing: list[str] = []
    for name, value in values.items():
        if record.get(name) is not None:
            continue
        wider = record | {name: value}
        if value and isinstance(contract.check(wider, claim.case), Checked):
            record = wider
            told.append(Filled(f"$.data.{name}", _FILLED))
        else:
            missing.append(name)
    if missing and needed:
        return Unfilled(tuple(missing))
    return (replace(claim, canonical=strict_json.canonical(record)), tuple(told)) if told else (claim, ())


_FILLED = Text("由路由补充", "filled in by the route")
