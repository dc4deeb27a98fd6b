# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Both ends and the gap between them: whatever the way does, each message comes once, in order, and what is wrong is named."""

# ruff: noqa: ASYNC110  # because a folder tells nobody that it has changed: it is looked at

import asyncio
import random  # noqa: TID251  # because it is seeded, so that a run can be repeated
import shutil
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from structlog.testing import LogCapture

from connectors.ferry.acknowledgement import REFUSED_MOST, Acknowledgement
from connectors.ferry.config import SinkConfig, SourceConfig
from connectors.ferry.ledger import Ledger, Made
from connectors.ferry.register import Position, Register, Settling
from connectors.ferry.simulator import SIMULATOR, Chances, Gap, GapOptions, Trouble
from connectors.ferry.sink import FerrySink
from connectors.ferry.source import FerrySource
from connectors.sdk import (
    Accepted,
    Answer,
    Context,
    Delivered,
    InDoubt,
    Item,
    Parcel,
    Refused,
    Rejected,
    Taken,
    Unavailable,
)
from connectors.sdk.hearing import MemoryAnswers
from tests.connectors.ferry.ends import Ends
from tests.support.hubs import captured_log

Make = Callable[..., Parcel]


@pytest.fixture
def ends(tmp_path: Path, secrets: dict[str, str]) -> Ends:
    made = Ends(tmp_path)
    secrets |= made.secrets
    return made


@pytest.fixture
def told(context: Context) -> tuple[Context, LogCapture]:
    """A context, and what is written to its log."""
    logger, capture = captured_log()
    return replace(context, log=logger), capture


def sink(ends: Ends, context: Context, **changes: object) -> FerrySink:
    return FerrySink(SinkConfig.model_validate(ends.sender(**changes)), context)


def source(ends: Ends, context: Context, **changes: object) -> FerrySource:
    return FerrySource(SourceConfig.model_validate(ends.receiver(**changes)), context)


def direct(ends: Ends) -> Gap:
    return Gap(ends.outbox, ends.inbox, lambda _: Trouble.NONE)


def back(ends: Ends) -> Gap:
    return Gap(ends.acks_sent, ends.acks_heard, lambda _: Trouble.NONE)


@asynccontextmanager
async def moving(*gaps: Gap) -> AsyncIterator[None]:
    """Gap devices at work."""

    async def work() -> None:
        while True:
            for gap in gaps:
                gap.move()
            await asyncio.sleep(0.01)

    working = asyncio.create_task(work())
    try:
        yield
    finally:
        working.cancel()
        await asyncio.wait({working})


async def received(into: FerrySource, number: int) -> list[Item]:
    """Take and settle so many."""
    items: list[Item] = []
    async with asyncio.timeout(60):
        while len(items) < number:
            some = await into.take()
            items += some
            await into.settle([(item.token, Taken()) for item in some])
    return items


async def nothing_comes(into: FerrySource) -> bool:
    waiting = asyncio.ensure_future(into.take())
    await asyncio.wait({waiting}, timeout=0.3)
    came = waiting.done()
    waiting.cancel()
    await asyncio.wait({waiting})
    return not came


async def until_logged(capture: LogCapture, line: str) -> dict[str, object]:
    async with asyncio.timeout(30):
        while not (found := [dict(entry) for entry in capture.entries if entry["event"] == line]):
            await asyncio.sleep(0.01)
    return found[0]


async def until_all_acknowledged(out: FerrySink) -> None:
    async with asyncio.timeout(60):
        while out._ledger.unacknowledged():
            await asyncio.sleep(0.02)


async def sent(out: FerrySink, parcel: Make, bodies: Sequence[bytes]) -> None:
    """One bundle for each."""
    for body in bodies:
        assert await out.send(parcel(body.decode(), body=body)) == Accepted(body.decode())


def quarantined(ends: Ends) -> list[str]:
    folder = ends.folder / "receiver-state" / "refused"
    return sorted(orjson.loads(path.read_bytes())["code"] for path in folder.glob("*.bundle.error.json"))


async def test_messages_come_in_order_and_are_acknowledged(ends: Ends, context: Context, parcel: Make) -> None:
    async with sink(ends, context) as out, source(ends, context) as into, moving(direct(ends), back(ends)):
        await sent(out, parcel, [b"%d" % number for number in range(20)])
        items = await received(into, 20)
        await until_all_acknowledged(out)
        assert await out.check() == Delivered("")
        assert await out.send(parcel("0", body=b"0", attempt=2)) == Delivered("a-to-b-1/1")
        assert await nothing_comes(into)
    assert [item.body for item in items] == [b"%d" % number for number in range(20)]
    assert items[0].content_type == "application/json"
    assert items[0].headers["cloudEvents:type"] == "cn.gov.application.submitted"
    assert list(ends.inbox.iterdir()) == []


async def test_what_is_sent_at_a_time_shares_a_bundle(ends: Ends, context: Context, parcel: Make) -> None:
    async with sink(ends, context, linger_seconds=0.1) as out:
        outcomes = await asyncio.gather(*(out.send(parcel(f"k{number}")) for number in range(50)))
    assert outcomes == [Accepted(f"k{number}") for number in range(50)]
    assert len(list(ends.outbox.glob("*.bundle"))) == 1


async def test_a_wild_gap_loses_nothing_in_the_end(ends: Ends, context: Context, parcel: Make) -> None:
    chance = random.Random(7).random
    forth = Gap(ends.outbox, ends.inbox, Chances(chance, 0.15, 0.15, 0.2, 0.15, 0.1))
    back_ = Gap(ends.acks_sent, ends.acks_heard, Chances(chance, 0.2, 0.1, 0.2, 0.1, 0.1))
    settings = {"resend_seconds": 0.5}
    async with (
        sink(ends, context, **settings) as out,
        source(ends, context, ack_seconds=0.3) as into,
        moving(forth, back_),
    ):
        await sent(out, parcel, [b"%d" % number for number in range(60)])
        items = await received(into, 60)
        await until_all_acknowledged(out)
        assert await nothing_comes(into)
    assert [item.body for item in items] == [b"%d" % number for number in range(60)]
    assert all(forth.happened[trouble] for trouble in Trouble), forth.happened
    assert "CHAIN_BROKEN" not in quarantined(ends)
    assert quarantined(ends)


async def test_a_gap_is_named_with_its_numbers_and_asked_for(
    ends: Ends, told: tuple[Context, LogCapture], parcel: Make
) -> None:
    context, log = told
    losing = {"a-to-b-1-000000000002.bundle", "a-to-b-1-000000000003.bundle"}

    def fate(name: str) -> Trouble:
        lost = name in losing
        losing.discard(name)
        return Trouble.LOSE if lost else Trouble.NONE

    async with sink(ends, context, resend_seconds=5) as out, source(ends, context) as into:
        await sent(out, parcel, [b"1", b"2", b"3", b"4"])
        gap = Gap(ends.outbox, ends.inbox, fate)
        gap.move()
        assert [item.body for item in await received(into, 1)] == [b"1"]
        assert await nothing_comes(into)
        said = await into.check()
        assert isinstance(said, Delivered)
        assert said.receipt.startswith("bundles missing: 2-3, since 20")
        assert (await until_logged(log, "bundles missing"))["numbers"] == "2-3"
        async with moving(gap, back(ends)):
            assert [item.body for item in await received(into, 3)] == [b"2", b"3", b"4"]
            await until_logged(log, "no bundles missing")
            await until_all_acknowledged(out)
        assert await into.check() == Delivered("")


async def test_what_nobody_acknowledged_is_sent_again_after_its_time(
    ends: Ends, context: Context, parcel: Make
) -> None:
    async with sink(ends, context, resend_seconds=0.2) as out:
        await sent(out, parcel, [b"1"])
        [bundle] = ends.outbox.glob("*.bundle")
        first = bundle.read_bytes()
        bundle.unlink()
        async with asyncio.timeout(20):
            while not bundle.exists():
                await asyncio.sleep(0.01)
        assert bundle.read_bytes() == first
        told = await out.check()
        assert isinstance(told, Delivered)
        assert told.receipt == "1 bundles not acknowledged, from 1"


async def test_repeats_are_taken_away_and_acknowledged_again(ends: Ends, context: Context, parcel: Make) -> None:
    async with sink(ends, context) as out, source(ends, context) as into:
        await sent(out, parcel, [b"1"])
        [bundle] = ends.outbox.glob("*.bundle")
        shutil.copy(bundle, ends.inbox / "1")
        await received(into, 1)
        async with asyncio.timeout(20):
            while len(list(ends.acks_sent.glob("*"))) < 1 or (ends.inbox / "1").exists():
                await asyncio.sleep(0.01)
        before = len(list(ends.acks_sent.glob("*")))
        for name in ("1", "2", "3"):
            shutil.copy(bundle, ends.inbox / name)
        assert await nothing_comes(into)
        async with asyncio.timeout(20):
            while list(ends.inbox.iterdir()) or len(list(ends.acks_sent.glob("*"))) <= before:
                assert await nothing_comes(into)


_SENDER = """
import asyncio, json, sys, aiohttp, structlog
from connectors.ferry.config import SinkConfig
from connectors.ferry.sink import FerrySink
from connectors.sdk import Context, Parcel

async def main():
    settings, secrets = json.loads(sys.argv[1])
    async with aiohttp.ClientSession() as session:
        context = Context(destination="x", http=session, log=structlog.get_logger(), secret=secrets.__getitem__,
                          monotonic=asyncio.get_running_loop().time)
        async with FerrySink(SinkConfig.model_validate(settings), context) as out:
            number = 0
            while True:
                number += 1
                await out.send(Parcel(idempotency_key=f"k{number}", content_type="t/t", body=b"%d" % number))
                print(number, flush=True)

asyncio.run(main())
"""


async def test_a_sender_killed_again_and_again_leaves_no_gap_and_no_fork(
    ends: Ends, context: Context, parcel: Make
) -> None:
    told = orjson.dumps([ends.sender(), ends.secrets]).decode()
    promised = 0
    for _ in range(3):
        sender = await asyncio.create_subprocess_exec(
            sys.executable, "-c", _SENDER, told, stdout=asyncio.subprocess.PIPE
        )
        assert sender.stdout is not None
        for _ in range(15):
            promised = max(promised, int(await sender.stdout.readline()))
        sender.kill()
        await sender.wait()
        rest = (await sender.stdout.read()).split()
        promised = max(promised, *map(int, rest)) if rest else promised
    async with sink(ends, context) as out, source(ends, context) as into, moving(direct(ends), back(ends)):
        bodies: list[int] = []

        async def take_all() -> None:  # also what was in a bundle and not promised yet
            while True:
                bodies.extend([int(item.body) for item in await received(into, 1)])

        taking = asyncio.create_task(take_all())
        await until_all_acknowledged(out)
        taking.cancel()
        await asyncio.wait({taking})
    assert bodies == sorted(set(bodies))
    assert bodies[:promised] == list(range(1, promised + 1))


async def test_a_receiver_that_died_brings_what_was_not_settled_and_nothing_else(
    ends: Ends, context: Context, parcel: Make
) -> None:
    async with sink(ends, context, linger_seconds=0.1) as out:
        await asyncio.gather(*(out.send(parcel(f"k{number}", body=b"%d" % number)) for number in range(5)))
        direct(ends).move()
        dying = source(ends, context)
        await dying.__aenter__()
        items = list(await dying.take())
        await dying.settle([(items[0].token, Taken()), (items[3].token, Taken())])
        await dying._idle.wait()
        for task in dying._tasks:  # as a process that is killed would: nothing is said, nothing is closed
            task.cancel()
        await asyncio.wait(dying._tasks)
        async with source(ends, context) as into:
            again = await received(into, 3)
            assert await nothing_comes(into)
    assert sorted(item.body for item in again) == sorted(items[n].body for n in (1, 2, 4))


async def test_what_the_other_hub_refuses_is_told_back(
    ends: Ends, told: tuple[Context, LogCapture], parcel: Make
) -> None:
    context, log = told
    answers = MemoryAnswers()
    context = replace(context, answers=answers)
    async with sink(ends, context) as out, source(ends, context) as into, moving(direct(ends), back(ends)):
        await sent(out, parcel, [b"1", b"2"])
        refused = Refused("E_CONTRACT_INVALID", b'{"code":"E_CONTRACT_INVALID"}')
        items = [*await into.take()]
        while len(items) < 2:
            items += await into.take()
        await into.settle([(items[0].token, refused), (items[1].token, Taken())])
        line = await until_logged(log, "refused at the other end")
        no, yes = await answers.until_kept("1"), await answers.until_kept("2")
        await until_all_acknowledged(out)
        assert isinstance(await out.query("1"), Rejected)
        assert await out.query("2") == Delivered("a-to-b-1/2")
        assert await out.send(parcel("2", body=b"2", attempt=2)) == Delivered("a-to-b-1/2")
        # An operator has it sent again, mended: it goes into a bundle of its own time.
        assert await out.send(parcel("1", body=b"mended", attempt=2)) == Accepted("1")
        assert [item.body for item in await received(into, 1)] == [b"mended"]
        await until_all_acknowledged(out)
        async with asyncio.timeout(30):
            while await out.query("1") != Delivered("a-to-b-1/3"):
                await asyncio.sleep(0.01)
    assert line["codes"] == ["E_CONTRACT_INVALID"]
    assert isinstance(no.outcome, Rejected)
    assert no.outcome.code == "E_CONTRACT_INVALID"
    assert yes == Answer("2", Delivered("a-to-b-1/2"))
    folder = ends.folder / "receiver-state" / "refused"
    assert (folder / "000000000001-00000.body").read_bytes() == b"1"
    assert (folder / "000000000001-00000.error.json").read_bytes() == refused.problem


def test_what_is_refused_and_not_listed_any_more_is_answered_by_nobody(tmp_path: Path) -> None:
    """The receiving end lists its last refusals; of bundles before these, nobody says that they were taken."""
    register = Register(str(tmp_path / "receiver"), "a-to-b-1")
    ledger = Ledger(str(tmp_path / "sender"), "a-to-b-1")
    for sequence in range(1, REFUSED_MOST + 3):
        ledger.append([f"k{sequence}"], lambda *_: Made("ab" * 32, b""))
        register.settle([Settling(sequence, 0, f"k{sequence}", "E_NO")], [Position(sequence, "ab" * 32)])
    number, position, refused, refused_from = register.acknowledging()
    said = Acknowledgement(contiguous=position.sequence, hash=position.hash, refused=refused, refused_from=refused_from)

    assert ledger.acknowledge(number, said) == ""

    assert {one.code for one in ledger.untold(10_000)} == {"E_NO"}
    assert len(ledger.untold(10_000)) == REFUSED_MOST
    assert ledger.ending_of("k1") is None
    assert ledger.ending_of("k2") is None


async def test_strangers_bundles_are_refused_by_name_and_stop_nobody(
    ends: Ends, context: Context, parcel: Make, tmp_path: Path, secrets: dict[str, str]
) -> None:
    async with sink(ends, context, state=str(tmp_path / "other"), stream="x-to-y") as other:
        await sent(other, parcel, [b"other stream"])
    stale = Ends(tmp_path / "stale")
    secrets["stale"] = stale.secrets["sender"]
    async with sink(ends, context, state=str(tmp_path / "stale-state"), key_secret="stale") as old:
        await sent(old, parcel, [b"stale key"])
    stale_bundle = ends.outbox / "a-to-b-1-000000000001.bundle"
    stale_bundle.rename(ends.outbox / "stale.bundle")
    (ends.outbox / "garbage").write_bytes(b"garbage")
    async with sink(ends, context) as out, source(ends, context) as into, moving(direct(ends)):
        await sent(out, parcel, [b"sound"])
        assert [item.body for item in await received(into, 1)] == [b"sound"]
        async with asyncio.timeout(20):
            while len(quarantined(ends)) < 3:
                assert await nothing_comes(into)
    assert quarantined(ends) == ["KEY_UNKNOWN", "NOT_A_BUNDLE", "OTHER_STREAM"]


async def test_a_sender_that_forgot_its_past_is_found_out(
    ends: Ends, context: Context, parcel: Make, tmp_path: Path
) -> None:
    async with source(ends, context) as into:
        async with sink(ends, context) as out, moving(direct(ends)):
            await sent(out, parcel, [b"1"])
            await received(into, 1)
        async with sink(ends, context, state=str(tmp_path / "forgotten")) as out, moving(direct(ends)):
            await sent(out, parcel, [b"another 1", b"another 2"])
            async with asyncio.timeout(20):
                while not quarantined(ends):
                    assert await nothing_comes(into)
    assert quarantined(ends) == ["CHAIN_BROKEN"]


async def test_acknowledgements_of_what_never_was_are_not_believed(
    ends: Ends, told: tuple[Context, LogCapture], parcel: Make, tmp_path: Path
) -> None:
    context, log = told
    twin = Ends(tmp_path / "twin")
    shutil.copy(ends.folder / "sender.pem", twin.folder / "sender.pem")
    async with sink(ends, context, state=str(tmp_path / "s2"), outbox=str(twin.inbox)) as other:
        await sent(other, parcel, [b"1", b"2"])
    async with source(twin, context) as into:
        await received(into, 2)
    async with sink(ends, context) as out:
        await sent(out, parcel, [b"only one"])
        for path in twin.acks_sent.iterdir():
            shutil.copy(path, ends.acks_heard / path.name)
        line = await until_logged(log, "acknowledgement refused")
        assert out._ledger.unacknowledged() == [1]
    assert line["code"] in {"ACKNOWLEDGES_TOO_MUCH", "CHAIN_DIFFERS"}


async def test_a_bundle_that_could_not_be_put_is_a_doubt_and_put_later(
    ends: Ends, context: Context, parcel: Make
) -> None:
    async with sink(ends, context) as out:
        real = out._outbox.put
        out._outbox.put = lambda name, bundle: real(f"no/{name}", bundle)  # type: ignore[method-assign]
        assert isinstance(await out.send(parcel()), InDoubt)
        out._outbox.put = real  # type: ignore[method-assign]
        assert await out.send(parcel(attempt=2)) == Accepted("key-1")
    assert len(list(ends.outbox.glob("*.bundle"))) == 1


async def test_state_and_keys_that_cannot_be_used_are_outages_that_can_be_mended(
    ends: Ends, context: Context, parcel: Make, secrets: dict[str, str]
) -> None:
    async with sink(ends, context) as out:
        key = secrets.pop("sender")
        assert isinstance(await out.send(parcel()), Unavailable)
        secrets["sender"] = "no key"
        assert isinstance(await out.send(parcel()), Unavailable)
        secrets["sender"] = key
        assert await out.send(parcel()) == Accepted("key-1")
    (ends.folder / "file").write_bytes(b"")
    async with sink(ends, context, state=str(ends.folder / "file" / "state")) as out:
        assert isinstance(await out.send(parcel()), Unavailable)
        assert isinstance(await out.check(), Unavailable)
    async with sink(ends, context, stream="another") as out:
        refused = await out.send(parcel())
    assert refused == Unavailable("STATE: the state folder belongs to another stream")


async def test_a_key_may_be_changed_while_bundles_are_under_way(
    ends: Ends, context: Context, parcel: Make, secrets: dict[str, str]
) -> None:
    old = ends.folder / "sender-old.pem"
    shutil.copy(ends.folder / "sender.pem", old)
    both = [str(old), str(ends.folder / "sender.pem")]
    async with sink(ends, context) as out, source(ends, context, peer_keys=both) as into, moving(direct(ends)):
        await sent(out, parcel, [b"old"])
        ends.renew("sender")
        secrets["sender"] = ends.secrets["sender"]
        await sent(out, parcel, [b"new"])
        assert [item.body for item in await received(into, 2)] == [b"old", b"new"]


async def test_a_giant_is_not_read_whole(ends: Ends, context: Context) -> None:
    with (ends.inbox / "giant").open("wb") as giant:
        giant.truncate(1 << 36)
    async with source(ends, context, largest_bytes=4096) as into:
        assert await nothing_comes(into)
        async with asyncio.timeout(20):
            while not quarantined(ends):
                assert await nothing_comes(into)
    assert quarantined(ends) == ["TOO_LARGE"]


async def test_what_waits_behind_a_gap_is_bounded(ends: Ends, context: Context, parcel: Make) -> None:
    async with sink(ends, context, resend_seconds=0.3) as out, source(ends, context, held_most=3) as into:
        await sent(out, parcel, [b"%d" % number for number in range(10)])
        (ends.outbox / "a-to-b-1-000000000001.bundle").unlink()
        direct(ends).move()
        assert await nothing_comes(into)
        assert len(list(ends.inbox.iterdir())) == 3
        async with moving(direct(ends), back(ends)):
            items = await received(into, 10)
    assert [item.body for item in items] == [b"%d" % number for number in range(10)]


def test_two_processes_that_share_a_ledger_make_one_chain(ends: Ends) -> None:
    ledgers = [Ledger(str(ends.folder / "shared"), "s") for _ in range(2)]
    seen: list[tuple[int, str]] = []

    def make(_: Sequence[str], sequence: int, previous: str) -> Made:
        seen.append((sequence, previous))
        return Made(f"{sequence:064d}", b"x")

    for number in range(6):
        ledgers[number % 2].append([f"k{number}"], make)
    assert seen == [(n + 1, f"{n:064d}") for n in range(6)]


async def test_a_simulated_gap_does_as_its_script_says(tmp_path: Path) -> None:
    outbox, inbox = tmp_path / "out", tmp_path / "in"
    for folder in (outbox, inbox):
        folder.mkdir()
    for name in "abc":
        (outbox / name).write_bytes(b"whole")
    options = GapOptions(outbox=outbox, inbox=inbox)
    async with SIMULATOR.start([Trouble.LOSE, Trouble.REPEAT, Trouble.CUT], "", 0, options) as gap:
        assert gap.address == str(outbox)
    assert {path.name: path.read_bytes() for path in inbox.iterdir()} == {"b": b"whole", "1-b": b"whole", "c": b"who"}
