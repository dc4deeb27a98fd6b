# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The picture of the life of a case, which the rules of :mod:`contracts.lifecycle` draw themselves."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from contracts.documents.page import Language
from contracts.lifecycle.judgement import Lawful, judge
from contracts.lifecycle.message import CORRECTION, READINGS, Kind, Message
from contracts.lifecycle.rules import ENDINGS
from contracts.lifecycle.standing import Phase
from contracts.lifecycle.state import State
from contracts.text import Text

_ENDS = {Phase.CLOSED, Phase.REFUSED, Phase.LICENSED, Phase.COLLECTED}


def picture(language: Language) -> str:
    """A state diagram in Mermaid: every phase, and every way from it to another."""
    drawn = [f"{phase.value}: {_label(phase.text, language)}" for phase in Phase]
    drawn.append(f"[*] --> {Phase.UNKNOWN.value}")
    comma = "、" if language is Language.ZH else ", "
    for (here, there), messages in _ways().items():
        labels = (_label(sort, language) for sort in _sorts(messages))
        drawn.append(f"{here.value} --> {there.value}: {comma.join(labels)}")
    drawn += [f"{phase.value} --> [*]" for phase in Phase if phase in _ENDS]
    return "\n    ".join(("stateDiagram-v2", *drawn))


@cache
def _ways() -> Mapping[tuple[Phase, Phase], Sequence[Message]]:
    """Which messages lead from one phase to another, found by judging one of each sort, each a day after those before."""
    seen, ways = {_standing(State())}, dict[tuple[Phase, Phase], list[Message]]()
    waiting = [State()]
    while waiting:
        state = waiting.pop(0)
        for message in _samples(len(state.records)):
            judged = judge(state, message)
            if not isinstance(judged, Lawful) or (there := judged.next.phase) is state.phase:
                continue
            ways.setdefault((state.phase, there), []).append(message)
            if _standing(judged.next) not in seen:
                seen.add(_standing(judged.next))
                waiting.append(judged.next)
    return ways


def _standing(state: State) -> tuple[Phase, bool, bool, tuple[str, ...]]:
    """What decides where a message leads: the phase, what was asked and found before, and how the case ended."""
    endings = (group for group in ENDINGS if state.has(Kind.COMPLETION, *group))
    return state.phase, bool(state.requests), state.has(Kind.PREREVIEW, "passed"), next(endings, ())


def _samples(day: int) -> Iterator[Message]:
    for kind, reading in READINGS.items():
        for code in reading.outcomes or ("",):
            several = bool(reading.keys) or code == CORRECTION
            yield Message(kind, "1" if several else "", str(code), at=f"{day:010}")


def _sorts(messages: Sequence[Message]) -> Iterator[Text]:
    """What leads along one arrow, in the order of a case's life: kinds, with their outcomes where not every one does."""
    for kind in Kind:
        outcomes = tuple(dict.fromkeys(one.outcome for one in messages if one.kind is kind))
        codes = READINGS[kind].outcomes
        if not outcomes:
            continue
        if codes is None or set(outcomes) == {code.value for code in codes}:
            yield kind.text
        elif kind is Kind.COMPLETION:
            yield from (_of(kind, text) for group, text in ENDINGS.items() if set(group) <= set(outcomes))
        else:
            yield from (_of(kind, code.text) for code in codes if code.value in outcomes)


def _of(kind: Kind, outcome: Text) -> Text:
    return Text(f"{kind.text.zh}·{outcome.zh}", f"{kind.text.en}·{outcome.en}")


def _label(text: Text, language: Language) -> str:
    """Words on a picture, where a colon or a semicolon would end them."""
    return language.of(text).replace(":", ",").replace(";", ",")
