# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A record, and what else of its case goes along, limited to what the destination's purpose needs. 字段策略

What cannot be limited is not sent: nothing goes out whole because a purpose is missing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

import orjson

from contracts import strict_json
from contracts.contract import Checked, Contract
from contracts.conversion import Loss
from contracts.text import Text
from hub.ports.journal import Claim
from routing.purposes import Limit

Limiting: TypeAlias = Callable[[str, Contract], Limit | None]
"""What a purpose needs of a contract version; None: nothing, or there is no such purpose."""


class LeftOut(Loss):
    """Not for the destination's purpose."""


@dataclass(frozen=True, slots=True)
class Unlimited:
    """Why a record could not be limited."""

    code: str
    detail: str
    violations: tuple[str, ...] = ()


def limited(
    claim: Claim, purpose: str, contract: Contract, limits: Limiting
) -> tuple[Claim, tuple[LeftOut, ...]] | Unlimited:
    """The claim with what the purpose needs of its record, and what was left out."""
    limit = limits(purpose, contract)
    if limit is None:
        return Unlimited("E_PURPOSE_UNKNOWN", f"{purpose}: {contract.schema_uri}")
    record, left_out = limit.apply(orjson.loads(claim.canonical))
    if not left_out:
        return claim, ()
    checked = contract.check(record, claim.case)
    if not isinstance(checked, Checked):
        told = tuple(f"{one.path}: {one.code}" for one in checked)
        return Unlimited("E_PURPOSE_TOO_NARROW", f"{purpose}: {contract.schema_uri}", told)
    losses = tuple(LeftOut(path, _WITHHELD) for path in left_out)
    return replace(claim, canonical=strict_json.canonical(record)), losses


def limited_earlier(
    earlier: Mapping[str, Mapping[str, object]], wanted: tuple[Contract, ...], purpose: str, limits: Limiting
) -> Mapping[str, Mapping[str, object]]:
    """Earlier records of the case, each limited; those that are not for the purpose are not there."""
    kept: dict[str, Mapping[str, object]] = {}
    for contract in wanted:
        limit = limits(purpose, contract)
        if contract.type in earlier and limit is not None:
            kept[contract.type] = limit.apply(earlier[contract.type])[0]
    return kept


_WITHHELD = Text("此用途不需要", "not needed for its purpose")
