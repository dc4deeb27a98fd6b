# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What was checked, and what came of it: values, the same for every kind of file."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from certs.seals.codes import CODES, Meaning


class Verdict(StrEnum):
    """What came of a check."""

    HELD = "held"
    FAILED = "failed"
    UNKNOWN = "unknown"
    """It could not be told with what the verifier has. Never a pass."""


class Aspect(StrEnum):
    """What a check is about."""

    FORM = "form"
    """The bytes are what they claim to be."""
    SEAL = "seal"
    """The maker signed exactly this seal, its picture included."""
    MAKER = "maker"
    """Chain, validity and usage of the maker's certificate, when it made the seal."""
    PERIOD = "period"
    """The seal's own validity, when it was used."""
    LISTED = "listed"
    """The seal names the signer's certificate among those that may use it."""
    SIGNATURE = "signature"
    """The signer signed exactly these bytes."""
    DOCUMENT = "document"
    """The document is the one that was signed: digest, and every reference."""
    COVERAGE = "coverage"
    """Nothing that is shown lies outside of what was signed."""
    SIGNER = "signer"
    """Chain, validity and usage of the signer's certificate, when it signed."""
    REVOCATION = "revocation"
    """No certificate involved had been revoked."""
    MOMENT = "moment"
    """When it was signed."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check. ``code`` is a key of :data:`certs.seals.codes.CODES`, empty where it held. ``place`` says where in the file:
    a path, a reference, a certificate's serial number; it never quotes contents.
    """

    aspect: Aspect
    verdict: Verdict
    code: str = ""
    place: str = ""

    @property
    def meaning(self) -> Meaning | None:
        """What the code says and what can be done; None where the check held."""
        return CODES.get(self.code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a signature says of itself. To be believed as far as its checks held. ``structure`` is a code of
    :class:`contracts.codes.seals.SealStructure`.
    """

    structure: str = ""
    seal_id: str = ""
    seal_name: str = ""
    seal_kind: str = ""
    seal_made: datetime | None = None
    seal_begin: datetime | None = None
    seal_end: datetime | None = None
    certificate_serial: str = ""
    sealed_at: datetime | None = None
    timestamped: bool = False


@dataclass(frozen=True, slots=True)
class Impression:
    """One signature of a file, or one seal by itself: its facts and its checks."""

    facts: Facts
    checks: tuple[Check, ...]
    place: str = ""

    @property
    def verdict(self) -> Verdict:
        """The worst of its checks."""
        return worst(one.verdict for one in self.checks)


class Kind(StrEnum):
    """What a file is."""

    SEAL = "seal"
    SIGNATURE = "signature"
    OFD = "ofd"
    PDF = "pdf"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class Examined:
    """A whole file. ``checks`` are about the file itself; a file without any impression has failed."""

    kind: Kind
    impressions: tuple[Impression, ...] = ()
    checks: tuple[Check, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The worst of everything."""
        return worst((*(one.verdict for one in self.checks), *(one.verdict for one in self.impressions)))

    @property
    def faults(self) -> tuple[Check, ...]:
        """Every check that did not hold, the failed ones first."""
        every = (*self.checks, *(check for one in self.impressions for check in one.checks))
        return tuple(sorted((one for one in every if one.verdict is not Verdict.HELD), key=lambda one: one.verdict))


Checks: TypeAlias = tuple[Check, ...]


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Failed before unknown before held."""
    seen = set(verdicts)
    return next((one for one in (Verdict.FAILED, Verdict.UNKNOWN) if one in seen), Verdict.HELD)


def held(aspect: Aspect, place: str = "") -> Check:
    """It held."""
    return Check(aspect, Verdict.HELD, "", place)


def failed(aspect: Aspect, code: str, place: str = "") -> Check:
    """It did not."""
    assert code in CODES, "every code has its meaning"
    return Check(aspect, Verdict.FAILED, code, place)


def unknown(aspect: Aspect, code: str, place: str = "") -> Check:
    """Nobody can tell."""
    assert code in CODES, "every code has its meaning"
    return Check(aspect, Verdict.UNKNOWN, code, place)
