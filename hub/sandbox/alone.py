# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What can be tried where the sandbox does not play the far side: with nobody there, and with the department's test system."""

from connectors.sdk import Accepted, Delivered, InDoubt, Rejected, Unavailable
from contracts.text import Text
from hub.sandbox import words
from hub.sandbox.far_side import Arrival
from hub.sandbox.scenarios import RARE, Scenario, check_digit
from hub.sandbox.speech import (
    ACCEPTANCE,
    COMPLETION,
    CORRECTION_REQUESTED,
    SPECIAL_ENDED,
    SPECIAL_STARTED,
    STEP,
    writable,
)
from hub.sandbox.stage import Stage, differing

_RECORDS = (ACCEPTANCE, CORRECTION_REQUESTED, STEP, SPECIAL_STARTED, SPECIAL_ENDED, COMPLETION)


async def _configuration(stage: Stage) -> None:
    """That there is a stage says it: the deployment was loaded, with every setting as its kind wants it."""
    del stage


async def _dialect(stage: Stage) -> None:
    """Write the application as the department is sent it, and every record that it may say; read both back."""
    contract, data = stage.speech.application(stage.case, {})
    if contract.schema_uri in {one.schema_uri for one in stage.dialect.writes()}:
        encoded = stage.written(contract, data)
        _read_back(stage, Arrival("", encoded.content_type, encoded.body))
    else:
        stage.find("warning", "S_CANNOT_SAY", *words.cannot_say(contract.type))
    for kind in _RECORDS:
        if stage.speech.contract(kind, writable(stage.dialect)) is None:
            stage.find("warning", "S_CANNOT_SAY", *words.cannot_say(kind))
            continue
        spoken = stage.spoken(kind, {"special_no": "1", "correction_no": "1"})
        _read_back(stage, Arrival(spoken.id, spoken.content_type, spoken.body))


def _read_back(stage: Stage, arrival: Arrival) -> None:
    read = stage.understood(arrival)
    if read is None:
        stage.find("info", "S_NOT_COMPARED", *words.not_compared())
    elif paths := differing(stage.said[-1][1], read):
        stage.find("error", "S_DIFFERENT", *words.different_there(), paths)


async def _check(stage: Stage) -> None:
    match await stage.check():
        case Delivered() | Accepted():
            return
        case Unavailable(reason=reason) | InDoubt(reason=reason):
            raise stage.fail("S_AWAY", *words.away(reason))
        case Rejected(code=code, detail=detail):
            raise stage.fail("S_AWAY", *words.away(f"{code} {detail}"))


async def _delivery(stage: Stage) -> None:
    await stage.delivered(await stage.apply())


async def _duplicate(stage: Stage) -> None:
    event = stage.event()
    first, again = await stage.send(event), await stage.send(event)
    if first.document != again.document:
        stage.find("error", "S_TWICE", *words.twice("portal"))
    await stage.delivered(str(first.document["message"]))


async def _rare(stage: Stage) -> None:
    await stage.delivered(await stage.apply(applicant={**stage.applicant, "name": RARE}))


ALONE = (
    Scenario("configuration", Text("配置", "the configuration"), _configuration),
    Scenario("dialect", Text("方言写出读回", "the dialect, written and read back"), _dialect),
)
"""Nobody need be there."""

CHECK = "check"
"""Nothing is sent where this fails."""

REAL = (
    Scenario(CHECK, Text("检查对端", "whether the test system is there"), _check),
    Scenario("real-delivery", Text("送达测试系统", "delivered to the test system"), _delivery),
    Scenario(
        "real-duplicate",
        Text("同一申请交两次：回执相同，已送达", "handed in twice: one receipt, and delivered"),
        _duplicate,
    ),
    Scenario("real-rare-characters", Text("测试系统收下生僻字", "the test system takes rare characters"), _rare),
    Scenario(
        "real-check-digit", Text("送往测试系统：校验位有误", "to the test system: a bad check digit"), check_digit
    ),
)
"""The department's test system is there; what it says, and what it made of what arrived, is not seen here."""
