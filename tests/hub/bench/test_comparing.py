# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The whole comparison at its smallest, with real servers: every figure is there, and nothing is lost or comes twice."""

from importlib.util import find_spec

import orjson
import pytest
from typer.testing import CliRunner

from hub.bench import comparing
from hub.bench.comparing import Comparison, compare
from hub.cli.main import app

FIGURES = {
    "accepted_per_s", "accepted_gross_per_s", "delivered_per_s", "bus_to_bus_per_s", "raw_relay_per_s", "faststream_per_s",
    "p50_ms", "p99_ms", "delivered_p50_ms", "delivered_p99_ms", "one_case_bus_to_bus_per_s", "poisoned_delivered_per_s",
    "bare_http_per_s", "bare_insert_rows_per_s", "bus_to_bus_rss_mib", "http_rss_mib",
}  # fmt: skip


@pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")
@pytest.mark.skipif(find_spec("faststream") is None, reason="FastStream is not installed")
async def test_all_figures_of_one_small_round(dsn: str, rabbitmq: str) -> None:
    plan = Comparison(
        dsn, rabbitmq, "memory", seconds=0.5, rounds=1, cases=300, in_flight=8, windows=(50,), warm_up=0.1, limits=0.1,
        most_per_s=1500,
    )  # fmt: skip
    told: list[str] = []
    found = (await compare(plan, told.append)).as_dict()

    assert {name: found[name] for name in ("lost", "duplicated", "refused")} == dict.fromkeys(
        ("lost", "duplicated", "refused"), 0
    )
    for name in FIGURES:
        figure = found[name]
        assert isinstance(figure, float)
        assert figure > 0, name
    cpu = found["cpu_ms_per_message"]
    assert isinstance(cpu, dict)
    assert cpu.keys() == {"bus_to_bus_hub", "http_hub"}  # servers that are given are not watched
    spread = found["spread"]
    assert isinstance(spread, dict)
    assert FIGURES - {"raw_relay_per_s", "faststream_per_s"} <= spread.keys()
    assert told[0].startswith("1/1 ")


def test_without_faststream_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparing, "find_spec", lambda _: None)
    result = CliRunner().invoke(app, ["bench", "compare", "--rounds", "1", "--json"])
    assert result.exit_code != 0
    assert "pip install 'faststream[rabbit]'" in orjson.dumps(orjson.loads(result.stdout)).decode()
