# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Calls of a department's web service: what is sent, and what each answer means."""

import base64
import hashlib
import hmac
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from lxml import etree
from pydantic import ValidationError

from connectors.sdk import Accepted, Context, Delivered, InDoubt, NotSeen, Outcome, Parcel, Rejected, Unavailable
from connectors.sdk.far_side import Behaviour
from connectors.soap import CONNECTOR, SoapConfig
from connectors.soap.security import SECEXT, UTILITY, digest_of
from tests.connectors.far_soap import QueryableSoapFarSide, SoapFarSide

NOW = datetime(2026, 3, 2, 1, 2, 3, tzinfo=UTC)
RESULT = "/tijiaoResponse/return"


@pytest.fixture(params=["1.1", "1.2"])
async def service(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SoapFarSide]:
    async with SoapFarSide(tmp_path, request.param) as far:
        yield far


async def sent(context: Context, service: SoapFarSide, parcel: Parcel, **settings: Any) -> Outcome:
    config = SoapConfig.model_validate({**service.settings, **settings})
    secrets = {"key": "made-up-key", "password": "made-up-password"}
    async with CONNECTOR.sink(config, replace(context, now=lambda: NOW, secret=secrets.__getitem__)) as sink:
        return await sink.send(parcel)


async def test_the_envelope(service: SoapFarSide, context: Context, parcel: Callable[..., Parcel]) -> None:
    one = parcel(
        body='<a b="c">办件㐀 &amp; \r\n]]></a>'.encode(), traceparent="00-" + "ab" * 16 + "-" + "cd" * 8 + "-01"
    )
    parameters = {"sblsh": "{ce.id}", "neirong": "{body}"}
    for encoding in ("utf-8", "gb18030"):
        assert (
            await sent(context, service, one, parameters=parameters, encoding=encoding, idempotency="none")
            == Delivered()
        )
    for name, arguments, _ in service.calls:
        assert name == "tijiao"
        assert arguments == {"sblsh": "key-1", "neirong": one.body.decode().replace("\r\n", "\r\n")}
    request = service.requests[0]
    assert request.headers["traceparent"] == one.traceparent
    if request.content_type == "text/xml":
        assert request.headers["SOAPAction"] == '"urn:tijiao"'
    else:
        assert 'action="urn:tijiao"' in request.headers["Content-Type"]


async def test_a_character_the_encoding_lacks(
    service: SoapFarSide, context: Context, parcel: Callable[..., Parcel]
) -> None:
    one = parcel(body="㐀".encode())
    outcome = await sent(context, service, one, encoding="gb2312", parameters={"sblsh": "{key}", "neirong": "{body}"})
    assert isinstance(outcome, Rejected)
    assert outcome.code == "UNENCODABLE"
    assert service.calls == []


async def test_xml_as_elements(service: SoapFarSide, context: Context, parcel: Callable[..., Parcel]) -> None:
    one = parcel(body=b"<?xml version='1.0'?><d:doc xmlns:d='urn:d'><v>1</v></d:doc>", content_type="application/xml")
    settings: dict[str, Any] = {"parameters": {"sblsh": "{key}", "neirong": "{body}"}, "as_elements": ["neirong"]}
    assert await sent(context, service, one, **settings) == Delivered()
    assert etree.fromstring(service.calls[0][2]).findtext(".//neirong/{urn:d}doc/v") == "1"
    refused = await sent(context, service, parcel(body=b"<!DOCTYPE a><a/>"), **settings)
    assert isinstance(refused, Rejected)


async def test_security_and_a_signed_header(
    service: SoapFarSide, context: Context, parcel: Callable[..., Parcel]
) -> None:
    await sent(
        context,
        service,
        parcel(),
        security={"username": "hub", "password_secret": "password"},
        fields={"sid": "s_1", "rtime": "{now.ms}"},
        signatures=[{"secret": "key", "over": "{f.sid}{f.rtime}", "field": "sign"}],
        header='<t:tongtechheader xmlns:t="urn:t"><sid>{f.sid}</sid><sign>{f.sign}</sign></t:tongtechheader>',
    )
    root = etree.fromstring(service.calls[0][2])
    token = root.find(f".//{{{SECEXT}}}UsernameToken")
    assert token is not None
    nonce = base64.b64decode(token.findtext(f"{{{SECEXT}}}Nonce") or "")
    created = token.findtext(f"{{{UTILITY}}}Created") or ""
    assert (created, len(nonce)) == ("2026-03-02T01:02:03Z", 16)
    assert token.findtext(f"{{{SECEXT}}}Password") == digest_of(nonce, created, "made-up-password")
    stamp = str(int(NOW.timestamp() * 1000))
    expected = base64.b64encode(hmac.new(b"made-up-key", f"s_1{stamp}".encode(), "sha256").digest()).decode()
    assert root.findtext(".//{urn:t}tongtechheader/sign") == expected


def test_the_profiles_digest() -> None:
    """Password_Digest = Base64 ( SHA-1 ( nonce + created + password ) )."""
    expected = base64.b64encode(hashlib.sha1(b"n" + b"2003-07-16T01:24:32Z" + b"p").digest()).decode()
    assert digest_of(b"n", "2003-07-16T01:24:32Z", "p") == expected


RULES = [
    {"at": f"{RESULT}>>/code", "in": ["0"], "means": "delivered", "named": f"{RESULT}>>/no"},
    {"at": f"{RESULT}>>/R/S", "in": ["200"], "means": "delivered"},
    {"at": f"{RESULT}>>/R/S", "in": ["busy"], "means": "retry"},
    {"at": f"{RESULT}>>/R/S", "in": ["later"], "means": "accepted", "named": f"{RESULT}>>/R/D"},
    {"at": f"{RESULT}>>/R/S", "means": "rejected", "named": f"{RESULT}>>/R/S"},
]


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        ('{"code": "0", "no": "R-1"}', Delivered("R-1")),
        ("<?xml version='1.0' encoding='UTF-8'?><R><S>200</S></R>", Delivered()),
        ("<R><S>busy</S></R>", Unavailable("BUSY: its own word")),
        ("<R><S>later</S><D>T-1</D></R>", Accepted("T-1")),
        ("<R><S>E-5</S></R>", Rejected("E-5")),
        ("<R/>", InDoubt("ANSWER_UNKNOWN: no fault, and no rule knows what it says")),
        ("成功", InDoubt("ANSWER_UNKNOWN: no fault, and no rule knows what it says")),
        (
            "<!DOCTYPE R [<!ENTITY x 'y'>]><R><S>200</S></R>",
            InDoubt("ANSWER_UNKNOWN: no fault, and no rule knows what it says"),
        ),
    ],
)
async def test_a_code_inside_the_result(
    service: SoapFarSide, context: Context, parcel: Callable[..., Parcel], result: str, expected: Outcome
) -> None:
    service.result = lambda _name, _arguments: result
    assert await sent(context, service, parcel(), answers=RULES) == expected


@pytest.mark.parametrize(
    ("idempotency", "code", "expected"),
    [
        ("none", "Client", Rejected("FAULT_CLIENT")),
        ("none", "Server", InDoubt("FAULT_SERVER: it may have acted before it failed")),
        ("native", "Server", Unavailable("FAULT_SERVER")),
        ("none", "MustUnderstand", Rejected("FAULT_MUSTUNDERSTAND")),
        ("none", "strange", InDoubt("FAULT_STRANGE: it may have acted before it failed")),
    ],
)
async def test_faults(
    service: SoapFarSide,
    context: Context,
    parcel: Callable[..., Parcel],
    idempotency: str,
    code: str,
    expected: Outcome,
) -> None:
    if service.settings["version"] == "1.2":
        code = {"Client": "Sender", "Server": "Receiver"}.get(code, code)
    service.result = lambda _name, _arguments: service.fault(code)
    assert await sent(context, service, parcel(), idempotency=idempotency) == expected


async def test_faults_by_rule(tmp_path: Path, context: Context, parcel: Callable[..., Parcel]) -> None:
    rules = [
        {"at": "/subcode", "in": ["Busy"], "means": "retry"},
        {"at": "/detail>>/detail/Wenti/code", "in": ["CF"], "means": "delivered"},
    ]
    detail = "<detail><w:Wenti xmlns:w='urn:w'><code>CF</code></w:Wenti></detail>"
    async with SoapFarSide(tmp_path) as far:
        seen = []
        for answer in (far.fault("Server.Busy"), far.fault("Client", detail), far.fault("FailedAuthentication")):
            far.result = lambda _name, _arguments, answer=answer: answer  # type: ignore[misc]
            seen.append(await sent(context, far, parcel(), faults=rules))
    assert seen == [
        Unavailable("BUSY: its own word"),
        Delivered(),
        Unavailable("FAULT_FAILEDAUTHENTICATION: the far side does not know us"),
    ]


@pytest.mark.parametrize(
    ("status", "text", "idempotency", "expected"),
    [
        (503, "<html>", "none", Unavailable("HTTP_503")),
        (502, "<html>", "none", InDoubt("HTTP_502: E_XML_MALFORMED")),
        (502, "", "native", Unavailable("HTTP_502")),
        (404, "nothing", "none", Rejected("HTTP_404")),
        (401, "", "none", Unavailable("HTTP_401: the far side does not know us")),
        (302, "", "none", Rejected("REDIRECT", "The address answers with a redirect, which is never followed.")),
        (200, "", "none", InDoubt("HTTP_200: no envelope")),
        (200, "<html/>", "none", InDoubt("HTTP_200: E_XML_NAMESPACE")),
        (200, "<!DOCTYPE x SYSTEM 'file:///etc/passwd'><x/>", "none", InDoubt("HTTP_200: E_XML_DOCTYPE")),
        (200, "<a>" * 50_000, "none", InDoubt("HTTP_200: E_XML_MALFORMED")),
    ],
)
async def test_answers_that_are_no_envelope(
    service: SoapFarSide,
    context: Context,
    parcel: Callable[..., Parcel],
    status: int,
    text: str,
    idempotency: str,
    expected: Outcome,
) -> None:
    service.result = lambda _name, _arguments: web.Response(status=status, text=text)
    assert await sent(context, service, parcel(), idempotency=idempotency) == expected


async def test_a_question_is_put_by_another_operation(
    tmp_path: Path, context: Context, parcel: Callable[..., Parcel]
) -> None:
    far = QueryableSoapFarSide(tmp_path)
    config = SoapConfig.model_validate({**far.settings, "url": "http://127.0.0.1:9/"})
    async with far, CONNECTOR.sink(config.model_copy(update={"url": far.url}), context) as sink:
        await far.behave(Behaviour.CUT)
        assert isinstance(await sink.send(parcel()), InDoubt)
        assert await sink.query("key-1") == Delivered()
        assert await sink.query("key-2") == NotSeen()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"operation": "none"}, "WSDL_UNUSABLE: no operation none"),
        ({"wsdl_file": "/none"}, "WSDL_UNUSABLE: the file cannot be read"),
        ({"parameters": {"sblsh": "{key}"}}, "WSDL_MISMATCH: tijiao wants ['neirong']"),
        (
            {"parameters": {"neirong": "{key}", "bieming": "1"}},
            "WSDL_MISMATCH: tijiao wants nothing more and knows no ['bieming']",
        ),
    ],
)
async def test_a_wsdl_that_does_not_fit_sends_nothing(
    service: SoapFarSide, context: Context, parcel: Callable[..., Parcel], settings: dict[str, Any], said: str
) -> None:
    outcome = await sent(context, service, parcel(), **settings)
    assert isinstance(outcome, Unavailable)
    assert outcome.reason.startswith(said)
    assert service.calls == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"idempotency": "queryable"},
        {"idempotency": "native", "parameters": {"a": "{body}"}},
        {"signatures": [{"secret": "a", "over": "{body}", "header": "X"}]},
        {"as_elements": ["none"]},
        {"parameters": {"a b": "1"}},
        {"parameters": {"a": "{"}},
        {"url": "ftp://h/"},
    ],
)
def test_settings_that_do_not_fit_together(wrong: dict[str, Any]) -> None:
    good = {"wsdl_file": "a", "operation": "o", "parameters": {"a": "{key}"}}
    SoapConfig.model_validate(good)
    with pytest.raises(ValidationError):
        SoapConfig.model_validate({**good, **wrong})


async def test_an_address_that_is_not_on_its_list_is_not_called(
    context: Context, service: SoapFarSide, parcel: Callable[..., Parcel]
) -> None:
    refused = await sent(context, service, parcel(), egress={"networks": ["10.20.0.0/16"]})
    assert isinstance(refused, Rejected)
    assert refused.code == "EGRESS_REFUSED"
    assert service.arrived == []
    assert isinstance(await sent(context, service, parcel(), egress={"networks": ["127.0.0.0/8"]}), Delivered)
