# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a sender's signature proves, as a statement of the journal: who signed which bytes, and what was known of it then.

It stands as a leaf beside the acceptance. The bytes themselves are the message as received; they are named by their digest.
"""

import base64
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson

from certs.leaf import SUBMISSION, leaf_hash
from certs.receipt import VERSION, Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """A verified signature. ``signature`` is as it came (CMS, or bare for ``gm-1``); ``certificate``: DER, empty if the signature
    holds it; ``status_at``: of when its revocation status was known, None: it was not asked for; ``stale``: no fresh one could
    be had.
    """

    suite: str
    digest: bytes
    signature: bytes
    certificate: bytes
    status_at: datetime | None
    stale: bool


def submission_statement(
    *, hub: str, message_id: UUID, system: str, sender_id: str, submitted: Submitted, received_at: datetime
) -> Statement:
    """The sender signed these bytes, and the hub believed its certificate at that moment."""
    digest = {"intl-1": "sha256", "gm-1": "sm3"}[submitted.suite]
    body = orjson.dumps(
        {
            "v": VERSION,
            "type": SUBMISSION,
            "hub": hub,
            "message": message_id,
            "system": system,
            "id": sender_id,
            "suite": submitted.suite,
            "digest": f"{digest}:{submitted.digest.hex()}",
            "signature": base64.b64encode(submitted.signature).decode(),
            **({"certificate": base64.b64encode(submitted.certificate).decode()} if submitted.certificate else {}),
            **({} if submitted.status_at is None else {"statusAt": submitted.status_at}),
            "stale": submitted.stale,
            "receivedAt": received_at,
        },
        option=orjson.OPT_UTC_Z,
    )
    return Statement(SUBMISSION, body, leaf_hash(SUBMISSION, body))
