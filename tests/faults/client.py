# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Single messages by hand, for rows that need a certain one."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson

from contracts.catalogue import builtin
from tests.faults.load import CONTRACT
from tests.faults.stand import KEY

_PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, body and headers."""

    status: int
    body: bytes
    headers: Mapping[str, str]

    @property
    def said(self) -> dict[str, Any]:
        said: dict[str, Any] = orjson.loads(self.body)
        return said


def application(source: str, case: str, id_: str, **changes: Any) -> bytes:
    """A valid application in structured mode; ``changes`` are fields of its data."""
    contract = builtin().versions(CONTRACT)[0]
    data = {**contract.examples[0].data, "case_no": case, "materials": [], **changes}
    return orjson.dumps(
        {
            "specversion": "1.0", "type": CONTRACT, "source": source, "id": id_, "subject": case,
            "dataschema": contract.schema_uri, "datacontenttype": "application/json", "data": data,
        }
    )  # fmt: skip


class Client:
    """One sending system."""

    def __init__(self, session: aiohttp.ClientSession, source: str) -> None:
        self._session = session
        self._headers = {"Authorization": f"Bearer {KEY}{source}", "Content-Type": "application/cloudevents+json"}

    async def post(self, url: str, body: bytes) -> Answer:
        async with self._session.post(f"{url}/v1/messages", data=body, headers=self._headers) as answer:
            return Answer(answer.status, await answer.read(), answer.headers)

    async def get(self, url: str, path: str) -> Answer:
        async with self._session.get(url + path, headers=self._headers) as answer:
            return Answer(answer.status, await answer.read(), answer.headers)


@asynccontextmanager
async def client(source: str) -> AsyncIterator[Client]:
    """Open until the block ends."""
    limits = aiohttp.TCPConnector(limit=100)
    async with aiohttp.ClientSession(connector=limits, timeout=aiohttp.ClientTimeout(total=_PATIENCE)) as session:
        yield Client(session, source)
