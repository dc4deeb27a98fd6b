# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A day's exchange in a journal, as it stands when hubs have delivered everything; and the same day in a far side's table."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import orjson

from contracts.catalogue import builtin
from contracts.contract import Checked, Contract
from hub.journal.packing import pack
from hub.ports.ids import first_of

CONTRACT = "cn.gov.acceptance.decided"
DESTINATION = "province"
_CASE = "510500-20260302-000001"
_AT_A_TIME = 20_000

FAR_TABLE = """
create table up_pro_accept (row_guid text, project_no text, org_code text, accept_date timestamp, project_type text,
                            cd_time timestamp, cd_operation text)
"""
"""As the province's, as far as these tests look."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """``number`` messages from ``begin`` on, a millisecond apart, each delivered a second after it was accepted."""

    begin: datetime
    number: int
    destination: str = DESTINATION
    system: str = "housing"
    first: int = 0
    decision: str = "accepted"

    @property
    def contract(self) -> Contract:
        return builtin().versions(CONTRACT)[-1]

    def case(self, n: int) -> str:
        return f"510500-20260302-{n:06d}"

    def message(self, n: int) -> UUID:
        return UUID(int=first_of(self.at(n)).int | (n + 1))

    def at(self, n: int) -> datetime:
        return self.begin + timedelta(milliseconds=n - self.first)

    def numbers(self) -> range:
        return range(self.first, self.first + self.number)


async def record(connection: asyncpg.Connection, exchange: Exchange) -> None:
    """Write the messages, their deliveries and settlements."""
    contract = exchange.contract
    checked = contract.check({**contract.examples[0].data, "case_no": _CASE, "decision": exchange.decision}, _CASE)
    assert isinstance(checked, Checked), checked
    rows: list[tuple[UUID, str, datetime]] = []
    for n in exchange.numbers():
        rows.append((exchange.message(n), exchange.case(n), exchange.at(n)))
        if len(rows) == _AT_A_TIME:
            await _write(connection, exchange, contract, checked.canonical, rows)
            rows = []
    await _write(connection, exchange, contract, checked.canonical, rows)


async def _write(
    connection: asyncpg.Connection,
    exchange: Exchange,
    contract: Contract,
    template: bytes,
    rows: list[tuple[UUID, str, datetime]],
) -> None:
    await connection.copy_records_to_table(
        "message",
        records=_messages(exchange, contract, template, rows),
        columns=("id", "system", "sender_id", "contract", "version", "case_no", "event_time", "accepted_at", "content_type",
                 "codec", "raw", "canonical", "attributes", "digest", "table_version", "receipt"),
    )  # fmt: skip
    await connection.copy_records_to_table(
        "delivery",
        records=[(m, exchange.destination, UUID(int=m.int ^ 1 << 40), case, 1) for m, case, _ in rows],
        columns=("message_id", "destination", "delivery_id", "case_no", "position"),
    )
    await connection.copy_records_to_table(
        "lane",
        records=[(exchange.destination, case, 1, 2) for _, case, _ in rows],
        columns=("destination", "case_no", "last_position", "head"),
    )
    later = timedelta(seconds=1)
    await connection.copy_records_to_table(
        "settlement",
        records=[(m, exchange.destination, "delivered", 1, "", "", "", at + later) for m, _, at in rows],
        columns=("message_id", "destination", "state", "attempt", "code", "detail", "reference", "settled_at"),
    )


def _messages(
    exchange: Exchange, contract: Contract, template: bytes, rows: list[tuple[UUID, str, datetime]]
) -> Iterator[tuple[object, ...]]:
    for message, case, at in rows:
        codec, (canonical,) = pack(template.replace(_CASE.encode(), case.encode()))
        attributes = {
            "specversion": "1.0",
            "id": str(message),
            "source": exchange.system,
            "type": contract.type,
            "subject": case,
            "dataschema": contract.schema_uri,
            "datacontenttype": "application/json",
        }
        yield (
            message, exchange.system, str(message), contract.type, contract.version, case, at, at, "application/json", codec,
            b"", canonical, orjson.dumps(attributes), b"", "t1", b"",
        )  # fmt: skip


async def write_far(connection: asyncpg.Connection, exchange: Exchange) -> None:
    """The same exchange in the far side's own table."""
    data = exchange.contract.examples[0].data
    decided = datetime.fromisoformat(str(data["decided_at"])).replace(tzinfo=None)
    kind = "1" if exchange.decision == "accepted" else "2"
    await connection.copy_records_to_table(
        "up_pro_accept",
        records=(
            (str(exchange.message(n)), exchange.case(n), data["department_code"], decided, kind,
             exchange.at(n).replace(tzinfo=None) + timedelta(hours=8), "I")
            for n in exchange.numbers()
        ),
        columns=("row_guid", "project_no", "org_code", "accept_date", "project_type", "cd_time", "cd_operation"),
    )  # fmt: skip
