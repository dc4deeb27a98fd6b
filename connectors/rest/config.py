# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The settings of one REST destination."""

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from yarl import URL

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_FIELD_VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?|")
_SECRET_BEARING = frozenset({"authorization", "proxy-authorization", "cookie"})
_OURS = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "expect",
        "host",
        "keep-alive",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)


def _endpoint(value: str) -> str:
    url = URL(value)
    if url.scheme not in {"http", "https"} or not url.raw_host:
        raise ValueError("an absolute http or https address is needed")
    url.raw_host.encode("idna")  # refuses what the resolver would choke on: a label that is empty or too long
    if url.raw_user is not None or url.raw_password is not None:
        raise ValueError("an address holds no user and no password: name a secret instead")
    if url.raw_fragment:
        raise ValueError("an address to send to has no fragment")
    return value


def _header_name(value: str) -> str:
    """A field name of RFC 9110 section 5.1 that the connector does not write itself."""
    if not _TOKEN.fullmatch(value):
        raise ValueError("not a header name")
    if value.lower() in _OURS or value.lower().startswith("ce-"):
        raise ValueError("this header is written by the connector")
    return value


def _static_name(value: str) -> str:
    if value.lower() in _SECRET_BEARING:
        raise ValueError("this header carries a secret: use bearer_secret or secret_headers")
    return _header_name(value)


def _field_value(value: str) -> str:
    """A field value of RFC 9110 section 5.5, in ASCII."""
    if not _FIELD_VALUE.fullmatch(value):
        raise ValueError("a header value is printable ASCII on one line")
    return value


def _pointer(value: str) -> str:
    """A JSON Pointer of RFC 6901."""
    if not value.startswith("/") or re.search(r"~(?![01])", value):
        raise ValueError("a JSON pointer begins with / and writes ~ as ~0")
    return value


Endpoint = Annotated[str, Field(max_length=2048), AfterValidator(_endpoint)]
HeaderName = Annotated[str, Field(max_length=100), AfterValidator(_header_name)]
StaticHeaderName = Annotated[str, Field(max_length=100), AfterValidator(_static_name)]
HeaderValue = Annotated[str, Field(max_length=2048), AfterValidator(_field_value)]
SecretName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,100}$")]
JsonPointer = Annotated[str, Field(max_length=200), AfterValidator(_pointer)]
Success = Annotated[int, Field(ge=200, le=299)]
Failure = Annotated[int, Field(ge=400, le=599)]


class RestConfig(BaseModel):
    """One destination. Nothing in here is secret: secrets are named, and their values asked for at each request."""

    model_config = ConfigDict(frozen=True, extra="forbid")

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
    idempotency: Literal["native", "none"] = Field(
        default="native",
        description="native: the far side ignores a repeat under the same key, so an unknown outcome is simply sent "
        "again. none: it does not, so an unknown outcome waits for a person.",
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
        written = [self.idempotency_header, *self.headers, *self.secret_headers]
        written += ["authorization"] if self.bearer_secret else []
        if len({name.lower() for name in written}) != len(written):
            raise ValueError("one header is written twice")
        return self
