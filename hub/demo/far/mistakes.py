# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a sender gets wrong on purpose, and with which code it expects to be refused.

Each mistake happens around a message that is right: most come before it and under the same id, which the hub must allow;
one comes after it, with other content under an id that has been accepted, which the hub must not.
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson

from hub.demo.far import fate as told
from hub.demo.far.chance import chance
from hub.demo.far.fate import Fate, Morning, Turn

Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Mistake:
    """``wrong`` makes the wrong message out of the right one; bytes are a body that is no JSON at all."""

    code: str
    wrong: Callable[[Event], Event | bytes]
    after: bool = False


def _with(change: Callable[[Event], None]) -> Callable[[Event], Event]:
    def wrong(event: Event) -> Event:
        changed = deepcopy(event)
        change(changed)
        return changed

    return wrong


def _fields(event: Event) -> None:
    event["data"]["case_type"] = "7"
    event["data"].pop("applicant", None)
    event["data"]["itemName"] = event["data"].get("item_name", "")


def _other_case(event: Event) -> None:
    event["data"]["case_no"] = event["subject"] + "-0"


def _tomorrow(event: Event) -> None:
    event["time"] = (datetime.fromisoformat(event["time"]) + timedelta(days=1)).isoformat()


def _elsewhere(event: Event) -> None:
    event["id"] += "-elsewhere"
    event["subject"] += "-elsewhere"
    event["data"] |= {
        "case_no": event["subject"],
        "region_code": "990101",
        "item_code": "1199010100000005194000511003000",
        "department_code": "119901010000000519",
    }
    event["data"].pop("form", None)


def _replaced(**attributes: str) -> Callable[[Event], Event]:
    return _with(lambda event: event.update(attributes))


def _other_content(event: Event) -> None:
    event["data"]["summary"] = "同一标识，另一内容（测试）"


_PORTAL = (
    Mistake("E_CONTRACT_INVALID", _with(_fields)),
    Mistake("E_CLOCK_FUTURE", _with(_tomorrow)),
    Mistake("E_CONTRACT_UNKNOWN", _replaced(type="cn.gov.weather.observed", dataschema="urn:govhub:contract:none:1")),
    Mistake("E_CONTRACT_INVALID", _with(_other_case)),
    Mistake("E_UNROUTABLE", _with(_elsewhere)),
    Mistake("E_ID_REUSE", _with(_other_content), after=True),
    Mistake("E_CONTRACT_VERSION", _replaced(dataschema=f"urn:govhub:contract:{told.APPLICATION}:9")),
    # Only the last brace: a longer cut may go through a Chinese character, which is another mistake.
    Mistake("E_JSON_MALFORMED", lambda event: orjson.dumps(event)[:-1]),
    Mistake("E_SOURCE_FOREIGN", _replaced(source="municipal")),
)

_ONE_IN = 4
BEHIND = 24
"""How many cases back a department reaches when it speaks of one that is not its own; the portal never has more than
so many applications under way, so that case exists."""


def mistake(morning: Morning, fate: Fate, turn: Turn) -> Mistake | None:
    """What its sender gets wrong with this message, if anything."""
    if turn.contract == told.APPLICATION and fate.index % _ONE_IN == 1:
        return _PORTAL[fate.index // _ONE_IN % len(_PORTAL)]
    if turn.contract == told.ACCEPTANCE:
        return _of_a_department(morning, fate)
    return None


def _of_a_department(morning: Morning, fate: Fate) -> Mistake | None:
    drawn = chance(fate.seed, fate.index, "slip")
    foreign = _foreign(morning, fate) if drawn < 0.06 else None
    if foreign is not None:
        return Mistake("E_CASE_FOREIGN", _with(lambda event: _moved(event, foreign)))
    if drawn > 0.95:
        schema = f"urn:govhub:contract:{told.APPLICATION}:1"
        return Mistake("E_NOT_ALLOWED", _replaced(type=told.APPLICATION, dataschema=schema))
    return None


def _foreign(morning: Morning, fate: Fate) -> str | None:
    """A case of another department that the hub knows already, if there is one."""
    for index in range(fate.index - BEHIND, -1, -1):
        other = morning.fate(index)
        if other.item.department != fate.item.department:
            return other.case
    return None


def _moved(event: Event, case: str) -> None:
    event["subject"] = case
    event["data"]["case_no"] = case
