# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Decisions about one message, as they are recorded with it and kept to when it leaves. 访问记录"""

from collections.abc import Iterable

import orjson

from contracts.attributes import Attributes
from hub.access.decision import Access, Allowed, Asked, Decision, Denied, Verb
from hub.ports.journal import Claim, MessageView


def sending(access: Access, system: str, facts: Attributes) -> Decision:
    """Whether the system may send this message."""
    return access.decide(
        Asked(system=system, verb=Verb.SEND, contract=facts.contract, region=facts.region, item=facts.item)
    )


def asking(access: Access, system: str, lookup: str) -> Decision:
    """Whether the system may ask this register."""
    return access.decide(Asked(system=system, verb=Verb.LOOK_UP, contract=lookup))


def written(access: Access, sent_by: Allowed, facts: Attributes, receivers: Iterable[str]) -> str:
    """What is kept with an accepted message: the rule by which it was sent, and for each system it goes to, the rule by which
    that receives it, or why it may not; with the region and item that decided. JSON; stands in the journal beside the message.
    """
    received = {
        system: access.decide(
            Asked(system=system, verb=Verb.RECEIVE, contract=facts.contract, region=facts.region, item=facts.item)
        ).rule
        for system in receivers
    }
    told = {"region": facts.region, "item": facts.item, "send": sent_by.rule, "receive": received}
    return orjson.dumps(told).decode()


def seeing(access: Access, system: str, view: MessageView) -> Decision:
    """Whether the system may see this message of its own. One whose region and item were not recorded is within no limit."""
    region, item = None, None
    if view.access and access.by_content(system, Verb.QUERY):
        told = orjson.loads(view.access)
        region, item = told["region"], told["item"]
    return access.decide(Asked(system=system, verb=Verb.QUERY, contract=view.contract, region=region, item=item))


def withheld(access: Access, system: str, claim: Claim) -> Denied | None:
    """Why the system may not receive what is about to leave for it; None: it may. Asked anew at every sending, so that a grant
    which was taken back holds for what still waits.
    """
    region, item = None, None
    if access.by_content(system, Verb.RECEIVE):
        data = orjson.loads(claim.canonical)
        region, item = data.get("region_code"), data.get("item_code")
    asked = Asked(system=system, verb=Verb.RECEIVE, contract=claim.contract, region=region, item=item)
    decision = access.decide(asked)
    return decision if isinstance(decision, Denied) else None
