# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a replay or a transaction leaves as evidence of each delivery that it sent, added or withdrew. 留痕"""

from datetime import datetime

from certs.receipt import outcome_statement, replay_statement
from hub.ports.ids import Ids
from hub.ports.journal import CLOSED, Item, ItemKind, Leaf, ReplayView, State, Withdrawn


def replay_leaf(hub: str, ids: Ids, item: Item, view: ReplayView, now: datetime) -> Leaf:
    """The evidence that a replay sent, added or withdrew a delivery."""
    if item.kind is ItemKind.WITHDRAW:
        statement = outcome_statement(
            hub=hub,
            message_id=item.message,
            delivery_id=item.delivery,
            destination=item.destination,
            attempt=item.attempt,
            state=State.WITHDRAWN.value,
            code="REPLANNED",
            reference="",
            settled_at=now,
            positive=False,
            by=view.actor,
            reason=view.reason,
        )
    else:
        statement = replay_statement(
            hub=hub,
            message_id=item.message,
            delivery_id=item.delivery,
            destination=item.destination,
            attempt=item.attempt,
            added=item.kind is ItemKind.ADD,
            late=item.late,
            replay=view.id,
            by=view.actor,
            reason=view.reason,
            replayed_at=now,
        )
    return Leaf(ids.new(), statement.kind, statement.body, statement.hash)


def withdrawn_leaf(hub: str, ids: Ids, now: datetime, one: Withdrawn) -> Leaf:
    """The evidence that a transaction took back a delivery of one of its steps."""
    statement = outcome_statement(
        hub=hub,
        message_id=one.message,
        delivery_id=one.delivery,
        destination=one.destination,
        attempt=one.attempt,
        state=State.WITHDRAWN.value,
        code=CLOSED,
        reference="",
        settled_at=now,
        positive=False,
    )
    return Leaf(ids.new(), statement.kind, statement.body, statement.hash)
