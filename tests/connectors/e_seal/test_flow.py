# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""From a request to a sealed file: once, whatever goes wrong; and handed on only when it was verified here."""

import asyncio
import hashlib
import hmac
import sys
from asyncio.subprocess import PIPE
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
import structlog

from connectors.e_seal.sealing.pdf import blank
from connectors.e_seal.simulator import SealPlatform, Step
from connectors.sdk import (
    Accepted,
    Delivered,
    InDoubt,
    NotSeen,
    Parcel,
    Rejected,
    Reply,
    Request,
    TurnedAway,
    Unavailable,
)
from connectors.sdk.fencing.fence import Fence
from connectors.sdk.host import ProcessSink
from connectors.sdk.process import Order
from contracts.families.services.seal_completed import SealCompleted
from tests.connectors.far_seals import ENDINGS, ORIGINALS, SECRETS, Stand, called_back, request_to_seal, stand

_LARGE = 24 * 2**20


@pytest.mark.parametrize("media_type", sorted(ORIGINALS))
async def test_a_sealed_file_is_verified_stored_and_told(tmp_path: Path, media_type: str) -> None:
    async with stand(tmp_path) as here:
        accepted = await here.send(media_type)
        assert isinstance(accepted, Accepted)
        await here.platform.finished()
        ended = await here.sink.query("key-1")

        assert isinstance(ended, Delivered), ended
        [told] = here.door.told()
        assert SealCompleted.model_validate_json(orjson.dumps(told)).task_no == "YY-000001"
        assert (told["result"], told["structure"], told["task_no"]) == ("done", ENDINGS[media_type], "YY-000001")
        assert told["original_digest"] == f"sha256:{hashlib.sha256(ORIGINALS[media_type]).hexdigest()}"
        assert here.door.materials[told["digest"]] == here.platform.jobs[accepted.reference].sealed
        assert told["size"] == len(here.platform.jobs[accepted.reference].sealed)


async def test_a_large_file_takes_no_more_memory_than_a_small_one(tmp_path: Path) -> None:
    """Fetched, uploaded, fetched sealed, verified and stored: all of it in a process whose memory is looked at."""
    async with stand(tmp_path) as here:
        files = (blank(), blank(10), blank(_LARGE))  # with the first come the libraries
        asked = [
            request_to_seal(here.door.keep(file), "application/pdf", task_no=f"YY-{number}")
            for number, file in enumerate(files)
        ]
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.connectors.e_seal.carrier"), stdin=PIPE, stdout=PIPE
        )
        out, _ = await process.communicate(orjson.dumps({"settings": here.settings, "requests": asked}))
        (_, first), (small, second), (large, third) = orjson.loads(out)

    assert (first, second, third) == ("Delivered", "Delivered", "Delivered")
    assert large - small < _LARGE / 1024 / 4


async def test_a_callback_while_the_hub_is_away_is_followed_when_it_is_back(tmp_path: Path) -> None:
    async with stand(tmp_path) as here:
        accepted = await here.send()
        await here.platform.finished()
        here.door.down = True
        admitted = await here.callbacks.admit(called_back(accepted.reference))
        await here.door.turned_away.wait()
        here.door.down = False
        answer = await here.answers.until_kept(accepted.reference)

    assert isinstance(admitted, Reply)
    assert isinstance(answer.outcome, Delivered)


async def test_behind_a_fence_a_large_file_stays_in_memory_and_is_verified_all_the_same(tmp_path: Path) -> None:
    async with stand(tmp_path) as here:
        fence = Fence(folders=(str(here.anchors),))
        order = Order(reference="connectors.e_seal:CONNECTOR", settings=here.settings, destination="seals", fence=fence)
        body = orjson.dumps(request_to_seal(here.door.keep(blank(3 * 2**20)), "application/pdf"))
        parcel = Parcel(idempotency_key="key-1", content_type="application/json", body=body, timeout=60)
        log, clock = structlog.get_logger(), asyncio.get_running_loop().time
        async with ProcessSink(order, secret=SECRETS.__getitem__, log=log, monotonic=clock) as sink:
            assert isinstance(await sink.send(parcel), Accepted)
            assert isinstance(await _ended(here, sink, "key-1"), Delivered)


async def _ended(here: Stand, sink: ProcessSink, key: str) -> Any:
    await here.platform.finished()
    return await sink.query(key)


@pytest.mark.parametrize("structure", ["ses_v1", "ses_v4", "ses_v5"])
async def test_every_version_of_the_standard(tmp_path: Path, structure: str) -> None:
    async with stand(tmp_path) as here:
        await here.send("application/ofd", structure=structure)
        await here.platform.finished()

        assert isinstance(await here.sink.query("key-1"), Delivered)
        assert [one["structure"] for one in here.door.told()] == [structure]


@pytest.mark.parametrize("media_type", sorted(ORIGINALS))
async def test_it_verifies_in_a_process_of_its_own_as_well(tmp_path: Path, media_type: str) -> None:
    async with stand(tmp_path) as here:
        fence = Fence(folders=(str(here.anchors),))
        order = Order(reference="connectors.e_seal:CONNECTOR", settings=here.settings, destination="seals", fence=fence)
        log, clock = structlog.get_logger(), asyncio.get_running_loop().time
        body = orjson.dumps(request_to_seal(here.door.keep(ORIGINALS[media_type]), media_type))
        parcel = Parcel(idempotency_key="key-1", content_type="application/json", body=body)
        async with ProcessSink(order, secret=SECRETS.__getitem__, log=log, monotonic=clock) as sink:
            accepted = await sink.send(parcel)
            await here.platform.finished()
            ended = await sink.query("key-1")

        assert isinstance(accepted, Accepted)
        assert isinstance(ended, Delivered), ended
        assert [one["structure"] for one in here.door.told()] == [ENDINGS[media_type]]


class TestOnce:
    @pytest.mark.parametrize("word", [Step.LOST, Step.RESTART])
    async def test_a_lost_answer_is_in_doubt_and_asked_about(self, tmp_path: Path, word: Step) -> None:
        async with stand(tmp_path, [word]) as here:
            assert isinstance(await here.send(), InDoubt)
            await here.platform.finished()

            assert isinstance(await here.sink.query("key-1"), Delivered)
            assert here.platform.sealed == {"key-1": 1}

    async def test_what_never_came_is_not_seen_and_sent_again(self, tmp_path: Path) -> None:
        async with stand(tmp_path, [Step.NEVER_CAME]) as here:
            assert isinstance(await here.send(), InDoubt)
            assert await here.sink.query("key-1") == NotSeen()
            assert isinstance(await here.send(), Accepted)
            await here.platform.finished()

            assert here.platform.sealed == {"key-1": 1}

    async def test_a_replay_seals_nothing_again(self, tmp_path: Path) -> None:
        async with stand(tmp_path) as here:
            first = await here.send()
            await here.platform.finished()
            again = await here.send()
            await here.platform.finished()

            assert first == again
            assert here.platform.sealed == {"key-1": 1}

    async def test_a_slow_task_stays_accepted(self, tmp_path: Path) -> None:
        async with stand(tmp_path, [Step.SLOW]) as here:
            accepted = await here.send()
            states = [await here.sink.query("key-1") for _ in range(3)]

            assert states[:2] == [accepted, accepted]
            assert isinstance(states[2], Delivered)

    async def test_asking_twice_tells_once(self, tmp_path: Path) -> None:
        async with stand(tmp_path) as here:
            await here.send()
            await here.platform.finished()
            first, again = await here.sink.query("key-1"), await here.sink.query("key-1")

            assert first == again
            assert len(here.door.messages) == 1

    async def test_an_outage_of_the_hub_seals_nothing(self, tmp_path: Path) -> None:
        async with stand(tmp_path) as here:
            here.door.down = True

            assert isinstance(await here.send(), Unavailable)
            assert not here.platform.jobs

    async def test_an_outage_of_the_hub_afterwards_is_made_good(self, tmp_path: Path) -> None:
        async with stand(tmp_path) as here:
            await here.send()
            await here.platform.finished()
            here.door.down = True
            assert isinstance(await here.sink.query("key-1"), Unavailable)
            here.door.down = False

            assert isinstance(await here.sink.query("key-1"), Delivered)


class TestRefusals:
    @pytest.mark.parametrize(
        ("word", "code"),
        [
            (Step.WRONG_SIGNATURE, "SEAL_"),
            (Step.OTHER_DOCUMENT, ("SEALED_OTHER", "SEAL_DOCUMENT_CHANGED")),
            (Step.STRANGER, "SEAL_"),
        ],
    )
    @pytest.mark.parametrize("media_type", sorted(ORIGINALS))
    async def test_a_file_that_is_not_believed_reaches_nobody(
        self, tmp_path: Path, media_type: str, word: Step, code: str | tuple[str, ...]
    ) -> None:
        async with stand(tmp_path, [word]) as here:
            accepted = await here.send(media_type)
            await here.platform.finished()
            ended = await here.sink.query("key-1")

            assert isinstance(ended, Rejected), ended
            assert ended.code.startswith(code)
            assert not here.door.messages
            assert list(here.door.materials.values()) == [ORIGINALS[media_type]]
            assert here.platform.jobs[accepted.reference].sealed

    async def test_a_mended_anchor_lets_a_replay_through(self, tmp_path: Path) -> None:
        """Nothing is sealed again for it."""
        async with stand(tmp_path) as here:
            await here.send()
            await here.platform.finished()
            kept = {one: one.read_bytes() for one in here.anchors.iterdir()}
            for one in kept:
                one.unlink()
            refused = await here.sink.query("key-1")
            for one, content in kept.items():
                one.write_bytes(content)

            assert isinstance(refused, Rejected)
            assert refused.code == "NO_ANCHORS"
            assert isinstance(await here.sink.query("key-1"), Delivered)
            assert here.platform.sealed == {"key-1": 1}

    async def test_revocation_that_nobody_told_is_no_pass_unless_it_is_said(self, tmp_path: Path) -> None:
        async with stand(tmp_path) as here:
            await here.send()
            await here.platform.finished()
            for one in here.anchors.glob("*.crl"):
                one.unlink()
            refused = await here.sink.query("key-1")

            assert isinstance(refused, Rejected)
            assert refused.code == "SEAL_SIGNER_REVOCATION_UNKNOWN"
        async with stand(tmp_path, may_be_unknown=["SIGNER_REVOCATION_UNKNOWN"]) as here:
            await here.send()
            await here.platform.finished()
            for one in here.anchors.glob("*.crl"):
                one.unlink()

            assert isinstance(await here.sink.query("key-1"), Delivered)

    @pytest.mark.parametrize(("word", "result"), [(Step.DECLINE, "refused"), (Step.EXPIRE, "expired")])
    async def test_a_task_that_ends_without_a_seal_is_told(self, tmp_path: Path, word: Step, result: str) -> None:
        async with stand(tmp_path, [word]) as here:
            await here.send()
            await here.platform.finished()

            assert isinstance(await here.sink.query("key-1"), Delivered)
            [told] = here.door.told()
            assert SealCompleted.model_validate_json(orjson.dumps(told)).task_no == "YY-000001"
            assert told["result"] == result
            assert "digest" not in told

    async def test_refused_at_once(self, tmp_path: Path) -> None:
        async with stand(tmp_path, [Step.REFUSE, Step.BUSY]) as here:
            assert await here.send() == Rejected("SEAL_NOT_ALLOWED")
            assert await here.send(key="key-2") == Unavailable("HTTP_503")
            assert not here.platform.sealed

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"[]",
            b"{",
            b'{"case_no":"1","task_no":"2","digest":"md5:0"}',
            b'{"case_no":"1~","task_no":"2","digest":"x"}',
        ],
    )
    async def test_what_is_no_request(self, tmp_path: Path, body: bytes) -> None:
        async with stand(tmp_path) as here:
            told = await here.sink.send(Parcel(idempotency_key="k", content_type="application/json", body=body))

            assert isinstance(told, Rejected)
            assert told.code == "NOT_A_REQUEST"

    async def test_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        async with stand(tmp_path) as here:
            told = await here.send(digest="sha256:" + "0" * 64)

            assert told == Rejected(
                "MATERIAL_MISSING", "The file to seal is not stored, or not for the seal platform to see."
            )


class TestFollowing:
    @pytest.mark.parametrize("word", [Step.CALLBACK_NEVER, Step.SLOW])
    async def test_a_callback_that_never_comes_costs_time_alone(self, tmp_path: Path, word: Step) -> None:
        async with stand(tmp_path, [word], follow_seconds=0.05) as here:
            accepted = await here.send()
            here.answers.sent(accepted)
            [answer] = await here.answers.until_given(1)

            assert (answer.reference, type(answer.outcome)) == (accepted.reference, Delivered)
            assert [one["result"] for one in here.door.told()] == ["done"]

    async def test_what_is_not_believed_is_answered_so(self, tmp_path: Path) -> None:
        async with stand(tmp_path, [Step.OTHER_DOCUMENT], follow_seconds=0.05) as here:
            await here.send()
            [answer] = await here.answers.until_given(1)

            assert answer.outcome == Rejected(
                "SEALED_OTHER", "The seal holds, but over another document than was to be sealed."
            )
            assert not here.door.messages

    async def test_what_the_journal_could_not_keep_is_given_again(self, tmp_path: Path) -> None:
        async with stand(tmp_path, follow_seconds=0.05) as here:
            here.answers.away = True
            await here.send()
            await here.answers.until_given(2)
            here.answers.away = False
            await here.answers.until_given(3)

            assert {type(one.outcome) for one in here.answers.given} == {Delivered}
            assert len(here.door.messages) == 1


def callback(here: Stand, number: str, **other: Any) -> Request:
    """As the platform makes them."""
    moment = other.get("moment", _now(here.platform))
    body = orjson.dumps({"task_id": number})
    key = other.get("key", SECRETS["platform"])
    made = hmac.new(key.encode(), f"{moment}\n".encode() + body, hashlib.sha256).hexdigest()
    return Request(method="POST", headers=(("X-Seal-Timestamp", moment), ("X-Seal-Signature", made)), body=body)


def _now(_platform: SealPlatform) -> str:
    from connectors.e_seal.simulator import _milliseconds  # noqa: PLC0415  # because only this needs it

    return _milliseconds()


class TestCallbacks:
    async def test_a_callback_has_the_task_collected_and_answered(self, tmp_path: Path) -> None:
        async with stand(tmp_path) as here:
            accepted = await here.send()
            here.answers.sent(accepted)
            await here.platform.finished()
            said = await here.callbacks.admit(callback(here, accepted.reference))
            [answer] = await here.answers.until_given(1)

            assert isinstance(said, Reply)
            assert (said.status, said.body) == (200, b'{"code":"ok"}')
            assert answer.reference == accepted.reference
            assert isinstance(answer.outcome, Delivered)
            assert len(here.door.told()) == 1

    async def test_a_callback_that_comes_again_changes_nothing(self, tmp_path: Path) -> None:
        async with stand(tmp_path) as here:
            accepted = await here.send()
            await here.platform.finished()
            call = callback(here, accepted.reference)
            for count in (1, 2, 3):
                await here.callbacks.admit(call)
                await here.answers.until_given(count)

            assert {type(one.outcome) for one in here.answers.given} == {Delivered}
            assert not here.answers.contradictions
            assert len(here.door.messages) == 1
            assert here.platform.sealed == {"key-1": 1}

    async def test_a_file_that_is_not_believed_is_answered_with_the_reason(self, tmp_path: Path) -> None:
        async with stand(tmp_path, [Step.WRONG_SIGNATURE]) as here:
            accepted = await here.send()
            await here.platform.finished()
            await here.callbacks.admit(callback(here, accepted.reference))
            [answer] = await here.answers.until_given(1)

            assert isinstance(answer.outcome, Rejected)
            assert answer.outcome.code.startswith("SEAL_")
            assert not here.door.messages

    async def test_forgeries_are_turned_away(self, tmp_path: Path) -> None:
        async with stand(tmp_path) as here:
            good = callback(here, "T1")
            codes = []
            for forged in (
                callback(here, "T1", key="another"),
                callback(here, "T1", moment="1000000000000"),
                callback(here, "T1", moment="9" * 30),
                replace(good, body=b'{"task_id":"T2"}'),
                replace(good, headers=()),
                replace(good, headers=good.headers * 2),
                replace(good, method="GET"),
                replace(good, body=b"x" * 1_000_000),
            ):
                admission = await here.callbacks.admit(forged)
                assert isinstance(admission, TurnedAway)
                codes.append(admission.code)

            assert codes == ["BAD_SIGNATURE", "STALE", "STALE", *["BAD_SIGNATURE"] * 3, "METHOD", "TOO_LARGE"]
            assert not here.answers.given

    async def test_a_retry_under_the_first_moment_is_believed_for_a_while(self, tmp_path: Path) -> None:
        async with stand(tmp_path) as here:
            accepted = await here.send()
            await here.platform.finished()
            minutes_ago = str(int(_now(here.platform)) - 10 * 60 * 1000)

            assert isinstance(await here.callbacks.admit(callback(here, accepted.reference, moment=minutes_ago)), Reply)

    async def test_a_task_nobody_knows_is_no_answer(self, tmp_path: Path) -> None:
        async with stand(tmp_path) as here:
            accepted = await here.send()
            await here.platform.finished()
            await here.callbacks.admit(callback(here, "T-of-nobody"))
            await here.callbacks.admit(callback(here, accepted.reference))
            await here.answers.until_given(1)

            assert [one.reference for one in here.answers.given] == [accepted.reference]
