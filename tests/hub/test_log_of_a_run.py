# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The log that a real run leaves behind: one line per message and stage, as documented, and nothing personal."""

import json
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from hub.bench.payload import Payload
from tests.house.tree import ROOT
from tests.hub.test_hub_process import HEADERS, deployment
from tests.support.far_sides import idempotent_far_side
from tests.support.hub_process import HubProcess

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
BROUGHT = "5bf92f3577b34da6a3ce929d0e0e4736"
CANARIES = ("990000190001010016", "13900000000", "测试联系人丙", "示例餐饮有限公司", "made-up-canary")
ALWAYS = {"event", "level", "timestamp"}


def documented(page: str) -> Mapping[str, set[str]]:
    """Event and fields, from the table of canonical lines."""
    rows = re.findall(
        r"^\| `(\w+)` \| [^|]+ \| (`\w+`(?: `\w+`)*) \|$", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE
    )
    return {event: set(re.findall(r"`(\w+)`", fields)) for event, fields in rows}


@pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")
async def test_a_run_leaves_one_line_per_message_and_stage(journal_dsn: str, tmp_path: Path) -> None:
    payload = Payload(3)
    sent = [json.loads(payload.body(number, 0.0)) for number in range(6)]
    sent[0]["traceparent"] = f"00-{TRACE}-00f067aa0ba902b7-01"
    assert all(canary in json.dumps(sent, ensure_ascii=False) for canary in (CANARIES[0], CANARIES[2], CANARIES[3]))
    refused = {**sent[5], "id": "/".join(CANARIES), "subject": CANARIES[0]}
    receipts: list[Mapping[str, Any]] = []
    async with idempotent_far_side() as far_side, aiohttp.ClientSession() as http:
        hub = HubProcess(deployment(tmp_path, journal_dsn, far_side))
        await hub.start()
        for n, body in enumerate((*sent, sent[2])):
            hop = {"traceparent": f"00-{BROUGHT}-00f067aa0ba902b7-00"} if n == 1 else {}
            async with http.post(f"{hub.url}/v1/messages", json=body, headers={**HEADERS, **hop}) as answer:
                assert answer.status == 202, await answer.text()
                receipts.append(await answer.json(content_type=None))
        async with http.post(
            f"{hub.url}/v1/messages", json=refused, headers={**HEADERS, "traceparent": CANARIES[-1]}
        ) as answer:
            assert answer.status == 422
        await far_side.until(6, 30)
        assert await hub.stop() == 0, hub.log()

    text = (tmp_path / "hub.log").read_text(encoding="utf-8")
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    first = [receipt["message"] for receipt in receipts[:6]]
    assert Counter(line["message"] for line in lines if line["event"] == "accepted") == Counter(first)
    settled = [line for line in lines if line["event"] == "settled"]
    assert Counter(line["message"] for line in settled) == Counter(first)
    assert {line["state"] for line in settled} == {"delivered"}
    assert [line["message"] for line in lines if line["event"] == "repeated"] == [receipts[6]["message"]]
    assert [line["code"] for line in lines if line["event"] == "refused"] == ["E_CONTRACT_INVALID"]

    traces = {line["message"]: line["trace"] for line in lines if line["event"] in {"accepted", "settled"}}
    begun = {message: message.replace("-", "") for message in first[2:]}
    assert traces == {first[0]: TRACE, first[1]: BROUGHT, **begun}
    for page in ("docs/observing.md", "docs/observing.zh-CN.md"):
        fields = documented(page)
        assert set(fields) == {"accepted", "repeated", "refused", "settled"}
        for line in lines:
            if line["event"] in fields:
                assert set(line) - ALWAYS == fields[line["event"]], page

    for canary in (*CANARIES, *(receipt["case"] for receipt in receipts)):
        assert canary not in text
