# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Operators in the deployment: how those without keys sign in, and what wants a second person."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from contracts.fault import dotted
from contracts.located import Fault, Located
from contracts.text import Text
from hub.config.unknown import unknown

if TYPE_CHECKING:
    from hub.config.deployment import Deployment

_HERE = frozenset({"127.0.0.1", "::1", "localhost"})

Dangerous = Literal[
    "discard", "replay", "repush", "resolve", "adopt", "alias", "pause_destination", "resume_destination",
    "activate_routes", "shadow_routes", "unshadow_routes", "answer", "transaction_retry", "transaction_settle",
    "transaction_undo", "unmask",
    "add_operator", "roles_operator", "disable_operator", "enable_operator",
]  # fmt: skip
"""Kinds of act, as the audit trail names them."""


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class IssuerSection(_Section):
    """An OpenID Connect issuer whose tokens are taken from operators; accounts for them: `govhub operators add --subject`."""

    issuer: Annotated[str, StringConstraints(pattern=r"^https?://[!-~]+$", max_length=500)] = Field(
        description="签发者，与令牌的 iss 逐字相同。The issuer, exactly as `iss` in its tokens."
    )
    audience: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(
        description="本中枢在签发者处的客户端编号，令牌的 aud。The hub's client id there, `aud` in its tokens."
    )
    algorithms: Annotated[tuple[Literal["RS256", "PS256", "ES256", "ES384", "EdDSA"], ...], Field(min_length=1)] = (
        Field(
            default=("RS256", "ES256"),
            description="可用的签名算法；令牌自己说了不算。Signature algorithms; what a token says of itself does not count.",
        )
    )
    redirect: (
        Annotated[str, StringConstraints(pattern=r"^https?://[!-~]+/v1/operator/callback$", max_length=500)] | None
    ) = Field(
        default=None,
        description="在签发者处登记的回调地址：本中枢的 …/v1/operator/callback；写了才引导浏览器去登录。"
        "The hub's address there, …/v1/operator/callback; only with it a browser is led to the issuer.",
    )
    client_secret: str | None = Field(
        default=None,
        description="客户端密钥在 secrets 中的名称；省略为无密钥的客户端，只用 PKCE。"
        "Name of the client's secret among `secrets`; without it the client is a public one, with PKCE alone.",
    )
    refresh_seconds: float = Field(
        default=600, ge=1, le=86_400, description="多久取一次公钥。How often its keys are fetched."
    )


class SecondPersonSection(_Section):
    """Which acts want a second person (四眼)."""

    acts: dict[Dangerous, Annotated[int, Field(ge=0)]] = Field(
        default_factory=dict,
        description="操作种类与件数：超过该件数须第二人批准，0 为一律。"
        "Kinds of act, each with a number: beyond that many a second person must approve; 0: always.",
    )
    hours: float = Field(
        default=24, gt=0, le=720, description="提议与批准的有效期。How long a proposal and its approval are good."
    )


class OperatingSection(_Section):
    """How operators sign in, and what one of them alone may not do."""

    session_minutes: float = Field(
        default=480, ge=1, le=10_080, description="会话多久后结束。How long a session lasts."
    )
    lock_failures: int = Field(
        default=5, ge=1, le=100, description="连续几次登录失败后锁定。Failures in a row that lock a name."
    )
    lock_minutes: float = Field(default=15, gt=0, le=1440, description="锁定多久。For how long.")
    issuer: IssuerSection | None = Field(default=None, description="外部身份（OIDC）。An OpenID Connect issuer.")
    second_person: SecondPersonSection = Field(
        default_factory=SecondPersonSection, description="须第二人批准的操作。Acts that want a second person."
    )


def misoperated(deployment: "Deployment", source: Located) -> Iterator[Fault]:
    """Scopes of systems that do not exist, and second persons of whom there can be none."""
    for name, operator in deployment.operators.items():
        for n, system in enumerate(operator.organisations):
            if system not in deployment.systems:
                path = ("operators", name, "organisations", n)
                yield unknown(source, path, Text("系统", "system"), system, deployment.systems)
    issuer = deployment.operating.issuer
    if issuer is not None and issuer.client_secret is not None and issuer.client_secret not in deployment.secrets:
        at = ("operating", "issuer", "client_secret")
        yield unknown(source, at, Text("密钥", "secret"), issuer.client_secret, deployment.secrets)
    if issuer is not None and issuer.issuer.startswith("http://") and not _of_this_machine(issuer.issuer):
        at = ("operating", "issuer", "issuer")
        yield Fault(
            "ISSUER_PLAIN",
            dotted(at),
            source.at(at),
            Text("签发者的公钥经明文 HTTP 获取，可被替换。", "The issuer's keys would come over plain HTTP."),
            Text("请用 https 地址。", "Give an https address."),
        )


def _of_this_machine(url: str) -> bool:
    try:
        return urlsplit(url).hostname in _HERE
    except ValueError:
        return False
