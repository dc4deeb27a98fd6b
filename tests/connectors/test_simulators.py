# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The simulators do as their scripts say, and the sinks say of each trouble what it is; as programs too."""

import asyncio
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors.rest import CONNECTOR as REST
from connectors.rest.simulator import Department
from connectors.rest.simulator import Step as RestStep
from connectors.sdk import Context, Delivered, Parcel
from connectors.soap import CONNECTOR as SOAP
from connectors.soap.simulator import Step as SoapStep
from connectors.soap.simulator import WebService

RECEIPT = "/data/receiptNo"
RESULT = "/tijiaoResponse/return>>/RESULT/STATUS"
REST_RULES = [
    {"statuses": [200], "at": "/code", "in": ["0"], "means": "delivered", "named": RECEIPT},
    {"statuses": [200], "at": "/code", "means": "rejected", "named": "/code"},
]
SOAP_RULES = [{"at": RESULT, "in": ["200"], "means": "delivered"}, {"at": RESULT, "means": "rejected"}]
REST_TABLE = {
    RestStep.OK: ("Delivered", True),
    RestStep.FAIL: ("Rejected", False),
    RestStep.REFUSE: ("Rejected", False),
    RestStep.BUSY: ("Unavailable", False),
    RestStep.BROKEN: ("InDoubt", True),
    RestStep.CUT: ("InDoubt", True),
    RestStep.LOST: ("InDoubt", False),
    RestStep.HANG: ("InDoubt", True),
    RestStep.GARBAGE: ("InDoubt", True),
    RestStep.REDIRECT: ("Rejected", False),
}
SOAP_TABLE = {
    SoapStep.OK: ("Delivered", True),
    SoapStep.FAIL: ("Rejected", False),
    SoapStep.REFUSE: ("Rejected", False),
    SoapStep.FAULT: ("InDoubt", True),
    SoapStep.BUSY: ("Unavailable", False),
    SoapStep.CUT: ("InDoubt", True),
    SoapStep.HANG: ("InDoubt", True),
    SoapStep.GARBAGE: ("InDoubt", True),
    SoapStep.BOMB: ("InDoubt", True),
}


def test_the_tables_are_whole() -> None:
    assert REST_TABLE.keys() == set(RestStep)
    assert SOAP_TABLE.keys() == set(SoapStep)


@pytest.mark.parametrize("step", RestStep)
async def test_a_department_does_as_its_script_says(
    context: Context, parcel: Callable[..., Parcel], step: RestStep
) -> None:
    async with Department([step]) as department:
        settings = {"url": department.address, "idempotency": "none", "answers": REST_RULES, "timeout_seconds": 0.5}
        async with REST.sink(REST.config.model_validate(settings), context) as sink:
            outcome = await sink.send(parcel())
            after = await sink.send(parcel("key-2"))
    expected, done = REST_TABLE[step]
    assert (type(outcome).__name__, "key-1" in department.done) == (expected, done)
    assert after == Delivered(f"R-{len(department.done)}")


@pytest.mark.parametrize("step", SoapStep)
async def test_a_web_service_does_as_its_script_says(
    context: Context, parcel: Callable[..., Parcel], tmp_path: Path, step: SoapStep
) -> None:
    async with WebService([step]) as service:
        (tmp_path / "a.wsdl").write_bytes(service.wsdl())
        settings: dict[str, Any] = {
            "wsdl_file": str(tmp_path / "a.wsdl"),
            "operation": "tijiao",
            "parameters": {"sblsh": "{key}", "neirong": "{body}"},
            "answers": SOAP_RULES,
            "timeout_seconds": 0.5,
        }
        async with SOAP.sink(SOAP.config.model_validate(settings), context) as sink:
            outcome = await sink.send(parcel())
            after = await sink.send(parcel("key-2"))
    expected, done = SOAP_TABLE[step]
    assert (type(outcome).__name__, "key-1" in service.done) == (expected, done)
    assert after == Delivered()


@pytest.mark.parametrize("kind", ["rest", "soap"])
async def test_they_are_started_by_the_command(context: Context, kind: str) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "hub.cli.main", "simulate", kind, "--script", "busy,ok", "--json",
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        told = json.loads(await asyncio.wait_for(process.stdout.readline(), 30))
        async with context.http.request("OPTIONS" if kind == "rest" else "GET", told["address"]) as answer:
            assert answer.status in {200, 204}
        process.terminate()
        ended = await asyncio.wait_for(process.wait(), 30)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert (told["kind"], ended) == (kind, 0)
