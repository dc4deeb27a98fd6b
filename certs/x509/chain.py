# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""From a certificate to an anchor that the verifier brought (RFC 5280, 6): names, signatures, authority, depth, validity.

Nothing is fetched, and no certificate that came with what is verified is ever an anchor.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from certs.x509.algorithms import Signed
from certs.x509.certificate import Certificate, issued

MAX_LENGTH = 8
_MOST_TRIED = 64


class Broken(StrEnum):
    """Why there is no chain; of several reasons the one that lies nearest to the anchor."""

    NO_ANCHOR = "no_anchor"
    SIGNATURE = "signature"
    ALGORITHM = "algorithm"
    EXPIRED = "expired"
    NOT_AUTHORITY = "not_authority"
    STRANGE_EXTENSION = "strange_extension"
    TOO_LONG = "too_long"


@dataclass(frozen=True, slots=True)
class Chain:
    """The certificate, its issuers in order, and the anchor at the end."""

    certificates: tuple[Certificate, ...]


def chain(
    leaf: Certificate, anchors: Sequence[Certificate], others: Sequence[Certificate], moment: datetime
) -> Chain | Broken:
    """A chain in which everybody was valid at the moment. ``others`` are certificates of no authority, to fill gaps with."""
    worst = Broken.NO_ANCHOR
    for path in _paths(leaf, anchors, others):
        fault = _fault(path, moment)
        if fault is None:
            return Chain(path)
        worst = fault
    return worst


def _paths(
    leaf: Certificate, anchors: Sequence[Certificate], others: Sequence[Certificate]
) -> Iterator[tuple[Certificate, ...]]:
    """Ways from the leaf to an anchor by names alone, each certificate once, the shortest first."""
    known = {anchor.der for anchor in anchors}
    row: list[tuple[Certificate, ...]] = [(leaf,)]
    tried = 0
    while row:
        longer = []
        for path in row:
            if path[-1].der in known:
                yield path
                continue
            for parent in (*anchors, *others):
                tried += 1
                if tried > _MOST_TRIED * MAX_LENGTH:
                    return
                if parent.subject == path[-1].issuer and parent not in path and len(path) < MAX_LENGTH:
                    longer.append((*path, parent))
        row = longer[:_MOST_TRIED]


def _fault(path: tuple[Certificate, ...], moment: datetime) -> Broken | None:
    for depth, (child, parent) in enumerate(pairwise(path)):
        if child.strange or parent.strange:
            return Broken.STRANGE_EXTENSION
        if not parent.may_issue:
            return Broken.NOT_AUTHORITY
        if parent.path_length is not None and depth > parent.path_length:
            return Broken.TOO_LONG
        match issued(child, parent):
            case Signed.NO:
                return Broken.SIGNATURE
            case Signed.UNKNOWN_ALGORITHM:
                return Broken.ALGORITHM
            case Signed.YES:
                pass
    return None if all(one.valid_at(moment) for one in path) else Broken.EXPIRED
