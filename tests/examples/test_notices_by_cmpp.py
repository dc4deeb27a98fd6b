# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A notice through a running hub: message platform, CMPP gateway, and the status report that closes both deliveries."""

import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from certs.api_key import digest_of
from connectors.sms_cmpp.simulator import Gateway
from connectors.sms_cmpp.simulator_words import Step
from tests.examples.test_notices import BEARER, EXAMPLE, KEY, deployment, put, reported
from tests.support.hub_process import HubProcess
from tests.support.postgres import PrivatePostgres, find_postgres

NUMBER = "13900000000"
SIGNED = "【示例区政务服务】"


def by_cmpp(gateway: Gateway, journal: str, **settings: Any) -> dict[str, Any]:
    """The example's deployment with a CMPP gateway for its text messages."""
    said = deployment() | {"hub": {"listen": "127.0.0.1:0"}, "journal": journal}
    said["systems"]["portal"]["keys"] = [digest_of(KEY)]
    said["secrets"]["gateway"] = "env:GATEWAY"
    account = {
        "host": "127.0.0.1",
        "port": gateway.port,
        "account": gateway.options.account,
        "password": "gateway",
        "version": gateway.options.version,
    }
    said["destinations"]["sms"] = {
        "system": "sms-gateway",
        "connector": "sms_cmpp",
        "on_dead": "continue",
        "settings": {
            **account,
            "sender": "106900001",
            "to": "{/address}",
            "text": "{/text}",
            "answer_seconds": 2,
            **settings,
        },
    }
    return said


@pytest.mark.parametrize(
    ("step", "statuses", "states"),
    [
        (Step.OK, ["delivered"], ("delivered", "delivered")),
        (Step.EARLY, ["delivered"], ("delivered", "delivered")),
        (Step.TWICE, ["delivered"], ("delivered", "delivered")),
        (Step.UNDELIVERED, ["undeliverable"], ("dead", "dead")),
        (Step.REFUSE, ["undeliverable"], ("dead", "dead")),
    ],
)
async def test_the_report_of_a_handset_closes_the_notice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: Step, statuses: list[str], states: tuple[str, str]
) -> None:
    monkeypatch.setenv("NUMBERS", "made-up")
    monkeypatch.setenv("GATEWAY", "simulated")
    async with (
        Gateway([step]) as gateway,
        PrivatePostgres(find_postgres(15)) as postgres,
        aiohttp.ClientSession() as http,
    ):
        hub = HubProcess(put(tmp_path, by_cmpp(gateway, await postgres.fresh_database())))
        await hub.start()
        try:
            event = json.loads((EXAMPLE / "notice.json").read_text(encoding="utf-8"))
            event["data"]["recipients"] = [{"recipient_no": "1", "ways": [{"channel": "sms", "address": NUMBER}]}]
            headers = BEARER | {"Content-Type": "application/cloudevents+json"}
            async with http.post(f"{hub.url}/v1/messages", json=event, headers=headers) as answer:
                assert answer.status == 202, await answer.text()
            report = await reported(http, hub)
            notice = await _deliveries(http, hub, event["id"])
        finally:
            assert await hub.stop() == 0, hub.log()
    assert [(one["channel"], one["status"]) for one in report["statuses"]] == [("sms", one) for one in statuses]
    assert [one["state"] for one in notice if one["destination"] == "notices"] == [states[0]]
    assert len(gateway.taken) == (0 if step is Step.REFUSE else 1)
    assert all(one.content.decode("utf-16-be").startswith(SIGNED) for one in gateway.taken if one.parts == 1)
    assert NUMBER not in hub.log()
    assert "食品经营许可" not in hub.log()


async def _deliveries(http: aiohttp.ClientSession, hub: HubProcess, sender_id: str) -> list[dict[str, Any]]:
    async with http.get(f"{hub.url}/v1/messages/{sender_id}?by=id", headers=BEARER) as answer:
        assert answer.status == 200, await answer.text()
        found: list[dict[str, Any]] = (await answer.json())["deliveries"]
    return found
