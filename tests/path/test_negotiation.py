# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A department that speaks an older version or another dialect is served, and understood, as it is."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson
import pytest
from lxml import etree

from connectors.sdk import Parcel, Rendering
from contracts.catalogue import builtin
from contracts.cloudevent import CloudEvent
from contracts.contract import Contract
from contracts.dialects.dialect import CANONICAL, Dialect
from contracts.dialects.loading import Dialects, load_dialects
from contracts.example import but
from contracts.mapping.loading import shipped
from contracts.negotiation import Spoken
from contracts.refusal import Refusal
from hub.path import accept
from hub.ports.journal import MessageView, Settlement, State
from tests.support.hubs import APPLICATION, Destination, Rig, at_work, bearer, event, hub_on, received
from tests.support.sinks import ScriptedSink

ACCEPTANCE = "cn.gov.acceptance.decided"
LOADED = load_dialects(shipped(), builtin())
assert isinstance(LOADED, Dialects), LOADED
DIALECTS = LOADED.by_name


def version(contract: str, number: int) -> Contract:
    return next(one for one in builtin().versions(contract) if one.version == number)


def spoken(*dialects: str, **versions: int) -> Spoken:
    """``application=1`` and the like; dialects by name, canonical JSON when none is given."""
    types = {"application": APPLICATION, "acceptance": ACCEPTANCE}
    return Spoken(
        {types[name]: frozenset({number}) for name, number in versions.items()},
        tuple(DIALECTS[name] for name in dialects or (CANONICAL,)),
    )


def saying(contract: Contract, case: str, id_: str = "", **changes: Any) -> CloudEvent:
    """An event about this case with the contract's own first example, changed so."""
    data = {**but(contract.examples[0].data, **changes), contract.subject: case}
    return event(
        case, id_ or f"{case}-{contract.type}", contract=contract.type, dataschema=contract.schema_uri, data=data
    )


def data_of(parcel: Parcel) -> Mapping[str, object]:
    return orjson.loads(parcel.body)["data"]  # type: ignore[no-any-return]


async def detail(rig: Rig, message: object) -> str:
    view = await rig.hub.journal.lookups.message(message)  # type: ignore[arg-type]
    assert isinstance(view, MessageView)
    return view.deliveries[0].detail


async def delivered(
    journal_dsn: str, who: Spoken, *events: CloudEvent, **more: Any
) -> tuple[ScriptedSink, Sequence[Settlement]]:
    """These events, accepted and settled, and what arrived."""
    sink = ScriptedSink()
    place = Destination(sink=sink, spoken=who, **more)
    async with hub_on(journal_dsn, {"housing": place}) as rig, at_work(rig.hub):
        for one in events:
            await rig.accept(one)
        settled = await rig.until(lambda settled: len(settled) >= len(events))
    return sink, settled


class TestVersions:
    async def test_an_older_version_is_spoken_to_who_knows_no_other(self, journal_dsn: str) -> None:
        newer = version(APPLICATION, 2)
        sink, (settlement,) = await delivered(journal_dsn, spoken(application=1), saying(newer, "case-1"))

        (parcel,) = sink.arrived
        older = version(APPLICATION, 1)
        assert parcel.attributes["dataschema"] == older.schema_uri
        assert orjson.loads(parcel.body)["dataschema"] == older.schema_uri
        assert not isinstance(older.check(data_of(parcel), "case-1"), tuple)
        assert settlement.state is State.DELIVERED

    async def test_a_newer_version_is_spoken_to_who_knows_only_that(self, journal_dsn: str) -> None:
        older = version(APPLICATION, 1)
        sink, _ = await delivered(journal_dsn, spoken(application=2), saying(older, "case-1"))

        newer = version(APPLICATION, 2)
        assert sink.arrived[0].attributes["dataschema"] == newer.schema_uri
        assert not isinstance(newer.check(data_of(sink.arrived[0]), "case-1"), tuple)

    async def test_who_says_nothing_gets_what_was_sent(self, journal_dsn: str) -> None:
        older, newer = version(APPLICATION, 1), version(APPLICATION, 2)
        sink, _ = await delivered(journal_dsn, spoken(), saying(older, "case-1"), saying(newer, "case-2"))

        assert {one.attributes["subject"]: one.attributes["dataschema"] for one in sink.arrived} == {
            "case-1": older.schema_uri,
            "case-2": newer.schema_uri,
        }

    async def test_what_is_lost_is_told_with_the_delivery_by_path_and_not_by_value(self, journal_dsn: str) -> None:
        newer = version(ACCEPTANCE, 2)
        secret = "测试申请人甲"  # because it is a made-up name, and must not be told
        applicant = {"type": "1", "name": secret, "id_type": "111", "id_number": "99000019900101005X"}
        sink, (settlement,) = await delivered(
            journal_dsn, spoken(acceptance=1), saying(newer, "case-1", decision="accepted", applicant=applicant)
        )

        assert settlement.state is State.DELIVERED
        assert settlement.detail.startswith("LOST: ")
        assert "$.data.applicant" in settlement.detail
        assert secret not in settlement.detail
        assert "applicant" not in data_of(sink.arrived[0])

    async def test_what_an_older_version_cannot_say_is_dead_at_once_and_alone(self, journal_dsn: str) -> None:
        newer = version(ACCEPTANCE, 2)
        correction = next(e for e in newer.examples if e.valid and e.data["decision"] == "correction")
        cannot = event(
            "case-1", contract=ACCEPTANCE, dataschema=newer.schema_uri, data={**correction.data, "case_no": "case-1"}
        )
        can = saying(version(ACCEPTANCE, 1), "case-2")
        sink, settled = await delivered(journal_dsn, spoken(acceptance=1), cannot, can)

        states = {one.claim.case: (one.state, one.code) for one in settled}
        assert states["case-1"] == (State.DEAD, "E_VERSION_INEXPRESSIBLE")
        assert states["case-2"][0] is State.DELIVERED
        assert [one.attributes["subject"] for one in sink.arrived] == ["case-2"]

    async def test_a_way_that_cannot_say_it_gives_way_to_the_next(self, journal_dsn: str) -> None:
        """The ten-message set comes first; what it has no message for goes in canonical JSON."""
        dialect = DIALECTS["gbt39046"]
        mapped_types = {one.type for one in dialect.writes()}
        unmapped = next(one for one in builtin().all() if one.type not in mapped_types and one.subject == "case_no")
        mapped = version(APPLICATION, 1)
        sink, _ = await delivered(
            journal_dsn, spoken("gbt39046", CANONICAL), saying(unmapped, "case-1"), saying(mapped, "case-2"),
            rendering=Rendering.DATA,
        )  # fmt: skip

        kinds = {one.attributes["subject"]: one.content_type.partition(";")[0] for one in sink.arrived}
        assert kinds == {"case-1": "application/json", "case-2": "application/xml"}


class TestDialectsOut:
    async def test_the_standards_xml_in_its_own_encoding(self, journal_dsn: str) -> None:
        sink, (settlement,) = await delivered(
            journal_dsn, spoken("gbt39046"), saying(version(APPLICATION, 1), "case-1"), rendering=Rendering.DATA
        )

        (parcel,) = sink.arrived
        assert settlement.state is State.DELIVERED
        assert parcel.content_type == "application/xml; charset=GB2312"
        assert parcel.attributes["datacontenttype"] == parcel.content_type
        root = etree.fromstring(parcel.body)
        assert root.tag == "申请"
        assert root.findtext("办件编号") == "case-1"
        assert root.findtext("申请时间") == "20260302T090500"

    async def test_in_structured_mode_it_travels_as_base64(self, journal_dsn: str) -> None:
        sink, _ = await delivered(journal_dsn, spoken("gbt39046"), saying(version(APPLICATION, 1), "case-1"))

        envelope = orjson.loads(sink.arrived[0].body)
        assert "data" not in envelope
        assert etree.fromstring(base64.b64decode(envelope["data_base64"])).tag == "申请"

    async def test_a_name_that_the_encoding_lacks_is_refused_and_the_character_named(self, journal_dsn: str) -> None:
        example = version(APPLICATION, 1).examples[0].data
        rare = saying(version(APPLICATION, 1), "case-1", applicant={**example["applicant"], "name": "测试𠮷甲"})
        sink, (settlement,) = await delivered(journal_dsn, spoken("gbt39046"), rare)

        assert settlement.state is State.DEAD
        assert "U+20BB7" in settlement.detail
        assert "测试" not in settlement.detail
        assert sink.arrived == []

    async def test_a_row_repeats_what_the_case_said_before(self, journal_dsn: str) -> None:
        """The national table of acceptances wants the applicant, whom only the application names."""
        contract = version(APPLICATION, 1)
        item = {"item_code": "1151050200000000084000131014000", "basic_code": "000131014000"}
        first = saying(contract, "case-1", **item)
        then = saying(version(ACCEPTANCE, 1), "case-1", **item)
        sink = ScriptedSink()
        place = Destination(sink=sink, spoken=spoken("front_v3"), rendering=Rendering.DATA)
        routes = f"  - {{name: accepted, when: {{contract: {ACCEPTANCE}}}, to: [front]}}\n"
        routes += f"  - {{name: applied, when: {{contract: {APPLICATION}}}, to: [other]}}\n"
        both = {"front": place, "other": Destination(sink=ScriptedSink())}
        async with hub_on(journal_dsn, both, routes=routes) as rig, at_work(rig.hub):
            await rig.accept(first)
            await rig.accept(then)
            (settlement,) = [one for one in await rig.until_settled(2) if one.claim.destination == "front"]

        assert settlement.state is State.DELIVERED, settlement.detail
        rows = orjson.loads(sink.arrived[0].body)["rows"]
        assert rows[0]["table"] == "up_pro_accept_v3"
        assert rows[0]["row"]["applyer_name"] == contract.examples[0].data["applicant"]["name"]
        assert rows[0]["row"]["row_guid"] == sink.arrived[0].idempotency_key

    async def test_without_it_the_missing_column_is_told(self, journal_dsn: str) -> None:
        sink, (settlement,) = await delivered(
            journal_dsn, spoken("front_v3"), saying(version(ACCEPTANCE, 1), "case-1"), rendering=Rendering.DATA
        )

        assert settlement.state is State.DEAD
        assert settlement.code == "E_DIALECT_INEXPRESSIBLE"
        assert "applicant" in settlement.detail
        assert sink.arrived == []

    async def test_any_contract_in_xml_without_a_map(self, journal_dsn: str) -> None:
        contract = version("cn.gov.process.step", 1)
        sink, (settlement,) = await delivered(
            journal_dsn, spoken("canonical_xml"), saying(contract, "case-1"), rendering=Rendering.DATA
        )

        assert settlement.state is State.DELIVERED
        root = etree.fromstring(sink.arrived[0].body)
        assert root.tag == f"{{{contract.schema_uri}}}{contract.type}"


class TestDialectsIn:
    """A sender posts its own document in the event's data; everything after that sees canonical JSON."""

    def xml_event(self, dialect: Dialect, contract: Contract, case: str, **changes: Any) -> CloudEvent:
        data = {**but(contract.examples[0].data, **changes), contract.subject: case}
        encoded = dialect.encode(contract, data)
        assert not isinstance(encoded, Refusal), encoded
        return event(
            case, contract=contract.type, dataschema=None, datacontenttype=encoded.content_type, data=encoded.body
        )

    async def test_a_document_becomes_a_record(self, journal_dsn: str) -> None:
        sink = ScriptedSink()
        contract = version(APPLICATION, 1)
        one = self.xml_event(DIALECTS["gbt39046"], contract, "case-1")
        dialects = {"portal": (DIALECTS["gbt39046"],)}
        async with hub_on(journal_dsn, {"housing": Destination(sink=sink)}, dialects=dialects) as rig, at_work(rig.hub):
            await rig.accept(one)
            first = await accept(rig.hub, bearer("portal"), one, received(one))
            again = await accept(rig.hub, bearer("portal"), one, received(one))
            await rig.until_settled(1)

        assert first == again
        envelope = orjson.loads(sink.arrived[0].body)
        assert envelope["dataschema"] == contract.schema_uri
        assert envelope["datacontenttype"] == "application/json"
        assert not isinstance(contract.check(envelope["data"], "case-1"), tuple)
        assert envelope["data"]["applicant"]["name"] == contract.examples[0].data["applicant"]["name"]

    async def test_canonical_xml_needs_the_contracts_name(self, journal_dsn: str) -> None:
        contract = version("cn.gov.process.step", 1)
        one = self.xml_event(DIALECTS["canonical_xml"], contract, "case-1")
        dialects = {"portal": (DIALECTS["canonical_xml"],)}
        async with hub_on(journal_dsn, {"housing": Destination(sink=ScriptedSink())}, dialects=dialects) as rig:
            nameless = await accept(rig.hub, bearer("portal"), one, received(one))
            named = replace(one, dataschema=contract.schema_uri)
            taken = await accept(rig.hub, bearer("portal"), named, received(named))

        assert isinstance(nameless, Refusal)
        assert nameless.code == "E_CONTRACT_UNKNOWN"
        assert isinstance(taken, bytes)

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"data": b"<"}, "E_XML_MALFORMED"),
            ({"data": b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'}, "E_XML_DOCTYPE"),
            ({"data": "<申请/>".encode(), "datacontenttype": "application/xml"}, "E_DIALECT_INVALID"),
            ({"data": "<别的/>".encode(), "datacontenttype": "application/xml"}, "E_DIALECT_NAME"),
            ({"type": ACCEPTANCE}, "E_DIALECT_NAME"),
            ({"subject": "another"}, "E_CONTRACT_INVALID"),
            ({"dataschema": "urn:nothing"}, "E_CONTRACT_VERSION"),
            ({"datacontenttype": "text/plain"}, "E_ATTRIBUTE_MISSING"),
        ],
    )
    async def test_a_bad_document_is_refused_to_its_senders_face(
        self, journal_dsn: str, changes: dict[str, object], code: str
    ) -> None:
        one = replace(self.xml_event(DIALECTS["gbt39046"], version(APPLICATION, 1), "case-1"), **changes)  # type: ignore[arg-type]
        dialects = {"portal": (DIALECTS["gbt39046"],)}
        async with hub_on(journal_dsn, {"housing": Destination(sink=ScriptedSink())}, dialects=dialects) as rig:
            refusal = await accept(rig.hub, bearer("portal"), one, received(one))

        assert isinstance(refusal, Refusal)
        assert refusal.code == code

    async def test_a_sender_without_the_dialect_is_told_what_its_contract_wants(self, journal_dsn: str) -> None:
        one = self.xml_event(DIALECTS["gbt39046"], version(APPLICATION, 1), "case-1")
        async with hub_on(journal_dsn, {"housing": Destination(sink=ScriptedSink())}) as rig:
            refusal = await accept(rig.hub, bearer("portal"), one, received(one))

        assert isinstance(refusal, Refusal)
        assert refusal.code == "E_ATTRIBUTE_MISSING"
