# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Our endpoint without a hub: its description, its faults, its results. The rules of the suite are tried elsewhere."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from pydantic import ValidationError

from connectors.sdk import Admission, Admitted, Context, Refused, Reply, Request, Taken, TurnedAway
from connectors.soap.endpoint import Endpoint
from connectors.soap.endpoint_config import EndpointConfig
from connectors.soap.wsdl import Operation, Version, operation_of
from tests.connectors.soap_caller import PASSWORD, SoapCaller

HERE = Path(__file__).parent
ARGUMENTS = {"lsh": "l-1", "sblsh": "办件-1", "neirong": '{"a": "<&>"}'}


def endpoint(context: Context, **changes: Any) -> Endpoint:
    config = EndpointConfig.model_validate({**SoapCaller().settings, **changes})
    return Endpoint(config, replace(context, secret={"soap-calls": PASSWORD}.__getitem__))


async def called(context: Context, request: Request, **changes: Any) -> Admission:
    return await endpoint(context, **changes).admit(request)


def fault_of(admission: Admission) -> tuple[str, str]:
    """Code and reason of the fault; that it holds the code once more is what programs branch on."""
    assert isinstance(admission, TurnedAway), admission
    root = etree.fromstring(admission.reply.body)
    assert root.findtext(".//{urn:govhub:problem}code") == admission.code
    return admission.code, root.findtext(".//faultstring") or ""


@pytest.mark.parametrize("version", ["1.1", "1.2"])
async def test_a_call_is_a_message(context: Context, version: str) -> None:
    admission = await called(context, SoapCaller(version).calling(ARGUMENTS))
    assert isinstance(admission, Admitted)
    (item,) = admission.items
    assert item.body == ARGUMENTS["neirong"].encode()
    assert item.headers["cloudEvents:subject"] == "办件-1"
    assert admission.note == f"{version} tijiao"


async def test_a_text_with_the_declaration_of_another_encoding(context: Context) -> None:
    inner = '<?xml version="1.0" encoding="GBK"?><a>办</a>'
    admission = await called(context, SoapCaller().calling({**ARGUMENTS, "neirong": inner}))
    assert isinstance(admission, Admitted)
    assert admission.items[0].body == "<a>办</a>".encode()


async def test_the_description_is_read_by_our_own_reader(context: Context) -> None:
    described = await called(context, Request(method="GET", query="WSDL", url="http://hub.example/v1/in/a?b&c"))
    assert isinstance(described, Reply)
    for version in Version:
        found = operation_of(described.body, "tijiao", version=version)
        assert isinstance(found, Operation)
        assert [part.name for part in found.parts] == ["lsh", "sblsh", "neirong"]
        assert found.address == "http://hub.example/v1/in/a?b&c"
    fixed = await called(context, Request(method="GET", query="wsdl"), address="https://public.example/in")
    assert isinstance(fixed, Reply)
    assert b"https://public.example/in" in fixed.body


@pytest.mark.parametrize(
    ("saying", "code"),
    [
        (lambda: SoapCaller().calling(ARGUMENTS, operation="other"), "NO_OPERATION"),
        (lambda: SoapCaller().calling(ARGUMENTS, namespace="urn:other"), "NO_OPERATION"),
        (lambda: SoapCaller().calling({**ARGUMENTS, "other": "x"}), "PARAMETERS"),
        (lambda: SoapCaller().calling({**ARGUMENTS, "lsh": ""}), "UNREADABLE"),
        (lambda: SoapCaller().calling({"lsh": "1", "sblsh": "c"}), "UNREADABLE"),
        (lambda: replace(SoapCaller().calling(ARGUMENTS), method="PUT"), "NO_SOAP"),
        (lambda: replace(SoapCaller().calling(ARGUMENTS), headers=(("Content-Type", "application/json"),)), "NO_SOAP"),
        (lambda: replace(SoapCaller().calling(ARGUMENTS), body=b"<a/>"), "E_XML_NAMESPACE"),
        (lambda: replace(SoapCaller().calling(ARGUMENTS), body=b"<!DOCTYPE a><a/>"), "E_XML_DOCTYPE"),
        (lambda: replace(SoapCaller().calling(ARGUMENTS), body=b""), "E_EMPTY_BODY"),
        (lambda: Request(method="GET"), "METHOD"),
    ],
)
async def test_what_is_no_call_is_a_fault(context: Context, saying: Callable[[], Request], code: str) -> None:
    assert fault_of(await called(context, saying()))[0] == code


async def test_a_password_that_is_not_there_lets_nobody_in(context: Context) -> None:
    config = EndpointConfig.model_validate(SoapCaller().settings)
    none: dict[str, str] = {}
    nobody = Endpoint(config, replace(context, secret=none.__getitem__))
    assert fault_of(await nobody.admit(SoapCaller().calling(ARGUMENTS)))[0] == "SECRET_MISSING"


async def test_other_callers(context: Context) -> None:
    plain = SoapCaller().calling(ARGUMENTS, security="")
    assert isinstance(await called(context, plain, security=None, anybody=True), Admitted)
    subject = {"security": None, "client_subject": "CN=housing"}
    assert isinstance(await called(context, replace(plain, subject="CN=housing"), **subject), Admitted)
    assert fault_of(await called(context, replace(plain, subject="CN=other"), **subject))[0] == "OTHER_SUBJECT"


async def test_results_in_the_callers_own_words(context: Context) -> None:
    results = {
        "taken": "<RESULT><STATUS>200</STATUS><DATA>{message}</DATA></RESULT>",
        "refused": "<RESULT><STATUS>500</STATUS><DESC>{code} {detail}</DESC></RESULT>",
    }
    ours = endpoint(context, results=results, result="tijiaoResult")
    taken = await ours.reply("1.1 tijiao", [(1, Taken(b'{"message":"m-1"}'))])
    refused = await ours.reply("1.2 tijiao", [(1, Refused("E_X", '{"detail":"不对 <b>"}'.encode()))])
    said = [etree.fromstring(etree.fromstring(one.body).findtext(".//tijiaoResult") or "") for one in (taken, refused)]
    assert [one.findtext("STATUS") for one in said] == ["200", "500"]
    assert (said[0].findtext("DATA"), said[1].findtext("DESC")) == ("m-1", "E_X 不对 <b>")
    assert (taken.status, refused.status) == (200, 200)


async def test_a_refusal_tells_its_violations(context: Context) -> None:
    problem = '{"detail":"x","violations":[{"code":"E_V","path":"$.data.a","expected":{"zh":"日期 & 时间"}}]}'.encode()
    reply = await endpoint(context).reply("1.1 tijiao", [(1, Refused("E_CONTRACT_INVALID", problem))])
    violation = etree.fromstring(reply.body).find(".//{urn:govhub:problem}violation")
    assert violation is not None
    assert [child.text for child in violation] == ["E_V", "$.data.a", "日期 & 时间"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"anybody": True},
        {"security": None},
        {"operations": {}},
        {"namespace": "has space"},
        {"results": {"taken": "{body}"}},
        {"operations": {"a": {**SoapCaller().settings["operations"]["tijiao"], "id": "{f.none}"}}},  # type: ignore[index]
        {"operations": {"a": {**SoapCaller().settings["operations"]["tijiao"], "data": "none"}}},  # type: ignore[index]
    ],
)
def test_settings_that_leave_a_gap(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        EndpointConfig.model_validate({**SoapCaller().settings, **wrong})
