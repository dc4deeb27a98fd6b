# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Both renderings of a message, read by the official CloudEvents SDK."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

import orjson
import pytest
from cloudevents.v1.http import from_http

from connectors.sdk import Parcel, Rendering
from contracts.catalogue import builtin
from contracts.cloudevent import CloudEvent
from contracts.contract import Contract
from contracts.dialects.loading import Dialects, load_dialects
from contracts.mapping.loading import shipped
from contracts.negotiation import Spoken, negotiate
from hub.ports.journal import Claim
from hub.stages.translate import Form, Translated, Unreadable, Untranslatable, translate
from tests.hub.stages.made_up import DELIVERY, MESSAGE, claim_of
from tests.support.hubs import event

STRUCTURED = Form(Rendering.STRUCTURED, 30.0)
DATA = Form(Rendering.DATA, 12.5)
EVENT = event(
    "510500-20260302-000001",
    "号-1",
    time=datetime.fromisoformat("2026-03-02T09:05:00+08:00"),
    extensions={"partitionkey": "甲", "sequence": "0007", "traceparent": "00-" + "0a" * 16 + "-" + "0b" * 8 + "-01"},
)


async def nothing(_wanted: tuple[Contract, ...]) -> Mapping[str, Mapping[str, object]]:
    return {}


async def parcel_of(claim: Claim, form: Form) -> Parcel:
    translated = await translate(claim, form, nothing)
    assert isinstance(translated, Translated), translated
    assert translated.losses == ()
    return translated.parcel


async def test_the_official_sdk_reads_what_was_sent() -> None:
    parcel = await parcel_of(claim_of(EVENT), STRUCTURED)
    read = from_http({"content-type": parcel.content_type}, parcel.body)

    assert read.data == EVENT.data
    assert {name: read[name] for name in ("id", "source", "type", "subject", "dataschema")} == {
        "id": EVENT.id, "source": EVENT.source, "type": EVENT.type, "subject": EVENT.subject,
        "dataschema": EVENT.dataschema,
    }  # fmt: skip
    assert datetime.fromisoformat(read["time"]) == EVENT.time
    assert {name: read[name] for name in EVENT.extensions} == dict(EVENT.extensions)
    assert read["govhubmessage"] == str(MESSAGE)
    assert set(read.get_attributes()) == {
        "specversion", "id", "source", "type", "subject", "dataschema", "time", "datacontenttype", "govhubmessage",
        *EVENT.extensions,
    }  # fmt: skip


async def test_data_alone_is_the_validated_data() -> None:
    parcel = await parcel_of(claim_of(EVENT), DATA)
    assert orjson.loads(parcel.body) == EVENT.data
    assert parcel.body == claim_of(EVENT).canonical
    assert parcel.content_type == "application/json"
    assert parcel.attributes["subject"] == EVENT.subject


@pytest.mark.parametrize("form", [STRUCTURED, DATA])
async def test_the_attributes_stand_beside_the_body_as_plain_texts(form: Form) -> None:
    attributes = (await parcel_of(claim_of(EVENT), form)).attributes
    assert all(isinstance(value, str) for value in attributes.values())
    assert attributes["partitionkey"] == "甲"
    assert attributes["sequence"] == "0007"


@pytest.mark.parametrize("form", [STRUCTURED, DATA])
async def test_every_attempt_has_the_same_key_and_the_same_bytes(form: Form) -> None:
    first, fifth = [await parcel_of(claim_of(EVENT, attempt=n), form) for n in (1, 5)]
    assert first.idempotency_key == fifth.idempotency_key == str(DELIVERY)
    assert (first.attempt, fifth.attempt) == (1, 5)
    assert replace(fifth, attempt=1) == first
    assert first.timeout == form.timeout


async def test_an_extension_cannot_pass_itself_off_as_ours() -> None:
    forged = replace(EVENT, extensions={"govhubmessage": "forged"})
    assert (await parcel_of(claim_of(forged), STRUCTURED)).attributes["govhubmessage"] == str(MESSAGE)


async def test_a_content_type_with_parameters_is_kept() -> None:
    typed = CloudEvent(id="m", source="portal", type="t", datacontenttype="application/geo+json", data={"a": [1, None]})
    assert (await parcel_of(claim_of(typed), DATA)).content_type == "application/geo+json"
    assert orjson.loads((await parcel_of(claim_of(typed), STRUCTURED)).body)["data"] == {"a": [1, None]}


REGISTRY = builtin()


def speaking(*dialects: str) -> Form:
    loaded = load_dialects(shipped(), REGISTRY)
    assert isinstance(loaded, Dialects), loaded
    spoken = Spoken({}, tuple(loaded.by_name[name] for name in dialects))
    return Form(Rendering.DATA, 1.0, REGISTRY, negotiate(REGISTRY, spoken))


async def test_a_contract_that_this_hub_does_not_know_is_left_to_another() -> None:
    unknown = claim_of(CloudEvent(id="m", source="portal", type="cn.gov.of.tomorrow", subject="a", data={}))

    assert await translate(unknown, speaking("canonical"), nothing) == Unreadable()


async def test_a_journal_that_is_away_is_waited_for_although_a_worse_way_is_open() -> None:
    """The national rows repeat the application, which cannot be read now; canonical JSON would not need it."""
    acceptance = event("a", contract="cn.gov.acceptance.decided")

    async def away(_wanted: tuple[Contract, ...]) -> None:
        return None

    assert await translate(claim_of(acceptance), speaking("front_v3", "canonical"), away) == Unreadable()
    assert isinstance(await translate(claim_of(acceptance), speaking("canonical"), away), Translated)


async def test_what_no_way_can_say_is_told_by_the_last() -> None:
    acceptance = event("a", contract="cn.gov.acceptance.decided")

    found = await translate(claim_of(acceptance), speaking("front_v3"), nothing)

    assert isinstance(found, Untranslatable)
    assert found.code == "E_DIALECT_INEXPRESSIBLE"
    assert found.violations
