# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""One question, within its time, in a transaction that only reads."""

from typing import Any, Self

from connectors.database_query.config import DatabaseQueryConfig
from connectors.databases.cells import Misfit
from connectors.databases.database import Database, Session
from connectors.databases.reading import ask, value_of
from connectors.databases.trouble import Fault, Trouble
from connectors.sdk import Context, Delivered, Finding, Found, NotFound, Outcome, Question, Rejected, Unavailable

_CHECK_SECONDS = 10.0


class DatabaseLookup:
    """An open way to ask one database."""

    def __init__(self, config: DatabaseQueryConfig, context: Context) -> None:
        self._config = config
        self._database = Database(
            config,
            context,
            connections=config.connections,
            read_only=True,
            statement_seconds=config.statement_seconds,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._database.close()

    async def ask(self, question: Question) -> Finding:
        """As the port says."""
        config = self._config
        if faults := config.asked.faults(question.criteria):
            return Rejected("CRITERIA", "criteria that are missing, or that nobody knows", faults)
        values: dict[str, Any] = {
            name: value_of(one.kind, question.criteria.get(name)) for name, one in config.criteria.items()
        }
        unfit = tuple(f"{name}: {value.expected}" for name, value in values.items() if isinstance(value, Misfit))
        if unfit:
            return Rejected("CRITERION_VALUE", "criteria that are not of their kind", unfit)
        kinds = {name: one.kind for name, one in config.criteria.items()}

        async def read(session: Session) -> list[dict[str, Any]]:
            return await ask(session, config.statement, kinds, values, config.most_records + 1)

        found = await self._database.run(read, question.timeout)
        if isinstance(found, Trouble):
            return _failed(found)
        if not found:
            return NotFound()
        return Found(tuple(found[: config.most_records]), complete=len(found) <= config.most_records)

    async def check(self) -> Outcome:
        """Whether the database answers."""
        trouble = await self._database.look(_CHECK_SECONDS)
        return Unavailable(str(trouble)) if trouble else Delivered()


def _failed(trouble: Trouble) -> Finding:
    match trouble.fault:
        case Fault.DATA | Fault.SHAPE:
            return Rejected(f"DB_{trouble.code}", trouble.where)
        case Fault.AWAY | Fault.BUSY | Fault.UNKNOWN:
            return Unavailable(f"{trouble.code}: {trouble.where or trouble.fault.value}")
