# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A real time stamping authority, and everything that is wrong with what it may answer."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from certs.evidence.timestamping import Stamp, Unstamped, request
from connectors.sdk.session import open_session
from hub.evidence.authority import Authority, Away
from hub.ports.clock import SystemClock
from tests.support.tsa import POLICY, Tsa

NOTE = b"govhub/x\n1\nAAAA\n"


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tsa")
    Tsa(folder).prepare()
    return folder


async def asked(
    tsa: Tsa, policy: str | None = None, nonce: int = 77, since: datetime | None = None, ahead: float = 0.0
) -> Stamp | Unstamped | Away:
    now = SystemClock().now() + timedelta(seconds=ahead)
    async with tsa.serving(), open_session() as http:
        return await Authority(tsa.url, tsa.anchors, policy).stamp(http, NOTE, nonce, since or now, now)


async def test_a_good_stamp_is_believed(prepared: Path) -> None:
    given = await asked(Tsa(prepared), POLICY)
    assert isinstance(given, Stamp), given
    assert abs(given.moment - SystemClock().now()) < timedelta(minutes=1)


def another(folder: Path) -> Callable[[bytes], bytes]:
    """The answer to another question, as somebody in between may have kept it."""
    kept = Tsa(folder).reply(request(NOTE, 78))
    return lambda _reply: kept


def of_other_content(folder: Path) -> Callable[[bytes], bytes]:
    kept = Tsa(folder).reply(request(b"other", 77))
    return lambda _reply: kept


@pytest.mark.parametrize(
    ("twist", "code"),
    [
        (lambda _folder: lambda _reply: b"", Unstamped.NO_REPLY),
        (lambda _folder: lambda _reply: b"<html>", Unstamped.NO_REPLY),
        (lambda _folder: lambda reply: reply + b"\0", Unstamped.NO_REPLY),
        (lambda _folder: lambda _reply: bytes.fromhex("30053003020102"), Unstamped.REFUSED),
        (lambda _folder: lambda reply: reply[:-1] + bytes([reply[-1] ^ 1]), Unstamped.TOKEN),
        (lambda _folder: lambda reply: b"x" * 100_000, Unstamped.NO_REPLY),
        (another, Unstamped.NONCE),
        (of_other_content, Unstamped.TOKEN),
    ],
)
async def test_what_is_no_stamp_is_not_believed(
    prepared: Path, twist: Callable[[Path], Callable[[bytes], bytes]], code: Unstamped
) -> None:
    assert await asked(Tsa(prepared, twist=twist(prepared))) is code


async def test_another_policy_than_the_one_asked_for_is_not_believed(prepared: Path) -> None:
    kept = Tsa(prepared).reply(request(NOTE, 77, "1.2.3.4.2"))
    assert await asked(Tsa(prepared, twist=lambda _reply: kept), POLICY) is Unstamped.POLICY


async def test_a_certificate_that_is_for_more_than_stamps_is_not_believed(tmp_path: Path) -> None:
    """openssl itself does not sign by such a one, so its answer is made by an honest twin and looked at with the rule alone."""
    from certs.evidence.timestamping import is_critical  # noqa: PLC0415  # because only this looks at it

    honest = Tsa(tmp_path).prepare()
    token = honest.token(request(NOTE, 1))
    assert is_critical(token)
    critical = bytes.fromhex("0603551d250101ff")  # the extension's name, and TRUE
    assert critical in token
    assert not is_critical(token.replace(critical, bytes.fromhex("0603551d25010100")))


async def test_an_authority_of_another_ca_is_not_believed(prepared: Path, tmp_path: Path) -> None:
    stranger = Tsa(tmp_path).prepare()
    async with stranger.serving(), open_session() as http:
        now = SystemClock().now()
        given = await Authority(stranger.url, Tsa(prepared).anchors).stamp(http, NOTE, 1, now, now)
    assert given is Unstamped.TOKEN


@pytest.mark.parametrize("ahead", [3600, -3600])
async def test_a_moment_that_cannot_be_is_not_believed(prepared: Path, ahead: float) -> None:
    """Its clock is an hour behind what it stamps, or an hour ahead of us."""
    assert await asked(Tsa(prepared), ahead=ahead) is Unstamped.TIME


async def test_one_that_is_away_is_told_apart(prepared: Path) -> None:
    assert await asked(Tsa(prepared, status=503)) == Away("HTTP 503")
    async with open_session() as http:
        now = SystemClock().now()
        gone = await Authority("http://127.0.0.1:9/", ()).stamp(http, NOTE, 1, now, now)
    assert isinstance(gone, Away)
