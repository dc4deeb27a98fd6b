# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A platform that calls a webhook: it signs moment and body, and reads what it is answered."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import orjson

from connectors.sdk import Reply, Request, Settings
from connectors.sdk.caller import Understood

SECRET = "made-up-callback-secret"


def moment() -> int:
    return int(datetime.now(UTC).timestamp() * 1000)  # noqa: TID251  # because the platform has a clock of its own


@dataclass(frozen=True)
class WebhookCaller:
    """Signs in hexadecimal HMAC-SHA256 over moment, query and body."""

    at: int = field(default_factory=moment)

    @property
    def settings(self) -> Settings:
        return {
            "verify": {
                "secret": "callback",
                "over": "{h.X-Timestamp}{query}{body}",
                "encoding": "hex",
                "header": "X-Signature",
                "timestamp": "{h.X-Timestamp|from_ms}",
            },
            "item": {
                "type": "{/event}",
                "types": {"STEP": "cn.gov.process.step"},
                "id": "{/id}",
                "subject": "{/case}",
                "dataschema": "urn:govhub:contract:cn.gov.process.step:1",
                "data": "/data",
                "content_type": "application/json",
            },
        }

    def call(self, number: int) -> Request:
        said = {"event": "STEP", "id": f"c-{number}", "case": f"case-{number}", "data": {"number": number}}
        return self.signed(orjson.dumps(said))

    def signed(self, body: bytes, at: int | None = None, key: str = SECRET) -> Request:
        """This body as the platform calls with it."""
        stamp = str(self.at if at is None else at)
        headers = (("Content-Type", "application/json"), ("X-Timestamp", stamp))
        sign = hmac.new(key.encode(), stamp.encode() + body, hashlib.sha256).hexdigest()
        return Request(method="POST", headers=(*headers, ("X-Signature", sign)), body=body)

    def forged(self, number: int) -> Sequence[Request]:
        good = self.call(number)
        kind, stamp, sign = good.headers
        return [
            replace(good, body=good.body.replace(b"STEP", b"STOP")),
            replace(good, body=good.body + b" "),
            replace(good, query="a=1"),
            replace(good, headers=(kind, stamp)),
            replace(good, headers=(kind, sign)),
            replace(good, headers=(kind, stamp, ("X-Signature", ""))),
            replace(good, headers=(kind, stamp, ("X-Signature", sign[1].upper()))),
            replace(good, headers=(kind, stamp, ("X-Signature", sign[1][:-1]))),
            replace(good, headers=(kind, stamp, sign, ("X-Signature", sign[1]))),
            replace(good, headers=(kind, ("X-Timestamp", f"{stamp[1]}0"), sign)),
            replace(good, headers=(kind, stamp, stamp, sign)),
            self.signed(good.body, key="another"),
            self.signed(good.body, at=self.at - 301_000),
            self.signed(good.body, at=self.at + 360_000),
            self.signed(good.body, at=10**30),
        ]

    def understand(self, reply: Reply) -> Understood:
        if 200 <= reply.status < 300:
            return Understood.TAKEN
        return Understood.LATER if reply.status == 503 else Understood.REFUSED
