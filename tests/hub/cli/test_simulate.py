# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub simulate`` lists what there is, and says what is wrong with an order."""

import socket

import orjson
import pytest
from typer.testing import CliRunner

from hub.cli.main import app

runner = CliRunner()


def test_without_a_kind_it_lists_all_with_their_words() -> None:
    told = runner.invoke(app, ["simulate"])
    as_json = orjson.loads(runner.invoke(app, ["simulate", "--json"]).stdout)
    rest = next(one for one in as_json["simulators"] if one["name"] == "rest")
    assert told.exit_code == 0
    assert "rest_query" in told.stdout
    assert {
        "word": "busy",
        "zh": "HTTP 503，稍后再来；未办理",
        "en": "HTTP 503, come back later; nothing is done",
    } in rest["words"]
    assert as_json["broken"] == []


@pytest.mark.parametrize(
    ("order", "code", "said"),
    [
        (["rest_qery"], 2, "rest_query"),
        (["rest", "--script", "ok,bussy"], 2, "bussy"),
        (["rest", "--option", "x=1"], 2, "x"),
        (["ferry", "--option", "lose=2"], 2, "outbox"),
        (["rest", "--host", "256.0.0.1"], 1, "256.0.0.1"),
    ],
)
def test_a_wrong_order_is_told_with_its_remedy(order: list[str], code: int, said: str) -> None:
    told = runner.invoke(app, ["simulate", *order, "--json"])
    problem = orjson.loads(told.stdout)
    assert told.exit_code == code
    assert said in str(problem)
    assert problem["error"].keys() == problem["remedy"].keys() == {"zh", "en"}


def test_a_port_that_is_taken_is_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        told = runner.invoke(app, ["simulate", "rest", "--port", str(taken.getsockname()[1])])
    assert told.exit_code == 1
    assert "请换一个端口" in told.output
