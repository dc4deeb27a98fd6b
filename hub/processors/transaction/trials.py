# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What the steps of a transaction would send is tried when its settings are loaded, with the examples of the contracts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from contracts.contract import Checked
from contracts.fault import Fault, dotted
from contracts.located import Located
from contracts.text import Text
from hub.processors.transaction.config import StepSettings, TransactionConfig
from hub.processors.transaction.values import holds
from hub.processors.transaction.writing import Written, laid_over, versions_of

_TRIED_AT = "2026-03-11T15:00:00+08:00"
_TRIED_NO = "0" * 32

Path: TypeAlias = tuple[str | int, ...]


def fault(source: Located, code: str, path: Path, problem: Text, remedy: Text) -> Fault:
    """A fault at a place below these settings."""
    return Fault(code, dotted(path), source.at(path), problem, remedy)


def trials(settings: TransactionConfig, source: Located) -> Iterator[Fault]:
    """Of each step and compensation one trial must come to something valid."""
    tried = [_Trial(settings, base) for base in _examples(settings.begins)]
    for number, step in enumerate(settings.steps):
        for path, record in (
            (("steps", number), [one.step(step) for one in tried]),
            (("steps", number, "compensation"), [one.undo(step) for one in tried]),
        ):
            wrong = [_wrong(one) for one in record if one is not None]
            if wrong and all(wrong):
                first = wrong[0]
                assert first is not None, "every one is wrong"
                where, expected = first
                yield fault(
                    source,
                    "STEP_DATA",
                    (*path, "data") if _stands(source, (*path, "data")) else path,
                    Text(
                        f"用发起契约的示例试写，所得消息不合契约：{where}，应为{expected.zh}。",
                        f"Tried with the examples of the contract that begins it, the message is not valid: {where} must be "
                        f"{expected.en}.",
                    ),
                    Text("请改正 data。", "Mend its data."),
                )


@dataclass(frozen=True, slots=True)
class _Trial:
    """One example of a beginning, and what would be sent."""

    settings: TransactionConfig
    base: Written

    def step(self, step: StepSettings) -> Written | None:
        """What the step would send; None where its condition does not hold for the example."""
        return laid_over(step, self.base, self._scope(step)) if holds(step.when, self.base.data) else None

    def undo(self, step: StepSettings) -> Written | None:
        """What would undo it."""
        sent = self.step(step)
        if step.compensation is None or sent is None:
            return None
        return laid_over(step.compensation, sent, self._scope(step, itself=True))

    def _scope(self, until: StepSettings, *, itself: bool = False) -> Mapping[str, Any]:
        steps: dict[str, Any] = {}
        answers: dict[str, Any] = {}
        places = {
            "message": self.base.data,
            "transaction": _TRIED_NO,
            "now": _TRIED_AT,
            "cause": "WITHDRAWN",
            "step": steps,
            "answer": answers,
        }
        for one in self.settings.steps:
            if one.name == until.name and not itself:
                break
            steps[one.name] = laid_over(one, self.base, places).data
            if one.until is not None:
                answers[one.name] = next((dict(said.data) for said in _examples(one.until.contract)), {})
            if one.name == until.name:
                break
        return places


def _wrong(record: Written) -> tuple[str, Text] | None:
    checked = record.contract.check(dict(record.data), record.event.subject)
    return None if isinstance(checked, Checked) else (checked[0].path, checked[0].expected)


def _examples(contract: str) -> list[Written]:
    return [Written(one, example.data) for one in versions_of(contract) for example in one.examples if example.valid]


def _stands(source: Located, path: Path) -> bool:
    value: Any = source.value
    for one in path:
        try:
            value = value[one]
        except (KeyError, IndexError, TypeError):
            return False
    return True
