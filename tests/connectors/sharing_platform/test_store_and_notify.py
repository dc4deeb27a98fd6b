# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Store and notify, and whatever may be lost between the two: nothing is put twice, and every notice is heard in the end."""

import base64
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from itertools import repeat
from typing import Any

import orjson
import pytest
from pydantic import ValidationError

from connectors.sdk import (
    Context,
    Delivered,
    InDoubt,
    Material,
    NotNow,
    Parcel,
    Refused,
    Rejected,
    Sink,
    Unavailable,
)
from connectors.sharing_platform import CONNECTOR
from connectors.sharing_platform.config import SharingConfig
from connectors.sharing_platform.record import digest_of
from connectors.sharing_platform.simulator import FETCH, PUT, PUT_MATERIAL, SERVICES, SharingPlatform, Step
from contracts.catalogue import builtin
from tests.connectors.sharing_platform.department import Department, MemoryIntake, MemoryShelf
from tests.connectors.sharing_platform.far import APP_KEY, RID, account, put_of

PAPER = Material("application/pdf", b"%PDF-1.7 made up")
PAPER_DIGEST = digest_of(PAPER.body)
STEP = b'{"case_no":"510500-1","step_name":"\xe5\xae\xa1\xe6\xa0\xb8"}'


@dataclass
class Scene:
    """A platform, a department behind it, and what the hub lends."""

    platform: SharingPlatform
    department: Department
    context: Context
    shelf: MemoryShelf
    intake: MemoryIntake

    def sink(self, **changes: object) -> Sink:
        settings: dict[str, Any] = {"platform": account(self.platform), "services": SERVICES, **changes}
        if settings.get("form", "put") == "put":
            settings["notice"] = {"url": self.department.url, "bearer_secret": "word", **settings.get("notice", {})}
        return CONNECTOR.sink(SharingConfig.model_validate(settings), self.context)

    def told(self, key: str) -> dict[str, Any]:
        """What was said of a record at the platform; empty: nothing yet."""
        return self.platform.records[key].told or {}

    def called(self, sid: str) -> list[str]:
        return [word for called, word in self.platform.calls if called == sid]


@pytest.fixture
def secrets() -> dict[str, str]:
    return {"app-key": APP_KEY, "word": "made-up-word"}


@pytest.fixture
async def scene(context: Context) -> AsyncIterator[Scene]:
    shelf, intake = MemoryShelf(), MemoryIntake()
    shelf.kept[PAPER_DIGEST] = PAPER
    lent = replace(context, shelf=shelf, intake=intake)
    async with SharingPlatform(requesters={RID: APP_KEY, "r_other": "x"}) as platform, Department() as department:
        yield Scene(platform, department, lent, shelf, intake)


def application(key: str = "k-1", attempt: int = 1, **changes: Any) -> Parcel:
    data = {"case_no": "510500-1", "materials": [{"name": "申请表", "digest": PAPER_DIGEST}]}
    attributes = {
        "id": "m-1",
        "source": "portal",
        "type": "cn.gov.application.submitted",
        "subject": "510500-1",
        "dataschema": "urn:govhub:contract:cn.gov.application.submitted:2",
    }
    fields = {"content_type": "application/json", "body": orjson.dumps(data), "attributes": attributes, "timeout": 5.0}
    return Parcel(idempotency_key=key, attempt=attempt, **{**fields, **changes})


def notice(key: str = "step-1", body: bytes = STEP, **changes: object) -> Parcel:
    said: Mapping[str, object] = {
        "case_no": "510500-1",
        "contract_type": "cn.gov.process.step",
        "record_id": key,
        "digest": digest_of(body),
        **changes,
    }
    return Parcel(idempotency_key=f"n-{key}", content_type="application/json", body=orjson.dumps(said), timeout=5.0)


async def test_record_and_materials_lie_there_before_anybody_is_told(scene: Scene) -> None:
    async with scene.sink() as sink:
        assert await sink.send(application()) == Delivered()
    assert [sid for sid, _ in scene.platform.calls] == [PUT_MATERIAL, PUT]
    record = scene.platform.records["k-1"].record
    assert base64.b64decode(record["content"]) == application().body
    assert record["materials"] == [PAPER_DIGEST]
    assert base64.b64decode(scene.platform.materials[PAPER_DIGEST][1]) == PAPER.body
    (heard,) = scene.department.heard
    assert scene.department.authorizations == ["Bearer made-up-word"]
    assert heard["data"]["keys"] == [{"name": "record_id", "value": "k-1"}]
    assert heard["data"]["digest"] == record["digest"]


async def test_the_notice_is_the_contracts_and_has_keys_alone(scene: Scene) -> None:
    """What a department is told is what the published contract says, and nothing of the record's content."""
    async with scene.sink() as sink:
        await sink.send(application())
    (heard,) = scene.department.heard
    (contract,) = builtin().versions("cn.gov.record.available")
    contract.model.model_validate(heard["data"])
    assert heard["dataschema"] == contract.schema_uri
    assert "申请表" not in orjson.dumps(heard).decode()


async def test_put_done_and_the_notice_lost(scene: Scene) -> None:
    """The department did not hear: the record is asked about and not put again, and the notice comes under the same id."""
    scene.department.statuses = [503, 0, 200]
    async with scene.sink() as sink:
        first = await sink.send(application())
        second = await sink.send(application(attempt=2))
        third = await sink.send(application(attempt=3))
    assert first == Unavailable("NOTICE_HTTP_503: its own word")
    assert isinstance(second, InDoubt)
    assert second.reason.startswith("NOTICE_NO_ANSWER")
    assert third == Delivered()
    assert scene.called(PUT) == ["ok"]
    assert [one["id"] for one in scene.department.heard] == ["k-1-notice"] * 3


async def test_a_put_whose_answer_is_lost_is_asked_about(scene: Scene) -> None:
    scene.platform.script = iter([Step.OK, Step.LOSE, *[Step.OK] * 10])
    async with scene.sink() as sink:
        first = await sink.send(application())
        assert scene.department.heard == []
        second = await sink.send(application(attempt=2))
    assert isinstance(first, InDoubt)
    assert second == Delivered()
    assert scene.called(PUT) == ["lose"]
    assert len(scene.department.heard) == 1


async def test_a_put_that_never_came_is_put(scene: Scene) -> None:
    scene.platform.script = iter([Step.OK, Step.BUSY, *[Step.OK] * 10])
    async with scene.sink() as sink:
        first = await sink.send(application())
        second = await sink.send(application(attempt=2))
    assert isinstance(first, Unavailable)
    assert second == Delivered()
    assert scene.called(PUT) == ["busy", "ok"]


async def test_the_same_put_again_changes_nothing(scene: Scene) -> None:
    async with scene.sink() as sink:
        assert await sink.send(application()) == Delivered()
        assert await sink.send(application()) == Delivered()
    assert len(scene.platform.records) == 1


async def test_another_content_under_the_key_is_never_put_over_the_first(scene: Scene) -> None:
    async with scene.sink() as sink:
        assert await sink.send(application()) == Delivered()
        asked = await sink.send(application(attempt=2, body=b"{}"))
        put = await sink.send(application(body=b"{}"))
    assert isinstance(asked, Rejected)
    assert asked.code == "RECORD_DIFFERS"
    assert isinstance(put, Rejected)
    assert put.code == "409"
    assert base64.b64decode(scene.platform.records["k-1"].record["content"]) == application().body


async def test_materials_that_are_not_there(scene: Scene) -> None:
    """Away: tried again, and nothing was put. Unknown or too large: never, and the record is not put without it."""
    async with scene.sink(material_bytes=1024) as sink:
        scene.shelf.away = True
        assert isinstance(await sink.send(application()), Unavailable)
        scene.shelf.away = False
        scene.shelf.kept[PAPER_DIGEST] = Material("application/pdf", b"x" * 1025)
        too_large = await sink.send(application())
        scene.shelf.kept.clear()
        unknown = await sink.send(application())
    assert isinstance(too_large, Rejected)
    assert isinstance(unknown, Rejected)
    assert (too_large.code, unknown.code) == ("MATERIAL_TOO_LARGE", "MATERIAL_MISSING")
    assert scene.platform.records == {}


async def test_a_record_is_followed_and_its_author_told(scene: Scene) -> None:
    put_of(scene.platform, "step-1", STEP, materials=[PAPER_DIGEST])
    scene.platform.materials[PAPER_DIGEST] = ("application/pdf", base64.b64encode(PAPER.body).decode())
    scene.shelf.kept.clear()
    async with scene.sink(form="fetch") as sink:
        assert await sink.send(notice()) == Delivered()
    (item,) = scene.intake.brought
    assert item.body == STEP
    assert item.headers["cloudEvents:id"] == "step-1"
    assert scene.shelf.kept == {PAPER_DIGEST: PAPER}
    assert scene.platform.records["step-1"].told == {"record_id": "step-1", "state": "taken"}


async def test_a_notice_before_its_record_waits_for_it(scene: Scene) -> None:
    async with scene.sink(form="fetch") as sink:
        early = await sink.send(notice())
        put_of(scene.platform, "step-1", STEP)
        later = await sink.send(notice())
    assert early == Unavailable("NOT_THERE_YET: the notice came before its record")
    assert later == Delivered()
    assert len(scene.intake.brought) == 1


async def test_a_record_before_its_material_waits_for_it(scene: Scene) -> None:
    put_of(scene.platform, "step-1", STEP, materials=[PAPER_DIGEST])
    async with scene.sink(form="fetch") as sink:
        early = await sink.send(notice())
        scene.platform.materials[PAPER_DIGEST] = ("application/pdf", base64.b64encode(b"another").decode())
        wrong = await sink.send(notice())
        scene.platform.materials[PAPER_DIGEST] = ("application/pdf", base64.b64encode(PAPER.body).decode())
        later = await sink.send(notice())
    assert isinstance(early, Unavailable)
    assert isinstance(wrong, Unavailable)
    assert later == Delivered()
    assert len(scene.intake.brought) == 1


async def test_a_refused_record_is_told_at_the_platform(scene: Scene) -> None:
    put_of(scene.platform, "step-1", STEP)
    scene.intake.answers = [NotNow(3.0), Refused("E_CASE_UNKNOWN", b'{"code":"E_CASE_UNKNOWN"}')]
    async with scene.sink(form="fetch") as sink:
        later = await sink.send(notice())
        assert scene.told("step-1") == {}
        refused = await sink.send(notice())
    assert later == Unavailable("NOT_NOW: the hub cannot take it this time", 3.0)
    assert isinstance(refused, Rejected)
    assert refused.code == "E_CASE_UNKNOWN"
    told = scene.told("step-1")
    assert (told["state"], told["code"]) == ("refused", "E_CASE_UNKNOWN")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"digest": digest_of(b"other")}, "RECORD_DIFFERS"),
        ({"digest": 1}, "NO_NOTICE"),
        ({"record_id": ""}, "NO_NOTICE"),
        ({"record_id": None, "keys": [{"name": "record_id", "value": "a"}] * 2}, "NO_NOTICE"),
    ],
)
async def test_a_notice_that_is_none_brings_nothing(scene: Scene, changes: dict[str, Any], code: str) -> None:
    put_of(scene.platform, "step-1", STEP)
    async with scene.sink(form="fetch") as sink:
        outcome = await sink.send(notice(**changes))
    assert isinstance(outcome, Rejected)
    assert outcome.code == code
    assert scene.intake.brought == []


@pytest.mark.parametrize(
    "changes",
    [
        {"digest": "sha256:" + "0" * 64},
        {"content": "no base64"},
        {"content": None},
        {"attributes": {"id": 1}},
        {"attributes": []},
        {"materials": ["../../etc/passwd"]},
        {"materials": "x"},
    ],
)
async def test_a_record_that_is_none_brings_nothing(scene: Scene, changes: dict[str, object]) -> None:
    put_of(scene.platform, "step-1", STEP, **changes)
    async with scene.sink(form="fetch") as sink:
        outcome = await sink.send(notice())
    assert isinstance(outcome, Rejected)
    assert outcome.code == "RECORD_UNREADABLE"
    assert scene.intake.brought == []


@pytest.mark.parametrize("word", [Step.BUSY, Step.LOSE, Step.GARBAGE])
async def test_trouble_on_the_way_back_is_tried_again(scene: Scene, word: Step) -> None:
    put_of(scene.platform, "step-1", STEP)
    async with scene.sink(form="fetch") as sink:
        scene.platform.script = repeat(word)
        during = await sink.send(notice())
        scene.platform.script = repeat(Step.OK)
        after = await sink.send(notice())
    assert isinstance(during, Unavailable)
    assert after == Delivered()
    assert FETCH in {sid for sid, _ in scene.platform.calls}


async def test_a_connector_that_is_lent_nothing_says_so(scene: Scene) -> None:
    scene.context = replace(scene.context, intake=None, shelf=None)
    put_of(scene.platform, "step-1", STEP)
    async with scene.sink(form="fetch") as fetching, scene.sink() as putting:
        assert isinstance(await fetching.send(notice()), Unavailable)
        assert isinstance(await putting.send(application()), Unavailable)


@pytest.mark.parametrize(
    "wrong",
    [
        {"services": {"put": "s_1"}},
        {"services": {"put": "s_1", "state": "s_2"}},
        {"form": "fetch", "services": {"put": "s_1", "state": "s_2"}},
        {"form": "fetch", "notice": {"url": "http://h/n"}},
        {"platform": {"url": "http://h/", "rid": "r"}},
        {"platform": {"url": "http://h/", "rid": "r", "app_key": "k", "previous_secret": "p"}},
        {"platform": {"url": "http://user:pw@h/", "rid": "r", "app_key": "k"}},
    ],
)
def test_settings_that_do_not_fit_together(wrong: dict[str, Any]) -> None:
    good = {"platform": {"url": "http://h/", "rid": "r", "app_key": "k"}, "services": SERVICES}
    SharingConfig.model_validate(good)
    with pytest.raises(ValidationError):
        SharingConfig.model_validate({**good, **wrong})
