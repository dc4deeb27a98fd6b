# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Whom a connector may call: names, addresses in every spelling, and a name server that changes its mind."""

import socket
from typing import Any

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from pydantic import ValidationError
from yarl import URL

from connectors.sdk.http.egress import CheckedResolver, Egress, EgressRefusedError, was_refused
from connectors.sdk.session import open_session
from tests.connectors.far_http import HttpFarSide

PUBLIC = Egress()


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.100.100.200",
        "224.0.0.1", "255.255.255.255", "198.18.0.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254",
        "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:0001::", "64:ff9b::a9fe:a9fe", "not an address", "",
    ],
)  # fmt: skip
def test_what_is_not_public_is_not_called(address: str) -> None:
    assert not PUBLIC.allows_address(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2400:3200::1", "::ffff:8.8.8.8"])
def test_what_is_public_is(address: str) -> None:
    assert PUBLIC.allows_address(address)


def test_listed_networks_are_the_only_ones() -> None:
    egress = Egress.model_validate({"networks": ["10.20.0.0/16", "fd12::/16"]})
    seen = {
        one: egress.allows_address(one) for one in ("10.20.1.1", "10.21.1.1", "8.8.8.8", "fd12::1", "::ffff:10.20.0.9")
    }
    assert seen == {"10.20.1.1": True, "10.21.1.1": False, "8.8.8.8": False, "fd12::1": True, "::ffff:10.20.0.9": True}


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://a.example.com/x", True),
        ("https://A.EXAMPLE.com./x", True),
        ("https://deep.b.example.net/", True),
        ("https://b.example.net/", False),
        ("https://evilexample.com/", False),
        ("https://a.example.com.evil.test/", False),
        ("https://user@a.example.com/", False),
        ("ftp://a.example.com/", False),
        ("http://127.0.0.1/", False),
    ],
)
def test_names(url: str, allowed: bool) -> None:  # noqa: FBT001  # because it is a table's column
    egress = Egress.model_validate({"hosts": ["a.example.com", "*.b.example.net", "127.0.0.1"]})
    assert egress.allows(URL(url)) is allowed


@pytest.mark.parametrize("wrong", [{"hosts": ["http://a"]}, {"hosts": ["*"]}, {"networks": ["10.0.0.1/8"]}, {"x": 1}])
def test_what_may_not_be_written(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Egress.model_validate(wrong)


class Rebinding(AbstractResolver):
    """Says one thing first, and then another."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked += 1
        address = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [ResolveResult(hostname=host, host=address, port=port, family=socket.AF_INET, proto=0, flags=0)]

    async def close(self) -> None:
        """Nothing is open."""


async def test_the_connection_goes_to_the_address_that_was_checked(far_side: HttpFarSide) -> None:
    """A name that is allowed at the first look and means another machine at the second is looked up once only."""
    resolver = Rebinding("127.0.0.1", "169.254.169.254")
    egress = Egress.model_validate({"networks": ["127.0.0.0/8"]})
    url = URL(far_side.url).with_host("callback.example")
    async with (
        open_session(resolver=CheckedResolver(egress, resolver)) as http,
        http.post(url, data=b"x", headers={"Idempotency-Key": "k"}) as answer,
    ):
        assert answer.status == 201
    assert resolver.asked == 1


async def test_a_name_for_a_private_address_is_not_connected_to(far_side: HttpFarSide) -> None:
    url = URL(far_side.url).with_host("callback.example")
    async with open_session(resolver=CheckedResolver(PUBLIC, Rebinding("127.0.0.1"))) as http:
        with pytest.raises(aiohttp.ClientConnectorError) as caught:
            await http.post(url, data=b"x")
    assert was_refused(caught.value)
    assert far_side.requests == []


async def test_a_name_that_is_not_listed_is_not_even_looked_up() -> None:
    resolver = Rebinding("8.8.8.8")
    with pytest.raises(EgressRefusedError):
        await CheckedResolver(Egress.model_validate({"hosts": ["a.example"]}), resolver).resolve("b.example")
    assert resolver.asked == 0


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "127.1", "017700000001"])
async def test_no_other_spelling_of_an_address_gets_through(far_side: HttpFarSide, host: str) -> None:
    port = URL(far_side.url).port
    async with open_session(resolver=CheckedResolver(PUBLIC)) as http:
        with pytest.raises((aiohttp.ClientError, OSError)):
            await http.post(f"http://{host}:{port}/cases", data=b"x")
    assert far_side.requests == []
