# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What is kept of a message that the routes refused: codes that they asked about, and nothing else of it. 未能规划的消息

So another table can be tried on it (``govhub routes diff``), as far as attributes tell. A shadow is tried with the record itself,
while that is in hand.
"""

import orjson

from contracts.attributes import Attributes
from hub.passage import Unplanned
from hub.ports.journal import RefusedPlan
from routing.unread import Unread

_KEPT = ("version", "region", "item", "department", "level", "channel")


def written(unplanned: Unplanned) -> str:
    """As the journal keeps it."""
    said = unplanned.valid.checked.attributes("")._asdict()
    kept: dict[str, object] = {key: said[key] for key in _KEPT if said[key] is not None}
    kept |= {"odd": bool(unplanned.valid.checked.warnings), "table": unplanned.table_version}
    return orjson.dumps(kept).decode()


def unread(refused: RefusedPlan) -> Unread:
    """What was written, as it is compared."""
    said = orjson.loads(refused.routing)
    attributes = Attributes(
        contract=refused.contract, source=refused.system, **{key: said[key] for key in _KEPT if key in said}
    )
    return Unread(attributes, refused.code, said["table"], said["odd"])
