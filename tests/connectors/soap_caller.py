# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A department that calls our endpoint: it writes its envelope by hand, signs by UsernameToken, and reads faults."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import orjson
from lxml import etree

from connectors.sdk import Reply, Request, Settings
from connectors.sdk.caller import Understood
from connectors.soap.security import DIGEST, SECEXT, UTILITY
from tests.connectors.far_soap import ENVELOPES

PASSWORD = "made-up-soap-password"
NAMESPACE = "http://exchange.example/"


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)  # noqa: TID251  # because the department has a clock of its own


@dataclass(frozen=True)
class SoapCaller:
    """``version`` of SOAP."""

    version: str = "1.1"
    at: datetime = field(default_factory=_now)

    @property
    def settings(self) -> Settings:
        return {
            "namespace": NAMESPACE,
            "security": {"username": "housing", "password_secret": "soap-calls"},
            "operations": {
                "tijiao": {
                    "parameters": ["lsh", "sblsh", "neirong"],
                    "type": "cn.gov.process.step",
                    "id": "{f.lsh}",
                    "subject": "{f.sblsh}",
                    "dataschema": "urn:govhub:contract:cn.gov.process.step:1",
                    "data": "neirong",
                    "content_type": "application/json",
                }
            },
        }

    def call(self, number: int) -> Request:
        return self.calling(
            {"lsh": f"l-{number}", "sblsh": f"case-{number}", "neirong": orjson.dumps({"n": number}).decode()}
        )

    def calling(
        self,
        arguments: dict[str, str],
        *,
        operation: str = "tijiao",
        namespace: str = NAMESPACE,
        password: str = PASSWORD,
        at: datetime | None = None,
        security: str | None = None,
    ) -> Request:
        created = (at or self.at).strftime("%Y-%m-%dT%H:%M:%SZ")
        nonce = b"made-up-nonce-00"
        digest = base64.b64encode(hashlib.sha1(nonce + created.encode() + password.encode()).digest()).decode()
        token = (
            f'<w:Security xmlns:w="{SECEXT}" xmlns:u="{UTILITY}" s:mustUnderstand="1"><w:UsernameToken>'
            f'<w:Username>housing</w:Username><w:Password Type="{DIGEST}">{digest}</w:Password>'
            f"<w:Nonce>{base64.b64encode(nonce).decode()}</w:Nonce><u:Created>{created}</u:Created>"
            "</w:UsernameToken></w:Security>"
        )
        envelope = etree.fromstring(
            f'<s:Envelope xmlns:s="{ENVELOPES[self.version]}"><s:Header>{token if security is None else security}</s:Header>'
            f'<s:Body><n:{operation} xmlns:n="{namespace}"/></s:Body></s:Envelope>'
        )
        for name, value in arguments.items():
            etree.SubElement(envelope[1][0], name).text = value
        kind = "text/xml; charset=utf-8" if self.version == "1.1" else "application/soap+xml; charset=utf-8"
        return Request(method="POST", headers=(("Content-Type", kind),), body=etree.tostring(envelope))

    def forged(self, number: int) -> Sequence[Request]:
        good = self.call(number)
        arguments = {"lsh": "l-1", "sblsh": "c", "neirong": "{}"}
        twice = good.body.replace(b"</w:UsernameToken>", b"</w:UsernameToken><w:UsernameToken/>", 1)
        return [
            self.calling(arguments, security=""),
            self.calling(arguments, password="another"),
            self.calling(arguments, at=self.at - timedelta(seconds=360)),
            self.calling(arguments, at=self.at + timedelta(seconds=400)),
            replace(good, body=twice),
            replace(good, body=good.body.replace(b"housing", b"someone", 1)),
            replace(good, body=good.body.replace(b"PasswordDigest", b"PasswordText", 1)),
            self.calling(arguments, security='<x:Other xmlns:x="urn:x" s:mustUnderstand="1"/>'),
        ]

    def understand(self, reply: Reply) -> Understood:
        envelope = etree.fromstring(reply.body)
        fault = envelope.find(f".//{{{ENVELOPES[self.version]}}}Fault")
        if fault is None:
            return Understood.TAKEN
        code = fault.findtext("faultcode") or fault.findtext(".//{*}Value") or ""
        return Understood.LATER if code.endswith(("Server", "Receiver")) else Understood.REFUSED
