# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Who we are at the platform, and how it is reached: settings that its every use shares."""

from typing import Annotated, Self

from pydantic import BaseModel, Field, model_validator

from connectors.sdk import STRICT, Secret
from connectors.sdk.http.egress import Egress
from connectors.sdk.http.fields import Endpoint
from connectors.sdk.http.place import Place
from connectors.sdk.http.tls import TlsConfig

Code = Annotated[str, Field(min_length=1, max_length=64)]
Path = Annotated[str, Field(max_length=300, pattern=r"^/[!-~]*$")]
Identity = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[!-~]+$")]


class Account(BaseModel):
    """One requester at one platform.

    With ``app_key`` the hub has its secret renewed by the platform before it ends; without it an operator changes
    ``app_secret``, and keeps the one before it in ``previous_secret`` while the platform changes over.
    """

    model_config = STRICT

    url: Endpoint = Field(
        title="平台的地址，各路径接在其后。",
        description="Where the platform is; its paths are put behind it.",
        examples=["https://share.example.gov.cn"],
    )
    rid: Identity = Field(
        title="请求方标识，由平台登记。",
        description="Who asks, as the platform has registered us.",
        examples=["r_5105020001"],
    )
    app_secret: Secret | None = Field(
        title="签名密钥在 secrets 中的名称。",
        default=None,
        description="The name of the secret that signs requests.",
        examples=["sharing-secret"],
    )
    previous_secret: Secret | None = Field(
        title="前一个签名密钥的名称：更换期间一并试用。",
        default=None,
        description="The name of the secret before it: tried too while a change is under way.",
        examples=["sharing-secret-before"],
    )
    app_key: Secret | None = Field(
        title="应用密钥的名称：凭它在到期前换发签名密钥。",
        default=None,
        description="The name of the key by which the platform gives a new secret before the present one ends.",
        examples=["sharing-app-key"],
    )
    renew_before_seconds: float = Field(
        title="到期前多少秒换发。",
        default=3600,
        ge=1,
        le=2_592_000,
        description="How long before its end a secret is renewed.",
        examples=[3600],
    )
    prefix: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,40}$")] = Field(
        title="四个请求头名称的前缀。",
        default="gjgxjhpt",
        description="What the names of the four headers begin with: PREFIX_rid, _sid, _rtime, _sign.",
        examples=["gjgxjhpt", "jsjhpt"],
    )
    rest_path: Path = Field(
        title="REST 服务的调用路径。",
        default="/httpproxy",
        description="Where REST services are called.",
        examples=["/httpproxy"],
    )
    soap_path: Path = Field(
        title="SOAP 服务的调用路径。",
        default="/wsproxy",
        description="Where SOAP services are called.",
        examples=["/wsproxy"],
    )
    renew_path: Path = Field(
        title="换发密钥的路径。",
        default="/sysapi/auth/refreshappsecret",
        description="Where a new secret is asked for.",
        examples=["/sysapi/auth/refreshappsecret"],
    )
    renew_sid: Identity = Field(
        title="换发请求所写的服务编号。",
        default="s_sys_auth001",
        description="The service that a request for a new secret names.",
        examples=["s_sys_auth001"],
    )
    code_at: Place = Field(
        title="应答中代码的位置。", default="/code", description="Where an answer says its code.", examples=["/code"]
    )
    unsigned_statuses: frozenset[Annotated[int, Field(ge=400, le=599)]] = Field(
        title="表示签名被拒的状态码。",
        default=frozenset({401}),
        description="Statuses by which the platform refuses a signature.",
        examples=[[401, 403]],
    )
    unsigned_codes: frozenset[Code] = Field(
        title="平台表示签名被拒的代码：此时必定未办理。",
        default=frozenset({"SIGN_ERROR", "SIGN_EXPIRED"}),
        description="Codes by which the platform itself refuses a signature: certainly nothing was done then.",
        examples=[["SIGN_ERROR"]],
    )
    tls: TlsConfig | None = Field(
        title="双向 TLS、自有机构与证书钉扎。",
        default=None,
        description="Mutual TLS, own authorities and pins.",
        examples=[{"ca_file": "/etc/govhub/ca.pem"}],
    )
    egress: Egress | None = Field(
        title="允许访问的地址。",
        default=None,
        description="Whom this may call.",
        examples=[{"networks": ["10.20.0.0/16"]}],
    )

    @model_validator(mode="after")
    def _keyed(self) -> Self:
        if self.app_secret is None and self.app_key is None:
            raise ValueError("app_secret or app_key is needed: nobody could sign")
        if self.previous_secret is not None and self.app_secret is None:
            raise ValueError("previous_secret goes with app_secret")
        return self

    def address(self, path: str) -> str:
        """A path at the platform."""
        return self.url.rstrip("/") + path
