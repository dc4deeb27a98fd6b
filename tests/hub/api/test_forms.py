# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``/v1/forms``: the registered forms, for anybody; and what health says of a folder that cannot be used."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import jsonschema  # type: ignore[import-untyped]  # ships no type information
import pytest

from hub.config.deployment import Limits
from hub.config.load import Loaded, load_deployment
from tests.contracts.item_forms.desk import GOOD
from tests.hub.api.house import House, application, open_house, write_config
from tests.support.postgres import PrivatePostgres, find_postgres


@pytest.fixture(scope="module")
async def shop(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[House, Path]]:
    """A hub with one form, and the folder in which it stands."""
    home = tmp_path_factory.mktemp("forms")
    folder = home / "forms"
    folder.mkdir()
    (folder / "shop.yaml").write_text(GOOD, encoding="utf-8")
    async with PrivatePostgres(find_postgres(15)) as postgres:
        write_config(home, await postgres.fresh_database())
        with (home / "govhub.yaml").open("a", encoding="utf-8") as file:
            file.write("forms: {folder: forms, check_seconds: 0.05}\n")
        loaded = load_deployment(home / "govhub.yaml")
        assert isinstance(loaded, Loaded), loaded
        async with open_house(loaded, Limits()) as opened:
            yield opened, folder


async def get(house: House, path: str) -> tuple[int, str, object]:
    """Without a key."""
    async with aiohttp.ClientSession() as anybody, anybody.get(f"{house.url}{path}") as answer:
        return answer.status, answer.content_type, await answer.json(content_type=None)


async def test_the_list_names_every_form(shop: tuple[House, Path]) -> None:
    status, _, told = await get(shop[0], "/v1/forms")

    assert status == 200
    assert told == {
        "forms": [
            {
                "name": "shop",
                "version": 1,
                "title": {"zh": "开店", "en": "Opening a shop"},
                "items": ["TESTSHOP1"],
                "carried_by": ["application", "step"],
            }
        ]
    }
    _, _, description = await get(shop[0], "/openapi.json")
    assert isinstance(description, dict)
    reference = {"$ref": "#/components/schemas/FormList", "components": description["components"]}
    jsonschema.validate(told, reference, cls=jsonschema.Draft202012Validator)


async def test_a_form_is_given_as_json_schema(shop: tuple[House, Path]) -> None:
    status, kind, schema = await get(shop[0], "/v1/forms/TESTSHOP1/1?carrier=step")

    assert (status, kind) == (200, "application/schema+json")
    assert isinstance(schema, dict)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$id"] == "urn:govhub:form:shop:1"
    assert schema["properties"]["owner"]["x-personal"] == "name"


@pytest.mark.parametrize(
    "path", ["TESTSHOP1/2", "TESTSHOP1/0", "TESTSHOP1/x", "TESTSHOP1/٣", "OTHER/1", f"{'A' * 99}/1"]
)
async def test_what_is_not_registered_is_not_found(shop: tuple[House, Path], path: str) -> None:
    status, kind, _ = await get(shop[0], f"/v1/forms/{path}")

    assert (status, kind) == (404, "application/problem+json")


async def test_a_form_is_refused_in_a_problem_with_its_paths(shop: tuple[House, Path]) -> None:
    wrong = application(
        data_item_code="TESTSHOP1", data_form={"item_code": "TESTSHOP1", "form_version": 1, "data": {"area": 0}}
    )

    status, _, problem = await shop[0].send(wrong)

    assert status == 422
    assert {violation["path"] for violation in problem["violations"]} == {
        "$.data.form.data.kind",
        "$.data.form.data.area",
    }


async def test_health_tells_of_a_folder_that_cannot_be_used(shop: tuple[House, Path]) -> None:
    house, folder = shop
    forms = house.hub.rules.forms
    assert (await get(house, "/health/ready"))[2] == {"status": "ready", "hub": "hub-1", "concerns": []}

    (folder / "spoiled.yaml").write_text("name: [", encoding="utf-8")
    async with asyncio.timeout(30), forms.read:
        await forms.read.wait_for(lambda: forms.unread is not None)
    status, _, told = await get(house, "/health/ready")

    assert status == 200
    assert isinstance(told, dict)
    [concern] = told["concerns"]
    assert concern["what"] == "forms"
    assert "E_YAML_SYNTAX spoiled.yaml:2:1" in concern["reason"]
    assert str(folder) not in concern["reason"]
    (folder / "spoiled.yaml").unlink()
    async with asyncio.timeout(30), forms.read:
        await forms.read.wait_for(lambda: forms.unread is None)
    assert (await get(house, "/health/ready"))[2] == {"status": "ready", "hub": "hub-1", "concerns": []}
