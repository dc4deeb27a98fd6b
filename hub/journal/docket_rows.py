# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Dockets of cases in and out of the journal, and locked there."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import replace
from uuid import UUID

import asyncpg
import orjson

from contracts.lifecycle.docket import Docket, Early
from contracts.lifecycle.record import CONTRACTS, Record, record_of
from hub.journal.queries import query
from hub.journal.seals import MESSAGE, Seals


async def locked_dockets(connection: asyncpg.Connection, seals: Seals, cases: Iterable[str]) -> dict[str, Docket]:
    """The dockets of these cases, locked until the transaction ends, caught up with what was accepted while nobody followed."""
    rows = await connection.fetch(query("open_dockets"), sorted(set(cases)))
    dockets = {row["case_no"]: docket_of(row) for row in rows}
    fresh = {row["case_no"] for row in rows if not row["told"]}
    return await caught_up(connection, seals, dockets, fresh) if dockets else {}


def docket_columns(dockets: Mapping[str, Docket]) -> list[tuple[object, ...]]:
    """What is written of them."""
    return [
        (
            case,
            docket.adopted,
            orjson.dumps([[one.contract, one.gist] for one in docket.records.values()]).decode(),
            orjson.dumps(
                [[one.message, one.rule, one.record.contract, one.record.gist] for one in docket.early]
            ).decode(),
            docket.upto,
        )
        for case, docket in dockets.items()
    ]


def docket_of(row: asyncpg.Record) -> Docket:
    """A row as a docket."""
    records = (Record(contract, gist) for contract, gist in orjson.loads(row["records"]))
    early = tuple(
        Early(UUID(message), Record(contract, gist), rule)
        for message, rule, contract, gist in orjson.loads(row["early"])
    )
    known = {(one.message.kind, one.message.key): one for one in records}
    return Docket(known, early, row["adopted"], UUID(int=row["upto"].int))


async def caught_up(
    connection: asyncpg.Connection, seals: Seals, dockets: dict[str, Docket], fresh: Set[str]
) -> dict[str, Docket]:
    """A case that is told for the first time and has something in the archive is adopted: that is not read back."""
    rows = await connection.fetch(
        query("history_of_cases"), list(dockets), list(CONTRACTS), [one.upto for one in dockets.values()]
    )
    said = [row for row in rows if row["id"] is not None]
    bodies = {row["id"]: row["canonical"] for row in await seals.opened(MESSAGE, said)}
    for row in rows:
        case = row["case_no"]
        docket = dockets[case]
        if row["archived"] and case in fresh and not docket.adopted:
            docket = replace(docket, adopted=True)
        if row["id"] in bodies:
            record = record_of(row["contract"], orjson.loads(bodies[row["id"]]))
            assert record is not None, "only such contracts were asked for"
            message = UUID(int=row["id"].int)
            docket = docket.told(message, record).docket if case in fresh else docket.learn(message, record)
        dockets[case] = docket
    return dockets
