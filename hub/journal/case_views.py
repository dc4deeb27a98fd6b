# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Whole cases out of the journal. Those that are asked for at one time share a transaction: many look, and the path goes on."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import asyncpg

from certs.operator_words import OperatorWord, operator_word
from hub.journal.group_commit import GroupCommit
from hub.journal.pool import JournalPool
from hub.journal.queries import query
from hub.ports.journal import (
    AttemptView,
    CaseView,
    DeliveryView,
    JournalDown,
    LateAnswer,
    MessageView,
    State,
    Unwritable,
)

_LOOK_SECONDS = 10.0
_CASES = 10
_AT_A_TIME = 5


class CaseViews:
    """``case`` of :class:`hub.ports.journal.Lookups`."""

    def __init__(self, readers: JournalPool) -> None:
        self._readers = readers
        self._looks: GroupCommit[tuple[str, int], CaseView | None] = GroupCommit(
            self._look, rows=_CASES, in_flight=_AT_A_TIME
        )

    async def close(self) -> None:
        await self._looks.close()

    async def view(self, case: str, limit: int) -> CaseView | JournalDown | None:
        """One case, its oldest messages; None: there is no such case."""
        found = await self._looks.submit((case, limit))
        return JournalDown(found.reason) if isinstance(found, Unwritable) else found

    async def _look(self, wanted: Sequence[tuple[str, int]]) -> Sequence[CaseView | None]:
        most: dict[str, int] = {}
        for case, limit in wanted:
            most[case] = max(limit, most.get(case, 0))
        cases = list(most)
        async with (
            self._readers.prompt(_LOOK_SECONDS) as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            parties: dict[str, set[str]] = {}
            for row in await connection.fetch(query("parties_of_cases"), cases):
                parties.setdefault(row["case_no"], set()).add(row["system"])
            known = [case for case in cases if case in parties]
            rows = await connection.fetch(query("messages_of_cases"), known, [most[case] for case in known])
            messages: dict[str, list[MessageView]] = {}
            ids = [row["message_id"] for row in rows]
            words = await _words_of(connection, ids)
            for view in await views_of(connection, ids):
                whole = replace(view, words=tuple(words.get(view.id, ())))
                messages.setdefault(view.case, []).append(whole)
        return [
            CaseView(case=case, parties=frozenset(parties[case]), messages=tuple(messages.get(case, ())[:limit]))
            if case in parties
            else None
            for case, limit in wanted
        ]


async def _words_of(connection: asyncpg.Connection, ids: Sequence[UUID]) -> dict[UUID, list[OperatorWord]]:
    words: dict[UUID, list[OperatorWord]] = {}
    for row in await connection.fetch(query("operators_leaves"), ids):
        if (word := operator_word(row["kind"], row["statement"])) is not None:
            words.setdefault(row["message_id"], []).append(word)
    return words


async def views_of(connection: asyncpg.Connection, ids: Sequence[UUID]) -> list[MessageView]:
    """These messages with their deliveries and attempts, by id."""
    if not ids:
        return []
    # In this order: an attempt is written with the state that it led to, so no state is told without it.
    rows = await connection.fetch(query("deliveries"), ids)
    attempts: dict[tuple[UUID, str], list[AttemptView]] = {}
    for row in await connection.fetch(query("attempts"), ids):
        attempts.setdefault((row["message_id"], row["destination"]), []).append(
            AttemptView(
                attempt=row["attempt"],
                state=State(row["state"]),
                code=row["code"],
                detail=row["detail"],
                started_at=row["started_at"],
                ended_at=row["ended_at"],
                told_late=_late_answer(row),
            )
        )
    deliveries: dict[UUID, list[DeliveryView]] = {}
    for row in rows:
        history = attempts.get((row["message_id"], row["destination"]), [])
        deliveries.setdefault(row["message_id"], []).append(_delivery(row, history))
    return [
        MessageView(
            id=row["id"],
            system=row["system"],
            sender_id=row["sender_id"],
            contract=row["contract"],
            version=row["version"],
            case=row["case_no"],
            event_time=row["event_time"],
            accepted_at=row["accepted_at"],
            digest=row["digest"],
            table_version=row["table_version"],
            receipt=row["receipt"],
            access=row["access"],
            deliveries=tuple(deliveries.get(row["id"], [])),
        )
        for row in await connection.fetch(query("message"), ids)
    ]


def _late_answer(row: asyncpg.Record) -> LateAnswer | None:
    if row["late_at"] is None:
        return None
    return LateAnswer(
        state=State(row["late_state"]),
        code=row["late_code"],
        detail=row["late_detail"],
        reference=row["late_reference"],
        at=row["late_at"],
    )


def _delivery(row: asyncpg.Record, attempts: list[AttemptView]) -> DeliveryView:
    return DeliveryView(
        id=row["delivery_id"],
        destination=row["destination"],
        position=row["position"],
        state=State(row["state"]),
        code=row["code"],
        detail=row["detail"],
        reference=row["reference"],
        due_at=row["due_at"],
        answer_due=row["answer_due"],
        settled_at=row["settled_at"],
        blocked_by=row["blocked_by"],
        late=row["late"],
        attempts=tuple(attempts),
    )
