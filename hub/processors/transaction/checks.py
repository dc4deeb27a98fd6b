# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What is wrong with the settings of a coordinator beyond their form: told when they are loaded, with file and line."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contracts.fault import Fault
from contracts.located import Located
from contracts.text import Text
from hub.processors.transaction.config import EmittedSettings, StepSettings, TransactionConfig
from hub.processors.transaction.trials import Path, fault, trials
from hub.processors.transaction.values import places
from hub.processors.transaction.writing import contract_of, type_of, versions_of

_PLAIN = frozenset({"transaction", "now", "cause"})


@dataclass(frozen=True, slots=True)
class _Checks:
    settings: TransactionConfig
    source: Located

    def fault(self, code: str, path: Path, problem: Text, remedy: Text) -> Fault:
        return fault(self.source, code, path, problem, remedy)

    def names(self) -> Iterator[Fault]:
        """Two steps of one name."""
        seen: set[str] = set()
        for number, step in enumerate(self.settings.steps):
            if step.name in seen:
                yield self.fault(
                    "STEP_TWICE",
                    ("steps", number, "name"),
                    Text(f"步骤名称“{step.name}”重复。", f"Two steps are called '{step.name}'."),
                    Text("请另取名称。", "Give one of them another name."),
                )
            seen.add(step.name)

    def reversals(self) -> Iterator[Fault]:
        """A step is undone by a compensation, or cannot be undone and comes last."""
        irreversible = ""
        for number, step in enumerate(self.settings.steps):
            if (step.compensation is None) == (not step.irreversible):
                yield self.fault(
                    "STEP_REVERSAL",
                    ("steps", number),
                    Text(
                        f"步骤“{step.name}”须写明 compensation 或 irreversible: true，且只写一项。",
                        f"The step '{step.name}' must have a compensation, or be irreversible: one of the two.",
                    ),
                    Text(
                        "请写明撤销此步骤的消息；确实无法撤销的写 irreversible: true。",
                        "Write the message that undoes it; if nothing does, write irreversible: true.",
                    ),
                )
            if irreversible and not step.irreversible:
                yield self.fault(
                    "STEP_AFTER_IRREVERSIBLE",
                    ("steps", number),
                    Text(
                        f"步骤“{step.name}”可撤销，却排在不可撤销的“{irreversible}”之后：它失败时后者已无法撤销。",
                        f"The step '{step.name}' can be undone and comes after '{irreversible}', which cannot: its failure would "
                        "be too late.",
                    ),
                    Text("请把不可撤销的步骤排在最后。", "Put the steps that cannot be undone last."),
                )
            if step.irreversible:
                irreversible = irreversible or step.name
            if step.together and number == 0:
                yield self.fault(
                    "STEP_TOGETHER",
                    ("steps", number, "together"),
                    Text("第一个步骤之前没有步骤。", "There is no step before the first one."),
                    Text("请删去 together。", "Take 'together' out."),
                )
            if step.on_dead == "wait" and step.within_seconds is None:
                yield self.fault(
                    "STEP_WAITS",
                    ("steps", number, "on_dead"),
                    Text("on_dead: wait 须有时限，否则可能一直等下去。", "With on_dead: wait it could wait for ever."),
                    Text("请写 within_seconds。", "Write within_seconds."),
                )

    def contracts(self) -> Iterator[Fault]:
        """Contracts that nobody knows, and fields that they do not have."""
        yield from self._contract(("begins",), self.settings.begins, self._beginning_fields())
        for number, step in enumerate(self.settings.steps):
            at: Path = ("steps", number)
            yield from self._contract((*at, "contract"), step.contract, ())
            yield from self._fields((*at, "when"), [self.settings.begins], step.when)
            if step.compensation is not None:
                yield from self._contract((*at, "compensation", "contract"), step.compensation.contract, ())
            if (until := step.until) is not None:
                named = [until.by, *_heads(until.done), *_heads(until.refused)]
                yield from self._contract((*at, "until", "contract"), until.contract, named)
        if (taken_back := self.settings.withdrawal) is not None:
            named = [taken_back.by, *_heads(taken_back.when)]
            yield from self._contract(("withdrawal", "contract"), taken_back.contract, named)
            yield from self._contract(("withdrawal", "by"), self.settings.begins, [taken_back.by])

    def joins(self) -> Iterator[Fault]:
        """Answers of one contract that belong by different fields, and numbers that are not known at the start."""
        by: dict[str, str] = {}
        joining = [(("steps", n, "until", "by"), step.until) for n, step in enumerate(self.settings.steps)]
        for path, one in [*joining, (("withdrawal", "by"), self.settings.withdrawal)]:
            if one is not None and by.setdefault(type_of(one.contract), one.by) != one.by:
                yield self.fault(
                    "ANSWER_BY_TWO",
                    path,
                    Text(
                        f"同一契约 {type_of(one.contract)} 用了两个不同的编号字段。",
                        f"{type_of(one.contract)} belongs by two different fields.",
                    ),
                    Text(f"请统一用 {by[type_of(one.contract)]}。", f"Use {by[type_of(one.contract)]} everywhere."),
                )
        for number, step in enumerate(self.settings.steps):
            if step.until is None or not _unnumbered(step, self.settings):
                continue
            yield self.fault(
                "ANSWER_NUMBER",
                ("steps", number, "until", "by"),
                Text(
                    f"步骤消息的 {step.until.by} 须在发起时即可确定，答复凭它归入本事务。",
                    f"The step's {step.until.by} must be known when the transaction begins: the answer belongs by it.",
                ),
                Text(
                    f"请在该步骤的 data 中写明 {step.until.by}，只取自 message 与 transaction。",
                    f"Write {step.until.by} under the step's data, out of message and transaction alone.",
                ),
            )

    def places(self) -> Iterator[Fault]:
        """Places that nothing fills."""
        before: list[StepSettings] = []
        for number, step in enumerate(self.settings.steps):
            yield from self._places(("steps", number, "data"), step, before)
            before.append(step)
            if step.compensation is not None:
                yield from self._places(("steps", number, "compensation", "data"), step.compensation, before)

    def _beginning_fields(self) -> list[str]:
        own = [self.settings.number] if self.settings.number is not None else []
        return [*own, *_heads(self.settings.begins_when)]

    def _contract(self, path: Path, name: str, fields: Sequence[str]) -> Iterator[Fault]:
        if contract_of(name) is None:
            yield self.fault(
                "CONTRACT_UNKNOWN",
                path,
                Text(f"契约目录中没有 {name}。", f"The catalogue has no contract {name}."),
                Text("请按契约目录改正名称或版本。", "Correct its name or version as the catalogue has it."),
            )
        elif missing := sorted({field for field in fields if not _has(name, field)}):
            yield self.fault(
                "FIELD_UNKNOWN",
                path,
                Text(f"契约 {name} 没有字段 {'、'.join(missing)}。", f"{name} has no field {', '.join(missing)}."),
                Text("请按契约目录改正字段名。", "Correct the field as the catalogue has it."),
            )

    def _fields(self, path: Path, contracts: Sequence[str], cases: Mapping[str, Any]) -> Iterator[Fault]:
        for field in _heads(cases):
            if not any(_has(name, field) for name in contracts):
                yield from self._contract(path, contracts[0], [field])

    def _places(self, path: Path, emitted: EmittedSettings, before: Sequence[StepSettings]) -> Iterator[Fault]:
        steps = {step.name: step for step in before}
        for field, template in emitted.data.items():
            for place in places(template):
                if not _filled(place, self.settings, steps):
                    yield self.fault(
                        "PLACE_UNKNOWN",
                        (*path, field),
                        Text(f"没有可取的值：{{{place}}}。", f"Nothing fills {{{place}}}."),
                        Text(
                            "可取：message.字段、step.之前的步骤.字段、answer.之前有答复的步骤.字段、transaction、now、cause。",
                            "There are message.FIELD, step.NAME.FIELD and answer.NAME.FIELD of steps before it, transaction, "
                            "now, cause.",
                        ),
                    )


def faults_of(settings: TransactionConfig, source: Located) -> Iterator[Fault]:
    """Everything that is wrong; what is sent is tried only where all else is right."""
    checks = _Checks(settings, source)
    found = [
        *checks.names(),
        *checks.reversals(),
        *checks.contracts(),
        *checks.joins(),
        *checks.places(),
    ]
    yield from found or trials(settings, source)


def _has(contract: str, field: str) -> bool:
    return any(field in one.model.model_fields for one in versions_of(contract))


def _heads(cases: Mapping[str, Any]) -> list[str]:
    return [path.partition(".")[0] for path in cases]


def _unnumbered(step: StepSettings, settings: TransactionConfig) -> bool:
    assert step.until is not None, "only those that wait for an answer are asked"
    if step.until.by not in step.data:
        return type_of(step.contract) != type_of(settings.begins)
    return any(
        place != "transaction" and not place.startswith("message.") for place in places(step.data[step.until.by])
    )


def _filled(place: str, settings: TransactionConfig, steps: Mapping[str, StepSettings]) -> bool:
    kind, _, rest = place.partition(".")
    if place in _PLAIN:
        return True
    if kind == "message":
        return bool(rest) and _has(settings.begins, rest.partition(".")[0])
    name, _, field = rest.partition(".")
    step = steps.get(name)
    if step is None or not field:
        return False
    head = field.partition(".")[0]
    match kind:
        case "step":
            return _has(step.contract, head)
        case "answer":
            return step.until is not None and _has(step.until.contract, head)
        case _:
            return False
