# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Who called, and whether anybody changed what was said on the way: a signature over text and moment, checked. Pure.

A repeat within the time window is no matter of this module: what a call brings has an id of what was signed, so that the
journal, which all hubs share, knows it again.
"""

import hmac
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from connectors.sdk.http.signature import Signing
from connectors.sdk.http.template import Missing, Resolve, Template, filled, names_in
from connectors.sdk.secret import Secret

Name = Annotated[str, Field(min_length=1, max_length=100)]


class Fault(StrEnum):
    """Why a call is not believed."""

    UNSIGNED = "UNSIGNED"
    BAD_SIGNATURE = "BAD_SIGNATURE"
    STALE = "STALE"
    SECRET_MISSING = "SECRET_MISSING"  # noqa: S105  # because it is a code, not a secret


class Verification(Signing):
    """How a signature is checked, and where it stands: in exactly one place."""

    header: Name | None = Field(
        title="存放签名的请求头。", default=None, description="The header that holds it.", examples=["X-Signature"]
    )
    query: Name | None = Field(
        title="存放签名的查询参数。", default=None, description="The query value that holds it.", examples=["signature"]
    )
    field: Name | None = Field(
        title="存放签名的表单字段。", default=None, description="The form's field that holds it.", examples=["sign"]
    )
    previous_secret: Secret | None = Field(
        title="前一个秘密；对方换用期间也认可。",
        default=None,
        description="The secret before this one, taken too while the far side changes over.",
        examples=["sharing-platform-old"],
    )
    timestamp: Template | None = Field(
        title="调用时刻（RFC 3339），为取自被签内容的模板；不写则调用永远有效，只靠编号避免重复生效。",
        default=None,
        description="The moment of the call, as RFC 3339: a template of what is signed. Without it a call is good for ever, and "
        "only its id keeps it from having an effect twice.",
        examples=["{h.X-Timestamp|from_ms}"],
    )
    window_seconds: float = Field(
        title="该时刻与现在最多相差多少秒；对方若以最初时刻反复重试，窗口须与其重试时间一样长。",
        default=300.0,
        gt=0,
        le=604_800,
        description="How far the moment may be from now, either way. A far side that repeats a call under its first moment needs "
        "a window as long as it goes on repeating.",
        examples=[300],
    )

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if sum(one is not None for one in (self.header, self.query, self.field)) != 1:
            raise ValueError("header, query or field: exactly one of them holds the signature")
        if self.timestamp is not None and (loose := self.unsigned(self.timestamp)):
            raise ValueError(f"timestamp is not signed: {loose} does not stand in over")
        return self

    def unsigned(self, template: str) -> str:
        """The first thing a template asks for that the signature does not cover; empty when it covers all."""
        signed = names_in(self.over)
        for name in sorted(names_in(template)):
            kind = name.partition(".")[0]
            of_body = name == "body" or name.startswith("/") or kind == "f"
            covered = (
                name in signed
                or (of_body and not signed.isdisjoint({"body", "content"}))
                or (kind == "f" and "fields" in signed and name[2:] not in self.fields.without)
                or (kind == "q" and "query" in signed)
            )
            if not covered:
                return name
        return ""

    def fault(self, resolve: Resolve, fields: Mapping[str, str], now: datetime, keys: tuple[str, ...]) -> Fault | None:
        """Why a call is not believed, if it is not. ``keys`` are the secrets it may be signed with; time is constant in them."""
        if not keys:
            return Fault.SECRET_MISSING
        shown = self._shown(resolve)
        if not shown:
            return Fault.UNSIGNED
        good = False
        for key in keys:
            made = self.made(resolve, key, fields, self.field or "")
            if isinstance(made, Missing):
                return Fault.UNSIGNED
            good |= hmac.compare_digest(made.encode(), shown.encode("utf-8", "surrogateescape"))
        if not good:
            return Fault.BAD_SIGNATURE
        return None if self.timestamp is None or self._timely(resolve, now) else Fault.STALE

    def _shown(self, resolve: Resolve) -> str | None:
        if self.header is not None:
            return resolve(f"h.{self.header}")
        return resolve(f"q.{self.query}" if self.query is not None else f"f.{self.field}")

    def _timely(self, resolve: Resolve, now: datetime) -> bool:
        text = filled(self.timestamp or "", resolve)
        try:
            moment = datetime.fromisoformat(text) if isinstance(text, str) else None
        except ValueError:
            return False
        if moment is None or moment.tzinfo is None:
            return False
        return abs((now - moment).total_seconds()) <= self.window_seconds
