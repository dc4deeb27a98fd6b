# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""As much of a record of a case as its life and its legal clock are read from: no name, and nothing that a person wrote."""

from collections.abc import Mapping
from dataclasses import dataclass

from contracts.cloudevent import JsonValue
from contracts.lifecycle.message import MISSING, READINGS, VERSION, Kind, Message, message_of

_CLOCK: Mapping[Kind, tuple[str, ...]] = {
    Kind.ACCEPTANCE: ("promised_on", "statutory_on", "item_code"),
    Kind.SPECIAL_STARTED: ("period", "period_unit"),
}
APPROVED = "approved_by"
"""Kept of the start of a special procedure: whether anybody is named who approved it."""

CONTRACTS = tuple(kind.value for kind in Kind)
"""The contracts whose messages are such records."""

Gist = Mapping[str, JsonValue]
"""As data, but that a list of missing materials (``MISSING``) is kept as whether there is one."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record. Its gist reads as its data do."""

    contract: str
    gist: Gist

    @property
    def message(self) -> Message:
        """What it says about the life of its case."""
        message = message_of(self.contract, self.gist)
        assert message is not None, "other contracts make no record"
        return message


def record_of(contract: str, data: Mapping[str, JsonValue]) -> Record | None:
    """The record in the canonical data of a message of this type; None: nothing about the life of a case."""
    message = message_of(contract, data)
    if message is None:
        return None
    reading = READINGS[message.kind]
    names = {reading.at, VERSION, *(name for line in reading.keys for name in line), *_CLOCK.get(message.kind, ())}
    names |= {name for name in (reading.decides, reading.number) if name is not None}
    gist: dict[str, JsonValue] = {name: data[name] for name in sorted(names) if data.get(name) is not None}
    if message.kind is Kind.SPECIAL_STARTED:
        gist[APPROVED] = bool(data.get(APPROVED))
    if message.lacking:
        gist[MISSING] = True
    return Record(contract, gist)
