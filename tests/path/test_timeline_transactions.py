# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The timeline of a case tells which message is which step, or undoes it, of which transaction, and why."""

import pytest

from connectors.sdk import Rejected
from hub.api.case_documents import entry_documents, transactions_of_case
from hub.case_transactions import parts_of
from hub.ports.journal import CaseView, JournalDown
from hub.timeline import What, entries
from tests.support.transactions import town

pytestmark = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")


async def test_steps_and_compensations_stand_under_their_transaction(dsn: str) -> None:
    async with town(dsn) as here:
        here.notices.script("c-1", Rejected("NO_SUCH_NUMBER"))
        await here.begin()
        await here.until_ended("undone")
        view = await here.until_standing("undone")
        case = await here.rig.hub.case_files.view("c-1", 100)
        assert isinstance(case, CaseView)
        parts = await parts_of(here.rig.hub.journal.transactions, case.messages)
        assert not isinstance(parts, JournalDown)
        found = entries(case.messages, (), parts)
    assert view.why == "notice: NO_SUCH_NUMBER"
    accepted = [one for one in found if one.what is What.ACCEPTED]
    assert {one.transaction for one in accepted} == {view.id}
    assert [(one.part, one.step) for one in accepted] == [
        ("begins", ""),
        ("step", "application"),
        ("step", "shipment"),
        ("step", "notice"),
        ("undo", "shipment"),
        ("undo", "application"),
        ("ended", ""),
    ]
    assert {one.why for one in found if one.part in {"undo", "ended"}} == {"notice: NO_SUCH_NUMBER"}
    assert {one.why for one in found if one.part in {"begins", "step"}} == {""}
    (told,) = transactions_of_case(parts)
    assert (told["transaction"], told["standing"], told["why"]) == (view.id, "undone", "notice: NO_SUCH_NUMBER")
    assert [f"{one['part']} {one['step']}".strip() for one in told["parts"]] == [
        f"{one.part} {one.step}".strip() for one in accepted
    ]
    assert all({"transaction", "part", "step", "why"} <= set(one) for one in entry_documents(found, named=True))


async def test_a_case_without_any_has_none(dsn: str) -> None:
    async with town(dsn) as here:
        await here.close("c-9", "closed")
        case = await here.rig.hub.case_files.view("c-9", 100)
        assert isinstance(case, CaseView)
        assert await parts_of(here.rig.hub.journal.transactions, case.messages) == []
