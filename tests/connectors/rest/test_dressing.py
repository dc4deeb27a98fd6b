# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Requests as far sides want them: filled addresses and headers, forms, JSON and XML around the message, signatures."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import orjson
import pytest
from lxml import etree
from pydantic import ValidationError

from connectors.rest import RestConfig
from connectors.rest.request import request_headers
from connectors.sdk import Parcel, Rejected, Unavailable
from connectors.sdk.http.dressing import Dressed, dressed
from connectors.sdk.http.names import Names
from connectors.sdk.http.template import Moment

MOMENT = Moment(datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC), "0" * 32)
SECRETS = {"platform": "0123456789abcdef0123456789abcdef", "app": "made-up-word", "token": "made-up-token"}
URL = "http://department.example/cases"


def config(**settings: Any) -> RestConfig:
    return RestConfig.model_validate({"url": URL, "mode": "plain", **settings})


def made(parcel: Parcel, **settings: Any) -> Dressed | Rejected | Unavailable:
    written = config(**settings)
    headers = request_headers(written, parcel, SECRETS.__getitem__)
    assert isinstance(headers, dict)
    return dressed(written, Names(parcel, MOMENT, SECRETS.__getitem__, written.secrets, written.method), headers)


def request(parcel: Parcel, **settings: Any) -> Dressed:
    found = made(parcel, **settings)
    assert isinstance(found, Dressed), found
    return found


def test_an_address_takes_values_and_no_value_breaks_out(parcel: Callable[..., Parcel]) -> None:
    one = parcel(attributes={"subject": "办件/../1?x=&y#z"}, body=b'{"region": "51 05"}')
    found = request(one, url="http://department.example/{ce.subject}/x?r={/region}&k={key}")
    subject = "%E5%8A%9E%E4%BB%B6%2F..%2F1%3Fx%3D%26y%23z"
    assert found.url == f"http://department.example/{subject}/x?r=51%2005&k=key-1"


@pytest.mark.parametrize(
    ("settings", "place"),
    [
        ({"url": "http://department.example/{/none}"}, "/none"),
        ({"headers": {"X-Case": "{ce.none}"}}, "ce.none"),
        ({"wrap": {"form": {"a": "{/none}"}}}, "/none"),
        ({"wrap": {"json": {"a": [{"b": "{/none}"}]}}}, "/none"),
        ({"wrap": {"xml": "<a>{/none}</a>"}}, "/none"),
        ({"signatures": [{"secret": "app", "over": "{h.none}", "header": "X-Sign"}]}, "h.none"),
    ],
)
def test_a_message_without_what_is_wanted_is_rejected(
    parcel: Callable[..., Parcel], settings: dict[str, Any], place: str
) -> None:
    assert made(parcel(), **settings) == Rejected("TEMPLATE_UNFILLED", f"The message has nothing for {{{place}}}.")


def test_a_secret_that_is_not_there_is_the_operators_to_mend(parcel: Callable[..., Parcel]) -> None:
    signature = {"secret": "none", "over": "{key}", "header": "X-Sign"}
    assert made(parcel(), signatures=[signature]) == Unavailable("SECRET_MISSING: no secret none")
    wrap = {"form": {"token": "{secret.token}"}}
    assert made(parcel(), secrets={"token": "none"}, wrap=wrap) == Unavailable(
        "SECRET_MISSING: nothing for secret.token"
    )


def test_what_no_header_can_hold_is_rejected(parcel: Callable[..., Parcel]) -> None:
    for value in ("办件", "a\r\nX-Evil: 1"):
        found = made(parcel(attributes={"subject": value}), headers={"X-Case": "{ce.subject}"})
        assert isinstance(found, Rejected)
        assert found.code == "UNSENDABLE_HEADER"
        assert value not in found.detail


def test_the_sharing_platforms_request(parcel: Callable[..., Parcel]) -> None:
    found = request(
        parcel(),
        headers={"gjgxjhpt_sid": "s_1", "gjgxjhpt_rid": "r_1", "gjgxjhpt_rtime": "{now.ms}"},
        signatures=[
            {
                "secret": "platform",
                "over": "{h.gjgxjhpt_sid}{h.gjgxjhpt_rid}{h.gjgxjhpt_rtime}",
                "header": "gjgxjhpt_sign",
            }
        ],
    )
    assert found.headers["gjgxjhpt_rtime"] == "1700000000000"
    assert found.headers["gjgxjhpt_sign"] == "1B8T4AGSZmSIRJQCRLCXY7UuKCFIoB96faiza/j58O8="


def test_a_gateways_form_with_a_digest_in_it(parcel: Callable[..., Parcel]) -> None:
    found = request(
        parcel(),
        wrap={
            "form": {"app_id": "govhub", "timestamp": "{now.ms}", "charset": "UTF-8", "biz_content": "{body}"},
        },
        signatures=[
            {
                "kind": "digest",
                "digest": "sm3",
                "secret": "app",
                "over": "{fields}&key={secret.key}",
                "encoding": "hex",
                "field": "sign",
            }
        ],
    )
    fields = {name: values[0] for name, values in parse_qs(found.body.decode(), strict_parsing=True).items()}
    sign = fields.pop("sign")
    assert fields["biz_content"] == parcel().body.decode()
    text = "&".join(f"{name}={fields[name]}" for name in sorted(fields)) + "&key=made-up-word"
    assert sign == hashlib.new("sm3", text.encode()).hexdigest()
    assert found.headers["Content-Type"] == "application/x-www-form-urlencoded; charset=UTF-8"


def test_a_carriers_form(parcel: Callable[..., Parcel]) -> None:
    """A digest over one field, the moment and the secret, with Java's rules for what is encoded."""
    found = request(
        parcel(body=b'{"a": "~*"}'),
        wrap={"form": {"serviceCode": "ORDER", "timestamp": "1", "msgData": "{body}"}},
        signatures=[
            {
                "kind": "digest",
                "digest": "md5",
                "secret": "app",
                "over": "{f.msgData|java_url}{f.timestamp}{secret.key}",
                "field": "msgDigest",
            }
        ],
    )
    digest = hashlib.md5(b"%7B%22a%22%3A+%22%7E*%22%7D1made-up-word").digest()
    assert parse_qs(found.body.decode())["msgDigest"] == [base64.b64encode(digest).decode()]


def test_xml_inside_json(parcel: Callable[..., Parcel]) -> None:
    xml = '<?xml version="1.0" encoding="GB18030"?><A>办"结"</A>'
    one = parcel(body=xml.encode("gb18030"), content_type="application/xml; charset=GB18030")
    found = request(one, secrets={"t": "token"}, wrap={"json": {"token": "{secret.t}", "n": 1, "xmlStr": "{body}"}})
    assert orjson.loads(found.body) == {"token": "made-up-token", "n": 1, "xmlStr": xml}
    assert found.headers["Content-Type"] == "application/json"


def test_json_inside_json_stays_json(parcel: Callable[..., Parcel]) -> None:
    found = request(parcel(), wrap={"json": {"head": {"id": "{key}"}, "body": "{data}"}})
    assert orjson.loads(found.body) == {"head": {"id": "key-1"}, "body": {"caseNumber": "办件-1"}}
    assert made(parcel(body=b"<a/>"), wrap={"json": {"body": "{data}"}}) == Rejected(
        "TEMPLATE_UNFILLED", "The message has nothing for {data}."
    )


def test_xml_around_the_message_in_gb18030(parcel: Callable[..., Parcel]) -> None:
    found = request(
        parcel(body="<&\"'>办件㐀".encode()),
        wrap={"xml": '<REQ no="{ce.id}"><DATA>{body}</DATA></REQ>', "encoding": "gb18030"},
    )
    root = etree.fromstring(found.body)
    assert (root.get("no"), root.findtext("DATA")) == ("key-1", "<&\"'>办件㐀")
    assert found.headers["Content-Type"] == "application/xml; charset=GB18030"


def test_what_an_encoding_lacks_is_rejected_and_nothing_replaced(parcel: Callable[..., Parcel]) -> None:
    found = made(parcel(body="㐀".encode()), wrap={"form": {"a": "{body}"}, "encoding": "gb2312"})
    assert isinstance(found, Rejected)
    assert found.code == "UNENCODABLE"


def test_a_header_signs_the_body_as_it_is_sent(parcel: Callable[..., Parcel]) -> None:
    signature = {"secret": "app", "over": "{method}\n{path}\n{query}\n{content}", "header": "X-Sign", "encoding": "hex"}
    for settings in (
        {},
        {"wrap": {"form": {"a": "{body}"}}},
        {"wrap": {"xml": "<a>{body}</a>", "encoding": "gb18030"}},
    ):
        found = request(parcel(), url=f"{URL}?b=2", signatures=[signature], **settings)
        text = b"POST\n/cases\nb=2\n" + found.body
        assert found.headers["X-Sign"] == hmac.new(b"made-up-word", text, "sha256").hexdigest()


def test_bytes_stay_as_they_are_without_a_wrapping(parcel: Callable[..., Parcel]) -> None:
    body = bytes(range(256))
    found = request(parcel(body=body), headers={"X-Now": "{now.s}"})
    assert found.body == body


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "http://{ce.subject}/"},
        {"url": "http://h/{h.X}"},
        {"url": "http://h/{f.x}"},
        {"url": "http://h/{unknown}"},
        {"headers": {"X-A": "{fields}"}},
        {"headers": {"X-A": "{"}},
        {"wrap": {}},
        {"wrap": {"form": {"a": "1"}, "xml": "<a/>"}},
        {"wrap": {"json": {"a": ["{"]}}},
        {"wrap": {"form": {"a": "1"}}, "mode": "structured"},
        {"signatures": [{"secret": "a", "over": "{body}", "field": "sign"}]},
        {"signatures": [{"secret": "a", "over": "{body}", "field": "sign"}], "wrap": {"xml": "<a/>"}},
        {"signatures": [{"secret": "a", "over": "{body}", "header": "idempotency-key"}]},
        {"callback_at": "/url"},
        {"token": {"url": "http://h/", "client_id": "a", "client_secret": "b"}, "bearer_secret": "c"},
        {"tls": {"certificate_file": "a"}},
        {"tls": {"ca_file": "a"}, "tls_ca_file": "b"},
        {"tls": {"pins": ["sha256:zz"]}},
    ],
)
def test_settings_that_do_not_fit_together(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        config(**wrong)


def test_secrets_do_not_print() -> None:
    written = config(
        secrets={"t": "made-up-secret"},
        bearer_secret="made-up-secret",
        signatures=[{"secret": "made-up-secret", "over": "{body}", "header": "X-Sign"}],
    )
    assert "made-up-secret" not in repr(written) + str(written) + written.model_dump_json()
