# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Verifying a container offline: no network, no database, and no anchor but those that the verifier brings. 离线验证"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from certs.evidence.findings import CODES, Finding, Verdict, overall
from certs.evidence.roles import Anchors, Role
from certs.evidence.structure import SENDER_ROLE, Structure, Task, judge
from certs.evidence.timestamping import is_critical
from certs.seals.check import Verdict as Judged
from certs.seals.timestamps import stamped
from certs.sm2 import Sm2UnavailableError
from certs.suites.choosing import suite_named
from certs.x509.anchors import Trust
from certs.x509.certificate import Certificate, certificate
from certs.x509.chain import Chain, chain

_CLOCKS_DIFFER = timedelta(minutes=5)
_NO_ANCHOR = "STAMPER_NO_ANCHOR"


@dataclass(frozen=True, slots=True)
class Result:
    """What came of it. ``moment``: when the log stood so, by a time stamp; None: only the hub says when."""

    verdict: Verdict
    findings: tuple[Finding, ...]
    structure: Structure
    moment: datetime | None


def verify(data: bytes, anchors: Sequence[Certificate], now: datetime, *, strict: bool = False) -> Result:
    """Verify a container. Never raises, whatever the bytes. ``strict``: only what the verifier's own anchors vouch for passes,
    the time and the senders too.
    """
    told = judge(data)
    findings = list(told.findings)
    moment = None
    if not any(CODES[one.code][0] is Verdict.FAILED for one in findings):
        moment = _stamps(told, anchors, now, findings)
        _signatures(told, anchors, moment or now, findings)
    return Result(overall(findings, strict=strict), tuple(findings), told, moment)


def _signatures(told: Structure, anchors: Sequence[Certificate], moment: datetime, findings: list[Finding]) -> None:
    pinned = Anchors(tuple(anchors))
    others = tuple(one for der in told.issuers if (one := certificate(der)) is not None)
    if not anchors:
        findings.append(Finding("NO_ANCHOR"))
    judged: set[tuple[str, str]] = set()
    for task in told.tasks:
        signer = certificate(task.signer.der)
        if signer is None:
            findings.append(Finding("CERTIFICATE_FORM", task.place))
            continue
        if not _holds(task, signer, findings):
            continue
        if task.role == SENDER_ROLE:
            findings += _sender(task, signer, anchors, others)
            continue
        if anchors and (task.role, task.signer.digest) not in judged:
            judged.add((task.role, task.signer.digest))
            distrust = pinned.trusts(signer, Role[task.role.upper()], moment, others)
            if distrust is not None:
                findings.append(Finding(distrust.value, task.place))


def _sender(
    task: Task, signer: Certificate, anchors: Sequence[Certificate], others: Sequence[Certificate]
) -> list[Finding]:
    """Whether an anchor vouches for the sender's certificate, at the moment at which the hub believed it."""
    moment = datetime.fromisoformat(task.at).replace(tzinfo=UTC)
    known = signer in anchors and signer.valid_at(moment)
    if known or (anchors and isinstance(chain(signer, tuple(anchors), tuple(others), moment), Chain)):
        return []
    return [Finding("SENDER_UNTRUSTED", task.place)]


def _holds(task: Task, signer: Certificate, findings: list[Finding]) -> bool:
    suite = suite_named(task.signer.suite.name)
    try:
        good = suite is not None and suite.verify(task.message, task.signature, signer)
    except (Sm2UnavailableError, ValueError):  # ValueError: a Python without SM3
        findings.append(Finding("SUITE_UNAVAILABLE", task.place))
        return False
    if not good:
        findings.append(Finding("SIGNATURE", task.place))
    return good


def _stamps(told: Structure, anchors: Sequence[Certificate], now: datetime, findings: list[Finding]) -> datetime | None:
    """The earliest moment that a stamp vouches for."""
    moments = []
    for place, token in told.stamps:
        moment = _stamp(place, token, told, anchors, now, findings)
        if moment is not None:
            moments.append(moment)
    return min(moments, default=None)


def _stamp(
    place: str, token: bytes, told: Structure, anchors: Sequence[Certificate], now: datetime, findings: list[Finding]
) -> datetime | None:
    found = stamped(token, told.note, Trust(tuple(anchors)), now)
    failed = [one.code for one in found.checks if one.verdict is Judged.FAILED]
    if failed == [_NO_ANCHOR]:
        findings.append(Finding("TIMESTAMP_UNTRUSTED", place))
        return None
    if not failed and not is_critical(token):
        failed = ["EKU_NOT_CRITICAL"]
    if failed:
        findings.append(Finding("TIMESTAMP", place, ", ".join(failed)))
        return None
    assert found.moment is not None
    if told.latest and found.moment + _CLOCKS_DIFFER < datetime.fromisoformat(told.latest).replace(tzinfo=UTC):
        findings.append(Finding("TIMESTAMP_EARLY", place))
        return None
    return found.moment
