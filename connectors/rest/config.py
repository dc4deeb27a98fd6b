# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The settings of one REST destination."""

from typing import Literal, Self

from pydantic import BaseModel, Field, model_validator

from connectors.rest.fields import (
    Endpoint,
    Failure,
    HeaderName,
    HeaderValue,
    JsonPointer,
    SecretName,
    StaticHeaderName,
    Success,
)
from connectors.rest.query import Query
from connectors.sdk import STRICT


class RestConfig(BaseModel):
    """One destination. Nothing in here is secret: secrets are named, and their values asked for at each request."""

    model_config = STRICT

    url: Endpoint = Field(
        description="Where to send: an absolute http or https address, without user, password or fragment.",
        examples=["https://civil-affairs.example.gov.cn/api/cases"],
    )
    method: Literal["POST", "PUT"] = Field(default="POST", description="The HTTP method.", examples=["POST"])
    mode: Literal["binary", "structured"] = Field(
        default="structured",
        description="The CloudEvents HTTP mode the body was rendered for: structured sends it alone, "
        "binary adds the attributes as ce- headers.",
        examples=["binary"],
    )
    timeout_seconds: float = Field(
        default=30.0,
        ge=0.1,
        le=300,
        description="The longest one request may take from connecting to the last byte of the answer, in seconds.",
        examples=[30],
    )
    idempotency: Literal["native", "queryable", "none"] = Field(
        default="native",
        description="native: the far side ignores a repeat under the same key, so an unknown outcome is simply sent "
        "again. queryable: it does not, but it can be asked about a key as query says. none: neither, so an unknown "
        "outcome waits for a person.",
        examples=["native"],
    )
    idempotency_header: HeaderName = Field(
        default="Idempotency-Key",
        description="The header that carries the idempotency key; it is sent whatever idempotency says.",
        examples=["Idempotency-Key"],
    )
    headers: dict[StaticHeaderName, HeaderValue] = Field(
        default_factory=dict,
        description="Headers to add to every request, none of them secret.",
        examples=[{"X-System": "govhub"}],
    )
    bearer_secret: SecretName | None = Field(
        default=None,
        description="The name of the secret sent as Authorization: Bearer.",
        examples=["civil-affairs-token"],
    )
    secret_headers: dict[HeaderName, SecretName] = Field(
        default_factory=dict,
        description="Headers whose value is a secret: header name to secret name.",
        examples=[{"X-Api-Key": "civil-affairs-key"}],
    )
    tls_ca_file: str | None = Field(
        default=None,
        min_length=1,
        description="A PEM file of the authorities that may vouch for the far side, instead of the system's.",
        examples=["/etc/govhub/trust/city-ca.pem"],
    )
    success_statuses: frozenset[Success] = Field(
        default=frozenset({200, 201, 202, 204}),
        description="Statuses that say: taken, for good.",
        examples=[[200, 201]],
    )
    accepted_statuses: frozenset[Success] = Field(
        default=frozenset(),
        description="Statuses that say: taken, the final answer comes later. They win over success_statuses.",
        examples=[[202]],
    )
    unavailable_statuses: frozenset[Failure] = Field(
        default=frozenset({401, 407, 408, 425, 429, 503}),
        description="Statuses that say: certainly not taken, try again. 401 is among them because an expired "
        "credential is mended by the operator, not by the sender of a message.",
        examples=[[408, 425, 429, 503]],
    )
    duplicate_statuses: frozenset[Failure] = Field(
        default=frozenset(),
        description="Statuses that say: I have this already, which counts as delivered.",
        examples=[[409]],
    )
    duplicate_header: HeaderName | None = Field(
        default=None,
        description="If set, a duplicate status counts as one only when the answer carries this header.",
        examples=["X-Duplicate"],
    )
    receipt_header: HeaderName | None = Field(
        default=None, description="The answer's header that holds the far side's receipt.", examples=["X-Receipt"]
    )
    receipt_pointer: JsonPointer | None = Field(
        default=None,
        description="A JSON pointer (RFC 6901) to the receipt in the answer's body.",
        examples=["/data/receiptNo"],
    )
    reference_header: HeaderName | None = Field(
        default=None,
        description="The answer's header that holds the reference of an accepted message.",
        examples=["Location"],
    )
    reference_pointer: JsonPointer | None = Field(
        default=None,
        description="A JSON pointer (RFC 6901) to the reference of an accepted message.",
        examples=["/data/taskId"],
    )
    query: Query | None = Field(
        default=None,
        description="How the far side is asked what became of a key; belongs to idempotency: queryable.",
        examples=[
            {
                "url": "https://seals.example.gov.cn/api/tasks?key={key}",
                "answers": [
                    {"status": 200, "at": "/state", "in": ["done"], "means": "delivered", "receipt": "/receiptNo"},
                    {"status": 404, "at": "/code", "in": ["NO_SUCH_KEY"], "means": "not_seen"},
                ],
            }
        ],
    )
    check_method: Literal["OPTIONS", "HEAD"] = Field(
        default="OPTIONS",
        description="The method, free of effects, by which the far side is asked whether it is there.",
        examples=["HEAD"],
    )

    @model_validator(mode="after")
    def _agree(self) -> Self:
        """What two fields say must fit together."""
        if self.receipt_header and self.receipt_pointer:
            raise ValueError("receipt_header and receipt_pointer: only one of them")
        if self.reference_header and self.reference_pointer:
            raise ValueError("reference_header and reference_pointer: only one of them")
        if self.accepted_statuses and not (self.reference_header or self.reference_pointer):
            raise ValueError("accepted_statuses needs reference_header or reference_pointer")
        if self.unavailable_statuses & self.duplicate_statuses:
            raise ValueError("unavailable_statuses and duplicate_statuses name the same status")
        if (self.idempotency == "queryable") != (self.query is not None):
            raise ValueError("idempotency: queryable and query belong together")
        written = [self.idempotency_header, *self.headers, *self.secret_headers]
        written += ["authorization"] if self.bearer_secret else []
        if len({name.lower() for name in written}) != len(written):
            raise ValueError("one header is written twice")
        return self
