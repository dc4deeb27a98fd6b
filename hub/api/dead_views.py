# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Dead letters and replays as operators see them, at the API and on the command line."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from contracts.masking import mask_numbers
from hub.ports.journal import Acted, DeadEntry, DeadGroup, Lot, ReplayView


def group_document(group: DeadGroup) -> dict[str, Any]:
    """One group."""
    return {
        "group": group.id,
        "destination": group.destination,
        "code": group.code,
        "contract": group.contract,
        "state": group.state.value,
        "count": group.count,
        "more": group.more,
        "oldest": group.oldest,
        "newest": group.newest,
        "note": group.note,
        "notedBy": group.noted_by,
        "notedAt": group.noted_at,
    }


def entry_document(entry: DeadEntry) -> dict[str, Any]:
    """One delivery that is set aside."""
    return {
        "delivery": entry.delivery,
        "message": entry.message,
        "system": entry.system,
        "id": entry.sender_id,
        "destination": entry.destination,
        "case": entry.case,
        "contract": entry.contract,
        "contractVersion": entry.version,
        "position": entry.position,
        "state": entry.state.value,
        "code": entry.code,
        "detail": mask_numbers(entry.detail),
        "attempt": entry.attempt,
        "failedAt": entry.failed_at,
        "acceptedAt": entry.accepted_at,
        "expiresAt": entry.expires_at,
        "late": entry.late,
        "askAt": entry.ask_at,
        "behind": entry.behind,
        "replay": entry.replay,
    }


def lots_document(lots: Sequence[Lot]) -> list[dict[str, Any]]:
    """What a replay consists of."""
    return [
        {
            "destination": lot.destination,
            "kind": lot.kind.value,
            "state": lot.state,
            "code": lot.code,
            "late": lot.late,
            "count": lot.count,
        }
        for lot in lots
    ]


def dry_run_document(lots: Sequence[Lot], seen: datetime | None) -> dict[str, Any]:
    """What a replay would do."""
    cannot = sum(lot.count for lot in lots if lot.state == "refused")
    would = sum(lot.count for lot in lots) - cannot
    return {"dryRun": True, "would": would, "cannot": cannot, "seen": seen, "lots": lots_document(lots)}


def replay_document(view: ReplayView) -> dict[str, Any]:
    """One replay as it stands."""
    return {
        "replay": view.id,
        "state": view.state.value,
        "actor": view.actor,
        "via": view.via,
        "reason": view.reason,
        "madeAt": view.made_at,
        "endedAt": view.ended_at,
        "rate": view.pace.rate,
        "tolerance": round(view.pace.tolerance, 6),  # the journal keeps it in single precision
        "step": view.step,
        "stepSize": view.step_size,
        "stoppedBy": view.stopped_by,
        "stopCode": view.stop_code,
        "stopDetail": view.stop_detail,
        "counts": view.counts,
        "lots": lots_document(view.lots),
    }


def act_document(acted: Acted) -> dict[str, Any]:
    """One act that is recorded."""
    return {"act": acted.id, "applied": acted.applied, "again": acted.again}
