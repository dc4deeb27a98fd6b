# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The example of a district and its province, reduced to the front database: a real one, behind a relay that can be cut."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest
import yaml

from certs.api_key import digest_of
from connectors.front_db.profiles import ddl
from contracts.catalogue import builtin
from hub.config.deployment import Limits
from hub.config.load import Loaded, load_deployment
from tests.connectors.far_database import Relay, Server
from tests.connectors.front_db.conftest import statements
from tests.house.tree import ROOT
from tests.hub.api.house import House, key_of, open_house

EXAMPLE = ROOT / "examples/province"
TABLES = ("up_pro_accept_v4", "up_pro_process_v4", "up_pro_result_v4", "up_lic_data_v4")
ACCEPTANCE, STEP, COMPLETION, LICENCE = UP = (
    "cn.gov.acceptance.decided",
    "cn.gov.process.step",
    "cn.gov.completion.decided",
    "cn.gov.licence.issued",
)
SECRETS = ("PROVINCE_FRONT_DB", "SUPERVISION_CALL", "SUPERVISION_TOKEN", "SHARING_APP_KEY", "HOUSING_TOKEN")
_PATIENCE = 60.0
_MAPPED: list[dict[str, Any]] = yaml.safe_load(
    (ROOT / "contracts/dialects/maps/front_v3_test.yaml").read_text("utf-8")
)["cases"]


@dataclass
class Front:
    """The hub at work and the province's database."""

    house: House
    server: Server
    relay: Relay
    folder: Path

    async def told(self, contract: str, id_: str, case: str, source: str = "housing", **changes: object) -> str:
        """A record is accepted; its message."""
        status, _, answer = await self.house.send(record(contract, id_, case, source, **changes), source)
        assert status == 202, answer
        return str(answer["message"])

    async def rows(self, table: str, case: str) -> list[dict[str, Any]]:
        if table == "up_lic_data_v4":  # which names no case
            return await self.server.fetch(f"select * from {table} order by seq")
        return await self.server.fetch(f"select * from {table} where project_no = %s order by seq", case)

    async def there(self, case: str) -> tuple[int, ...]:
        """How many rows of the case lie in each table, in the order of :data:`TABLES`."""
        return tuple([len(await self.rows(table, case)) for table in TABLES])

    async def until(self, look: Callable[[], Any], wanted: Callable[[Any], bool]) -> Any:
        found = None
        try:
            async with asyncio.timeout(_PATIENCE):
                while not wanted(found := await look()):  # noqa: ASYNC110  # because a database rings no bell
                    await asyncio.sleep(0.05)
        except TimeoutError:
            pytest.fail(f"in vain; last seen: {found}")
        return found

    async def until_there(self, case: str, *wanted: int) -> None:
        await self.until(lambda: self.there(case), lambda found: found == wanted)

    async def take(self, table: str, flag: str = "1", code: str | None = None) -> None:
        """The province takes, or refuses, what is new in a table."""
        await self.server.execute(f"update {table} set is_sync = %s, error_code = %s where is_sync = '0'", flag, code)

    async def delivery(self, message: str, wanted: str, asker: str = "housing") -> dict[str, Any]:
        """The delivery to the province as the sender sees it, once it has come to this state."""

        async def look() -> dict[str, Any]:
            _, found = await self.house.get(f"/v1/messages/{message}", asker)
            (one,) = (one for one in found["deliveries"] if one["destination"].startswith("province"))
            return dict(one)

        found: dict[str, Any] = await self.until(look, lambda one: one["state"] == wanted)
        return found


def record(contract: str, id_: str, case: str, source: str, **changes: object) -> dict[str, Any]:
    """A record of the case in the newest version for which there is a sample that the national tables can say."""
    sample = next(one for one in _MAPPED if one["contract"].partition(":")[0] == contract)
    version = int(sample["contract"].partition(":")[2])
    known = next(one for one in builtin().versions(contract) if one.version == version)
    added = {"opinion": "经审查，符合办理条件。"} if contract == STEP else {}
    return {
        "specversion": "1.0",
        "id": id_,
        "source": source,
        "type": contract,
        "subject": case,
        "dataschema": known.schema_uri,
        "datacontenttype": "application/json",
        "data": {**sample["data"], **added, known.subject: case, **changes},
    }


@asynccontextmanager
async def front(
    folder: Path,
    journal: str,
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
    changes: Callable[[dict[str, Any]], None] = lambda _deployment: None,
) -> AsyncIterator[Front]:
    """The example with addresses and keys of this test's own. Opened again on the same journal, it is the same hub later on."""
    make: Literal["postgresql", "mysql"] = "postgresql" if server.make == "postgresql" else "mysql"
    if not (folder / "govhub.yaml").exists():
        shutil.copytree(EXAMPLE, folder, dirs_exist_ok=True)
        own = (folder / f"profile/tables.{make}.sql").read_text("utf-8")
        for statement in statements(ddl("national_v4", make) + own):
            await server.execute(statement)
    relay = Relay(server)
    await relay.listen()
    _deploy(folder, journal, relay, changes)
    for name in SECRETS:
        monkeypatch.setenv(name, "made-up")
    loaded = load_deployment(folder / "govhub.yaml")
    assert isinstance(loaded, Loaded), loaded
    try:
        async with open_house(loaded, Limits()) as house:
            yield Front(house, server, relay, folder)
    finally:
        await relay.hang_up()


def _deploy(folder: Path, journal: str, relay: Relay, changes: Callable[[dict[str, Any]], None]) -> None:
    deployment: dict[str, Any] = yaml.safe_load((EXAMPLE / "govhub.yaml").read_text("utf-8"))
    address: Mapping[str, Any] = relay.address
    deployment |= {"journal": journal, "bus": "memory", "hub": {"name": "province", "data": str(folder / "data")}}
    for name, system in deployment["systems"].items():
        system |= {"keys": [digest_of(key_of(name))], "any_case": True}
    sections = [deployment["destinations"][name] for name in ("province", "province-load")]
    for section in (*sections, deployment["sources"]["province-down"]):
        section["settings"] |= {
            "url": address["url"],
            "user": address["user"],
            "profile_folder": str(folder / "profile"),
        }
    for section in sections:
        section |= {"retry": {"first_seconds": 0.05, "longest_seconds": 0.2}}
        section |= {"breaker": {"first_seconds": 0.1, "longest_seconds": 0.2}}
    deployment["destinations"]["housing"] = {"system": "housing", "connector": "mailbox"}
    deployment["destinations"]["supervision"] = {"system": "supervision", "connector": "mailbox"}
    changes(deployment)
    (folder / "govhub.yaml").write_text(yaml.safe_dump(deployment, allow_unicode=True), "utf-8")
    profile = (EXAMPLE / "profile/profile.yaml").read_text("utf-8").replace("poll_seconds: 5", "poll_seconds: 0.05")
    (folder / "profile/profile.yaml").write_text(profile, "utf-8")
