# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Planning: the same partition for ever, every destination once and in order, and a refusal where nobody listens."""

import hashlib
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.catalogue import builtin
from contracts.digest import content_digest
from contracts.refusal import Refusal
from hub.passage import Place, Planned, Valid
from hub.ports.bus import QueueName
from hub.ports.clock import SystemClock
from hub.ports.ids import TimeOrderedIds
from hub.stages.plan import partition_of, plan
from hub.stages.validate import Rules, Speaker, validate
from tests.hub.stages.made_up import NOW
from tests.support.access import everything
from tests.support.hubs import event, table

PLACES = {
    "housing": Place("housing", "default", ordered=True, priority=5),
    "municipal": Place("city", "superiors", ordered=True, priority=3),
    "notices": Place("housing", "default", ordered=False, priority=9),
}
ROUTES = """
  - {name: all, when: {source: portal}, to: [municipal, housing]}
  - {name: notes, when: {contract: cn.gov.application.submitted}, to: [housing, notices]}
"""


def valid(case: str = "办件-1", source: str = "portal", contract: str = "cn.gov.application.submitted") -> Valid:
    rules = Rules(
        registry=builtin(),
        speakers={source: Speaker(any_case=True)},
        future=timedelta(1),
        past=timedelta(1),
        access=everything([source]),
    )
    one = event(case, source=source, contract=contract)
    found = validate(rules, source, one, content_digest(one), NOW)
    assert isinstance(found, Valid)
    return found


def planned(one: Valid, routes: str = ROUTES, partitions: int = 16) -> Planned | Refusal:
    ids = TimeOrderedIds(SystemClock())
    return plan(table(routes), PLACES, partitions, ids, one.event.source, one, NOW)


class TestPartition:
    @pytest.mark.parametrize(
        ("case", "partitions", "partition"),
        [("", 16, 2), ("510500-20260302-000001", 16, 9), ("510500-20260302-000001", 256, 121),
         ("办件-1", 16, 11), ("办件-1", 1, 0)],
    )  # fmt: skip
    def test_golden(self, case: str, partitions: int, partition: int) -> None:
        """A case that changed its partition would lose its order: these numbers are for ever."""
        assert partition_of(case, partitions) == partition

    @given(st.text(), st.integers(1, 256))
    def test_it_is_the_first_four_bytes_of_the_hash(self, case: str, partitions: int) -> None:
        number = int(hashlib.sha256(case.encode()).hexdigest()[:8], 16)
        assert partition_of(case, partitions) == number % partitions

    def test_cases_spread(self) -> None:
        counts = [0] * 16
        for n in range(16_000):
            counts[partition_of(f"510500-20260302-{n:06}", 16)] += 1
        assert 800 < min(counts) <= max(counts) < 1200


class TestPlan:
    def test_every_destination_once_in_the_order_of_the_table(self) -> None:
        found = planned(valid())
        assert isinstance(found, Planned)
        assert [d.destination for d in found.deliveries] == ["municipal", "housing", "notices"]
        assert found.table_version == table(ROUTES).table.version_id

    def test_each_delivery_has_its_id_and_what_its_place_says(self) -> None:
        found = planned(valid())
        assert isinstance(found, Planned)
        partition = partition_of("办件-1", 16)
        assert [(d.queue, d.ordered, d.priority) for d in found.deliveries] == [
            (QueueName("superiors", partition), True, 3),
            (QueueName("default", partition), True, 5),
            (QueueName("default", partition), False, 9),
        ]
        ids = [d.id for d in found.deliveries]
        assert ids == sorted(set(ids))

    def test_sender_and_receivers_become_parties_each_once(self) -> None:
        found = planned(valid())
        assert isinstance(found, Planned)
        assert found.parties == ("portal", "city", "housing")

    def test_a_sender_that_also_receives_is_one_party(self) -> None:
        found = planned(valid(source="housing"))
        assert isinstance(found, Planned)
        assert found.parties == ("housing",)

    def test_what_nobody_wants_is_unroutable(self) -> None:
        refusal = planned(valid(source="counter", contract="cn.gov.completion.decided"))
        assert isinstance(refusal, Refusal)
        assert refusal.code == "E_UNROUTABLE"
        assert {v.path for v in refusal.violations} == {"$.source", "$.type"}

    def test_an_empty_table_wants_nothing(self) -> None:
        routes = "  - {name: other, when: {source: nobody}, to: housing}\n"
        assert isinstance(planned(valid(), routes), Refusal)
