# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The scripts: what happens in a department's cases, in the ordinary way and otherwise."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from contracts.text import Text
from hub.sandbox import words
from hub.sandbox.far_side import Temper
from hub.sandbox.speech import (
    ACCEPTANCE,
    COMPLETION,
    CORRECTION_REQUESTED,
    CORRECTION_SUPPLIED,
    SPECIAL_ENDED,
    SPECIAL_STARTED,
    STEP,
    writable,
)
from hub.sandbox.stage import Stage, differing

RARE = "𠮷㐂䶮"
"""The first lies outside the basic plane; in GB18030 each takes four bytes, and GB2312 has none of them."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One script. ``needs``: what the far side must be able to do, or the scenario does not apply."""

    name: str
    title: Text
    run: Callable[[Stage], Awaitable[None]]
    needs: Temper = Temper.READY


async def _plain(stage: Stage) -> None:
    await stage.delivered(await stage.apply())
    await _arrived_as_said(stage)
    for kind in (ACCEPTANCE, STEP, COMPLETION):
        await stage.department_says(kind)
    await stage.returns(ACCEPTANCE, STEP, COMPLETION)


async def _correction(stage: Stage) -> None:
    await stage.delivered(await stage.apply())
    await stage.department_says(CORRECTION_REQUESTED, correction_no="1")
    await stage.returns(CORRECTION_REQUESTED)
    message = await stage.portal_says(CORRECTION_SUPPLIED, correction_no="1")
    await stage.delivered(message)
    await stage.reaches(2)
    await stage.department_says(ACCEPTANCE)
    await stage.returns(CORRECTION_REQUESTED, ACCEPTANCE)


async def _special(stage: Stage) -> None:
    await stage.delivered(await stage.apply())
    for kind in (ACCEPTANCE, SPECIAL_STARTED, SPECIAL_ENDED, COMPLETION):
        await stage.department_says(kind, special_no="1")
    await stage.returns(ACCEPTANCE, SPECIAL_STARTED, SPECIAL_ENDED, COMPLETION)


async def _withdrawal(stage: Stage) -> None:
    await stage.delivered(await stage.apply())
    contract = stage.speech.contract(COMPLETION, writable(stage.dialect))
    result = "withdrawn"
    if contract is None or contract.version < 2:
        stage.find("info", "S_NO_WORD", *words.no_word_for_withdrawn())
        result = "voided"
    await stage.department_says(COMPLETION, result=result, reason="申请人撤回申请")
    await stage.returns(COMPLETION)


async def _duplicate(stage: Stage) -> None:
    event = stage.event()
    first, again = await stage.send(event), await stage.send(event)
    if first.document != again.document:
        stage.find("error", "S_TWICE", *words.twice("portal"))
    await stage.delivered(str(first.document["message"]))
    spoken = await stage.department_says(ACCEPTANCE)
    await stage.utter(spoken)
    await stage.department_says(COMPLETION)  # what comes after it shows that nothing came before
    await stage.returns(ACCEPTANCE, COMPLETION)
    if len(await stage.reaches(1)) != 1:
        stage.find("error", "S_TWICE", *words.twice(stage.script.department))


async def _out_of_order(stage: Stage) -> None:
    await stage.delivered(await stage.apply())
    said: list[str] = []
    for kind in (
        COMPLETION,
        STEP,
        ACCEPTANCE,
    ):  # each after the last was heard: what lies together in a table has no order
        await stage.department_says(kind)
        said.append(kind)
        await stage.returns(*said)


async def _slow(stage: Stage) -> None:
    stage.far.behave(Temper.SLOW)
    await stage.delivered(await stage.apply())
    await stage.reaches(1)


async def _silent(stage: Stage) -> None:
    stage.far.behave(Temper.SILENT)
    message = await stage.apply()
    arrivals = await stage.reaches(1)
    if stage.idempotency == "none":
        delivery = await stage.desk.ended(message, stage.script.destination)
        if delivery["state"] == "in_doubt":
            stage.find("warning", "S_IN_DOUBT", *words.in_doubt())
            return
    await stage.delivered(message)
    if len({one.key for one in await stage.reaches(1)}) != len(arrivals):
        stage.find("error", "S_TWICE", *words.twice(stage.script.destination))


async def _rare(stage: Stage) -> None:
    message = await stage.apply(applicant={**stage.applicant, "name": RARE})
    await stage.delivered(message)
    arrivals = await stage.reaches(1)
    read = stage.understood(arrivals[0])
    applicant: Any = (read or {}).get("applicant")
    if read is None:
        stage.find("info", "S_NOT_COMPARED", *words.not_compared())
        if RARE not in arrivals[0].body.decode(_charset(arrivals[0].content_type), "replace"):
            stage.find("error", "S_RARE", *words.not_legible("applicant.name"))
    elif not isinstance(applicant, dict) or applicant.get("name") != RARE:
        stage.find("error", "S_RARE", *words.not_legible("applicant.name"), ["$.data.applicant.name"])


async def check_digit(stage: Stage) -> None:
    """A number with a bad check character is refused, or taken with a warning."""
    applicant = stage.applicant
    number = str(applicant["id_number"])
    wrong = number[:-1] + ("1" if number[-1] != "1" else "2")
    event = stage.event(applicant={**applicant, "id_number": wrong})
    reply = await stage.desk.send(event)
    if not reply.taken:
        refused = [one["path"] for one in reply.document.get("violations", [])]
        if "$.data.applicant.id_number" not in refused:
            await stage.send(event)  # tells what it was refused for
        return
    codes = [one["code"] for one in reply.document.get("warnings", [])]
    if codes:
        stage.find("info", "S_CHECK_DIGIT", *words.other_warning(codes), ["$.data.applicant.id_number"])
    else:
        stage.find("warning", "S_CHECK_DIGIT", *words.unseen_check(), ["$.data.applicant.id_number"])
    await stage.delivered(str(reply.document["message"]))


async def _arrived_as_said(stage: Stage) -> None:
    arrivals = await stage.reaches(1)
    read = stage.understood(arrivals[0])
    if read is None:
        stage.find("info", "S_NOT_COMPARED", *words.not_compared())
    elif paths := differing(stage.said[0][1], read):
        stage.find("error", "S_DIFFERENT", *words.different_there(), paths)


def _charset(content_type: str) -> str:
    label = content_type.partition("charset=")[2].strip().lower()
    return "gb18030" if label.startswith("gb") else "utf-8"


SCENARIOS = (
    Scenario("plain", Text("正常办件", "an ordinary case"), _plain),
    Scenario("correction", Text("补正", "a correction"), _correction),
    Scenario("special", Text("特别程序", "a special procedure"), _special),
    Scenario("withdrawal", Text("撤回", "a withdrawal"), _withdrawal),
    Scenario("duplicate", Text("重复发送", "sent twice"), _duplicate),
    Scenario("out-of-order", Text("先后颠倒", "out of order"), _out_of_order),
    Scenario("slow", Text("应答迟缓", "a slow answer"), _slow, Temper.SLOW),
    Scenario("lost-answer", Text("应答丢失", "a lost answer"), _silent, Temper.SILENT),
    Scenario(
        "rare-characters", Text("生僻字（𠮷、GB18030 四字节）", "rare characters (𠮷, four bytes of GB18030)"), _rare
    ),
    Scenario("check-digit", Text("校验位有误", "a bad check digit"), check_digit),
)
"""In the order in which they are tried."""
