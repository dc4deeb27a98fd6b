# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a known sender may get wrong: each fault with its code, and never a word of what was sent in the answer."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.catalogue import builtin
from contracts.cloudevent import CloudEvent
from contracts.contract import Contract
from contracts.digest import content_digest
from contracts.problem import problem
from contracts.refusal import Refusal
from contracts.refusal_codes import CODES
from hub.access.decision import Access
from hub.passage import Valid
from hub.stages.validate import Rules, Speaker, validate
from tests.hub.stages.made_up import NOW
from tests.support.access import everything, sends_only
from tests.support.hubs import APPLICATION, event

RULES = Rules(
    registry=builtin(),
    speakers={
        "portal": Speaker(any_case=True),
        "housing": Speaker(any_case=False),
        "mute": Speaker(any_case=False),
    },
    future=timedelta(minutes=5),
    past=timedelta(days=30),
    access=Access(
        {
            **everything(["portal"]).grants,
            **sends_only("housing", contracts=["cn.gov.acceptance.decided"]).grants,
        }
    ),
)
EVENT = event("510500-20260302-000001")
BEIJING = timezone(timedelta(hours=8))


def judged(one: CloudEvent, system: str = "portal", now: datetime = NOW) -> Valid | Refusal:
    return validate(RULES, system, one, content_digest(one), now)


def refused(one: CloudEvent, system: str = "portal", now: datetime = NOW) -> Refusal:
    refusal = judged(one, system, now)
    assert isinstance(refusal, Refusal), refusal
    return refusal


def but(**changes: Any) -> CloudEvent:
    return replace(EVENT, **changes)


def until(moment: str) -> CloudEvent:
    return but(extensions={"expirytime": moment})


REFUSALS = {
    "another system's source": (but(source="housing"), "E_SOURCE_FOREIGN", "$.source"),
    "a source of nobody": (but(source="https://example.invalid/x"), "E_SOURCE_FOREIGN", "$.source"),
    "an unknown contract": (but(type="cn.gov.nothing"), "E_CONTRACT_UNKNOWN", "$.type"),
    "a version that is not spoken": (
        but(dataschema=f"urn:govhub:contract:{APPLICATION}:99"),
        "E_CONTRACT_VERSION",
        "$.dataschema",
    ),
    "the version of another contract": (
        but(dataschema="urn:govhub:contract:cn.gov.acceptance.decided:1"),
        "E_CONTRACT_VERSION",
        "$.dataschema",
    ),
    "no version": (but(dataschema=None), "E_ATTRIBUTE_MISSING", "$.dataschema"),
    "no subject": (but(subject=None), "E_ATTRIBUTE_MISSING", "$.subject"),
    "an empty subject": (but(subject=""), "E_ATTRIBUTE_MISSING", "$.subject"),
    "a time to come": (but(time=NOW + timedelta(minutes=5, milliseconds=1)), "E_CLOCK_FUTURE", "$.time"),
    "the end of time": (but(time=datetime.max.replace(tzinfo=UTC)), "E_CLOCK_FUTURE", "$.time"),
    "a time long past": (but(time=NOW - timedelta(days=30, milliseconds=1)), "E_TOO_OLD", "$.time"),
    "the beginning of time": (but(time=datetime.min.replace(tzinfo=UTC)), "E_TOO_OLD", "$.time"),
    "expired": (until("2026-03-02T01:04:59Z"), "E_EXPIRED", "$.expirytime"),
    "expiring at this very moment": (until("2026-03-02T09:05:00+08:00"), "E_EXPIRED", "$.expirytime"),
    "an expiry that is no time": (until("tomorrow"), "E_ATTRIBUTE_INVALID", "$.expirytime"),
    "an expiry without a zone": (until("2027-01-01T00:00:00"), "E_ATTRIBUTE_INVALID", "$.expirytime"),
    "no data": (but(data=None), "E_CONTRACT_INVALID", "$.data"),
    "data that is bytes": (but(data=b"\x00\xff"), "E_CONTRACT_INVALID", "$.data"),
    "data that is a list": (but(data=[1]), "E_CONTRACT_INVALID", "$.data"),
    "another case in the data": (but(subject="another"), "E_CONTRACT_INVALID", "$.data.case_no"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_each_fault_has_its_code_and_place(name: str) -> None:
    one, code, path = REFUSALS[name]
    refusal = refused(one)
    assert refusal.code == code
    assert [violation.path for violation in refusal.violations] == [path]
    assert 400 <= CODES[code].status < 500
    assert all(text.zh and text.en for v in refusal.violations for text in (v.expected, v.remedy))
    assert refusal.retry_after is None


class TestSpeakers:
    def test_a_system_sends_what_it_may(self) -> None:
        allowed = event("a", source="housing", contract="cn.gov.acceptance.decided")
        assert isinstance(judged(allowed, "housing"), Valid)

    @pytest.mark.parametrize("system", ["housing", "mute"])
    def test_and_nothing_else(self, system: str) -> None:
        refusal = refused(event("a", source=system), system)
        assert (refusal.code, refusal.violations[0].path) == ("E_NOT_ALLOWED", "$.type")

    def test_whether_it_may_speak_of_any_case_is_handed_on(self) -> None:
        allowed = event("a", source="housing", contract="cn.gov.acceptance.decided")
        portal, housing = judged(EVENT), judged(allowed, "housing")
        assert isinstance(portal, Valid)
        assert isinstance(housing, Valid)
        assert (portal.any_case, housing.any_case) == (True, False)


class TestTimes:
    @pytest.mark.parametrize(
        "time",
        [None, NOW, NOW + timedelta(minutes=5), NOW - timedelta(days=30), NOW.astimezone(BEIJING)],
        ids=["none", "now", "a little ahead", "just young enough", "elsewhere"],
    )
    def test_what_is_of_this_time_is_taken(self, time: datetime | None) -> None:
        assert isinstance(judged(but(time=time)), Valid)

    def test_an_expiry_to_come_is_handed_on_in_utc(self) -> None:
        valid = judged(until("2026-03-02T09:05:00.000001+08:00"))
        assert isinstance(valid, Valid)
        assert valid.expires_at == NOW + timedelta(microseconds=1)
        assert valid.expires_at.tzinfo is UTC


class TestValid:
    @pytest.mark.parametrize("contract", builtin().all(), ids=lambda contract: contract.type)
    def test_every_valid_example_of_every_contract_is_taken(self, contract: Contract) -> None:
        for example in (example for example in contract.examples if example.valid):
            one = but(
                type=contract.type,
                dataschema=contract.schema_uri,
                subject=example.data[contract.subject],
                data=example.data,
            )
            valid = judged(one)
            assert isinstance(valid, Valid), valid
            assert valid.contract is contract
            assert valid.case == example.data[contract.subject]
            assert valid.digest == content_digest(one)

    @pytest.mark.parametrize("contract", builtin().all(), ids=lambda contract: contract.type)
    def test_every_invalid_example_is_refused_with_all_its_violations_at_once(self, contract: Contract) -> None:
        for example in (example for example in contract.examples if not example.valid):
            one = but(
                type=contract.type,
                dataschema=contract.schema_uri,
                subject=example.data.get(contract.subject, "a"),
                data=example.data,
            )
            refusal = refused(one)
            assert refusal.code == "E_CONTRACT_INVALID"
            assert {(v.code, v.path) for v in refusal.violations} == set(example.expect)


CANARY = "金丝雀-made-up-canary"


def seeded(value: Any) -> Any:
    """The same shape, with every text replaced."""
    match value:
        case dict():
            return {key: seeded(inner) for key, inner in value.items()}
        case list():
            return [seeded(inner) for inner in value]
        case str():
            return CANARY
        case _:
            return value


class TestNothingPersonal:
    @pytest.mark.parametrize("contract", builtin().all(), ids=lambda contract: contract.type)
    def test_no_value_of_the_data_stands_in_a_refusal(self, contract: Contract) -> None:
        for example in contract.examples:
            one = but(type=contract.type, dataschema=contract.schema_uri, data=seeded(example.data))
            self.assert_silent(refused(one))

    @pytest.mark.parametrize(
        "changes",
        [
            {"id": CANARY, "source": CANARY},
            {"type": CANARY},
            {"dataschema": CANARY},
            {"subject": CANARY},
            {"subject": None, "id": CANARY},
            {"datacontenttype": CANARY, "data": CANARY.encode()},
            {"extensions": {"expirytime": CANARY}},
            {"extensions": {"partitionkey": CANARY}, "data": None},
            {"time": NOW + timedelta(days=1), "id": CANARY},
        ],
        ids="+".join,
    )
    def test_no_attribute_stands_in_a_refusal(self, changes: dict[str, Any]) -> None:
        self.assert_silent(refused(but(**changes)))

    def assert_silent(self, refusal: Refusal) -> None:
        document = orjson.dumps(problem(refusal, None)).decode()
        assert CANARY not in document
        assert "canary" not in document


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(JSON, st.sampled_from(builtin().all()))
def test_no_data_whatever_raises(data: Any, contract: Contract) -> None:
    assert isinstance(judged(but(type=contract.type, dataschema=contract.schema_uri, data=data)), Refusal)


@given(
    st.text(), st.text(), st.none() | st.text(), st.none() | st.datetimes(timezones=st.just(UTC)), st.text(max_size=40)
)
def test_no_envelope_whatever_raises(
    source: str, type_: str, subject: str | None, time: datetime | None, expiry: str
) -> None:
    extensions = {"expirytime": expiry}
    assert isinstance(judged(but(source=source, type=type_)), Refusal)
    assert isinstance(judged(but(subject=subject, time=time, extensions=extensions)), Refusal)
