# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""How long the trail and the proposals are kept: by the deployment's months, the trail for ten years unless it says otherwise."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from hub.config.keeping import MaterialsSection, RetentionSection
from hub.journal.migrate import first_id
from hub.keeping import TRAIL_MONTHS, Keeping, Retention
from hub.ports.journal import AuditEntry, AuditFilter, JournalDown, Proposal
from hub.workers.retaining import retain_once
from tests.hub.api.conftest import LIMITS
from tests.hub.api.house import House, open_house
from tests.hub.operating.test_second_person import deployment
from tests.support.postgres import PrivatePostgres, find_postgres


@pytest.fixture(scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    folder: Path = tmp_path_factory.mktemp("trail")
    async with (
        PrivatePostgres(find_postgres(15)) as postgres,
        open_house(deployment(folder, await postgres.fresh_database()), LIMITS) as opened,
    ):
        yield opened


def of(moment: datetime, number: int) -> UUID:
    """An id of that moment."""
    return UUID(int=first_id(moment).int + number)


def waiting(
    town: House, at: datetime, name: str, *, lasts: timedelta = timedelta(hours=24)
) -> tuple[Proposal, AuditEntry]:
    entry = AuditEntry(id=of(at, 1), at=at, account="keeper", act="propose_discard", via="api", request=name)
    proposal = Proposal(
        id=of(at, 2),
        request=name,
        kind="discard",
        subject="1 deliveries",
        content=b"x" * 32,
        size=1,
        proposer="keeper",
        reason="a try",
        proposed_at=at,
        expires_at=at + lasts,
    )
    return proposal, entry


async def test_what_is_old_enough_is_forgotten_and_nothing_else(town: House) -> None:
    journal, now = town.hub.journal, town.hub.clock.now()
    ages = {"eleven-years": 11 * 366, "three-years": 3 * 366, "last-month": 40, "today": 0}
    for name, days in ages.items():
        kept = await journal.proposals.propose(*waiting(town, now - timedelta(days=days), name))
        assert isinstance(kept, Proposal)
    long = waiting(town, now - timedelta(days=3 * 366, seconds=5), "good-for-ever", lasts=timedelta(days=3 * 366 + 30))
    assert isinstance(await journal.proposals.propose(*long), Proposal)

    retention = Keeping.of(MaterialsSection(), RetentionSection()).retention
    assert retention is not None
    assert (retention.acts_months, retention.proposals_months) == (TRAIL_MONTHS, 24)
    await retain_once(town.hub, retention, 0)

    trail = await journal.audit.find(AuditFilter(act="propose_discard"), None, 100)
    assert not isinstance(trail, JournalDown)
    assert [one.request for one in trail] == ["today", "last-month", "three-years", "good-for-ever"]
    proposals = await journal.proposals.newest(None, 100, waiting_at=None)
    assert not isinstance(proposals, JournalDown)
    assert [one.request for one in proposals] == ["today", "last-month", "good-for-ever"]


def test_a_deployment_that_says_months_means_all_of_the_ledgers() -> None:
    kept = Keeping.of(MaterialsSection(), RetentionSection(acts_months=30, proposals_months=6)).retention
    assert isinstance(kept, Retention)
    assert (kept.acts_months, kept.lookups_months, kept.proposals_months) == (30, 30, 6)
