# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Did its sender sign these very bytes, where it must or may? 验签

An event in structured mode, by itself, can be signed: there the bytes hold id, source, type, subject and time too, so that no
signature serves for another message, and a repeat is recognised as one. Of a call or a file in a form of its own that is true
where its connector made everything of the signed bytes, and says so.
"""

from dataclasses import replace

from contracts.bindings import media_type
from contracts.bindings.http import STRUCTURED
from contracts.refusal import Refusal
from hub.config.parties import SignaturePolicy
from hub.identities.identities import Identities
from hub.identities.signing import MISSING, PLACE, UNWANTED
from hub.passage import Received


def verify_signature(identities: Identities, system: str, contract: str, received: Received) -> Received | Refusal:
    """What was received, with the signature verified, if it has one and may."""
    policy = identities.signing.policy(system, contract)
    if received.signed is None:
        return MISSING if policy is SignaturePolicy.REQUIRED else received
    if policy is SignaturePolicy.NONE:
        return UNWANTED
    kind = media_type.parse(received.content_type)
    covered = received.covering or (kind is not None and kind.essence == STRUCTURED)
    if not received.alone or not covered:
        return PLACE
    found = identities.signing.verified(system, received.raw, received.signed, identities.trusting)
    return found if isinstance(found, Refusal) else replace(received, signature=found)
