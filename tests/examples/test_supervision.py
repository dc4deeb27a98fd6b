# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The example of a supervision exchange, run as it is written: by XML and by rows, against the simulated platform."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import pytest
import structlog
import yaml

from certs.api_key import digest_of
from connectors.databases.address import DatabaseConfig
from connectors.databases.database import Database
from connectors.front_db.profiles import SUPERVISION, ddl
from connectors.sdk import Context
from connectors.sdk.session import open_session
from connectors.supervision.front import Front
from connectors.supervision.platform import Platform
from connectors.supervision.simulator import SIMULATOR, Options
from connectors.supervision.words import Step, Taking
from contracts.catalogue import builtin
from hub.config.deployment import Limits
from hub.config.load import Loaded, load_deployment
from tests.connectors.far_database import MariadbServer, PostgresServer, Server
from tests.connectors.front_db.conftest import statements
from tests.hub.api.house import House, bearer, key_of, open_house
from tests.support.mariadb import PrivateMariadb
from tests.support.postgres import PrivatePostgres

pytestmark = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")

EXAMPLE = Path(__file__).parents[2] / "examples/supervision"
CASE = "510500-20260302-000001"
TOKEN = "made-up-call"
UP: Final = (
    "cn.gov.acceptance.decided",
    "cn.gov.process.step",
    "cn.gov.special.started",
    "cn.gov.special.ended",
    "cn.gov.completion.decided",
)


@dataclass
class Site:
    house: House
    platform: Platform
    front: Front
    server: Server


@pytest.fixture(params=["postgresql", "mariadb"])
async def server(
    request: pytest.FixtureRequest, postgres: PrivatePostgres, mariadb: PrivateMariadb
) -> AsyncIterator[Server]:
    """The platform's front database, of either make."""
    found: Server = (
        PostgresServer(await postgres.fresh_database())
        if request.param == "postgresql"
        else MariadbServer(mariadb, await mariadb.fresh_database())
    )
    yield found
    await found.close()


@asynccontextmanager
async def site(
    folder: Path, dsn: str, server: Server, monkeypatch: pytest.MonkeyPatch, takings: tuple[Taking, ...] = ()
) -> AsyncIterator[Site]:
    """The example's files with addresses and keys of this test's own, the platform at both ends."""
    make: Literal["postgresql", "mysql"] = "postgresql" if server.make == "postgresql" else "mysql"
    for statement in statements(ddl("supervision", make)):
        await server.execute(statement)
    async with Platform(takings, token=TOKEN) as platform, opened(server) as front:
        deployed(folder, dsn, platform, server)
        for name, value in (
            ("SUPERVISION_CALL", TOKEN),
            ("SUPERVISION_TOKEN", "made-up-token"),
            ("SUPERVISION_FRONT_DB", "made-up"),
        ):
            monkeypatch.setenv(name, value)
        loaded = load_deployment(folder / "govhub.yaml")
        assert isinstance(loaded, Loaded), loaded
        async with open_house(loaded, Limits()) as house:
            platform.hub = house.url
            yield Site(house, platform, front, server)


def deployed(folder: Path, dsn: str, platform: Platform, server: Server) -> None:
    shutil.copytree(EXAMPLE, folder, dirs_exist_ok=True)
    text = (folder / "govhub.yaml").read_text("utf-8")
    changed = {
        "http://127.0.0.1:9012/records": platform.address,
        "postgresql://127.0.0.1:5432/front": f"{server.scheme}://{server.host}:{server.port}/{server.database}",
        "user: govhub": f"user: {server.user}",
        "sha256:" + "0" * 64: digest_of(key_of("market")),
        "../../connectors/front_db/profiles/supervision": str(SUPERVISION),
        "poll_seconds: 1": "poll_seconds: 0.1",
        "hub: {name": f"journal: {dsn}\nhub: {{name",
    }
    for before, after in changed.items():
        assert before in text
        text = text.replace(before, after)
    deployment: dict[str, Any] = yaml.safe_load(text)
    feedback = yaml.safe_load((SUPERVISION / "profile.yaml").read_text("utf-8"))["sink"]["feedback"]
    deployment["destinations"]["supervision-front"]["settings"]["feedback"] = {**feedback, "poll_seconds": 0.1}
    (folder / "govhub.yaml").write_text(yaml.safe_dump(deployment, allow_unicode=True), "utf-8")


@asynccontextmanager
async def opened(server: Server) -> AsyncIterator[Front]:
    config = DatabaseConfig.model_validate(
        {
            "url": f"{server.scheme}://{server.host}:{server.port}/{server.database}",
            "user": server.user,
            "password_secret": "front",
        }
    )
    async with open_session() as http:
        context = Context(
            destination="platform",
            http=http,
            log=structlog.get_logger(),
            secret=lambda _: "made-up",
            monotonic=asyncio.get_running_loop().time,
        )
        database = Database(config, context, connections=2)
        try:
            yield Front(database)
        finally:
            await database.close()


async def told(house: House, contract: str, id_: str, **changes: object) -> str:
    """A record of the department's is accepted; its message."""
    version = 2 if contract == "cn.gov.acceptance.decided" else 1
    known = next(one for one in builtin().versions(contract) if one.version == version)
    event = {
        "specversion": "1.0",
        "id": id_,
        "source": "market",
        "type": contract,
        "subject": CASE,
        "dataschema": known.schema_uri,
        "datacontenttype": "application/json",
        "data": {**known.examples[0].data, known.subject: CASE, **changes},
    }
    headers = {**bearer("market"), "Content-Type": "application/cloudevents+json"}
    async with house.http.post(f"{house.url}/v1/messages", json=event, headers=headers) as answer:
        assert answer.status == 202, await answer.text()
        message: str = (await answer.json())["message"]
    return message


async def states(house: House, message: str, wanted: set[str]) -> None:
    """Wait until the deliveries of a message have come to these states, whichever destination's."""
    async with asyncio.timeout(60):
        while True:
            _, found = await house.get(f"/v1/messages/{message}", "market")
            if {one["state"] for one in found["deliveries"]} == wanted:
                return
            await house.hub.clock.sleep(0.05)


async def until(look: Callable[[], Any], wanted: Callable[[Any], bool]) -> Any:
    async with asyncio.timeout(60):
        while True:
            found = await look()
            if wanted(found):
                return found
            await asyncio.sleep(0.1)  # because a database rings no bell


async def orders_in(house: House, count: int) -> list[dict[str, Any]]:
    """What came down to the department, once there are so many; taken."""
    events: list[dict[str, Any]] = []
    while len(events) < count:
        status, fetch = await house.fetch("market", wait=30)
        assert status == 200
        events += [one["event"] for one in fetch["messages"]]
        results = [{"delivery": one["delivery"], "outcome": "delivered"} for one in fetch["messages"]]
        said = {"lease": fetch["lease"], "results": results}
        async with house.http.post(f"{house.url}/v1/mailbox/market/ack", json=said, headers=bearer("market")) as answer:
            assert answer.status == 200, await answer.text()
    return events


async def test_cases_steps_and_deadlines_go_up_by_both_bindings(
    dsn: str, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second answer is lost, and so is the third record itself: the platform is asked, and nothing is kept twice."""
    takings = (Taking.OK, Taking.CUT, Taking.LOST)
    async with site(tmp_path, dsn, server, monkeypatch, takings) as here:
        messages = [
            await told(here.house, UP[0], "up-0", promised_on="2026-03-13", statutory_on="2026-03-31"),
            *[await told(here.house, contract, f"up-{number}") for number, contract in enumerate(UP[1:], 1)],
        ]
        for message in messages:
            await states(here.house, message, {"delivered", "accepted"})
        await here.front.take()
        for message in messages:
            await states(here.house, message, {"delivered"})

        counts = here.platform.counts()
        assert (counts["records"], counts["repeated"]) == (5, 0)
        assert len(set(here.platform.asked)) == 2
        written = [bodies[0].decode() for bodies in here.platform.records.values()]
        assert "<CNRQ>2026-03-13</CNRQ><FDRQ>2026-03-31</FDRQ>" in written[0].replace("\n", "").replace("  ", "")
        (row,) = await here.server.fetch("select project_no, promise_date, statutory_date from up_jc_accept")
        assert {name: str(value) for name, value in row.items()} == {
            "project_no": CASE,
            "promise_date": "2026-03-13",
            "statutory_date": "2026-03-31",
        }
        for table in ("up_jc_step", "up_jc_pause", "up_jc_resume", "up_jc_result"):
            assert len(await here.server.fetch(f"select 1 as one from {table}")) == 1


async def test_each_order_by_xml_is_acknowledged_once_and_again_when_its_issuer_asks(
    dsn: str, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with site(tmp_path, dsn, server, monkeypatch) as here:
        for step in (Step.WARN, Step.ORDER, Step.AGAIN, Step.ALTERED, Step.LOST, Step.GARBAGE):
            async with asyncio.timeout(60):
                await here.platform.issue(step, CASE)

        warning, order, lost, garbage = here.platform.issued.values()
        assert warning.answers == ["200"]
        assert order.answers == ["200", "200", "422"], "again: the same answer; other content under its number: refused"
        assert (lost.sent, lost.answers) == (2, ["200"])
        assert garbage.answers == ["422"]
        counts = here.platform.counts()
        assert {name: counts[name] for name in ("issued", "acknowledged", "refused")} == {
            "issued": 4,
            "acknowledged": 3,
            "refused": 1,
        }
        events = await orders_in(here.house, 3)
        assert [one["type"].rpartition(".")[2] for one in events] == ["warned", "ordered", "ordered"]
        assert [one["data"].get("order_no") for one in events] == [None, "DB-000002", "DB-000003"]


async def test_each_order_in_rows_is_acknowledged_in_its_row(
    dsn: str, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with site(tmp_path, dsn, server, monkeypatch) as here:
        await here.front.issue(Step.WARN, CASE)
        number = await here.front.issue(Step.ORDER, CASE)
        await until(here.front.counts, lambda found: found["acknowledged"] == 2)
        assert len(await orders_in(here.house, 2)) == 2

        assert await here.front.issue(Step.AGAIN, CASE) == number
        await until(here.front.counts, lambda found: found["acknowledged"] == 2)
        await here.front.issue(Step.GARBAGE, CASE)
        counts = await until(here.front.counts, lambda found: found["refused"] == 1)
        assert (counts["issued"], counts["acknowledged"]) == (3, 2)

        refused = await here.server.fetch("select is_sync, error_code from dn_jc_warning order by seq")
        assert [one["is_sync"] for one in refused] == ["1", "3"]
        assert refused[1]["error_code"]
        status, _ = await here.house.fetch("market", wait=0)
        assert status == 204, "the repeated row is the same order, and the refused one is nobody's"


async def test_the_platform_that_is_started_by_one_command(
    dsn: str, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its script by both bindings at once, counted where whoever rehearses looks."""
    async with site(tmp_path, dsn, server, monkeypatch) as here:
        options = Options(
            hub=here.house.url,
            url=f"{here.server.scheme}://{here.server.host}:{here.server.port}/{here.server.database}",
            user=here.server.user,
            every_seconds=0.1,
        )
        monkeypatch.setenv("PGPASSWORD", "made-up")
        async with SIMULATOR.start((Step.ORDER, Step.WARN), "127.0.0.1", 0, options) as running:
            await until(here.front.counts, lambda found: found["acknowledged"] == 2)

            async def counted() -> dict[str, int]:
                async with here.house.http.get(running.address.replace("/records", "/counts")) as answer:
                    found: dict[str, int] = await answer.json()
                return found

            found = await until(counted, lambda found: found["acknowledged"] == 2)
        assert (found["issued"], found["sent"], found["refused"]) == (2, 2, 0)
        assert len(await orders_in(here.house, 4)) == 4
