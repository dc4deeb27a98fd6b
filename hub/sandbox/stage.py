# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""One case between the portal and the department, and what was found on the way."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeVar

import orjson

from connectors.sdk import Outcome
from contracts import strict_json
from contracts.bindings import media_type
from contracts.cloudevent import CloudEvent, JsonValue
from contracts.contract import Checked, Contract
from contracts.dialects.dialect import CANONICAL, Decoded, Dialect, Encoded
from contracts.mapping.context import Context
from contracts.refusal import Refusal
from contracts.text import Text
from hub.sandbox import words
from hub.sandbox.desk import Desk, Reply
from hub.sandbox.far_side import Arrival, FarSide, Spoken
from hub.sandbox.script import Script
from hub.sandbox.speech import APPLICATION, Speech, writable

T = TypeVar("T")
Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found, and what to do about it. An error is a failure; a warning is to be known."""

    severity: Severity
    code: str
    text: Text
    remedy: Text
    paths: tuple[str, ...] = ()


class OverError(Exception):
    """The scenario cannot go on; what keeps it is among the findings."""


@dataclass(slots=True)
class Stage:
    """``seconds``: how long anything may take to come. ``check`` asks the connection whether the far side is there. Every case of
    a trial has a number and a stage of its own.
    """

    desk: Desk
    far: FarSide
    speech: Speech
    script: Script
    dialect: Dialect
    case: str
    seconds: float
    idempotency: str
    check: Callable[[], Awaitable[Outcome]]
    findings: list[Finding] = field(default_factory=list)
    contracts: set[str] = field(default_factory=set)
    said: list[tuple[Contract, Mapping[str, JsonValue]]] = field(default_factory=list)
    _numbers: int = 0

    def find(self, severity: Severity, code: str, text: Text, remedy: Text, paths: Sequence[str] = ()) -> None:
        """Note something, once."""
        finding = Finding(severity, code, text, remedy, tuple(paths))
        if finding not in self.findings:
            self.findings.append(finding)

    def fail(self, code: str, text: Text, remedy: Text, paths: Sequence[str] = ()) -> OverError:
        """Note a failure after which nothing more can be tried; to be raised."""
        self.find("error", code, text, remedy, paths)
        return OverError(code)

    async def apply(self, **changes: JsonValue) -> str:
        """Hand in the application; the hub's id of its message."""
        contract, data = self.speech.application(self.case, changes)
        return await self._from_portal(contract, data)

    async def portal_says(self, kind: str, **changes: JsonValue) -> str:
        """The portal says something later on; the hub's id of its message."""
        contract = self.speech.contract(kind, self.speech.registry.all())
        assert contract is not None, "the contracts of the scenarios are built in"
        return await self._from_portal(contract, self.speech.record(contract, self.case, changes))

    async def department_says(self, kind: str, **changes: JsonValue) -> Spoken:
        """The department says something, in its dialect and by its own way."""
        spoken = self.spoken(kind, changes)
        await self.utter(spoken)
        return spoken

    def spoken(self, kind: str, changes: Mapping[str, JsonValue]) -> Spoken:
        """A record as the department's system would write it."""
        contract = self.speech.contract(kind, writable(self.dialect))
        if contract is None:
            raise self.fail("S_CANNOT_SAY", *words.cannot_say(kind))
        encoded = self.written(contract, self.speech.record(contract, self.case, changes))
        return Spoken(self._id(), self.case, contract, encoded.content_type, encoded.body)

    def written(self, contract: Contract, record: Mapping[str, JsonValue]) -> Encoded:
        """A record in the department's dialect; it has been said from then on."""
        data = self._canonical(contract, record)
        values = {
            "row_guid": self._id(),
            "operation": "insert",
            "time": "2026-03-03T10:00:00+08:00",
            "batch": "1",
            "source": "1",
        }
        wanted = {one.schema_uri for one in self.dialect.earlier(contract)}
        earlier = {c.type: record for c, record in self.said if c.schema_uri in wanted}
        encoded = self.dialect.encode(contract, data, Context(values, earlier))
        if isinstance(encoded, Refusal):
            raise self.refused(encoded)
        self.said.append((contract, data))
        self.contracts.add(contract.schema_uri)
        return encoded

    async def utter(self, spoken: Spoken) -> Reply | None:
        """Say it. None: it went by a way of the department's own, and its answer comes by that way too."""
        if await self.far.say(spoken):
            return None
        reply = await self.desk.speak(self.script.department, spoken)
        if not reply.taken:
            raise self._problem(reply, words.DEPARTMENT)
        return reply

    async def reaches(self, count: int) -> Sequence[Arrival]:
        """What reached the department's system about this case, once there is so much, each key once."""
        arrivals = await self._within(
            self.far.book.until(count, self.case), lambda: words.not_delivered(count, len(self.far.book.of(self.case)))
        )
        return list({one.key: one for one in arrivals}.values())

    async def delivered(self, message: str) -> None:
        """The hub has the department's word that it has this message."""
        delivery = await self._within(
            self.desk.ended(message, self.script.destination), lambda: words.not_finished("?")
        )
        if delivery["state"] != "delivered":
            raise self.fail(
                "S_" + delivery["state"].upper(),
                *words.ended(delivery["state"], delivery["code"], taken=bool(self.far.book.of(self.case))),
            )
        if "LOST:" in delivery["detail"]:
            lost = delivery["detail"].partition("LOST:")[2].split(";")[0].strip()
            self.find("info", "S_LOST", *words.lost_outward(), [one.strip() for one in lost.split(",")])

    async def returns(self, *kinds: str) -> Sequence[Mapping[str, Any]]:
        """What came back to the portal about this case, which must be of these kinds, in this order."""
        try:
            events = await self._within(
                self.desk.until_heard(self.case, len(kinds)),
                lambda: words.not_returned(kinds, [event["type"] for event in self.desk.heard(self.case)]),
            )
        except OverError:
            await self._tell_refusals()
            raise
        if [event["type"] for event in events] != list(kinds):
            raise self.fail("S_ORDER", *words.other_order(kinds, [event["type"] for event in events]))
        for event in events:
            self.contracts.add(event["dataschema"])
            self._compare_returned(event)
        return events

    def understood(self, arrival: Arrival) -> Mapping[str, JsonValue] | None:
        """What the department reads in what reached it; None: it is wrapped, or in a dialect that is only written."""
        content = media_type.parse(arrival.content_type)
        if content is not None and content.essence == "application/cloudevents+json":
            data = orjson.loads(arrival.body).get("data")
            return data if isinstance(data, dict) else None
        if self.dialect.name == CANONICAL:
            value = strict_json.parse(arrival.body)
            return value if isinstance(value, dict) else None
        decoded = self.dialect.decode(arrival.body, arrival.content_type)
        return decoded.data if isinstance(decoded, Decoded) else None

    def refused(self, refusal: Refusal) -> OverError:
        """A refusal by the dialect."""
        first = refusal.violations[0] if refusal.violations else None
        remedy = first.remedy if first else words.MEND_MAP
        return self.fail(refusal.code, refusal.detail, remedy, [one.path for one in refusal.violations])

    async def _from_portal(self, contract: Contract, data: Mapping[str, JsonValue]) -> str:
        event = CloudEvent(
            id=self._id(),
            source=self.script.portal,
            type=contract.type,
            subject=self.case,
            dataschema=contract.schema_uri,
            data=dict(data),
        )
        reply = await self.send(event)
        return str(reply.document["message"])

    async def send(self, event: CloudEvent) -> Reply:
        """Something of the portal that must be taken."""
        reply = await self.desk.send(event)
        if not reply.taken:
            raise self._problem(reply, words.PORTAL)
        schema = event.dataschema or ""
        contract = self.speech.registry.resolve(event.type, schema)
        assert isinstance(contract, Contract), "the hub took it"
        assert isinstance(event.data, dict), "contracts take objects"
        self.said.append((contract, self._canonical(contract, event.data)))
        self.contracts.add(schema)
        return reply

    def event(self, **changes: JsonValue) -> CloudEvent:
        """The application as an event, to be sent more than once."""
        contract, data = self.speech.application(self.case, changes)
        plain = replace(self.speech.sample, id=self._id(), subject=self.case, data=data)
        return replace(plain, source=self.script.portal, dataschema=contract.schema_uri, type=APPLICATION)

    @property
    def applicant(self) -> dict[str, JsonValue]:
        """Who applies in the sample."""
        data: Any = self.speech.sample.data
        return dict(data["applicant"])

    async def _tell_refusals(self) -> None:
        """What the hub refused of the department's in this case; it may have been told by a way that nobody reads here."""
        for refusal in await self.desk.refusals(self.script.department):
            if self.case in str(refusal["id"] or self.case):
                detail, remedy = refusal["problem"]["details"], refusal["problem"]["remedy"]
                text = Text(f"{words.DEPARTMENT.zh}：{detail['zh']}", f"{words.DEPARTMENT.en}: {detail['en']}")
                self.find("error", refusal["code"], text, Text(remedy["zh"], remedy["en"]), refusal["paths"])

    def _compare_returned(self, event: Mapping[str, Any]) -> None:
        said = [data for contract, data in self.said if contract.schema_uri == event["dataschema"]]
        if said and (paths := differing(said[-1], event["data"])):
            self.find("error", "S_DIFFERENT", *words.different_back(event["type"]), paths)

    def _canonical(self, contract: Contract, data: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
        checked = contract.check(dict(data), self.case)
        if not isinstance(checked, Checked):
            raise self.refused(contract.invalid(checked))
        value = strict_json.parse(checked.canonical)
        assert isinstance(value, dict), "a contract takes only objects"
        return value

    def _problem(self, reply: Reply, who: Text) -> OverError:
        document = reply.document
        violations = document.get("violations", [])
        remedy = violations[0]["remedy"] if violations else document["remedy"]
        detail = Text(f"{who.zh}：{document['details']['zh']}", f"{who.en}: {document['details']['en']}")
        return self.fail(
            document["code"], detail, Text(remedy["zh"], remedy["en"]), [one["path"] for one in violations]
        )

    async def _within(self, coming: Awaitable[T], otherwise: Any) -> T:
        try:
            async with asyncio.timeout(self.seconds):
                return await coming
        except TimeoutError:
            raise self.fail("S_TIMEOUT", *otherwise()) from None

    def _id(self) -> str:
        self._numbers += 1
        return f"{self.case}-{self._numbers}"


def differing(said: Mapping[str, JsonValue], read: Mapping[str, JsonValue]) -> list[str]:
    """The members that both have, and that say different things."""
    return [f"$.data.{name}" for name in said if name in read and not _same(said[name], read[name])]


def _same(one: JsonValue, other: JsonValue) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return all(_same(value, other[name]) for name, value in one.items() if name in other)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other)
