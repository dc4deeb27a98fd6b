# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Questions over HTTP: what is asked, what comes back, and what no answer may be taken for."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web
from pydantic import ValidationError

from connectors.rest_query import CONNECTOR
from connectors.rest_query.config import RestQueryConfig
from connectors.sdk import Context, Finding, Found, NotFound, Question, Rejected, Unavailable
from tests.connectors.rest_query.register import HttpRegister


@pytest.fixture(params=["GET", "POST"])
async def register(request: pytest.FixtureRequest) -> AsyncIterator[HttpRegister]:
    async with HttpRegister(request.param) as opened:
        yield opened


async def asked(context: Context, register: HttpRegister, criteria: dict[str, str], **settings: Any) -> Finding:
    config = RestQueryConfig.model_validate({**register.settings, **settings})
    async with CONNECTOR.lookup(config, context) as lookup:
        return await lookup.ask(Question(criteria=criteria, traceparent="00-" + "ab" * 16 + "-" + "cd" * 8 + "-01"))


async def test_records_come_back_in_order(register: HttpRegister, context: Context) -> None:
    names = {"GET": ("name", "number"), "POST": ("MC", "BH")}[register.method]
    finding = await asked(context, register, {"name": "虚构商行"})
    assert finding == Found(tuple({names[0]: "虚构商行", names[1]: number} for number in ("A-1", "A-2")))
    assert await asked(context, register, {"name": "虚构商行"}, most_records=1) == Found(
        ({names[0]: "虚构商行", names[1]: "A-1"},), complete=False
    )
    assert await asked(context, register, {"name": "杜撰<公司>"}) == Found(({names[0]: "杜撰<公司>", names[1]: "B-1"},))
    assert await asked(context, register, {"name": "'; drop table"}) == NotFound()
    assert register.asked[0].headers["traceparent"].startswith("00-abab")


@pytest.mark.parametrize("criteria", [{}, {"name": "a", "other": "b"}, {"region": "1"}])
async def test_a_wrong_question_reaches_nobody(
    register: HttpRegister, context: Context, criteria: dict[str, str]
) -> None:
    finding = await asked(context, register, criteria)
    assert isinstance(finding, Rejected)
    assert finding.code == "CRITERIA"
    assert register.asked == []


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, ""),
        (404, "<html>not found</html>"),
        (200, "<html>maintenance</html>"),
        (200, '{"code": "unknown"}'),
        (200, '{"code": 0, "data": []}'),
        (200, '{"code": 0, "data": [1]}'),
        (302, ""),
        (500, '{"code": 5}'),
        (200, "<R><CODE>0</CODE></R>"),
        (200, "<!DOCTYPE R [<!ENTITY x '100'>]><R><CODE>100</CODE></R>"),
        (200, "[" * 50_000),
        (200, "x" * (2 * 2**20 + 1)),
    ],
)
async def test_what_is_not_the_registers_word_is_unavailable(
    register: HttpRegister, context: Context, status: int, body: str
) -> None:
    register.answer = web.Response(status=status, text=body)
    finding = await asked(context, register, {"name": "虚构商行"})
    assert isinstance(finding, Unavailable), finding
    assert "虚构商行" not in repr(finding)


async def test_who_asks_is_proved(register: HttpRegister, context: Context) -> None:
    known = replace(context, secret={"word": "made-up-word"}.__getitem__)
    signature = {"secret": "word", "over": "{c.name|md5}", "header": "X-Sign", "encoding": "hex"}
    finding = await asked(known, register, {"name": "虚构商行"}, bearer_secret="word", signatures=[signature])
    assert isinstance(finding, Found)
    assert register.asked[0].headers["Authorization"] == "Bearer made-up-word"
    assert len(register.asked[0].headers["X-Sign"]) == 64
    missing = await asked(known, register, {"name": "虚构商行"}, bearer_secret="none")
    assert missing == Unavailable("SECRET_MISSING: no secret none")


@pytest.mark.parametrize(
    "wrong",
    [
        {"method": "POST"},
        {"optional": ["name"]},
        {"answers": [{"statuses": [404], "means": "not_found"}]},
        {"answers": [{"at": "/a", "in": ["0"], "means": "found"}]},
        {"answers": [{"at": "/a", "in": ["0"], "means": "not_found"}]},
        {"url": "http://{c.name}/"},
        {"required": []},
    ],
)
def test_settings_that_do_not_fit_together(wrong: dict[str, Any]) -> None:
    good = {
        "url": "http://h/?n={c.name}",
        "required": ["name"],
        "answers": [{"at": "/a", "in": ["0"], "means": "found", "records": "/b"}],
    }
    RestQueryConfig.model_validate(good)
    with pytest.raises(ValidationError):
        RestQueryConfig.model_validate({**good, **wrong})
