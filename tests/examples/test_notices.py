# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The message platform of the example, in its own deployment and a running hub: a gateway that refuses, and a mail instead."""

import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml

from certs.api_key import digest_of
from connectors.mail.simulator import MailServer
from connectors.rest.simulator import Department
from connectors.rest.simulator import Step as Gateway
from contracts.catalogue import builtin
from hub.config.load import Loaded, load_deployment
from tests.house.tree import ROOT
from tests.support.hub_process import HubProcess
from tests.support.postgres import PrivatePostgres, find_postgres

EXAMPLE = ROOT / "examples/notices"
KEY = "ghk_made-up-key-of-portal"
BEARER = {"Authorization": f"Bearer {KEY}"}


def deployment() -> dict[str, Any]:
    said: dict[str, Any] = yaml.safe_load((EXAMPLE / "govhub.yaml").read_text(encoding="utf-8"))
    return said


def put(folder: Path, said: dict[str, Any]) -> Path:
    (folder / "govhub.yaml").write_text(yaml.safe_dump(said, allow_unicode=True), encoding="utf-8")
    for name in ("routes.yaml", "templates.yaml"):
        (folder / name).write_bytes((EXAMPLE / name).read_bytes())
    return folder / "govhub.yaml"


def faults(folder: Path, said: dict[str, Any]) -> list[tuple[str, str]]:
    found = load_deployment(put(folder, said), {"NUMBERS": "made-up"})
    return [(one.code, one.path) for one in found] if isinstance(found, tuple) else []


async def test_a_refused_text_message_is_followed_by_a_mail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBERS", "made-up")
    async with (
        Department([Gateway.REFUSE]) as gateway,
        MailServer() as mail,
        PrivatePostgres(find_postgres(15)) as postgres,
        aiohttp.ClientSession() as http,
    ):
        said = deployment() | {"hub": {"listen": "127.0.0.1:0"}, "journal": await postgres.fresh_database()}
        said["systems"]["portal"]["keys"] = [digest_of(KEY)]
        said["destinations"]["sms"]["settings"]["url"] = gateway.address
        host, _, port = mail.address.rpartition(":")
        said["destinations"]["mail"]["settings"] |= {"host": host, "port": int(port)}
        hub = HubProcess(put(tmp_path, said))
        await hub.start()
        try:
            event = json.loads((EXAMPLE / "notice.json").read_text(encoding="utf-8"))
            headers = BEARER | {"Content-Type": "application/cloudevents+json"}
            async with http.post(f"{hub.url}/v1/messages", json=event, headers=headers) as answer:
                assert answer.status == 202, await answer.text()
            report = await reported(http, hub)
        finally:
            assert await hub.stop() == 0, hub.log()
    assert gateway.done == []
    assert len(mail.taken) == 1
    assert [(one["channel"], one["status"]) for one in report["statuses"]] == [
        ("sms", "undeliverable"),
        ("mail", "delivered"),
    ]
    assert "00000000000" not in hub.log()
    assert "食品经营许可" not in hub.log()


async def test_an_applicant_is_told_of_the_moments_of_a_case_and_of_each_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBERS", "made-up")
    async with (
        Department() as gateway,
        PrivatePostgres(find_postgres(15)) as postgres,
        aiohttp.ClientSession() as http,
    ):
        said = deployment() | {"hub": {"listen": "127.0.0.1:0"}, "journal": await postgres.fresh_database()}
        for system in ("portal", "department"):
            said["systems"][system]["keys"] = [digest_of(f"ghk_made-up-key-of-{system}")]
        said["destinations"]["sms"]["settings"]["url"] = gateway.address
        said["destinations"]["notices"]["settings"]["talking"] = {
            days: {"begin": "00:00", "end": "23:59:59.999999"} for days in ("working_days", "other_days")
        }
        hub = HubProcess(put(tmp_path, said))
        await hub.start()
        try:
            contact = {"name": "测试联系人丙", "mobile": "00000000000"}
            await tell(http, hub, "portal", "cn.gov.application.submitted", "1", contact=contact)
            for id_ in ("2", "3"):  # a department sends its acceptance again under another id
                await tell(http, hub, "department", "cn.gov.acceptance.decided", id_)
            await tell(http, hub, "department", "cn.gov.completion.decided", "4")
            texts = [await next_report(http, hub) for _ in range(3)]
        finally:
            assert await hub.stop() == 0, hub.log()
    assert texts == [[("sms", "delivered")]] * 3
    assert len(gateway.done) == 3
    assert "00000000000" not in hub.log()


async def tell(
    http: aiohttp.ClientSession, hub: HubProcess, system: str, contract: str, id_: str, **changes: Any
) -> None:
    known = builtin().versions(contract)[0]
    data = {**known.examples[0].data, **changes}
    event = {
        "specversion": "1.0",
        "id": id_,
        "source": system,
        "type": contract,
        "subject": data["case_no"],
        "dataschema": known.schema_uri,
        "data": data,
    }
    headers = {"Authorization": f"Bearer ghk_made-up-key-of-{system}", "Content-Type": "application/cloudevents+json"}
    async with http.post(f"{hub.url}/v1/messages", json=event, headers=headers) as answer:
        assert answer.status == 202, await answer.text()


async def next_report(http: aiohttp.ClientSession, hub: HubProcess) -> list[tuple[str, str]]:
    """What the next report of a notice says, which is fetched and acknowledged."""
    async with http.get(f"{hub.url}/v1/mailbox/portal?wait=30&max=1", headers=BEARER) as answer:
        assert answer.status == 200, hub.log()
        lent = await answer.json()
    (message,) = lent["messages"]
    ack = {"lease": lent["lease"], "results": [{"delivery": message["delivery"], "outcome": "delivered"}]}
    async with http.post(f"{hub.url}/v1/mailbox/portal/ack", json=ack, headers=BEARER) as answer:
        assert answer.status == 200, await answer.text()
    return [(one["channel"], one["status"]) for one in message["event"]["data"]["statuses"]]


async def reported(http: aiohttp.ClientSession, hub: HubProcess) -> dict[str, Any]:
    """What the portal fetches of its notice, once it is there."""
    async with http.get(f"{hub.url}/v1/mailbox/portal?wait=30", headers=BEARER) as answer:
        assert answer.status == 200, hub.log()
        (message,) = (await answer.json())["messages"]
    data: dict[str, Any] = message["event"]["data"]
    return data


def test_the_example_has_no_faults(tmp_path: Path) -> None:
    assert isinstance(load_deployment(put(tmp_path, deployment()), {"NUMBERS": "made-up"}), Loaded)


@pytest.mark.parametrize(
    ("where", "value", "code", "path"),
    [
        (("channels", "sms"), "smss", "NAME_UNKNOWN", "destinations.notices.settings.channels.sms"),
        (("number_secret",), "nothing", "SECRET_UNKNOWN", "destinations.notices.settings.number_secret"),
        (("templates",), "none.yaml", "E_FILE_MISSING", ""),
        (
            ("talking", "working_days"),
            {"begin": "21:00", "end": "08:00"},
            "E_VALUE",
            "destinations.notices.settings.talking.working_days",
        ),
        (("shouting",), True, "E_KEY_UNKNOWN", "destinations.notices.settings.shouting"),
    ],
)
def test_wrong_settings_are_told(tmp_path: Path, where: tuple[str, ...], value: object, code: str, path: str) -> None:
    said = deployment()
    place = said["destinations"]["notices"]["settings"]
    for step in where[:-1]:
        place = place[step]
    place[where[-1]] = value
    assert faults(tmp_path, said) == [(code, path)]


def test_a_platform_that_may_not_speak_is_told(tmp_path: Path) -> None:
    said = deployment()
    said["systems"]["message-platform"]["sends"] = []
    said["destinations"]["notices"]["isolation"] = "process"
    told = faults(tmp_path, said)
    assert ("PROCESSOR_MUTE", "systems.message-platform.sends") in told
    assert ("PROCESSOR_INSIDE", "destinations.notices.isolation") in told
