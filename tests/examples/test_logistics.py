# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The example of results by courier, run as it is written: ordered through a lost answer, followed, signed for."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest

from certs.api_key import digest_of
from connectors.logistics.simulator import WORD, Carrier, Options, Step
from hub.config.deployment import Limits
from hub.config.load import Loaded, load_deployment
from tests.hub.api.house import House, bearer, key_of, open_house

pytestmark = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")

EXAMPLE = Path(__file__).parents[2] / "examples/logistics"
TOKEN = "made-up-push-token"  # because it is made up
_ONCE = "    retry: {attempts: 1}\n"
CASE = "510500-20260302-000001"


@asynccontextmanager
async def site(
    folder: Path, dsn: str, carrier: Carrier, monkeypatch: pytest.MonkeyPatch, retry: str = ""
) -> AsyncIterator[House]:
    """The example's files, with a simulated carrier, a key and a database of this test's own."""
    shutil.copytree(EXAMPLE, folder, dirs_exist_ok=True)
    text = (folder / "govhub.yaml").read_text(encoding="utf-8")
    changed = {
        "http://127.0.0.1:9004/std/service": carrier.address,
        "sha256:" + "0" * 64: digest_of(key_of("window")),
        "hub: {name": f"journal: {dsn}\noperators: {{keeper: {{keys: ['{digest_of(key_of('keeper'))}'], may: [act]}}}}\n"
        "hub: {name",
        "    connector: logistics\n    settings:\n": f"    connector: logistics\n{retry}    settings:\n",
    }
    for before, after in changed.items():
        assert before in text
        text = text.replace(before, after)
    (folder / "govhub.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setenv("SF_CHECK_WORD", WORD)
    monkeypatch.setenv("SF_PUSH_TOKEN", TOKEN)
    loaded = load_deployment(folder / "govhub.yaml")
    assert isinstance(loaded, Loaded), loaded
    async with open_house(loaded, Limits()) as house:
        yield house


async def test_a_result_reaches_the_applicant(dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order = orjson.loads((EXAMPLE / "order.json").read_bytes())
    async with Carrier([Step.CUT]) as carrier, site(tmp_path, dsn, carrier, monkeypatch) as house:
        carrier.options = Options(push_url=f"{house.url}/v1/in/sf-routes/{TOKEN}")
        headers = {**bearer("window"), "Content-Type": "application/cloudevents+json"}
        async with house.http.post(f"{house.url}/v1/messages", json=order, headers=headers) as answer:
            assert answer.status == 202, await answer.text()
            message = (await answer.json())["message"]
        await state_of(house, message, "accepted")
        assert list(carrier.orders) == [f"JD-000001@{CASE}"]
        assert len(carrier.told) == 1

        for code in ("50", "80"):
            assert orjson.loads(await carrier.push(f"JD-000001@{CASE}", code))["return_code"] == "0000"
        await state_of(house, message, "delivered")
        events: list[dict[str, Any]] = []
        while len(events) < 2:
            status, fetch = await house.fetch("window", wait=10)
            assert status == 200
            events += [one["event"] for one in fetch["messages"]]
            await acknowledged(house, fetch)
    assert [one["data"]["status"] for one in events] == ["picked_up", "delivered"]
    assert {one["subject"] for one in events} == {CASE}


@pytest.mark.parametrize("taken", [True, False], ids=["it was taken", "it never came"])
async def test_a_replay_asks_before_it_orders(
    dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, taken: bool
) -> None:
    """Attempts are counted on over a replay: what a person has sent once more is no first attempt."""
    order = orjson.loads((EXAMPLE / "order.json").read_bytes())
    script = [Step.GARBAGE if taken else Step.LOST]
    async with Carrier(script) as carrier, site(tmp_path, dsn, carrier, monkeypatch, retry=_ONCE) as house:
        headers = {**bearer("window"), "Content-Type": "application/cloudevents+json"}
        async with house.http.post(f"{house.url}/v1/messages", json=order, headers=headers) as answer:
            message = (await answer.json())["message"]
        [delivery] = await state_of(house, message, "dead", "in_doubt")
        assert (len(carrier.told), carrier.asked) == (int(taken), 0)

        said = {"request": "again", "reason": "the window asks for it", "deliveries": [delivery["delivery"]]}
        path = "/v1/replays"
        if delivery["state"] == "in_doubt":
            path, said = "/v1/dead/resolve", {**said, "verdict": "not_delivered"}
        async with house.http.post(f"{house.url}{path}", json=said, headers=bearer("keeper")) as answer:
            assert answer.status in {200, 202}, await answer.text()
        [again] = await state_of(house, message, "accepted")
        assert [one["attempt"] for one in again["attempts"]] == [1, 2]
    assert carrier.asked == 1
    assert [said["orderId"] for _, said in carrier.told] == [f"JD-000001@{CASE}"]


async def state_of(house: House, message: str, *wanted: str) -> list[dict[str, Any]]:
    """Wait until the order's delivery has come to one of these states; the deliveries then."""
    async with asyncio.timeout(60):
        while True:
            _, found = await house.get(f"/v1/messages/{message}", "window")
            if found["deliveries"] and all(one["state"] in wanted for one in found["deliveries"]):
                deliveries: list[dict[str, Any]] = found["deliveries"]
                return deliveries
            await house.hub.clock.sleep(0.05)


async def acknowledged(house: House, fetch: dict[str, object]) -> None:
    messages = fetch["messages"]
    assert isinstance(messages, list)
    results = [{"delivery": one["delivery"], "outcome": "delivered"} for one in messages]
    said = {"lease": fetch["lease"], "results": results}
    async with house.http.post(f"{house.url}/v1/mailbox/window/ack", json=said, headers=bearer("window")) as answer:
        assert answer.status == 200, await answer.text()
