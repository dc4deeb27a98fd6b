# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What evidence costs, measured at its smallest with real hubs and databases: every message is signed, taken and delivered."""

import pytest

from hub.bench.comparing import Comparison
from hub.bench.evidence import OFF, SUITES, lost_share, weigh
from hub.bench.prepared_load import HEADER, PreparedSender, signer_by


@pytest.mark.timeout(240)
async def test_all_figures_of_one_small_round() -> None:
    plan = Comparison(None, None, "memory", seconds=1, rounds=1, cases=300, in_flight=8, warm_up=0.5, most_per_s=1500)
    told: list[str] = []
    found = await weigh(plan, told.append)

    assert told == [f"1/1 {what}" for what in (OFF, *SUITES)]
    for what in (OFF, *SUITES):
        assert found.values[f"{what}.lost"] == found.values[f"{what}.duplicated"] == [0]
        for name in ("accepted_per_s", "cpu_ms.hub", "cpu_ms.database"):
            assert found.median(f"{what}.{name}") > 0, (what, name)
    for suite in SUITES:
        assert lost_share(found, suite) < 1


def test_a_request_beyond_the_stock_is_made_on_the_way_and_counted() -> None:
    sender = PreparedSender(
        {"url": "http://127.0.0.1:1", "key": "k", "first": 0, "cases": 3, "stock": 2}, signer_by([])
    )
    made = [sender._written(number, 1.0) for number in range(3)]
    assert len(set(made)) == 3
    assert sender._result.late == 1
    assert all(HEADER.encode() not in one for one in made)
