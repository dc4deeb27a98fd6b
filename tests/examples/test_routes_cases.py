# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Every example's route table passes its own cases, and no route of it is untried."""

from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from hub.cli.main import app

TABLES = sorted(Path("examples").glob("*/routes.yaml"))


@pytest.mark.parametrize("table", TABLES, ids=lambda path: path.parent.name)
def test_a_table_passes_its_cases_and_every_route_is_tried(table: Path) -> None:
    ran = CliRunner().invoke(app, ["routes", "test", str(table), "--json"])

    assert ran.exit_code == 0, ran.output
    told = orjson.loads(ran.stdout)
    assert told["ok"]
    assert told["untried"] == []
