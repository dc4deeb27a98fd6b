# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""How a system writes what a contract says: bytes to records and back, by name, for the hub and its connectors."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from contracts.cloudevent import JsonValue
from contracts.contract import Checked, Contract
from contracts.conversion import Loss
from contracts.mapping.context import NOTHING, Context
from contracts.refusal import Refusal

CANONICAL = "canonical"
"""The name of the dialect that every deployment has: canonical JSON."""

CANONICAL_XML = "canonical_xml"
"""The name of the other one: every contract in XML, as its XSD says, without a map."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """A record as a system takes it. Paths of losses are of the record."""

    content_type: str
    body: bytes
    losses: tuple[Loss, ...] = ()


@dataclass(frozen=True, slots=True)
class Decoded:
    """What a system sent, as a record of a contract that takes it. Paths of losses are of what was sent.

    ``supplied`` holds bookkeeping that came along, by the names of :data:`contracts.mapping.context.CONTEXT`.
    """

    contract: Contract
    data: Mapping[str, JsonValue]
    checked: Checked
    losses: tuple[Loss, ...] = ()
    supplied: Mapping[str, JsonValue] = field(default_factory=dict)


class Dialect(Protocol):
    """One way of writing. ``content_type`` is what it writes."""

    @property
    def name(self) -> str:
        """Its name in a deployment."""
        ...

    @property
    def content_type(self) -> str:
        """The Content-Type of what it writes."""
        ...

    def writes(self) -> tuple[Contract, ...]:
        """The contract versions it can write."""
        ...

    def reads(self) -> tuple[Contract, ...]:
        """The contract versions it can read."""
        ...

    def earlier(self, contract: Contract) -> tuple[Contract, ...]:
        """Earlier records of the same case that it wants in the context when it writes this contract."""
        ...

    def encode(
        self, contract: Contract, data: Mapping[str, JsonValue], context: Context = NOTHING
    ) -> Encoded | Refusal:
        """The record in this dialect. ``data`` satisfies its contract and is in canonical form. Never raises on such."""
        ...

    def decode(self, body: bytes, content_type: str, named: Contract | None = None) -> Decoded | Refusal:
        """The record that a body is, checked against its contract. Never raises, whatever the bytes.

        ``named`` is the contract that an envelope around the body names, if there was one.
        """
        ...
