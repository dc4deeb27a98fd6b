# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A contract as it stands in the code, tried on what was really sent: who would be refused, for what. 试用

Nothing is written, and nothing of a person is told: samples are masked.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from contracts import strict_json
from contracts.cloudevent import JsonValue
from contracts.contract import Checked, Contract
from contracts.conversion import Converted, Inexpressible, Loss
from contracts.masking import masked
from contracts.refusal import Refusal, Violation
from contracts.registry import Registry
from hub.ports.journal import JournalDown, Lookups, Recorded

BATCH = 200
SAMPLES = 3


@dataclass(frozen=True, slots=True)
class Sample:
    """One recorded message, masked, that would not fit."""

    message: UUID
    sent_at: datetime
    record: Mapping[str, JsonValue]


Finding: TypeAlias = Violation | Inexpressible | Loss


@dataclass(slots=True)
class Trouble:
    """One kind of misfit of one sender: how often, and a few samples."""

    finding: Finding
    count: int = 0
    samples: list[Sample] = field(default_factory=list)


@dataclass(slots=True)
class SenderReport:
    """What one system sent of one contract, tried on one version."""

    system: str
    contract: Contract
    messages: int = 0
    refused: int = 0
    troubles: dict[tuple[str, str], Trouble] = field(default_factory=dict)


@dataclass(slots=True)
class Trial:
    """Tries recorded messages on their own version as it stands in ``registry``, and those it takes on the newest too."""

    registry: Registry
    reports: dict[tuple[str, str], SenderReport] = field(default_factory=dict)

    def take(self, recorded: Recorded) -> None:
        """Try one message. A contract that the registry does not have is left out."""
        versions = {contract.version: contract for contract in self.registry.versions(recorded.contract)}
        own = versions.get(recorded.version)
        if own is None:
            return
        data = strict_json.parse(recorded.canonical)
        assert not isinstance(data, Refusal), "what was accepted can be read"
        newest = versions[max(versions)]
        if self._fits(recorded, own, own, data) and newest is not own:  # a conversion trusts the version it begins with
            self._fits(recorded, own, newest, data)

    def _fits(self, recorded: Recorded, own: Contract, contract: Contract, data: Mapping[str, JsonValue]) -> bool:
        """Try one version and report; whether it takes the message."""
        key = (recorded.system, contract.schema_uri)
        report = self.reports.setdefault(key, SenderReport(recorded.system, contract))
        report.messages += 1
        refusing, telling = self._findings(recorded, own, contract, data)
        report.refused += bool(refusing)
        for finding in {(_code(one), one.path): one for one in (*refusing, *telling)}.values():
            trouble = report.troubles.setdefault((_code(finding), finding.path), Trouble(finding))
            trouble.count += 1
            if len(trouble.samples) < SAMPLES:
                sample = Sample(recorded.message_id, recorded.accepted_at, masked(data, own.personal))
                trouble.samples.append(sample)
        return not refusing

    def _findings(
        self, recorded: Recorded, own: Contract, contract: Contract, data: Mapping[str, JsonValue]
    ) -> tuple[Sequence[Finding], Sequence[Finding]]:
        """What would refuse the message, and what would only be lost on the way to that version."""
        converted = Converted(dict(data))
        if contract.version != own.version:
            found = self.registry.convert(data, own, contract.version)
            if isinstance(found, Inexpressible):
                return (found,), ()
            converted = found
        checked = contract.check(converted.data, recorded.case)
        return (() if isinstance(checked, Checked) else checked), converted.losses


def _code(finding: Finding) -> str:
    match finding:
        case Violation(code):
            return code
        case Inexpressible():
            return "INEXPRESSIBLE"
        case Loss():
            return "LOSS"


async def recorded_since(lookups: Lookups, since: datetime) -> AsyncIterator[Sequence[Recorded] | JournalDown]:
    """What was accepted since then, oldest first, batch by batch; a journal that goes away ends it."""
    after: UUID | None = None
    while True:
        batch = await lookups.recorded(since, after, BATCH)
        yield batch
        if isinstance(batch, JournalDown) or len(batch) < BATCH:
            return
        after = batch[-1].message_id
