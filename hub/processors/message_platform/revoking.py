# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A notice that its asker takes back: what of it is still to be stopped, and what had gone out already. 撤回通知

What has been emitted and is not known to have gone is closed in the journal first, so that nobody sends it any more, and the same
commit says whether it went. Nothing is decided about the revocation before that.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson

from contracts.families.services import notice_revoked
from hub.ports.journal import Emission, Process, State

REVOKED = notice_revoked.CONTRACT.type
CORRECTION = "correct."
"""How the names of corrections begin; the rest is the name of what they correct."""
_GONE = frozenset({State.DELIVERED, State.ACCEPTED})


def revocations(process: Process) -> Sequence[UUID]:
    """The deliveries that brought revocations of this notice, in order."""
    return [one.delivery for one in process.joined if orjson.loads(one.attributes)["type"] == REVOKED]


def key_of(source: str, data: Mapping[str, Any]) -> str:
    """By what a revocation belongs to its notice: nobody but its asker takes it back."""
    return f"{source} {data['matter_no']} {data['notice_no']}"


def texts(process: Process) -> Mapping[str, Emission]:
    """What was emitted for channels, corrections apart."""
    return {name: one for name, one in process.emissions.items() if name[0].isdecimal()}


def to_close(process: Process) -> Sequence[str]:
    """What may still be sent, by the hub or by an operator, and is not known to have gone."""
    return [name for name, one in texts(process).items() if one.closed_at is None and not one.refused and not gone(one)]


def gone(emitted: Emission) -> bool:
    """Whether it went out, or perhaps did."""
    if emitted.closed_at is not None:
        return emitted.taken
    return any(fate.state in _GONE or fate.doubtful for fate in emitted.fates.values())
