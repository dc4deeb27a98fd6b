# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Seeing what is masked: by whoever has the right, of a case within their scope, with a reason, and recorded before."""

import itertools
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from contracts.refusal import Refusal
from hub.acting import Order
from hub.api.dead import acting_of
from hub.operators import Operator, Right, Scope
from hub.ports.journal import Acted
from hub.second_person import SecondPerson
from hub.unmasking import UNMASK, unmask
from tests.hub.api.conftest import LIMITS
from tests.hub.api.house import House, application, bearer, new_case, open_house
from tests.hub.operating.test_second_person import deployment
from tests.support.postgres import PrivatePostgres, find_postgres

WANG = Operator(account="wang", kind="password", rights=frozenset({Right.READ, Right.UNMASK}))
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    folder: Path = tmp_path_factory.mktemp("unmasking")
    async with (
        PrivatePostgres(find_postgres(15)) as postgres,
        open_house(deployment(folder, await postgres.fresh_database()), LIMITS) as opened,
    ):
        yield opened


async def asked(
    town: House, who: Operator, case: str, request: str = "", second: SecondPerson | None = None
) -> Acted | str:
    order = Order(who.account, "api", request or f"see-{next(_numbers)}", "the applicant telephones", who.scope)
    acting = replace(acting_of(town.hub), second=second)
    told = await unmask(acting, who, order, case, ["applicant.phone", "applicant.name"])
    return told.code if isinstance(told, Refusal) else told


async def sent(town: House, region: str = "510502") -> str:
    case = new_case()
    assert (await town.send(application(case, data_region_code=region)))[0] == 202
    return case


async def test_it_is_recorded_before_anything_is_shown_and_found_by_its_case(town: House) -> None:
    case = await sent(town)
    told = await asked(town, WANG, case, "once")
    assert isinstance(told, Acted)
    again = await asked(town, WANG, case, "once")
    assert isinstance(again, Acted)
    assert (again.id, again.again) == (told.id, True)
    assert await asked(town, WANG, await sent(town), "once") == "E_REQUEST_REUSE"
    async with town.http.get(f"{town.url}/v1/audit?case={case}", headers=bearer("chief")) as answer:
        (entry,) = (await answer.json())["audit"]
    assert (entry["account"], entry["act"], entry["reason"]) == ("wang", UNMASK, "the applicant telephones")
    assert "applicant" not in entry["subject"]


async def test_not_without_the_right_nor_beyond_one_s_scope(town: House) -> None:
    case = await sent(town)
    assert await asked(town, replace(WANG, rights=frozenset(Right) - {Right.UNMASK}), case) == "E_RIGHT_MISSING"
    for scope, answer in (
        (Scope(regions=("5109",)), "E_SCOPE"),
        (Scope(organisations=frozenset({"nobody"})), "E_SCOPE"),
        (Scope(regions=("5105",), organisations=frozenset({"civil"})), None),
    ):
        told = await asked(town, replace(WANG, scope=scope), case)
        assert (told == answer) if answer else isinstance(told, Acted), (scope, told)
    assert await asked(town, replace(WANG, scope=Scope(regions=("5105",))), "never-was") == "E_SCOPE"


async def test_a_second_person_if_the_deployment_says_so(town: House) -> None:
    assert town.hub.second is not None  # every kind of act wants one there
    assert await asked(town, WANG, await sent(town), second=town.hub.second) == "E_SECOND_PERSON"
