# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What comes out of a database, what may be asked of it, and that nothing is ever written."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.database_query import CONNECTOR
from connectors.sdk import Context, Found, Lookup, NotFound, Question, Rejected, Unavailable
from tests.connectors.database_query.register import CODE, DatabaseRegister
from tests.connectors.far_database import Server


@pytest.fixture
async def register(server: Server) -> AsyncIterator[DatabaseRegister]:
    async with DatabaseRegister(server) as found:
        yield found


@asynccontextmanager
async def opened(register: DatabaseRegister, context: Context, **changes: Any) -> AsyncIterator[Lookup]:
    config = CONNECTOR.lookup_config.model_validate({**register.settings, **changes})
    async with CONNECTOR.lookup(config, context) as lookup:
        yield lookup


async def test_a_record_is_told_as_json_has_it(register: DatabaseRegister, context: Context) -> None:
    async with opened(register, context) as lookup:
        found = await lookup.ask(Question(criteria={"code": CODE}))
        empty = await lookup.ask(Question(criteria={"code": "K-0003"}))
    assert found == Found(({"code": CODE, "name": "示例企业", "since": "2026-03-01", "share": "12.50"},))
    assert empty == Found(({"code": "K-0003", "name": None, "since": None, "share": None},))


async def test_that_there_is_more_is_told(register: DatabaseRegister, context: Context) -> None:
    statement = "select code from register where :least is null or share >= :least order by code"
    criteria = {"least": {"kind": "decimal", "required": False}}
    async with opened(register, context, statement=statement, criteria=criteria, most_records=1) as lookup:
        all_of_them = await lookup.ask(Question(criteria={}))
        some = await lookup.ask(Question(criteria={"least": "10"}))
        none = await lookup.ask(Question(criteria={"least": "20"}))
        wrong = await lookup.ask(Question(criteria={"least": "ten"}))
    assert all_of_them == Found(({"code": CODE},), complete=False)
    assert some == Found(({"code": CODE},))
    assert none == NotFound()
    assert wrong == Rejected("CRITERION_VALUE", "criteria that are not of their kind", ("least: Numeric",))


async def test_a_statement_that_would_write_is_stopped_by_the_database(
    register: DatabaseRegister, context: Context
) -> None:
    writing = "with gone as (delete from register where code = :code returning code) select code from gone"
    if register.server.make == "mysql":
        await register.server.execute(
            "create function wipe(c varchar(50)) returns int begin delete from register where code = c; return 1; end"
        )
        writing = "select wipe(:code) as n"
    async with opened(register, context, statement=writing) as lookup:
        finding = await lookup.ask(Question(criteria={"code": CODE}))
    assert isinstance(finding, Rejected | Unavailable)
    assert len(await register.server.fetch("select 1 from register")) == 2


async def test_a_statement_that_takes_too_long_is_ended_by_the_database(
    register: DatabaseRegister, context: Context
) -> None:
    slow = "pg_sleep(30)" if register.server.make == "postgresql" else "sleep(30)"
    statement = f"select {slow} as n from register where code = :code"
    async with opened(register, context, statement=statement, statement_seconds=0.2) as lookup:
        finding = await lookup.ask(Question(criteria={"code": CODE}, timeout=20.0))
    assert isinstance(finding, Unavailable)
    assert finding.reason.startswith("TOO_SLOW")


@pytest.mark.parametrize(
    "settings",
    [
        {"statement": "delete from register where code = :code"},
        {"statement": "select 1 where :code = 1; drop table register"},
        {"statement": "select 1 from register where code = :kode"},
        {"criteria": {"code": {}, "name": {}}},
        {"criteria": {}},
        {"url": "postgresql://user:password@host/db"},
        {"url": "file:///etc/passwd"},
    ],
)
def test_settings_that_cannot_be_are_refused(settings: dict[str, Any]) -> None:
    good = {
        "url": "postgresql://host:5432/db",
        "user": "u",
        "statement": "select 1 from register where code = :code",
        "criteria": {"code": {}},
    }
    CONNECTOR.lookup_config.model_validate(good)
    with pytest.raises(ValidationError):
        CONNECTOR.lookup_config.model_validate({**good, **settings})
