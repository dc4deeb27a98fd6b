# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The answer to the sender of a message that does not fit the life of its case."""

from typing import assert_never

from contracts.json_path import member
from contracts.lifecycle.judgement import Impossible, Parked
from contracts.lifecycle.message import READINGS, VERSION, Kind, Message
from contracts.lifecycle.rules import AFTER_THE_END, CONTRADICTION
from contracts.refusal import Refusal, Violation
from contracts.text import Text

_RAISE = Text(
    "确为更正的，增大 record_version 后以新标识发送；否则勿再发送",
    "If it is a correction, send it under a new id with a higher record_version; otherwise do not send it again",
)
_COMPARE = Text(
    "核对办件编号、结论与时间；已有记录有误的，先发送其更正（record_version 更大），再重发此消息",
    "Compare case number, decision and time; if what is known is wrong, send its correction, with a higher record_version, "
    "and then this message again",
)
_FIRST = Text(
    "先发送所等的记录，再用同一标识重发；接入之前已在办的办件，请平台运维按中途接入处理",
    "Send what it waits for, then this message again under its id; ask the operator to adopt a case that was under way before",
)


def refusal(judged: Impossible | Parked, message: Message) -> Refusal:
    """What to tell the sender of this message: the rule's number stands in the detail and as ``rule`` in ``extra``.

    A parked message is refused only where early messages are not kept; where they are, this is what an operator is told.
    """
    match judged:
        case Impossible(rule, text):
            remedy = _RAISE if rule == CONTRADICTION else _COMPARE
            return _refusal("E_LIFECYCLE_IMPOSSIBLE", rule, message, text, remedy)
        case Parked(rule, needs):
            awaited = Text(f"先有{needs.zh}", f"first {needs.en}")
            return _refusal("E_LIFECYCLE_PARKED", rule, message, awaited, _FIRST)
        case unforeseen:
            assert_never(unforeseen)


def _refusal(code: str, rule: str, message: Message, expected: Text, remedy: Text) -> Refusal:
    kind = message.kind.text
    detail = Text(
        f"{kind.zh}不符合办件的进程（规则 {rule}）：{expected.zh}",
        f"The {kind.en} does not fit the life of its case (rule {rule}): {expected.en}",
    )
    violation = Violation("E_V_LIFECYCLE", _path(rule, message), expected, remedy)
    return Refusal(code, detail, (violation,), extra={"rule": rule})


def _path(rule: str, message: Message) -> str:
    """The field that speaks against what is known; the type of the message where it is the message as such."""
    reading = READINGS[message.kind]
    field = reading.decides
    if rule == CONTRADICTION:
        field = VERSION
    elif rule == AFTER_THE_END:
        field = reading.at
    elif message.kind in {Kind.CORRECTION_SUPPLIED, Kind.SPECIAL_ENDED} and message.number:
        field = reading.number
    return member("$.data", field) if field is not None else "$.type"
