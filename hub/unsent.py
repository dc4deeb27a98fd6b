# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Claimed deliveries that end, or wait on, without a sending: too late, poisonous, no longer ours, or not to be said. 未发送"""

from datetime import datetime, timedelta
from functools import partial

from connectors.sdk import Rejected
from hub.access.rulings import withheld
from hub.antecedents import earlier_records
from hub.enriching import enriched
from hub.filling import Filled
from hub.limiting import LeftOut
from hub.outlet import Outlet
from hub.ports.journal import Claim, Settlement
from hub.running import Hub
from hub.stages.judge import expired, judge, poisoned, postponed, untouched
from hub.stages.translate import Translated, Unreadable, Untranslatable, translate

AWAY = timedelta(seconds=15)
"""When to look again for what this hub does not have, and another may."""


def ended_unsent(hub: Hub, outlet: Outlet, claim: Claim, now: datetime) -> Settlement | None:
    """What becomes of a claim that may not be sent. None: it may."""
    if claim.expires_at is not None and claim.expires_at <= now:
        return expired(hub.court, claim, now)
    if claim.crashes >= outlet.policy.poison:
        return poisoned(hub.court, outlet.policy, claim, now)
    if not hub.owns(claim.queue, claim.epoch):
        return untouched(claim, now)
    return None


async def translated_or_settlement(hub: Hub, outlet: Outlet, claim: Claim) -> Translated | Settlement:
    """The message in the destination's words, or what becomes of one that cannot be said in them, or not to this system."""
    if denied := withheld(hub.rules.access, outlet.system, claim):
        barred = Rejected("E_RECEIVER_DENIED", f"{outlet.system} may not receive this ({denied.rule})")
        return judge(hub.court, outlet.policy, claim, barred, hub.clock.now())
    translated = await translate(
        claim, outlet.form, partial(earlier_records, hub, claim), partial(enriched, hub, outlet.system, claim)
    )
    match translated:
        case Translated(losses=losses):
            lost = [one.path for one in losses if not isinstance(one, LeftOut | Filled)]
            if lost:
                outlet.log.info("lost in translation", message=str(claim.message_id), paths=lost)
            return translated
        case Untranslatable(code, detail, violations):
            return judge(hub.court, outlet.policy, claim, Rejected(code, detail, violations), hub.clock.now())
        case Unreadable():  # another hub knows the contract, or the journal comes back
            return postponed(hub.court, outlet.policy, claim, AWAY.total_seconds(), hub.clock.now())
