# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The platform's signature against known vectors, and secrets that change while messages are under way."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import repeat

import pytest

from connectors.sdk import Context, Delivered, Found, Parcel, Question, Sink, Unavailable
from connectors.sharing_platform import CONNECTOR
from connectors.sharing_platform.asking import AskingConfig
from connectors.sharing_platform.config import SharingConfig
from connectors.sharing_platform.registers import PERSONS
from connectors.sharing_platform.signing import signature, unwrapped, wrapped
from connectors.sharing_platform.simulator import PUT, SERVICES, SharingPlatform, Step
from tests.connectors.sharing_platform.far import APP_KEY, RID, account

BODY = b'{"case_no":"1"}'


@pytest.fixture
async def platform() -> AsyncIterator[SharingPlatform]:
    async with SharingPlatform(requesters={RID: APP_KEY}) as opened:
        yield opened


@pytest.fixture
def secrets() -> dict[str, str]:
    return {"app-key": APP_KEY}


def sink_of(platform: SharingPlatform, context: Context, **changes: object) -> Sink:
    settings = {"platform": {**account(platform), **changes}, "services": SERVICES, "materials": False}
    return CONNECTOR.sink(SharingConfig.model_validate(settings), context)


def parcel(number: int) -> Parcel:
    attributes = {"id": f"m-{number}", "source": "portal", "type": "cn.gov.application.submitted", "subject": "case"}
    return Parcel(
        idempotency_key=f"k-{number}", content_type="application/json", body=BODY, attributes=attributes, timeout=10
    )


def test_the_signature_is_the_national_platforms() -> None:
    """A vector that was computed by another implementation."""
    key = "0123456789abcdef0123456789abcdef"
    assert signature(key, "s_1", "r_1", "1700000000000") == "1B8T4AGSZmSIRJQCRLCXY7UuKCFIoB96faiza/j58O8="


def test_the_secret_is_sealed_as_java_seals_it() -> None:
    """A vector of a JDK: SHA1PRNG, AES in ECB mode."""
    assert unwrapped("testappkey0001", "LEop7meuckdKkgi/9eWxkA==") == "e82336fa"
    assert wrapped("testappkey0001", "e82336fa") == "LEop7meuckdKkgi/9eWxkA=="


@pytest.mark.parametrize("given", ["", "=", "LEop7meuckdKkgi/9eWxkA", "AAAA", "A" * 43 + "=", "办件"])
def test_what_is_no_secret_is_none(given: str) -> None:
    assert unwrapped("testappkey0001", given) is None
    assert unwrapped("another", "LEop7meuckdKkgi/9eWxkA==") is None


async def test_a_secret_that_ends_in_the_middle_loses_nothing(platform: SharingPlatform, context: Context) -> None:
    """Every third call finds all secrets ended: a new one is asked for, and each record lies there once."""
    platform.script = iter([Step.OK, Step.OK, Step.EXPIRE] * 200)
    async with sink_of(platform, context) as sink:
        outcomes = []
        for first in range(0, 30, 10):
            outcomes += await asyncio.gather(*(sink.send(parcel(number)) for number in range(first, first + 10)))
        platform.script = repeat(Step.OK)
        again = [
            await sink.send(replace(parcel(number), attempt=2))
            for number, outcome in enumerate(outcomes)
            if outcome != Delivered()
        ]
    assert all(isinstance(one, Delivered | Unavailable) for one in outcomes)
    assert all(one == Delivered() for one in again)
    assert sorted(platform.records) == sorted(f"k-{number}" for number in range(30))
    assert platform.requesters[RID].given > 3


async def test_one_end_among_calls_is_not_even_noticed(platform: SharingPlatform, context: Context) -> None:
    async with sink_of(platform, context) as sink:
        before = await sink.send(parcel(1))
        platform.expire()
        after = await asyncio.gather(*(sink.send(parcel(number)) for number in range(2, 12)))
    assert [before, *after] == [Delivered()] * 11
    assert platform.requesters[RID].given == 2  # however many found it ended, one asked


async def test_it_is_renewed_before_it_ends(context: Context) -> None:
    """Nothing is ever refused for its signature: a new secret is asked for while the old one still holds."""
    async with SharingPlatform(requesters={RID: APP_KEY}, life_seconds=100) as platform:
        now = [0.0]
        clock = replace(context, monotonic=lambda: now[0])
        async with sink_of(platform, clock, renew_before_seconds=30) as sink:
            for moment in (0.0, 60.0, 75.0, 100.0, 150.0):
                now[0] = moment
                assert await sink.send(parcel(int(moment))) == Delivered()
        assert platform.requesters[RID].given == 3
        assert "unsigned" not in {word for _, word in platform.calls}


async def test_an_operator_changes_it_and_both_count(
    platform: SharingPlatform, context: Context, secrets: dict[str, str]
) -> None:
    """The platform changes first, or the deployment does: between the two, what either has holds."""
    own = {"app_key": None, "app_secret": "now", "previous_secret": "before"}
    first = platform.give(RID)
    secrets |= {"now": first, "before": "never-valid"}
    async with sink_of(platform, context, **own) as sink:
        assert await sink.send(parcel(1)) == Delivered()
        second = platform.give(RID)
        assert await sink.send(parcel(2)) == Delivered()  # by the old one, which holds a while
        secrets |= {"now": second, "before": first}
        assert await sink.send(parcel(3)) == Delivered()
        secrets |= {"now": "typed-wrong", "before": second}
        assert await sink.send(parcel(4)) == Delivered()  # by the one before
        secrets["before"] = "typed-wrong-too"
        assert await sink.send(parcel(5)) == Unavailable("SECRET_REFUSED: the platform takes none of the secrets")
    assert len(platform.records) == 4


async def test_a_clock_that_is_wrong_is_put_right(context: Context) -> None:
    """Ours is an hour slow: the platform's own Date says so, and the next stamp is of its time."""
    async with SharingPlatform(requesters={RID: APP_KEY}, clock_ahead_ms=3_600_000) as platform:
        async with sink_of(platform, context) as sink:
            assert await sink.send(parcel(1)) == Delivered()
        assert [one for one in platform.calls if one[0] == PUT][-1] == (PUT, "ok")


async def test_an_app_key_that_is_wrong_is_the_operators(
    platform: SharingPlatform, context: Context, secrets: dict[str, str]
) -> None:
    secrets["app-key"] = "not-the-key"
    async with sink_of(platform, context) as sink:
        refused = await sink.send(parcel(1))
        assert isinstance(refused, Unavailable)
        assert refused.reason.startswith("RENEWAL_REFUSED")
        secrets["app-key"] = APP_KEY
        assert await sink.send(parcel(1)) == Delivered()
        del secrets["app-key"]
        missing = await sink.send(parcel(2))
    assert missing == Unavailable("SECRET_MISSING: no secret app-key")


async def test_a_question_is_signed_anew_as_well(platform: SharingPlatform, context: Context) -> None:
    settings = {
        "platform": account(platform),
        "sid": PERSONS,
        "wrap": {"json": {"xm": "{c.name}", "bh": "{c.number}", "cxsy": "{c.purpose}"}},
        "required": ["name", "number"],
    }
    question = Question(criteria={"name": "张示例", "number": "P-001"}, purpose="核对申请人")
    async with CONNECTOR.lookup(AskingConfig.model_validate(settings), context) as lookup:
        platform.script = repeat(Step.EXPIRE)
        ended = await lookup.ask(question)
        platform.script = repeat(Step.OK)
        found = await lookup.ask(question)
    assert isinstance(ended, Unavailable)
    assert isinstance(found, Found)
