# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""One task: what a request says, as the platform's templates want it, and the memo by which it is known again.

The platform keeps the memo with the task and gives it back: so whichever hub hears of the end, after whatever restart, knows
whose task it was, and of which file, without a memory of its own.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from connectors.e_seal.profile import Variables
from connectors.sdk import Parcel, Rejected
from connectors.sdk.http.spool import Body

DIGEST = re.compile(r"sha256:([0-9a-f]{64})")
"""How files are named."""
_POINTS = 72 / 25.4
_BETWEEN = "~"
_ENDINGS = {"application/pdf": ".pdf", "application/ofd": ".ofd"}
_TAKEN_OVER = (
    "file_name",
    "structure",
    "seal_id",
    "seal_name",
    "positions",
    "straddling",
    "purpose",
    "department_name",
    "expires_at",
    "media_type",
    "size",
)


@dataclass(frozen=True, slots=True)
class Memo:
    """Whose task it is: what the platform gives back with it."""

    task_no: str
    case_no: str
    original_digest: str

    def written(self) -> str:
        """One short line of text."""
        digest = (
            base64.urlsafe_b64encode(bytes.fromhex(self.original_digest.removeprefix("sha256:"))).decode().rstrip("=")
        )
        return _BETWEEN.join((self.task_no, self.case_no, digest))

    @classmethod
    def of(cls, text: str) -> "Memo | None":
        """The memo again; None if it is none of ours."""
        parts = text.split(_BETWEEN)
        if len(parts) != 3 or not all(parts):  # because it has three parts
            return None
        try:
            digest = base64.b64decode(parts[2] + "=", altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        return cls(parts[0], parts[1], f"sha256:{digest.hex()}") if len(digest) == 32 else None  # SHA-256


@dataclass(frozen=True, slots=True)
class Task:
    """A request to seal. ``digest`` names the file."""

    memo: Memo
    digest: str
    variables: Variables

    @classmethod
    def of(cls, parcel: Parcel) -> "Task | Rejected":
        """What the parcel asks for: the data of cn.gov.seal.requested."""
        try:
            data = orjson.loads(parcel.body)
        except orjson.JSONDecodeError:
            data = None
        if not isinstance(data, dict):
            return Rejected("NOT_A_REQUEST", "The body is no request to seal.")
        case, number, digest = data.get("case_no"), data.get("task_no"), data.get("digest")
        if not (
            isinstance(case, str) and isinstance(number, str) and isinstance(digest, str) and DIGEST.fullmatch(digest)
        ):
            return Rejected("NOT_A_REQUEST", "The request names no case, no task or no file.")
        if _BETWEEN in case + number or not case or not number:
            return Rejected("NOT_A_REQUEST", f"Case and task may not hold {_BETWEEN}.")
        memo = Memo(number, case, digest)
        known: Variables = {name: data[name] for name in _TAKEN_OVER if data.get(name) not in (None, "")}
        kind = str(known.setdefault("media_type", "application/octet-stream"))
        known.setdefault("file_name", f"{number}{_ENDINGS.get(kind, '')}")
        known |= {"reference": parcel.idempotency_key, "memo": memo.written(), "digest": digest.removeprefix("sha256:")}
        return cls(memo, digest, known | _first_place(data))

    def with_file(self, content: Body) -> Variables:
        """The variables of the task and of its file."""
        digest = hashlib.md5(content, usedforsecurity=False).digest()
        return {**self.variables, "size": len(content), "md5": base64.b64encode(digest).decode()}


def _first_place(data: Mapping[str, Any]) -> Variables:
    """For platforms that take one place by page and points from the lower left corner of an A4 page."""
    positions = data.get("positions")
    first = positions[0] if isinstance(positions, list) and positions else None
    if not isinstance(first, dict) or not all(isinstance(first.get(name), int) for name in ("page", "x", "y")):
        return {}
    return {
        "page": str(first["page"]),
        "x_points": round(first["x"] * _POINTS, 1),
        "y_points": round((297 - first["y"]) * _POINTS, 1),
    }
