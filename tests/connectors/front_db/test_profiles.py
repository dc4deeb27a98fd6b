# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The tables of a profile are written out of one list: every version and make has the same fields. What databases make of the
statements, the tests of the source and the sink see.
"""

import re
import subprocess
import sys
from typing import Any

import pytest

from connectors.front_db.config import SinkConfig, SourceConfig
from connectors.front_db.profiles import Profile, ddl
from connectors.front_db.profiles.statements import Make

ADDRESS: dict[str, Any] = {"url": "postgresql://h/d", "user": "u", "password_secret": "p"}


def fields(script: str) -> dict[str, list[str]]:
    """The names of columns by table."""
    tables = re.findall(r"create table ((?:up|dn)_\w+) \(\n(.*?)\n\)", script, re.DOTALL)
    return {name: re.findall(r"^  (\w+) ", body, re.MULTILINE) for name, body in tables}


@pytest.mark.parametrize("make", ["postgresql", "mysql"])
def test_every_version_has_the_same_fields(make: Make) -> None:
    third, fourth = fields(ddl("national_v3", make)), fields(ddl("national_v4", make))

    assert len(third) == 6
    assert {name.replace("_v3", "_v4"): columns for name, columns in third.items()} == fourth


def test_every_make_has_the_same_fields() -> None:
    assert fields(ddl("national_v4", "postgresql")) == fields(ddl("national_v4", "mysql"))
    assert fields(ddl("supervision", "postgresql")) == fields(ddl("supervision", "mysql"))


@pytest.mark.parametrize("profile", ["national_v3", "national_v4", "supervision"])
def test_the_settings_name_columns_that_are_there(profile: Profile) -> None:
    there = fields(ddl(profile, "postgresql"))
    sink = SinkConfig.model_validate({**ADDRESS, "profile": profile})
    source = SourceConfig.model_validate({**ADDRESS, "profile": profile})

    assert set(sink.tables or ()) == {name for name in there if name.startswith("up_")}
    for table in source.tables:
        assert {table.key, *table.ordered_by, table.subject, *table.leave_out} <= set(there[table.table])


def test_it_is_printed_for_who_makes_the_tables() -> None:
    command = [sys.executable, "-m", "connectors.front_db.profiles"]
    printed = subprocess.run([*command, "national_v4", "mysql"], capture_output=True, text=True, check=True)
    unknown = subprocess.run([*command, "national_v5", "mysql"], capture_output=True, text=True, check=False)

    assert printed.stdout == ddl("national_v4", "mysql")
    assert (unknown.returncode, unknown.stdout) == (2, "")
