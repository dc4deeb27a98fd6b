# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Tasks that are taken back: before they are sealed, never after, whatever is lost on the way."""

from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from connectors.e_seal.profile import shipped
from connectors.e_seal.simulator import Step
from connectors.sdk import Accepted, Delivered, Parcel, Rejected, Unavailable
from contracts.families.services import seal_withdrawn
from tests.connectors.far_seals import Stand, stand, withdrawal


def states(here: Stand) -> list[str]:
    return [one.state for one in here.platform.jobs.values()]


async def test_an_open_task_is_taken_back_and_its_end_told(tmp_path: Path) -> None:
    async with stand(tmp_path, [Step.WAIT]) as here:
        accepted = await here.send()
        assert isinstance(accepted, Accepted)
        assert await here.withdraw() == Delivered(f"VOIDED:{accepted.reference}")
        assert states(here) == ["withdrawn"]
        assert [(one["result"], one["task_no"]) for one in here.door.told()] == [("withdrawn", "YY-000001")]
        answer = await here.answers.until_kept(accepted.reference)
        assert answer.outcome == Delivered(f"withdrawn:{accepted.reference}")
        assert await here.withdraw(key="void-2") == Delivered(f"VOIDED:{accepted.reference}")
    assert here.platform.sealed == {}
    assert len(here.door.told()) == 1


async def test_what_is_sealed_is_refused(tmp_path: Path) -> None:
    async with stand(tmp_path) as here:
        await here.send()
        await here.platform.finished()
        refused = await here.withdraw()
        assert isinstance(refused, Rejected)
        assert refused.code == "SEAL_SET"
        assert states(here) == ["done"]


@pytest.mark.parametrize("word", [Step.DECLINE, Step.EXPIRE])
async def test_what_has_ended_without_a_seal_needs_nothing(tmp_path: Path, word: Step) -> None:
    async with stand(tmp_path, [word]) as here:
        await here.send()
        await here.platform.finished()
        assert isinstance(await here.withdraw(), Delivered)


async def test_a_lost_answer_leaves_nothing_in_doubt(tmp_path: Path) -> None:
    async with stand(tmp_path, [Step.VOID_LOST]) as here:
        await here.send()
        assert isinstance(await here.withdraw(), Delivered)
        assert states(here) == ["withdrawn"]


async def test_a_hub_that_is_away_is_told_at_the_next_attempt(tmp_path: Path) -> None:
    async with stand(tmp_path, [Step.WAIT]) as here:
        await here.send()
        here.door.down = True
        assert isinstance(await here.withdraw(), Unavailable)
        here.door.down = False
        assert isinstance(await here.withdraw(), Delivered)
    assert [one["result"] for one in here.door.told()] == ["withdrawn"]


async def test_a_task_that_there_is_not_is_refused(tmp_path: Path) -> None:
    async with stand(tmp_path, [Step.WAIT]) as here:
        await here.send()
        for other in ({"task_no": "YY-2"}, {"case_no": "c-2"}, {"digest": "sha256:" + "0e" * 32}):
            refused = await here.withdraw(**other)
            assert isinstance(refused, Rejected)
            assert refused.code == "SEAL_TASK_UNKNOWN"
        (number,) = here.platform.jobs
        refused = await here.withdraw(task_no="YY-2", platform_no=number)
        assert isinstance(refused, Rejected)
        assert refused.code == "TASK_NOT_OURS"
        assert isinstance(await here.withdraw(platform_no=number), Delivered)


async def test_a_platform_whose_profile_names_no_call_is_not_asked(tmp_path: Path) -> None:
    plain = shipped("generic").model_copy(update={"void": None, "trace": None})
    path = tmp_path / "profile.yaml"
    path.write_text(yaml.safe_dump(plain.model_dump(mode="json", exclude_none=True)), encoding="utf-8")
    async with stand(tmp_path, [Step.WAIT], profile=str(path)) as here:
        await here.send()
        refused = await here.withdraw()
        assert isinstance(refused, Rejected)
        assert refused.code == "SEAL_VOID_UNSUPPORTED"
        assert states(here) == ["pending"]


@pytest.mark.parametrize("vendor", ["esign_v3", "fasc_5_1"])
async def test_the_two_vendors_are_not_asked_and_the_refusal_says_why(tmp_path: Path, vendor: str) -> None:
    async with stand(tmp_path, profile=vendor, egress={"networks": ["127.0.0.0/8"]}) as here:
        refused = await here.withdraw(platform_no="flow-1")
    assert refused == Rejected(
        "SEAL_VOID_UNSUPPORTED", "This platform's profile does not say how a task is taken back."
    )


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"task_no": 1}', b"\xff"])
async def test_what_is_no_withdrawal_is_refused(tmp_path: Path, body: bytes) -> None:
    async with stand(tmp_path) as here:
        attributes = {"type": "cn.gov.seal.withdrawn"}
        refused = await here.sink.send(
            Parcel(idempotency_key="k", content_type="application/json", body=body, attributes=attributes, timeout=5)
        )
    assert isinstance(refused, Rejected)
    assert refused.code == "NOT_A_WITHDRAWAL"


def test_what_the_tests_send_satisfies_its_contract() -> None:
    data: Any = withdrawal("sha256:" + "0d" * 32)
    assert seal_withdrawn.SealWithdrawn.model_validate_json(orjson.dumps(data)).task_no == "YY-000001"
