# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The example of a district and the municipal platform, run as it is written: cases pushed both ways, receipts both ways."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest

from certs.api_key import digest_of
from contracts.catalogue import builtin
from hub.config.deployment import Limits
from hub.config.load import Loaded, load_deployment
from tests.examples.municipal_platform import CALL, MunicipalPlatform
from tests.hub.api.house import House, bearer, key_of, open_house

pytestmark = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")

EXAMPLE = Path(__file__).parents[2] / "examples/municipal"
STEP = next(one for one in builtin().versions("cn.gov.process.step") if one.version == 1)


@asynccontextmanager
async def site(
    folder: Path, dsn: str, monkeypatch: pytest.MonkeyPatch, answer_within: float = 3600
) -> AsyncIterator[tuple[House, MunicipalPlatform]]:
    async with MunicipalPlatform() as platform:
        shutil.copytree(EXAMPLE, folder, dirs_exist_ok=True)
        text = (folder / "govhub.yaml").read_text("utf-8")
        changed = {
            "http://127.0.0.1:9013/cases": platform.url,
            "answer_within: 3600": f"answer_within: {answer_within}",
            "sha256:" + "0" * 64: digest_of(key_of("desk")),
            "hub: {name": f"journal: {dsn}\nhub: {{name",
        }
        for before, after in changed.items():
            assert before in text
            text = text.replace(before, after)
        (folder / "govhub.yaml").write_text(text, "utf-8")
        monkeypatch.setenv("MUNICIPAL_TOKEN", "made-up-token")
        monkeypatch.setenv("MUNICIPAL_CALL", CALL)
        loaded = load_deployment(folder / "govhub.yaml")
        assert isinstance(loaded, Loaded), loaded
        async with open_house(loaded, Limits()) as house:
            platform.hub = house.url
            yield house, platform


def case(number: int) -> str:
    return f"510500-20260302-{number:06}"


async def pushed(house: House, id_: str, number: int) -> str:
    """A step that the desk sends, which goes to the platform; its message."""
    event = {
        "specversion": "1.0",
        "id": id_,
        "source": "desk",
        "type": STEP.type,
        "subject": case(number),
        "dataschema": STEP.schema_uri,
        "datacontenttype": "application/json",
        "data": {**STEP.examples[0].data, STEP.subject: case(number)},
    }
    headers = {**bearer("desk"), "Content-Type": "application/cloudevents+json"}
    async with house.http.post(f"{house.url}/v1/messages", json=event, headers=headers) as answer:
        assert answer.status == 202, await answer.text()
        message: str = (await answer.json())["message"]
    return message


async def delivery(house: House, message: str, wanted: str) -> dict[str, Any]:
    """The delivery of a message, as its sender sees it, once it has come to this state."""
    async with asyncio.timeout(60):
        while True:
            _, found = await house.get(f"/v1/messages/{message}", "desk")
            (one,) = found["deliveries"]
            if one["state"] == wanted:
                told: dict[str, Any] = one
                return told
            await house.hub.clock.sleep(0.05)


async def test_a_receipt_that_comes_later_ends_the_delivery(
    dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with site(tmp_path, dsn, monkeypatch) as (house, platform):
        message = await pushed(house, "s-1", 1)
        one = await platform.until_pushed("s-1")
        waiting = await delivery(house, message, "accepted")
        assert waiting["reference"] == one.number
        assert one.body["data"]["case_no"] == case(1)

        assert await platform.receipt(one) == (200, {"code": "0"}), "it says only that it waits"
        assert (await delivery(house, message, "accepted"))["state"] == "accepted"
        one.state = "TAKEN"
        assert await platform.receipt(one) == (200, {"code": "0"})
        taken = await delivery(house, message, "delivered")
        assert await platform.receipt(one) == (200, {"code": "0"}), "given twice: one effect"
        assert await delivery(house, message, "delivered") == taken
        assert platform.asked == []

        said = {"pushNo": one.number, "state": "REFUSED", "receiptNo": "", "code": "X", "reason": ""}
        status, _ = await platform.call("municipal-receipts", said, secret="somebody-else")
        assert status == 401, "nobody else gives receipts"


async def test_a_refusal_is_a_dead_letter_with_its_reason_for_the_sender(
    dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with site(tmp_path, dsn, monkeypatch) as (house, platform):
        platform.deciding["s-1"] = ("REFUSED", "ITEM_UNKNOWN")
        message = await pushed(house, "s-1", 1)
        one = await platform.until_pushed("s-1")
        await delivery(house, message, "accepted")
        assert await platform.receipt(one) == (200, {"code": "0"})
        dead = await delivery(house, message, "dead")
        assert (dead["code"], dead["detail"]) == ("ITEM_UNKNOWN", "材料与事项不符")

        other = await pushed(house, "s-2", 2)
        await platform.until_pushed("s-2")
        await delivery(house, other, "accepted")


async def test_a_receipt_that_is_lost_is_asked_about(dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So is the answer to a push: it was kept, and is not pushed again."""
    async with site(tmp_path, dsn, monkeypatch, answer_within=0.5) as (house, platform):
        platform.deciding |= {"s-1": ("TAKEN", ""), "s-2": ("REFUSED", "ITEM_UNKNOWN"), "s-3": ("TAKEN", "")}
        platform.cutting.add("s-3")
        taken = await pushed(house, "s-1", 1)
        refused = await pushed(house, "s-2", 2)
        cut = await pushed(house, "s-3", 3)

        await delivery(house, taken, "delivered")
        assert (await delivery(house, refused, "dead"))["code"] == "ITEM_UNKNOWN"
        await delivery(house, cut, "delivered")
        assert set(platform.asked) == set(platform.pushed)
        assert len(platform.pushed) == 3


async def test_a_case_that_waited_for_the_platform_goes_in_its_order_and_once(
    dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with site(tmp_path, dsn, monkeypatch) as (house, platform):
        platform.away = True
        messages = [await pushed(house, f"s-{n}", 1) for n in range(3)]
        await platform.until_turned_away()
        assert platform.pushed == {}
        platform.away = False
        for n, message in enumerate(messages):
            one = await platform.until_pushed(f"s-{n}")
            one.state = "TAKEN"
            assert (await platform.receipt(one))[0] == 200
            await delivery(house, message, "delivered")
        assert [one.body["id"] for one in platform.pushed.values()] == ["s-0", "s-1", "s-2"]


async def test_what_the_platform_pushes_is_given_our_receipt(
    dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with site(tmp_path, dsn, monkeypatch) as (house, platform):
        said: dict[str, Any] = {
            "pushNo": "SJ-000001",
            "type": STEP.type,
            "schema": STEP.schema_uri,
            "caseNo": case(1),
            "data": {**STEP.examples[0].data, STEP.subject: case(1)},
        }
        status, first = await platform.call("municipal-cases", said)
        assert status == 200, first
        assert await platform.call("municipal-cases", said) == (200, first), "the receipt is a stored outcome"
        receipt = orjson.loads(first)
        assert receipt["id"] == "SJ-000001"

        status, answer = await platform.call(
            "municipal-cases", {**said, "data": {**said["data"], "step_name": "其他环节"}}
        )
        assert (status, orjson.loads(answer)["code"]) == (200, "E_ID_REUSE")
        status, answer = await platform.call("municipal-cases", {**said, "pushNo": "SJ-000002", "data": {}})
        assert status == 200
        refused = orjson.loads(answer)
        assert refused["code"].startswith("E_")
        assert refused["reason"]
        status, _ = await platform.call("municipal-cases", said, secret="somebody-else")
        assert status == 401

        _, fetch = await house.fetch("desk", wait=30)
        assert [one["event"]["subject"] for one in fetch["messages"]] == [case(1)]
