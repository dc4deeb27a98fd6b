# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What the tests of front databases are lent: a database on either make, behind a relay, with the national tables in it."""

from collections.abc import Callable
from typing import Any, Literal

import orjson
import pytest

from connectors.front_db.profiles import ddl
from connectors.sdk import Parcel
from tests.connectors.far_database import Relay


@pytest.fixture
async def national(relay: Relay) -> Relay:
    """The same, with the national tables of version 3."""
    make: Literal["postgresql", "mysql"] = "postgresql" if relay.server.make == "postgresql" else "mysql"
    for statement in statements(ddl("national_v3", make)):
        await relay.server.execute(statement)
    return relay


def statements(script: str) -> list[str]:
    """The statements of a script whose only semicolons end them."""
    plain = "\n".join(line.partition("--")[0] for line in script.splitlines())
    return [one for one in (part.strip() for part in plain.split(";")) if one]


ACCEPTED = {
    "row_guid": "00000000-0000-7000-8000-000000000001",
    "cd_operation": "I",
    "cd_time": "2026-03-03 10:00:05",
    "project_no": "510500-20260302-000001",
    "catalog_code": "000101000001",
    "task_code": "1151050200000000004000101000001",
    "task_version": "3",
    "applyer_name": "示例餐饮有限公司（测试）",
    "apply_date": "2026-03-02 09:05:00",
    "apply_type": "2",
    "project_type": "1",
    "accept_date": "2026-03-03 10:00:00",
    "org_code": "115105020000000000",
}
"""A row of up_pro_accept, as its dialect writes it."""

MATERIAL = {
    "row_guid": ACCEPTED["row_guid"],
    "cd_operation": "I",
    "cd_time": "2026-03-03 10:00:05",
    "project_no": ACCEPTED["project_no"],
    "material_name": "身份证复印件",
    "get_type": "1",
}


def document(*rows: tuple[str, dict[str, Any]]) -> bytes:
    """Rows as the hub hands them to a sink."""

    return orjson.dumps({"rows": [{"table": table, "row": row} for table, row in rows]})


@pytest.fixture
def parcel_of(parcel: Callable[..., Parcel]) -> Callable[..., Parcel]:
    def make(*rows: tuple[str, dict[str, Any]], **changes: Any) -> Parcel:
        key = rows[0][1].get("row_guid", "key-1")
        return parcel(key, content_type="application/vnd.govhub.rows+json", body=document(*rows), **changes)

    return make
