# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What COMMIT 1 is handed: everything that was received and planned, and a receipt that says so."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import orjson
import pytest

from certs.leaf import leaf_hash
from contracts.catalogue import builtin
from contracts.digest import content_digest
from hub.passage import Planned, Received, Valid
from hub.ports.bus import QueueName
from hub.ports.clock import SystemClock
from hub.ports.ids import TimeOrderedIds
from hub.ports.journal import Acceptance, PlannedDelivery
from hub.stages.record import record
from hub.stages.validate import Rules, Speaker, validate
from tests.hub.stages.made_up import DELIVERY, NOW
from tests.support.access import everything
from tests.support.hubs import event, received

RULES = Rules(
    registry=builtin(),
    speakers={"portal": Speaker(any_case=True)},
    future=timedelta(1),
    past=timedelta(1),
    access=everything(["portal"]),
)
PLAN = Planned(
    (PlannedDelivery(DELIVERY, "housing", QueueName("default", 1), ordered=True, priority=5),), ("portal", "housing"), "table-1"
)  # fmt: skip
TRACEPARENT = f"00-{'1' * 32}-{'2' * 16}-01"
EVENT = event("a", "m-1", extensions={"traceparent": TRACEPARENT}, time=NOW)


def valid() -> Valid:
    found = validate(RULES, "portal", EVENT, content_digest(EVENT), NOW)
    assert isinstance(found, Valid)
    return found


def recorded(one: Valid | None = None) -> Acceptance:
    ids = TimeOrderedIds(SystemClock())
    return record("hub-1", ids, "portal", received(EVENT), one or valid(), PLAN, NOW)


def test_nothing_of_what_was_received_and_planned_is_lost() -> None:
    one, made = valid(), recorded()
    assert Received(made.content_type, made.raw) == received(EVENT)
    assert (made.system, made.sender_id, made.case) == ("portal", "m-1", "a")
    assert (made.contract, made.version) == (one.contract.type, one.contract.version)
    assert (made.digest, made.canonical) == (one.digest, one.checked.canonical)
    assert (made.event_time, made.accepted_at, made.expires_at) == (NOW, NOW, None)
    assert (made.deliveries, made.parties, made.table_version) == (PLAN.deliveries, PLAN.parties, "table-1")
    assert made.any_case is True
    attributes = orjson.loads(made.attributes)
    assert (attributes["id"], attributes["traceparent"], attributes["subject"]) == ("m-1", TRACEPARENT, "a")


def test_the_receipt_names_the_message_and_the_hash_of_its_leaf() -> None:
    made = recorded()
    told = orjson.loads(made.receipt)
    assert told["message"] == str(made.message_id)
    assert told["digest"] == f"sha256:{made.digest.hex()}"
    assert told["hub"] == "hub-1"
    assert made.leaf.kind == "accepted"
    assert told["leaf"] == f"sha256:{leaf_hash('accepted', made.leaf.statement).hex()}"
    assert made.leaf.hash == leaf_hash("accepted", made.leaf.statement)


def test_every_acceptance_has_an_id_of_its_own() -> None:
    ids = TimeOrderedIds(SystemClock())
    one, two = (record("hub-1", ids, "portal", received(EVENT), valid(), PLAN, NOW) for _ in range(2))
    assert one.message_id < two.message_id
    assert one.leaf.id != two.leaf.id


@pytest.mark.parametrize(
    ("materials", "digests"),
    [
        ([{"digest": "sha256:1"}, {"digest": "sha256:2"}, {"digest": "sha256:1"}, {"name": "x"}], ("sha256:1", "sha256:2")),
        ([], ()),
        (None, ()),
        ("sha256:1", ()),
        ([None, 1, "x", {"digest": 7}], ()),
    ],
)  # fmt: skip
def test_the_materials_it_names_are_known_by_digest(materials: Any, digests: tuple[str, ...]) -> None:
    one = valid()
    assert recorded(replace(one, event=replace(EVENT, data={"materials": materials}))).materials == digests


def test_data_that_names_no_materials_names_none() -> None:
    assert recorded(replace(valid(), event=replace(EVENT, data={}))).materials == ()
