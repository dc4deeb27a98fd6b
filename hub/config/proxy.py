# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The reverse proxy in front of the hub: it ends TLS, so it alone knows under which certificate somebody calls."""

import ipaddress
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from contracts.located import Fault, Located
from contracts.text import Text

if TYPE_CHECKING:
    from hub.config.intake import Intake
    from hub.config.trust import TlsSection


def _network(value: str) -> str:
    ipaddress.ip_network(value)
    return value


class ProxySection(BaseModel):
    """Whom the hub believes what it says of callers' certificates."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    addresses: tuple[Annotated[str, AfterValidator(_network)], ...] = Field(
        min_length=1,
        max_length=20,
        description="反向代理的地址或网段；只信来自这里的头。The addresses of the proxy; nobody else is believed.",
        examples=[["127.0.0.1", "10.1.0.0/28"]],
    )
    subject_header: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,60}$")] = Field(
        description="存放客户端证书主题（RFC 4514）的头；代理须在每个请求上自行设置，并丢弃来访者所带的。"
        "The header with the client certificate's subject (RFC 4514). The proxy sets it on every request, over whatever came.",
        examples=["X-Client-Subject"],
    )
    certificate_header: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,60}$")] | None = Field(
        default=None,
        description="存放客户端证书（PEM，百分号编码，如 nginx 的 $ssl_client_escaped_cert）的头；同样由代理设置。"
        "The header with the client's certificate, percent-encoded PEM as of nginx's $ssl_client_escaped_cert; set by it too.",
        examples=["X-Client-Cert"],
    )

    def believes(self, address: str | None) -> bool:
        """Whether somebody who connects from there is the proxy."""
        try:
            found = ipaddress.ip_address((address or "").partition("%")[0])
        except ValueError:
            return False
        if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
            found = found.ipv4_mapped
        return any(found in ipaddress.ip_network(one) for one in self.addresses)


def unseen_subjects(
    intakes: "Mapping[str, Intake]", proxy: ProxySection | None, tls: "TlsSection | None", source: Located
) -> list[Fault]:
    """Sources that know their callers by a certificate that nobody would tell the hub of."""
    if proxy is not None or (tls is not None and tls.client_auth != "none"):
        return []
    return [
        Fault(
            "CLIENT_SUBJECT_UNSEEN",
            f"sources.{name}.settings.client_subject",
            source.at(("sources", name, "settings", "client_subject")),
            Text(
                "中枢自身不验客户端证书，前面也没有反向代理，此来源谁也进不来。",
                "The hub asks for no client certificates and has no proxy that does, so it would let nobody in here.",
            ),
            Text(
                "请在 tls.client_auth 要求客户端证书，或在 hub.proxy 写明反向代理，或改用签名、令牌。",
                "Ask for them by tls.client_auth, write the reverse proxy under hub.proxy, or use a signature or a token.",
            ),
        )
        for name, intake in intakes.items()
        if intake.section.settings.get("client_subject") is not None
    ]
