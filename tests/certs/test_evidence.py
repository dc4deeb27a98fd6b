# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Leaves and receipts: the same bytes for ever, checked by hand and not by the code that made them."""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import orjson
import pytest

from certs.leaf import ACCEPTED, DELIVERED, NOT_DELIVERED, REPLAYED, leaf_hash
from certs.receipt import Statement, acceptance_statement, outcome_statement, receipt, replay_statement, with_signature

MESSAGE = UUID("01960000-0000-7000-8000-000000000001")
DELIVERY = UUID("01960000-0000-7000-8000-000000000002")
DIGEST, SALT = bytes(range(32)), bytes(range(32, 64))
MOMENT = datetime(2026, 3, 2, 1, 5, 0, 250000, tzinfo=UTC)


def accepted(moment: datetime = MOMENT, warnings: Sequence[tuple[str, str]] = ()) -> Statement:
    return acceptance_statement(
        hub="hub-1",
        message_id=MESSAGE,
        system="portal",
        sender_id="m-1",
        contract="cn.gov.application.submitted",
        version=1,
        case="办件-1",
        digest=DIGEST,
        salt=SALT,
        accepted_at=moment,
        warnings=warnings,
    )


def outcome(*, positive: bool) -> Statement:
    return outcome_statement(
        hub="hub-1",
        message_id=MESSAGE,
        delivery_id=DELIVERY,
        destination="housing",
        attempt=3,
        state="delivered" if positive else "dead",
        code="X",
        reference="R-1",
        settled_at=MOMENT,
        positive=positive,
    )


class TestLeaf:
    def test_the_hash_is_that_of_the_description_byte_for_byte(self) -> None:
        by_hand = hashlib.new("sha256")
        for part in (b"\x00", b"\x08", b"accepted", b'{"v":1}'):
            by_hand.update(part)
        assert leaf_hash(ACCEPTED, b'{"v":1}') == by_hand.digest()

    def test_golden(self) -> None:
        # printf '\000\010accepted{}' | sha256sum
        assert leaf_hash("accepted", b"{}").hex() == GOLDEN_LEAF

    def test_no_statement_can_be_read_as_one_of_another_kind(self) -> None:
        assert leaf_hash("ab", b"c") != leaf_hash("a", b"bc")
        assert len({leaf_hash(kind, b"{}") for kind in (ACCEPTED, DELIVERED, NOT_DELIVERED)}) == 3

    def test_an_empty_statement_has_a_hash(self) -> None:
        assert len(leaf_hash(ACCEPTED, b"")) == 32


class TestReceipt:
    def test_golden(self) -> None:
        assert receipt(accepted(), DIGEST, SALT).decode() == GOLDEN_RECEIPT

    def test_what_was_odd_is_part_of_the_statement(self) -> None:
        told = json.loads(receipt(accepted(warnings=[("E_W_CHECK", "$.data.department_code")]), DIGEST, SALT))
        assert told["warnings"] == [{"code": "E_W_CHECK", "path": "$.data.department_code"}]

    def test_it_is_the_statement_and_the_hash_of_its_leaf(self) -> None:
        statement = accepted()
        told = with_signature(receipt(statement, DIGEST, SALT), b'{"value":"x"}')
        body, _, rest = told.rpartition(b',"leaf":')
        assert body + b"}" == statement.body, "who holds the receipt can compute the leaf"
        fields = json.loads(told)
        assert fields["leaf"] == f"sha256:{leaf_hash('accepted', statement.body).hex()}"
        assert fields["signature"] == {"value": "x"}
        assert json.loads(b'{"leaf":' + rest).keys() == {"leaf", "digest", "salt", "signature"}

    def test_only_the_receipt_opens_what_the_statement_commits_to(self) -> None:
        fields = json.loads(receipt(accepted(), DIGEST, SALT))
        assert fields["digest"] == f"sha256:{DIGEST.hex()}"
        opened = hashlib.sha256(bytes.fromhex(fields["salt"]) + DIGEST).hexdigest()
        assert fields["commitment"] == f"sha256:{opened}"
        body = accepted().body
        assert DIGEST.hex().encode() not in body
        assert SALT.hex().encode() not in body

    def test_the_same_moment_in_another_zone_is_another_text_only_if_it_is_told_so(self) -> None:
        """The hub's clock is UTC; the statement says so with a Z."""
        assert json.loads(accepted().body)["acceptedAt"] == "2026-03-02T01:05:00.250000Z"
        beijing = json.loads(accepted(MOMENT.astimezone(timezone(timedelta(hours=8)))).body)["acceptedAt"]
        assert datetime.fromisoformat(beijing) == MOMENT

    @pytest.mark.parametrize(("positive", "kind"), [(True, "delivered"), (False, "not_delivered")])
    def test_an_outcome_says_its_kind_and_is_hashed_with_it(self, *, positive: bool, kind: str) -> None:
        statement = outcome(positive=positive)
        assert statement.kind == json.loads(statement.body)["type"] == kind
        length = len(kind).to_bytes(1, "big")
        assert statement.hash == hashlib.sha256(b"\x00" + length + kind.encode() + statement.body).digest()

    def test_statements_name_systems_and_ids_and_nothing_else(self) -> None:
        assert set(json.loads(accepted().body)) == {
            "v", "type", "hub", "message", "system", "id", "contract", "contractVersion", "case", "commitment",
            "acceptedAt",
        }  # fmt: skip
        assert set(json.loads(outcome(positive=True).body)) == {
            "v", "type", "hub", "message", "delivery", "destination", "attempt", "state", "code", "reference",
            "settledAt",
        }  # fmt: skip


GOLDEN_LEAF = "f70a0329425b05dbc80ab1f35bc9180ad1abc961818e5a27d831a5d68a23a6b9"
GOLDEN_RECEIPT = (
    '{"v":2,"type":"accepted","hub":"hub-1","message":"01960000-0000-7000-8000-000000000001","system":"portal",'
    '"id":"m-1","contract":"cn.gov.application.submitted","contractVersion":1,"case":"办件-1",'
    '"commitment":"sha256:84e4bd6ca2af96412fdc62fe44d4e9709cdc31933081a62486a48a154b582d53",'
    '"acceptedAt":"2026-03-02T01:05:00.250000Z",'
    '"leaf":"sha256:c283a50d26ff4074ffeee2d2fbdf8afe28cad6246f05d98bd5e916f5bad5b060",'
    '"digest":"sha256:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",'
    '"salt":"202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"}'
)


def test_an_operators_word_is_part_of_the_outcome() -> None:
    told = outcome_statement(
        hub="hub-1", message_id=MESSAGE, delivery_id=DELIVERY, destination="housing", attempt=3, state="skipped",
        code="SKIPPED", reference="", settled_at=MOMENT, positive=False, by="keeper", reason="sent by mistake",
    )  # fmt: skip
    assert told.kind == NOT_DELIVERED
    assert orjson.loads(told.body) == {
        **orjson.loads(outcome(positive=False).body),
        "attempt": 3, "state": "skipped", "code": "SKIPPED", "reference": "", "settledAt": "2026-03-02T01:05:00.250000Z",
        "by": "keeper", "reason": "sent by mistake",
    }  # fmt: skip


def test_a_replay_says_who_had_it_sent_again() -> None:
    told = replay_statement(
        hub="hub-1", message_id=MESSAGE, delivery_id=DELIVERY, destination="housing", attempt=12, added=False, late=True,
        replay=MESSAGE, by="keeper", reason="mended", replayed_at=MOMENT,
    )  # fmt: skip
    assert told.kind == REPLAYED
    assert told.body == (
        b'{"v":1,"type":"replayed","hub":"hub-1","message":"01960000-0000-7000-8000-000000000001",'
        b'"delivery":"01960000-0000-7000-8000-000000000002","destination":"housing","attempt":12,"added":false,"late":true,'
        b'"replay":"01960000-0000-7000-8000-000000000001","by":"keeper","reason":"mended",'
        b'"replayedAt":"2026-03-02T01:05:00.250000Z"}'
    )
    assert told.hash == leaf_hash(REPLAYED, told.body)
