# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What operators did, as it is shown at the API and on the command line."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from hub.api.documents import Document, says
from hub.ports.journal import ActView

# ruff: noqa: N815  # because camelCase names are the wire's


class ActRecord(Document):
    """One act. ``via`` is ``api`` where a key proved the actor, ``cli`` where nothing did."""

    act: UUID
    request: Annotated[str, says("客户端给这项操作的名称", "The client's name for it")]
    kind: str
    actor: str
    via: str
    subject: Annotated[str, says("死信组、重放、目的地，或几件投递", "The group, replay, destination or deliveries")]
    reason: str
    applied: Annotated[int, says("改变的件数；目的地为 1", "Deliveries it changed; 1 for a destination")]
    actedAt: datetime


class Acts(Document):
    """A page of acts, newest first. ``next`` is the ``after`` of the next page."""

    acts: list[ActRecord]
    next: UUID | None


def acts_document(page: Sequence[ActView], limit: int) -> dict[str, Any]:
    """A page for which so many were asked."""
    return {"acts": [_record(one) for one in page], "next": page[-1].id if len(page) == limit else None}


def _record(view: ActView) -> dict[str, Any]:
    return {
        "act": view.id,
        "request": view.request,
        "kind": view.kind,
        "actor": view.actor,
        "via": view.via,
        "subject": view.subject,
        "reason": view.reason,
        "applied": view.applied,
        "actedAt": view.acted_at,
    }
