# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Whose certificates are believed: each way not to be has its code; what is revoked is refused, and an outage of the authority
closes nothing before its time.
"""

from datetime import timedelta
from pathlib import Path

import pytest

from certs.authority import Use as Made
from certs.x509.anchors import brought
from certs.x509.certificate import Certificate
from certs.x509.revocation import RevocationData
from contracts.refusal import Refusal
from hub.identities.clients import Clients, fingerprint_of, subject_of
from hub.identities.trusting import Freshness, Trusted, Trusting, Use
from hub.ports.clock import SystemClock
from tests.support.authority import Ca
from tests.support.journals import SteppedClock

DAY = timedelta(days=1)
WEEK = 7 * DAY


class Desk:
    """An authority, and whoever judges by it, at a time that the test moves."""

    def __init__(self, folder: Path) -> None:
        self.ca = Ca(folder / "ca")
        self.clock = SteppedClock()
        self.clock.moment = SystemClock().now()
        self.trusting = Trusting(self.clock)
        self.trusting.believe([self.ca.anchor], [])

    def lists(self) -> tuple[RevocationData, ...]:
        return brought({"crl": self.ca.crl.read_bytes()}).revocation

    def code(self, one: Certificate, use: Use = Use.CLIENT) -> str:
        """``trusted``, ``stale``, or the code of the refusal."""
        judged = self.trusting.judge(one.der, use)
        if isinstance(judged, Refusal):
            return judged.code
        return "stale" if judged.stale else "trusted"

    def later(self, how_much: timedelta) -> None:
        self.clock.step(seconds=how_much.total_seconds())


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_certificate_is_believed_as_long_as_it_is_valid(desk: Desk) -> None:
    one = desk.ca.certificate(desk.ca.issue("portal", days=30))

    assert desk.code(one) == "trusted"
    desk.later(one.not_after - desk.clock.now())
    assert desk.code(one) == "trusted"
    desk.later(timedelta(seconds=1))
    assert desk.code(one) == "E_CERT_EXPIRED"


def test_each_way_not_to_be_believed_has_its_code(desk: Desk, tmp_path: Path) -> None:
    desk.ca.shift = DAY
    early = desk.ca.certificate(desk.ca.issue("early"))
    desk.ca.shift = timedelta()
    stranger = Ca(tmp_path / "other")
    server = desk.ca.certificate(desk.ca.issue("server", Made.SERVER))

    assert desk.code(early) == "E_CERT_NOT_YET_VALID"
    assert desk.code(stranger.certificate(stranger.issue("portal"))) == "E_CERT_UNKNOWN_ISSUER"
    assert desk.code(server) == "E_CERT_USAGE"
    assert desk.code(server, Use.SIGNATURE) == "trusted"
    junk = desk.trusting.judge(b"junk", Use.CLIENT)
    assert isinstance(junk, Refusal)
    assert junk.code == "E_CERT_UNKNOWN_ISSUER"


def test_an_expired_issuer_ends_whatever_it_issued(desk: Desk) -> None:
    one = desk.ca.certificate(desk.ca.issue("portal", days=3700))
    desk.later(desk.ca.anchor.not_after - desk.clock.now() + DAY)

    assert desk.code(one) == "E_CERT_EXPIRED"


def test_revoked_is_refused_at_once_and_for_ever(desk: Desk) -> None:
    made = desk.ca.issue("portal")
    one = desk.ca.certificate(made)
    desk.trusting.freshness = Freshness(WEEK)
    desk.trusting.learn(desk.lists())
    assert desk.code(one) == "trusted"

    desk.ca.revoke(made)
    desk.trusting.learn(desk.lists())
    assert desk.code(one) == "E_CERT_REVOKED"
    desk.later(25 * DAY)  # the list has run out long ago, and is still believed in this
    assert desk.code(one) == "E_CERT_REVOKED"


def test_without_any_status_it_is_refused_for_now(desk: Desk) -> None:
    one = desk.ca.certificate(desk.ca.issue("portal"))
    desk.trusting.freshness = Freshness(WEEK)
    judged = desk.trusting.judge(one.der, Use.CLIENT)

    assert isinstance(judged, Refusal)
    assert judged.code == "E_CERT_STATUS_UNKNOWN"
    assert judged.retry_after is not None


@pytest.mark.parametrize(
    ("strict", "codes"),
    [
        (False, ["trusted", "stale", "E_CERT_STATUS_STALE"]),
        (True, ["trusted", "E_CERT_STATUS_STALE", "E_CERT_STATUS_STALE"]),
    ],
)
def test_the_last_good_status_serves_for_a_while_unless_strict(desk: Desk, strict: bool, codes: list[str]) -> None:  # noqa: FBT001  # because it is a case
    one = desk.ca.certificate(desk.ca.issue("portal"))
    desk.ca.list_revoked(days=1)
    desk.trusting.freshness = Freshness(WEEK, strict)
    desk.trusting.learn(desk.lists())
    told = []
    for wait in (timedelta(), 2 * DAY, 6 * DAY):
        desk.later(wait)
        told.append(desk.code(one))

    assert told == codes


def test_an_intermediate_fills_the_chain_and_may_be_revoked_too(desk: Desk, tmp_path: Path) -> None:
    """Of the whole chain but the anchor there must be a status."""
    one = desk.ca.certificate(desk.ca.issue("portal"))
    desk.trusting.freshness = Freshness(WEEK)
    other = Ca(tmp_path / "other")
    desk.trusting.learn(brought({"crl": other.crl.read_bytes()}).revocation)

    assert desk.code(one) == "E_CERT_STATUS_UNKNOWN"  # a list of another authority says nothing


def test_a_system_is_known_by_fingerprint_or_subject_exactly(desk: Desk) -> None:
    one, two = (desk.ca.certificate(desk.ca.issue(name)) for name in ("portal", "portal"))
    assert subject_of(one.der) == "CN=portal,C=CN"
    by_subject = Clients.of([("portal", ["CN=portal,C=CN"])])
    by_fingerprint = Clients.of([("portal", [fingerprint_of(one.der)])])
    almost = Clients.of([("portal", ["CN=Portal,C=CN", "CN=portal", fingerprint_of(one.der).upper()])])

    assert [by_subject.identify(each.der, desk.trusting) for each in (one, two)] == ["portal", "portal"]
    assert by_fingerprint.identify(one.der, desk.trusting) == "portal"
    for clients, each in ((by_fingerprint, two), (almost, one), (Clients(), one)):
        refusal = clients.identify(each.der, desk.trusting)
        assert isinstance(refusal, Refusal)
        assert refusal.code == "E_CERT_UNKNOWN"


def test_what_was_judged_is_kept_for_a_second_and_no_longer(desk: Desk) -> None:
    one = desk.ca.certificate(desk.ca.issue("portal"))
    first = desk.trusting.judge(one.der, Use.CLIENT)

    assert isinstance(first, Trusted)
    assert desk.trusting.judge(one.der, Use.CLIENT) is first
    desk.later(timedelta(seconds=2))
    assert desk.trusting.judge(one.der, Use.CLIENT) is not first
