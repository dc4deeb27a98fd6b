# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Who is signed in: an operator by a session, a token, or a token of the issuer. Keys are another stage's."""

from dataclasses import dataclass

from contracts.refusal import Refusal
from contracts.text import Text
from hub.oidc import looks_like_one
from hub.operators import Operator
from hub.ports.journal import TokenRecord
from hub.running import Hub
from hub.sign_in import PREFIX

BEYOND_SCOPE = Refusal(
    "E_SCOPE",
    Text(
        "此处涉及全部区划与系统，您只负责其中一部分。",
        "This is about all regions and systems; you are there for some of them.",
    ),
)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """An operator, and the session or token by which they ask; None: by a key, or a token of the issuer."""

    operator: Operator
    token: TokenRecord | None = None


async def operator_of(hub: Hub, authorization: str | None) -> SignedIn | Refusal | None:
    """Who shows a session or token that is good, or why it is not; None: what is shown is neither."""
    scheme, _, secret = (authorization or "").partition(" ")
    secret = secret.strip()
    if scheme.lower() != "bearer":
        return None
    if hub.sign_in is not None and secret.startswith(PREFIX):
        found = await hub.sign_in.identify(secret)
        return found if isinstance(found, Refusal) else SignedIn(*found)
    if hub.issuer is not None and looks_like_one(secret):
        operator = await hub.issuer.identify(secret)
        return operator if isinstance(operator, Refusal) else SignedIn(operator)
    return None
