# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Whom a connector may call: names and networks, checked at the address it connects to.

A name is looked up once, and the connection goes to an address of that very answer, after it was checked: a name server that
says one thing to the check and another to the connection (DNS rebinding) gains nothing.
"""

import ipaddress
import re
import socket
from collections.abc import Sequence
from typing import Annotated, TypeAlias

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from pydantic import AfterValidator, BaseModel, Field
from yarl import URL

from connectors.sdk.secret import STRICT

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

_HOST = re.compile(r"(?:\*\.)?[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})*|[0-9.]+|[0-9a-f:.]+")
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")


def _host(value: str) -> str:
    lower = value.lower().rstrip(".")
    if not _HOST.fullmatch(lower):
        raise ValueError("a host name, *.name for all below it, or an address")
    return lower


Host = Annotated[str, Field(max_length=253), AfterValidator(_host)]


class EgressRefusedError(OSError):
    """The name, or each address it stands for, is not one that may be called."""


class Egress(BaseModel):
    """What may be called. Both must allow it: the name, and the address behind it."""

    model_config = STRICT

    hosts: tuple[Host, ...] = Field(
        title="可连接的主机名；*.name 表示其下全部；空为任意。",
        default=(),
        max_length=200,
        description="Names that may be called; *.name allows all below it. Empty: any name.",
        examples=[["callback.seals.example.gov.cn", "*.logistics.example.com"]],
    )
    networks: tuple[Network, ...] = Field(
        title="可连接的网段；空为只许公网地址，不许本机、内网与云的元数据地址。",
        default=(),
        max_length=200,
        description="Networks that may be connected to. Empty: public addresses only; not this machine, no private network, no "
        "cloud's metadata address.",
        examples=[["10.20.0.0/16", "2001:db8::/32"]],
    )

    def allows_host(self, host: str) -> bool:
        """Whether a name may be called, whatever it stands for."""
        name = host.lower().rstrip(".")
        return not self.hosts or any(
            name.endswith(known[1:]) if known.startswith("*.") else name == known for known in self.hosts
        )

    def allows_address(self, written: str) -> bool:
        """Whether an address may be connected to; what is no address may not."""
        try:
            address = _unwrapped(ipaddress.ip_address(written.partition("%")[0]))
        except ValueError:
            return False
        if self.networks:
            return any(address in network for network in self.networks if network.version == address.version)
        return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)

    def allows(self, url: URL) -> bool:
        """Whether this address may be asked for at all; what its name stands for is seen when it is connected to."""
        host = url.host
        if url.scheme not in {"http", "https"} or not host or url.raw_user is not None or url.raw_password is not None:
            return False
        if not self.allows_host(host):
            return False
        try:
            ipaddress.ip_address(host)
        except ValueError:
            return True
        return self.allows_address(host)


def _unwrapped(address: Address) -> Address:
    """The IPv4 address that an IPv6 address carries, where it carries one."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    inner = address.ipv4_mapped or address.sixtofour
    if inner is None and address.teredo is not None:
        inner = address.teredo[1]
    if inner is None and address in _TRANSLATED:
        inner = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return inner or address


class CheckedResolver(AbstractResolver):
    """A resolver that gives away only addresses that may be connected to."""

    def __init__(self, egress: Egress, resolver: AbstractResolver | None = None) -> None:
        self._egress = egress
        self._resolver = resolver or ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The allowed addresses of a name. Raises :class:`EgressRefusedError` when there is none."""
        if not self._egress.allows_host(host):
            raise EgressRefusedError("the name is not on the list")
        found: Sequence[ResolveResult] = await self._resolver.resolve(host, port, family)
        allowed = [one for one in found if self._egress.allows_address(one["host"])]
        if not allowed:
            raise EgressRefusedError("no address of the name is in an allowed network")
        return allowed

    async def close(self) -> None:
        """Release the resolver below."""
        await self._resolver.close()


def was_refused(error: BaseException) -> bool:
    """Whether a failed connection failed because it was not allowed."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, EgressRefusedError) or isinstance(getattr(cause, "os_error", None), EgressRefusedError):
            return True
        cause = cause.__cause__
    return False
