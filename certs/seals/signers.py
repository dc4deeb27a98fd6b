# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The certificate behind a signature: its chain, its validity then, what it may be used for, whether it was revoked."""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from certs.seals.check import Aspect, Check, failed, held, unknown
from certs.x509.anchors import Trust
from certs.x509.certificate import Certificate
from certs.x509.chain import Broken, Chain, chain
from certs.x509.revocation import Standing, standing


class Party(StrEnum):
    """Whose certificate it is; the codes begin with it."""

    SIGNER = "SIGNER"
    MAKER = "MAKER"
    STAMPER = "STAMPER"


_ASPECTS = {Party.SIGNER: Aspect.SIGNER, Party.MAKER: Aspect.MAKER, Party.STAMPER: Aspect.MOMENT}
_CODES = {
    Broken.NO_ANCHOR: "NO_ANCHOR",
    Broken.SIGNATURE: "CHAIN",
    Broken.ALGORITHM: "ALGORITHM",
    Broken.EXPIRED: "EXPIRED",
    Broken.NOT_AUTHORITY: "USAGE",
    Broken.STRANGE_EXTENSION: "USAGE",
    Broken.TOO_LONG: "USAGE",
}


def about(
    party: Party,
    leaf: Certificate,
    trust: Trust,
    others: tuple[Certificate, ...],
    moment: datetime,
    *,
    proven: bool = False,
) -> Iterator[Check]:
    """The checks of one certificate at one moment. ``others`` came with the file, and vouch for nothing. ``proven``: a time
    stamp proves the moment, so that what was revoked later had not been then.
    """
    aspect = _ASPECTS[party]
    if not leaf.may_seal:
        yield failed(aspect, f"{party}_USAGE", leaf.serial)
    found = chain(leaf, trust.anchors, (*trust.others, *others), moment)
    if isinstance(found, Broken):
        yield failed(aspect, f"{party}_{_CODES[found]}", leaf.serial)
        return
    yield held(aspect, leaf.serial)
    yield from _revocation(party, found, trust, moment, proven=proven)


def _revocation(party: Party, found: Chain, trust: Trust, moment: datetime, *, proven: bool) -> Iterator[Check]:
    """Everybody of the chain but the anchor, whom the verifier trusts by himself."""
    for child, parent in pairwise(found.certificates):
        match standing(child, parent, trust.revocation, moment):
            case Standing.REVOKED_LATER if proven:
                yield held(Aspect.REVOCATION, child.serial)
            case Standing.GOOD:
                yield held(Aspect.REVOCATION, child.serial)
            case Standing.REVOKED:
                yield failed(Aspect.REVOCATION, f"{party}_REVOKED", child.serial)
            case Standing.REVOKED_LATER:
                yield unknown(Aspect.REVOCATION, f"{party}_REVOKED_LATER", child.serial)
            case Standing.UNKNOWN:
                yield unknown(Aspect.REVOCATION, f"{party}_REVOCATION_UNKNOWN", child.serial)
