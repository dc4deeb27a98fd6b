# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The JSON documents about messages that wait for others."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from hub.api.documents import Document, says
from hub.ports.journal import ParkedView


class ParkedMessage(Document):
    """One message that waits."""

    message: UUID
    case: str
    system: str
    contract: str
    rule: Annotated[str, says("所依规则的编号", "The number of the rule by which it waits")]
    since: datetime
    until: Annotated[
        datetime, says("至多等到此时，届时带标记放行", "It waits until then at most, and is passed on, marked")
    ]


class ParkedMessages(Document):
    """A page, in order of acceptance."""

    parked: list[ParkedMessage]
    next: UUID | None


def parked_documents(
    found: Sequence[ParkedView], limit: int, shown: Sequence[ParkedView] | None = None
) -> dict[str, Any]:
    """A page of what waits; ``shown``: those of it that may be told, all unless said."""
    return {
        "parked": [
            {
                "message": one.message,
                "case": one.case,
                "system": one.system,
                "contract": one.contract,
                "rule": one.reason,
                "since": one.parked_at,
                "until": one.pass_at,
            }
            for one in (found if shown is None else shown)
        ],
        "next": found[-1].message if len(found) >= limit else None,
    }
