# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Who may use which entry of the API, by which rule. A route of which nothing is said here or in itself is for nobody. 接口规则

Routes for operators name the right they want, and open ones and those of receivers say so themselves; what is open to systems
stands in :data:`FOR_SYSTEMS`, so that an entry which somebody forgets is shut and not open.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from contracts.refusal import Refusal
from contracts.text import Text
from hub.access.decision import Access, Denied, Lacking, Verb

_ITEMS = "cn.gov.item.implementation"
_NOTICE = "cn.gov.notice.requested"


@dataclass(frozen=True, slots=True)
class ForSystems:
    """What a system does there. ``contract``: it must have a grant for that; without one, its handler decides, message by
    message or by what is the system's own.
    """

    verb: Verb
    contract: str = ""


FOR_SYSTEMS: Mapping[str, ForSystems] = MappingProxyType(
    {
        "sendMessages": ForSystems(Verb.SEND),
        "previewNotice": ForSystems(Verb.SEND, _NOTICE),
        "storeMaterial": ForSystems(Verb.SEND),
        "tellManifest": ForSystems(Verb.SEND),
        "fetchMailbox": ForSystems(Verb.RECEIVE),
        "acknowledgeMailbox": ForSystems(Verb.RECEIVE),
        "askLookup": ForSystems(Verb.LOOK_UP),
        "getMessage": ForSystems(Verb.QUERY),
        "getCase": ForSystems(Verb.QUERY),
        "getMaterial": ForSystems(Verb.QUERY),
        "lookAtMaterial": ForSystems(Verb.QUERY),
        "fetchManifest": ForSystems(Verb.QUERY),
        "pullItems": ForSystems(Verb.QUERY, _ITEMS),
        "snapshotItems": ForSystems(Verb.QUERY, _ITEMS),
        "getMe": ForSystems(Verb.QUERY),
        "listMyRefusals": ForSystems(Verb.QUERY),
        "listMyWaiting": ForSystems(Verb.QUERY),
    }
)
"""By the route's name."""

NO_RULE = Refusal(
    "E_NOT_ALLOWED",
    Text("此接口没有访问规则，一律不予开放。", "No rule says who may use this, so nobody may."),
    extra={"rule": "deny:route"},
)


def denied(access: Access, route: str, system: str) -> Refusal | None:
    """Why the system may not use the route at all; None: it may, and the handler decides about what it asks for."""
    rule = FOR_SYSTEMS.get(route)
    if rule is None:
        return NO_RULE
    if rule.contract and not access.conceivable(system, rule.verb, rule.contract):
        lacking = Denied(Lacking.CONTRACT)
        return Refusal(
            "E_NOT_ALLOWED",
            Text(f"本系统无权使用此接口（{lacking.rule}）。", f"Your system may not use this ({lacking.rule})."),
            extra={"rule": lacking.rule.value},
        )
    return None
