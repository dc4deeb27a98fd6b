# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The far sides are other people's systems: they share no code with the hub, and keep their own books to the letter."""

import ast
import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest

from contracts.catalogue import builtin
from contracts.contract import Checked
from hub.demo.far.fate import TITLES, Morning
from hub.demo.far.inbox import Inbox
from hub.demo.far.ledger import Ledger, entries, payload_digest
from hub.demo.far.mistakes import mistake
from hub.demo.far.papers import event, files
from hub.demo.far.reception import Reception, parse
from hub.demo.far.temper import Busy, Moody, Mute, Slow, Temper, Well, always_well
from hub.demo.scenario import Scenario
from hub.ports.clock import SystemClock
from tests.house.tree import ROOMS, modules, run

MORNING = Morning(seed=2026, run="0a0b0c", cases=240)
NOW = SystemClock().now()
MAY_KNOW = {"aiohttp", "orjson", *sys.stdlib_module_names}


def test_far_sides_import_nothing_of_the_hub() -> None:
    for path in modules("hub/demo/far"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Import(names=aliases):
                    names = [alias.name for alias in aliases]
                case ast.ImportFrom(module=str(module), level=0):
                    names = [module]
                case _:
                    continue
            strangers = [name for name in names if not name.startswith("hub.demo.far") and _top(name) not in MAY_KNOW]
            assert strangers == [], path


def test_a_far_side_runs_with_nothing_of_the_hub_in_memory() -> None:
    code = "import hub.demo.far.__main__, sys; print('\\n'.join(sys.modules))"
    loaded = run(sys.executable, "-c", code).stdout.split()

    assert "hub.demo.far.actor" in loaded
    ours = [name for name in loaded if _top(name) in ROOMS and not name.startswith("hub.demo.far")]
    assert set(ours) == {"hub", "hub.demo"}


def _top(name: str) -> str:
    return name.partition(".")[0]


def test_every_message_of_the_morning_satisfies_its_contract() -> None:
    registry = builtin()
    met = set()
    for index in range(MORNING.cases):
        fate = MORNING.fate(index)
        for turn in fate.turns:
            said = event(fate, turn, NOW)
            contract = registry.by_schema(said["dataschema"])
            assert contract is not None
            checked = contract.check(said["data"], said["subject"])
            assert isinstance(checked, Checked), checked
            assert payload_digest(orjson.loads(checked.canonical)) == payload_digest(said["data"])
            met.add((contract.type, turn.word))

    assert {contract for contract, _ in met} == set(TITLES)
    assert {"correction", "passed", "refused", "accepted", "denied", "issued", "post", "online"} <= {w for _, w in met}


def test_the_morning_is_as_large_as_promised_and_the_same_for_the_same_seed() -> None:
    assert Scenario.of(Morning(2026, "a", 200)).messages >= 1500
    assert [MORNING.fate(n).turns for n in range(9)] == [Morning(2026, "x", 240).fate(n).turns for n in range(9)]
    assert [MORNING.fate(n).turns for n in range(9)] != [Morning(2027, "x", 240).fate(n).turns for n in range(9)]


@pytest.mark.parametrize("seed", range(20))
def test_every_seed_keeps_the_promise(seed: int) -> None:
    scenario = Scenario.of(Morning(seed, "a", 200))

    assert scenario.messages >= 1500
    assert len(scenario.refusals) == 10
    assert {fate.item.department.system for fate in scenario.fates.values()} == {"housing", "civil"}


def test_a_mistake_is_wrong_and_the_message_it_is_made_from_is_not() -> None:
    for index in range(60):
        fate = MORNING.fate(index)
        for turn in fate.turns:
            planned = mistake(MORNING, fate, turn)
            if planned is not None:
                right = event(fate, turn, NOW)
                before = orjson.dumps(right)
                assert planned.wrong(right) != right
                assert orjson.dumps(right) == before


def test_a_case_number_of_another_morning_is_nobodys() -> None:
    assert MORNING.index(MORNING.case(7)) == 7
    for case in ("5105-ffffff-000007", "5105-0a0b0c-000240", "5105-0a0b0c-", "", "5105-0a0b0c-x"):
        assert MORNING.index(case) is None


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    ledger = Ledger(tmp_path / "book.jsonl")
    yield ledger
    await ledger.close()


async def test_entries_stand_in_the_order_they_were_written(ledger: Ledger, tmp_path: Path) -> None:
    numbers = await asyncio.gather(*(ledger.write("note", word=n) for n in range(100)))

    assert numbers == list(range(1, 101))
    written = list(entries(tmp_path / "book.jsonl"))
    assert [(entry["n"], entry["word"]) for entry in written] == [(n + 1, n) for n in range(100)]
    assert [entry["t"] for entry in written] == sorted(entry["t"] for entry in written)


async def test_a_book_goes_on_where_a_crash_cut_it_off(tmp_path: Path) -> None:
    path = tmp_path / "cut.jsonl"
    first = Ledger(path)
    await first.write("note", word="whole")
    await first.close()
    with path.open("ab") as file:
        file.write(b'{"n":2,"kind":"no')
    second = Ledger(path)

    assert await second.write("note", word="next") == 2
    await second.close()
    assert [entry["word"] for entry in entries(path)] == ["whole", "next"]


def an_event(number: int = 1) -> dict[str, Any]:
    fate = MORNING.fate(0)
    return event(fate, fate.turns[number - 1], NOW)


async def test_a_known_key_has_no_second_effect_even_after_a_restart(ledger: Ledger, tmp_path: Path) -> None:
    path, told = tmp_path / "book.jsonl", []

    async def on_effect(received: dict[str, Any]) -> None:
        told.append(received["id"])

    inbox = Inbox(ledger, path, on_effect)
    took = await asyncio.gather(*(inbox.take("key", an_event()) for _ in range(5)))
    again = await Inbox(ledger, path, on_effect).take("key", an_event())

    assert sorted(took) == [False] * 4 + [True]
    assert again is False
    assert told == [an_event()["id"]]
    assert [entry["kind"] for entry in entries(path)].count("effect") == 1
    assert [entry["kind"] for entry in entries(path)].count("repeat") == 5


class Desk:
    """A reception in full working order, and a client in front of it."""

    def __init__(self, session: aiohttp.ClientSession, ledger: Ledger, path: Path) -> None:
        self.effects: list[str] = []
        self.temper: Temper = Well()
        self._session = session
        self.reception = Reception(Inbox(ledger, path, self._on_effect), "token", lambda *_: self.temper)
        self.url = ""

    async def _on_effect(self, received: dict[str, Any]) -> None:
        self.effects.append(received["id"])

    async def push(self, body: bytes, **headers: str) -> tuple[int, dict[str, Any], str | None]:
        sent = {
            "Authorization": "Bearer token",
            "Idempotency-Key": "key",
            "Content-Type": "application/cloudevents+json; charset=utf-8",
        } | {name.replace("_", "-"): value for name, value in headers.items()}
        async with self._session.post(self.url, data=body, headers=sent) as response:
            return response.status, await response.json(), response.headers.get("Retry-After")


@pytest.fixture
async def desk(ledger: Ledger, tmp_path: Path) -> AsyncIterator[Desk]:
    async with aiohttp.ClientSession() as session:
        desk = Desk(session, ledger, tmp_path / "book.jsonl")
        desk.url = f"http://127.0.0.1:{await desk.reception.open()}/events"
        yield desk
        await desk.reception.close()


async def test_a_push_takes_effect_once_and_a_repeat_is_answered_alike(desk: Desk) -> None:
    first = await desk.push(orjson.dumps(an_event()))
    second = await desk.push(orjson.dumps(an_event()))

    assert (first[0], first[1]["repeat"]) == (200, False)
    assert (second[0], second[1]["repeat"]) == (200, True)
    assert first[1]["receipt"] == second[1]["receipt"]
    assert desk.effects == [an_event()["id"]]


async def test_a_push_in_binary_mode_is_the_same_event(desk: Desk, tmp_path: Path) -> None:
    said = an_event()
    attributes = {f"ce-{name}": str(value) for name, value in said.items() if name not in {"data", "datacontenttype"}}
    status, _, _ = await desk.push(orjson.dumps(said["data"]), **attributes | {"Content-Type": "application/json"})

    assert status == 200
    [effect] = [entry for entry in entries(tmp_path / "book.jsonl") if entry["kind"] == "effect"]
    assert (effect["id"], effect["source"], effect["order"]) == (said["id"], "portal", 1)
    assert effect["digest"] == payload_digest(said["data"])


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"{", {}, 400),
        (b"[]", {}, 400),
        (b"{}", {"Content-Type": "application/json"}, 400),
        (orjson.dumps(an_event()), {"Idempotency_Key": ""}, 400),
        (orjson.dumps(an_event()), {"Authorization": "Bearer other"}, 401),
    ],
)
async def test_what_is_no_message_has_no_effect(desk: Desk, body: bytes, headers: dict[str, str], status: int) -> None:
    assert (await desk.push(body, **headers))[0] == status
    assert desk.effects == []


async def test_a_busy_department_takes_nothing(desk: Desk) -> None:
    desk.temper = Busy(1)

    assert (await desk.push(orjson.dumps(an_event())))[::2] == (503, "1")
    assert desk.effects == []


async def test_a_silent_department_has_acted(desk: Desk) -> None:
    desk.temper = Mute()
    with pytest.raises(aiohttp.ClientError):
        await desk.push(orjson.dumps(an_event()))
    desk.temper = Well()

    assert (await desk.push(orjson.dumps(an_event())))[1]["repeat"] is True
    assert desk.effects == [an_event()["id"]]


def test_a_moody_department_is_everything_and_well_in_the_end() -> None:
    moody = Moody(2026)
    met = {type(moody(f"message-{n}", attempt)) for n in range(400) for attempt in (1, 2)}

    assert met == {Well, Busy, Slow, Mute}
    assert {type(moody(f"message-{n}", 3)) for n in range(400)} == {Well}
    assert always_well("message", 1) == Well()


def test_percent_encoded_headers_are_read() -> None:
    headers = {"ce-id": "a%20b", "CE-Source": "portal", "ce-type": "t", "ce-specversion": "1.0"}

    assert parse("application/json", headers, b"{}") == {
        "id": "a b",
        "source": "portal",
        "type": "t",
        "specversion": "1.0",
        "datacontenttype": "application/json",
        "data": {},
    }


def test_files_are_the_same_whoever_makes_them() -> None:
    fate = MORNING.fate(3)
    [first, *_] = files(fate, fate.turns[0])
    [second, *_] = files(MORNING.fate(3), fate.turns[0])

    assert first == second
    assert first.digest in {one.get("digest") for one in event(fate, fate.turns[0], NOW)["data"]["materials"]}


async def test_a_far_side_ends_when_its_standard_input_does(tmp_path: Path) -> None:
    part = tmp_path / "part.json"
    said: dict[str, Any] = {
        "system": "housing",
        "ledger": str(tmp_path / "b.jsonl"),
        "key": "k",
        "token": "t",
        "mode": "binary",
    }
    said |= {"mailbox": False, "moody": True, "seed": 1, "run": "a", "cases": 1, "speed": 1.0}
    part.write_bytes(orjson.dumps(said))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "hub.demo.far", part),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    port = orjson.loads(await process.stdout.readline())["port"]
    with socket.create_connection(("127.0.0.1", port)):
        pass
    process.stdin.close()

    assert await asyncio.wait_for(process.wait(), 20) == 0
