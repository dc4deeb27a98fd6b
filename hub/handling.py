# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a plan says about the carrying of one delivery, as the journal keeps it: for what, when, with what added. 投递要求

The purpose is kept by its name, and what it needs is looked up when the delivery is sent: a purpose that was narrowed since
then holds for what still waits. What a lookup knows is asked when it is sent, so no answer of it is kept. When it is due and
when it ends is kept as moments (``due``, ``ends``), for the journal's own statements: a delivery that a replay adds, or sends
again, keeps to them as one that COMMIT 1 wrote.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import orjson
from pydantic import TypeAdapter

from routing.adding import Added
from routing.carriage import Ask, Carriage

_ASKS: TypeAdapter[tuple[Ask, ...]] = TypeAdapter(tuple[Ask, ...])


@dataclass(frozen=True, slots=True)
class Handling:
    """``purpose``: its name, or empty for everything; ``add``: attributes of the envelope; ``fill``: fields of the record;
    ``ask``: those of both that a lookup knows. ``needed``: all fields must be had. ``tap``: nothing waits for it.
    """

    purpose: str = ""
    add: Mapping[str, str] = field(default_factory=dict)
    ask: Sequence[Ask] = ()
    tap: bool = False
    fill: Mapping[str, str] = field(default_factory=dict)
    needed: bool = False


@dataclass(frozen=True, slots=True)
class Enrichment:
    """What lookups said: attributes of the envelope, and fields of the record (None: nobody knew)."""

    attributes: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str | None] = field(default_factory=dict)


PLAIN = Handling()


def written(carriage: Carriage, added: Added, due_at: datetime | None = None, ends_at: datetime | None = None) -> str:
    """As the journal keeps it; empty for a delivery that is carried plainly."""
    said: dict[str, object] = {}
    if due_at is not None:
        said["due"] = due_at
    if ends_at is not None:
        said["ends"] = ends_at
    if carriage.purpose:
        said["purpose"] = carriage.purpose
    if added.attributes:
        said["add"] = dict(added.attributes)
    if added.fields:
        said["fill"] = dict(added.fields)
    if carriage.target.unfilled == "dead":
        said["needed"] = sorted(carriage.target.fill)
    if carriage.target.ask:
        said["ask"] = [ask.model_dump() for ask in carriage.target.ask]
    if carriage.tap:
        said["tap"] = True
    return orjson.dumps(said).decode() if said else ""


def handling(text: str) -> Handling:
    """What was written."""
    if not text:
        return PLAIN
    said = orjson.loads(text)
    fill = dict.fromkeys(said.get("needed", ()), "") | said.get("fill", {})
    return Handling(
        said.get("purpose", ""), said.get("add", {}), _ASKS.validate_python(said.get("ask", ())), said.get("tap", False),
        fill, "needed" in said,
    )  # fmt: skip
