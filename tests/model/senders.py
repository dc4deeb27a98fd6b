# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The senders of the town and their own book: what they sent, how often, and what they were answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any, assert_never

from contracts.cloudevent import CloudEvent
from contracts.refusal import Refusal
from tests.model.acts import (
    OPINIONS,
    RESULTS,
    STAGES,
    Apply,
    Consult,
    Finish,
    Opine,
    Repeat,
    Sent,
    Submit,
    Tell,
    TellOwn,
)
from tests.model.lives import CUT, Cut
from tests.model.town import (
    ACCEPTED,
    APPLIED,
    CLOSED,
    CONSULTED,
    FIRE_CODE,
    OPINION,
    PACKAGE,
    WATER_CODE,
)
from tests.support.hubs import event

DEPARTMENTS = ("food", "fire")
"""Who handle the parts of a package, in their order."""
CODES = (FIRE_CODE, WATER_CODE)
ANSWERERS = ("fire", "water")
"""Who are asked in a consultation."""
TOKEN = "modeltoken"
"""An attribute that tells contents apart."""


@dataclass(slots=True)
class Try:
    """One sending: between which moments of the model, and what was answered."""

    begun: int
    ended: int = 0
    answer: bytes | Refusal | Cut = CUT


@dataclass(slots=True)
class Letter:
    """One message as its sender knows it. ``rival``: the letter whose id it bears with another content."""

    event: CloudEvent
    rival: "Letter | None" = None
    tries: list[Try] = field(default_factory=list)

    @property
    def system(self) -> str:
        return self.event.source

    @property
    def token(self) -> str:
        return str(self.event.extensions[TOKEN])

    @property
    def data(self) -> Mapping[str, Any]:
        assert isinstance(self.event.data, dict)
        return self.event.data

    @property
    def receipts(self) -> set[bytes]:
        """Every receipt that was ever given for it."""
        return {one.answer for one in self.tries if isinstance(one.answer, bytes)}

    @property
    def unanswered(self) -> bool:
        """Whether nobody knows what became of it: cut off, or told to come again."""
        return bool(self.tries) and all(
            isinstance(one.answer, Cut) or (isinstance(one.answer, Refusal) and one.answer.retry_after is not None)
            for one in self.tries
        )

    @property
    def refusals(self) -> list[str]:
        """The codes of the refusals that were meant for good."""
        return [
            one.answer.code for one in self.tries if isinstance(one.answer, Refusal) and one.answer.retry_after is None
        ]

    def __str__(self) -> str:
        kind = self.event.type.removeprefix("cn.gov.")
        return f"{self.system}/{self.event.id} {kind} of {self.event.subject}"


@dataclass(slots=True)
class Senders:
    """All of them. ``moments`` counts what happened, so that it can be told what was over before what began."""

    letters: list[Letter] = field(default_factory=list)
    moments: "count[int]" = field(default_factory=lambda: count(1))
    _numbers: "count[int]" = field(default_factory=lambda: count(1))
    _next: dict[int, int] = field(default_factory=dict)

    def write(self, sent: Sent, now: datetime) -> Letter | None:  # noqa: C901  # because there is a line for each act
        """The letter of an act; None: there is nothing to say now."""
        match sent:
            case Apply(case, brief):
                expires = {"expirytime": (now + timedelta(hours=1)).isoformat()} if brief else {}
                return self._new("portal", APPLIED, _case(case), extensions=expires)
            case Tell(case, stage, refused):
                return self._tell(case, stage, refused=refused)
            case TellOwn(case, stage):
                return self._new("bureau", STAGES[stage], f"BJ-{_case(case)}", **_said(STAGES[stage]))
            case Repeat(which, altered):
                return self._again(which, altered=altered)
            case Submit(package):
                return self._new("portal", PACKAGE, f"P-{package}")
            case Finish(package, part, result):
                return self.finish(DEPARTMENTS[part], f"P-{package}-0{part + 1}", RESULTS[result])
            case Consult(case, number, hours):
                dated: dict[str, Any] = {
                    "requested_at": now.isoformat(),
                    "due_at": (now + timedelta(hours=hours)).isoformat(),
                }
                asked = [{"department_code": code} for code in CODES]
                return self._new(
                    "housing", CONSULTED, _case(case), consultation_no=f"Y-{number}", consulted=asked, **dated
                )
            case Opine(which, department, opinion):
                asked_for = [one for one in self.letters if one.event.type == CONSULTED]
                if not asked_for:
                    return None
                about = asked_for[which % len(asked_for)].data
                return self.opine(department, about["case_no"], about["consultation_no"], OPINIONS[opinion])
            case _:
                assert_never(sent)

    def _tell(self, case: int, stage: int | None, *, refused: bool) -> Letter:
        if stage is None:
            stage = self._next.get(case, 0)
            self._next[case] = stage + 1
        contract = STAGES[stage % len(STAGES)]
        return self._new("housing", contract, _case(case), **_said(contract, refused=refused))

    def finish(self, system: str, case: str, result: str) -> Letter:
        """What a department says at the end of a part."""
        version = 1 + sum(one.event.type == CLOSED and one.event.subject == case for one in self.letters)
        reason: dict[str, Any] = {"reason": "测试"} if result == "denied" else {}
        return self._new(
            system, CLOSED, case, _only=True, _version=2, result=result, completed_at="2026-03-11T15:00:00+08:00",
            record_version=version, **reason,
        )  # fmt: skip

    def opine(self, department: int, case: str, number: str, opinion: str) -> Letter:
        """What a department thinks."""
        code = CODES[department]
        version = 1 + sum(
            one.event.type == OPINION
            and (one.data["case_no"], one.data["consultation_no"], one.data["department_code"]) == (case, number, code)
            for one in self.letters
        )
        reason: dict[str, Any] = {"reason": "测试"} if opinion == "object" else {}
        return self._new(
            ANSWERERS[department], OPINION, case, consultation_no=number, department_code=code, opinion=opinion,
            record_version=version, **reason,
        )  # fmt: skip

    def _again(self, which: int, *, altered: bool) -> Letter | None:
        whole = [one for one in self.letters if one.rival is None]
        if not whole:
            return None
        first = whole[-1 - which % len(whole)]
        if not altered:
            return first
        token = f"t{next(self._numbers)}"
        other = replace(first.event, extensions={**first.event.extensions, TOKEN: token})
        self.letters.append(Letter(other, rival=first))
        return self.letters[-1]

    def _new(  # because a message has so many parts
        self, system: str, contract: str, subject: str, *, extensions: Mapping[str, str] | None = None, _only: bool = False,
        _version: int = 1, **said: Any,
    ) -> Letter:  # fmt: skip
        number = next(self._numbers)
        plain = event(subject, f"m{number}", source=system, contract=contract)
        assert isinstance(plain.data, dict)
        named = {name: subject for name in ("case_no", "package_no") if name in plain.data}
        data = {**named, **said} if _only else {**plain.data, **said}
        schema = (plain.dataschema or "").rpartition(":")[0] + f":{_version}"
        made = replace(plain, data=data, dataschema=schema, extensions={**(extensions or {}), TOKEN: f"t{number}"})
        self.letters.append(Letter(made))
        return self.letters[-1]


def _case(number: int) -> str:
    return f"K-{number}"


def _said(contract: str, *, refused: bool = False) -> dict[str, Any]:
    """What differs from the contract's own example."""
    if refused and contract == ACCEPTED:
        return {"decision": "refused", "reason": "测试"}
    return {"result": "denied", "reason": "测试"} if refused and contract == CLOSED else {}


def tokens(letters: Sequence[Letter]) -> Mapping[str, Letter]:
    """Letters by their tokens."""
    return {one.token: one for one in letters}
