# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The generated page ``docs/lifecycle.md``: the rules as a table, and a picture that the rules themselves draw."""

from collections.abc import Iterator, Mapping

from contracts.codes import AcceptanceDecision, Code, CompletionResult, PrereviewDecision
from contracts.lifecycle.judgement import Lawful, judge
from contracts.lifecycle.message import Kind, Message
from contracts.lifecycle.rules import BARS, CONTRADICTION, CONTRADICTS, UNDERMINES, UNDERMINING, WAITS, On
from contracts.lifecycle.state import Phase, State
from contracts.text import Text

_OUTCOMES: Mapping[Kind, type[Code]] = {
    Kind.PREREVIEW: PrereviewDecision,
    Kind.ACCEPTANCE: AcceptanceDecision,
    Kind.COMPLETION: CompletionResult,
}
_SINGLE = {Kind.APPLICATION, Kind.ACCEPTANCE, Kind.COMPLETION}
_ENDS = {Phase.CLOSED, Phase.REFUSED, Phase.LICENSED, Phase.COLLECTED}


def lifecycle_page() -> str:
    """The page without its notice."""
    lines = [
        "# 办件生命周期 / The life of a case",
        "",
        "```mermaid",
        "stateDiagram-v2",
        *(f"    {line}" for line in _picture()),
        "```",
        "",
        "图由规则推得：箭头上是使办件进入下一状态的消息；不改变状态的消息（环节、收费、评价、更正等）不画。",
        "The rules draw the picture: an arrow names the message that leads on; messages that change no phase are left out.",
        "",
        "到得早的消息先寄存，所等的消息到达后重新判断；与已知记录不能并存的消息按规则编号拒收。",
        "An early message is parked and judged again when what it waits for has come; one that cannot stand beside what is",
        "known is refused with the number of the rule. Late steps, fees, collections, ratings and corrections are welcome.",
        "",
        "消息到达的先后不影响结果：同一组合规的记录，无论以何种次序到达，最终状态相同。",
        "The order of arrival does not count: the same lawful records come to the same state, whichever came first.",
        "改变结论的更正除外：它按到达时已知的记录判断。",
        "Except for a correction that changes a decision: it is judged by what is known when it comes.",
        "",
        "## 须等待的消息 / What waits",
        "",
        "| 规则 Rule | 消息 Messages | 等待 Waits for |",
        "| --- | --- | --- |",
        *(f"| {wait.number} | {_messages(wait.on)} | {_cell(wait.needs)} |" for wait in WAITS),
        "",
        "## 不可能的消息 / What is impossible",
        "",
        "| 规则 Rule | 消息 Messages | 原因 Reason |",
        "| --- | --- | --- |",
        *(f"| {bar.number} | {_messages(bar.on)} | {_cell(bar.text)} |" for bar in BARS),
        f"| {CONTRADICTION} | 任何记录 any record | {_cell(CONTRADICTS)} |",
        f"| {UNDERMINING} | 任何更正 any correction | {_cell(UNDERMINES)} |",
        "",
        "## 重复与更正 / Repeats and corrections",
        "",
        "同一记录（种类与编号相同）以数据版本号 `record_version` 区分：版本相同而结论相同为重复，版本更大为更正，",
        "版本更小的晚到者不再改变状态。",
        "Versions of one record (same kind and number) are told apart by `record_version`: the same version that decides",
        "the same is a repeat, a higher one is a correction, and a lower one that comes late changes nothing.",
        "",
    ]
    return "\n".join(lines)


def _picture() -> Iterator[str]:
    """Every phase and every way from it that changes the phase, found by judging one message of each sort."""
    seen, edges = {_standing(State())}, dict[tuple[Phase, Phase], list[str]]()
    waiting = [State()]
    while waiting:
        state = waiting.pop(0)
        for message in _samples():
            judged = judge(state, message)
            if not isinstance(judged, Lawful) or (there := judged.next.phase) is state.phase:
                continue
            edges.setdefault((state.phase, there), []).append(_sort(message))
            if _standing(judged.next) not in seen:
                seen.add(_standing(judged.next))
                waiting.append(judged.next)
    yield from (f"{phase.value}: {phase.text.zh} {phase.text.en}" for phase in Phase)
    yield f"[*] --> {Phase.UNKNOWN.value}"
    for (here, there), sorts in edges.items():
        yield f"{here.value} --> {there.value}: {'、'.join(dict.fromkeys(sorts))}"
    yield from (f"{phase.value} --> [*]" for phase in Phase if phase in _ENDS)


def _standing(state: State) -> tuple[Phase, frozenset[str]]:
    """What the rules can tell apart in the states that are explored."""
    return state.phase, frozenset(one.outcome for one in state.records)


def _samples() -> Iterator[Message]:
    for kind in Kind:
        for code in _OUTCOMES.get(kind, ("",)):
            yield Message(kind, "" if kind in _SINGLE else f"1{code}", str(code))


def _sort(message: Message) -> str:
    if message.kind not in _OUTCOMES:
        return message.kind.text.zh
    return f"{message.kind.text.zh}·{_decided(message.kind, message.outcome).zh}"


def _decided(kind: Kind, outcome: str) -> Text:
    return next(code.text for code in _OUTCOMES[kind] if code == outcome)


def _messages(on: tuple[On, ...]) -> str:
    if len(on) == len(Kind) - 1:
        return "除申请外的全部消息<br>every message but the application"
    return "<br>".join(map(_named, on))


def _named(on: On) -> str:
    name = f"{on.kind.text.zh} {on.kind.text.en}"
    if not on.outcomes:
        return name
    decided = [_decided(on.kind, outcome) for outcome in on.outcomes]
    return f"{name}（{'、'.join(one.zh for one in decided)} / {', '.join(one.en for one in decided)}）"


def _cell(text: Text) -> str:
    return f"{text.zh}<br>{text.en}"
