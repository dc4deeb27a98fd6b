# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Dockets of cases in and out of the journal, and locked there."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import asyncpg
import orjson

from contracts.lifecycle.docket import Docket, Early
from contracts.lifecycle.record import CONTRACTS, Record, record_of
from hub.journal.bodies import unpack
from hub.journal.queries import query


async def locked_dockets(connection: asyncpg.Connection, cases: Iterable[str]) -> dict[str, Docket]:
    """The dockets of these cases, locked until the transaction ends. One that was never told is made of the journal's history."""
    rows = await connection.fetch(query("open_dockets"), sorted(set(cases)))
    dockets = {row["case_no"]: _docket(row) for row in rows if row["told"]}
    fresh = [row["case_no"] for row in rows if not row["told"]]
    return dockets | await _from_history(connection, fresh) if fresh else dockets


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
        )
        for case, docket in dockets.items()
    ]


def _docket(row: asyncpg.Record) -> Docket:
    records = (Record(contract, gist) for contract, gist in orjson.loads(row["records"]))
    early = tuple(
        Early(UUID(message), Record(contract, gist), rule)
        for message, rule, contract, gist in orjson.loads(row["early"])
    )
    return Docket({(one.message.kind, one.message.key): one for one in records}, early, row["adopted"])


async def _from_history(connection: asyncpg.Connection, cases: Sequence[str]) -> dict[str, Docket]:
    dockets = dict.fromkeys(cases, Docket())
    for row in await connection.fetch(query("history_of_cases"), list(cases), list(CONTRACTS)):
        docket = dockets[row["case_no"]]
        if row["archived"] and not docket.adopted:
            docket = docket.adopt().docket
        if row["id"] is not None:
            record = record_of(row["contract"], orjson.loads(unpack(row["codec"], row["canonical"])))
            assert record is not None, "only such contracts were asked for"
            docket = docket.told(UUID(int=row["id"].int), record).docket
        dockets[row["case_no"]] = docket
    return dockets
