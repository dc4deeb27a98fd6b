# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The simulated platform does as its script says, and each trouble is known for what it is; what the README shows is settings."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from connectors import sharing_platform
from connectors.sdk import Context, Delivered, Found, NotFound, Parcel, Question
from connectors.sharing_platform import CONNECTOR
from connectors.sharing_platform.asking import AskingConfig
from connectors.sharing_platform.config import SharingConfig, SharingSourceConfig
from connectors.sharing_platform.simulator import SERVICES, SIMULATOR, Options, SharingPlatform, Step
from tests.connectors.sharing_platform.far import APP_KEY, RID, account

README = Path(sharing_platform.__file__).with_name("README.md").read_text("utf-8")
TABLE = {
    Step.OK: ("Delivered", True),
    Step.LOSE: ("InDoubt", True),
    Step.BUSY: ("Unavailable", False),
    Step.REFUSE: ("Rejected", False),
    Step.HANG: ("InDoubt", True),
    Step.SLOW: ("Delivered", True),
    Step.EXPIRE: ("Delivered", True),
    Step.GARBAGE: ("InDoubt", False),
}


@pytest.fixture
def secrets() -> dict[str, str]:
    return {"app-key": APP_KEY}


def test_the_table_is_whole() -> None:
    assert TABLE.keys() == set(Step)


@pytest.mark.parametrize("step", Step)
async def test_it_does_as_its_script_says(context: Context, step: Step) -> None:
    async with SharingPlatform([step], requesters={RID: APP_KEY}) as platform:
        settings = {"platform": account(platform), "services": SERVICES, "materials": False}
        async with CONNECTOR.sink(SharingConfig.model_validate(settings), context) as sink:
            parcel = Parcel(idempotency_key="k-1", content_type="application/json", body=b"{}", timeout=1.5)
            outcome = await sink.send(parcel)
            after = await sink.send(Parcel(idempotency_key="k-2", content_type="application/json", body=b"{}"))
        assert (type(outcome).__name__, "k-1" in platform.records) == TABLE[step]
        assert after == Delivered()


async def test_the_command_starts_one_with_its_options(context: Context) -> None:
    started = SIMULATOR.start(
        [], "127.0.0.1", 0, Options(rid=RID, app_key=APP_KEY, other="r_2", other_secret="lasting")
    )
    async with started as platform:
        assert isinstance(platform, SharingPlatform)
        settings = {"platform": account(platform), "catalogue": "list"}
        async with CONNECTOR.lookup(AskingConfig.model_validate(settings), context) as lookup:
            found = await lookup.ask(Question(criteria={"keyword": "证照"}))
            none = await lookup.ask(Question(criteria={"keyword": "没有"}))
        detail = AskingConfig.model_validate({**settings, "catalogue": "detail"})
        async with CONNECTOR.lookup(detail, context) as lookup:
            one = await lookup.ask(Question(criteria={"sid": "s_5105000002_0001"}))
    assert isinstance(found, Found)
    assert isinstance(one, Found)
    assert [record["sid"] for record in (*found.records, *one.records)] == ["s_5105000002_0003", "s_5105000002_0001"]
    assert none == NotFound()


def test_the_readmes_settings_are_settings() -> None:
    blocks = [part.partition("```")[0] for part in README.split("```yaml\n")[1:]]
    said: list[dict[str, Any]] = [
        yaml.safe_load(block if block[0] != " " else f"destinations:\n{block}") for block in blocks
    ]
    models: dict[str, Any] = {"destinations": SharingConfig, "sources": SharingSourceConfig, "lookups": AskingConfig}
    read = [
        models[kind].model_validate(section["settings"])
        for document in said
        for kind, sections in document.items()
        for section in sections.values()
    ]
    assert len(read) == 5
