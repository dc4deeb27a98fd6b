# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The page of the life of a case: its rules as tables, and a picture that the rules themselves draw."""

from collections.abc import Iterator, Mapping

from contracts.codes import AcceptanceDecision, CompletionResult, PrereviewDecision
from contracts.codes import Code as CodeList
from contracts.documents.page import (
    Block,
    Code,
    Heading,
    Inline,
    Language,
    Listing,
    Page,
    PageLink,
    Paragraph,
    Table,
    Words,
    lines,
    same,
    words,
)
from contracts.lifecycle.judgement import Lawful, judge
from contracts.lifecycle.message import Kind, Message
from contracts.lifecycle.rules import BARS, CONTRADICTION, CONTRADICTS, UNDERMINES, UNDERMINING, WAITS, On
from contracts.lifecycle.state import Phase, State
from contracts.text import Text

NAME = "lifecycle"
TITLE = Text("办件生命周期", "The life of a case")

_OUTCOMES: Mapping[Kind, type[CodeList]] = {
    Kind.PREREVIEW: PrereviewDecision,
    Kind.ACCEPTANCE: AcceptanceDecision,
    Kind.COMPLETION: CompletionResult,
}
_SINGLE = {Kind.APPLICATION, Kind.ACCEPTANCE, Kind.COMPLETION}
_ENDS = {Phase.CLOSED, Phase.REFUSED, Phase.LICENSED, Phase.COLLECTED}
_RULE, _MESSAGES = Text("规则", "Rule"), Text("消息", "Messages")
_WAITS = (_RULE, _MESSAGES, Text("等待", "Waits for"))
_BARS = (_RULE, _MESSAGES, Text("原因", "Reason"))


def lifecycle_page() -> Page:
    """The rules of :mod:`contracts.lifecycle`."""
    return Page(
        NAME,
        TITLE,
        (
            Listing("mermaid", Text(_picture(Language.ZH), _picture(Language.EN))),
            Paragraph(
                (
                    words(
                        "图由规则推得：箭头上是使办件进入下一状态的消息；不改变状态的消息（环节、收费、评价、更正等）不画。",
                        "The rules draw the picture: an arrow names the message that leads on; messages that change no "
                        "phase are left out.",
                    ),
                )
            ),
            Paragraph(
                (
                    words(
                        "到得早的消息先寄存，所等的消息到达后重新判断；与已知记录不能并存的消息按规则编号拒收。"
                        "晚到的环节、收费、领取、评价与更正照常接收。",
                        "An early message is parked and judged again when what it waits for has come; one that cannot "
                        "stand beside what is known is refused with the number of the rule. Late steps, fees, collections, "
                        "ratings and corrections are welcome.",
                    ),
                )
            ),
            Paragraph(
                (
                    words(
                        "消息到达的先后不影响结果：同一组合规的记录，无论以何种次序到达，最终状态相同。",
                        "The order of arrival does not count: the same lawful records come to the same state, whichever "
                        "came first.",
                    ),
                )
            ),
            Heading(2, (words("须等待的消息", "What waits"),), "waits"),
            Table(_WAITS, tuple((_number(one.number), _messages(one.on), (Words(one.needs),)) for one in WAITS)),
            Heading(2, (words("不可能的消息", "What is impossible"),), "impossible"),
            Table(
                _BARS,
                (
                    *((_number(one.number), _messages(one.on), (Words(one.text),)) for one in BARS),
                    (_number(CONTRADICTION), (words("任何记录", "any record"),), (Words(CONTRADICTS),)),
                    (_number(UNDERMINING), (words("任何更正", "any correction"),), (Words(UNDERMINES),)),
                ),
            ),
            Heading(2, (words("重复与更正", "Repeats and corrections"),), "corrections"),
            Paragraph(
                (
                    words(
                        "同一记录（种类与编号相同）以数据版本号 ",
                        "Versions of one record (same kind and number) are told apart by ",
                    ),
                    Code("record_version"),
                    words(
                        " 区分：版本相同而结论相同为重复，版本更大为更正，版本更小的晚到者不再改变状态。",
                        ": the same version that decides the same is a repeat, a higher one is a correction, and a lower one "
                        "that comes late changes nothing.",
                    ),
                )
            ),
        ),
    )


def lifecycle_rules(type_: str) -> Iterator[Block]:
    """What the rules say of the messages of one contract; nothing for one that leaves the life of a case alone."""
    kind = next((one for one in Kind if one.value == type_), None)
    if kind is None:
        return
    yield Heading(2, (words("在办件生命周期中", "In the life of a case"),), "lifecycle")
    yield Paragraph(
        (
            words("这类消息是 ", "These messages are one event of "),
            PageLink(NAME, words(TITLE.zh, "the life of a case")),
            words(" 中的事件：", ": "),
            Words(kind.text),
            words("。", "."),
        )
    )
    waits = tuple(
        (_number(one.number), _own(one.on, kind), (Words(one.needs),)) for one in WAITS if _about(one.on, kind)
    )
    bars = tuple((_number(one.number), _own(one.on, kind), (Words(one.text),)) for one in BARS if _about(one.on, kind))
    if waits:
        yield Table(_WAITS, waits)
    if bars:
        yield Table(_BARS, bars)


def _about(on: tuple[On, ...], kind: Kind) -> bool:
    return any(one.kind is kind for one in on)


def _own(on: tuple[On, ...], kind: Kind) -> Inline:
    return lines(_named(one) for one in on if one.kind is kind)


def _number(number: int) -> Inline:
    return (same(str(number)),)


def _picture(language: Language) -> str:
    """Every phase and every way from it that changes the phase, found by judging one message of each sort."""
    seen, edges = {_standing(State())}, dict[tuple[Phase, Phase], list[str]]()
    waiting = [State()]
    while waiting:
        state = waiting.pop(0)
        for message in _samples():
            judged = judge(state, message)
            if not isinstance(judged, Lawful) or (there := judged.next.phase) is state.phase:
                continue
            edges.setdefault((state.phase, there), []).append(_sort(message, language))
            if _standing(judged.next) not in seen:
                seen.add(_standing(judged.next))
                waiting.append(judged.next)
    drawn = [f"{phase.value}: {_label(phase.text, language)}" for phase in Phase]
    drawn.append(f"[*] --> {Phase.UNKNOWN.value}")
    comma = "、" if language is Language.ZH else ", "
    for (here, there), sorts in edges.items():
        drawn.append(f"{here.value} --> {there.value}: {comma.join(dict.fromkeys(sorts))}")
    drawn += [f"{phase.value} --> [*]" for phase in Phase if phase in _ENDS]
    return "\n    ".join(("stateDiagram-v2", *drawn))


def _standing(state: State) -> tuple[Phase, frozenset[str]]:
    """What the rules can tell apart in the states that are explored."""
    return state.phase, frozenset(one.outcome for one in state.records)


def _samples() -> Iterator[Message]:
    for kind in Kind:
        for code in _OUTCOMES.get(kind, ("",)):
            yield Message(kind, "" if kind in _SINGLE else f"1{code}", str(code))


def _sort(message: Message, language: Language) -> str:
    name = _label(message.kind.text, language)
    if message.kind not in _OUTCOMES:
        return name
    return f"{name}·{_label(_decided(message.kind, message.outcome), language)}"


def _label(text: Text, language: Language) -> str:
    """Words on a picture, where a colon or a semicolon would end them."""
    return language.of(text).replace(":", ",").replace(";", ",")


def _decided(kind: Kind, outcome: str) -> Text:
    return next(code.text for code in _OUTCOMES[kind] if code == outcome)


def _messages(on: tuple[On, ...]) -> Inline:
    if len(on) == len(Kind) - 1:
        return (words("除申请外的全部消息", "every message but the application"),)
    return lines(_named(one) for one in on)


def _named(on: On) -> Inline:
    if not on.outcomes:
        return (Words(on.kind.text),)
    decided = [_decided(on.kind, outcome) for outcome in on.outcomes]
    outcomes = words(f"（{'、'.join(one.zh for one in decided)}）", f" ({', '.join(one.en for one in decided)})")
    return Words(on.kind.text), outcomes
