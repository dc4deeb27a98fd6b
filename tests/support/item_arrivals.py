# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Items that come down, made up: versions of one item, and their arrival in a run."""

import hashlib
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson

from contracts.catalogue import builtin
from contracts.families.fields import BEIJING
from hub.catalogue.timetable import run_of
from hub.config.catalogue import CatalogueSection, FullRunSection
from hub.ports.clock import SystemClock
from hub.ports.ids import TimeOrderedIds
from hub.ports.journal.cataloguing import Arrival, Edition

DIRECTORY = "cn.gov.item.directory"
SECTION = CatalogueSection(inbox="items", full=FullRunSection(begins="22:00", ends="05:00"))
_IDS = TimeOrderedIds(SystemClock())
NOON = datetime(2026, 3, 2, 12, tzinfo=BEIJING)


def item_data(code: str, version: int = 1, **changes: Any) -> dict[str, Any]:
    """The contract's data of one version."""
    data = {**builtin().versions(DIRECTORY)[0].examples[0].data, "basic_code": code, "item_version": version, **changes}
    return {name: value for name, value in data.items() if value is not None}


def edition(code: str, version: int = 1, *, message: UUID | None = None, **changes: Any) -> Edition:
    """The same as the catalogue keeps it."""
    data = item_data(code, version, **changes)
    written = orjson.dumps(data, option=orjson.OPT_SORT_KEYS)
    expires = data.get("expires_on")
    return Edition(
        contract=DIRECTORY,
        code=code,
        version=version,
        effective_on=date.fromisoformat(data["effective_on"]),
        expires_on=None if expires is None else date.fromisoformat(expires),
        status=data["status"],
        digest=hashlib.sha256(written).digest(),
        data=written,
        message=message or _IDS.new(),
    )


def arrival(one: Edition, at: datetime = NOON) -> Arrival:
    """It comes at that moment."""
    return Arrival(one, at, run_of(SECTION, at))
