# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A site's map at work: records to documents and back, compiled once, with every loss and every refusal told."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from contracts.cloudevent import JsonValue
from contracts.contract import Checked, Contract
from contracts.conversion import Loss, Record
from contracts.dialects.document import Cell, Document, Fields
from contracts.dialects.encoding import Encoding
from contracts.mapping.context import NOTHING, Context
from contracts.mapping.map_file import Carrier
from contracts.mapping.places import getter
from contracts.mapping.plan import CONTEXT_KEY, Each, Group, Item, Leaf, Message, Source
from contracts.mapping.reading import Reader, Reading, reader
from contracts.mapping.writing import Writer, Writing, writer
from contracts.refusal import Refusal, Violation
from contracts.text import Text

MOST = 100
"""Violations of one refusal."""

_INEXPRESSIBLE = Text(
    "方言“{title}”写不出这条数据，共 {count} 处", "The dialect '{title}' cannot say this record, in {count} place(s)"
)
_UNREAD = Text("报文有 {count} 处不符合方言“{title}”", "The document breaks the dialect '{title}' in {count} place(s)")
_NO_CONTRACT = Text("方言“{title}”没有契约 {contract}", "The dialect '{title}' has no contract {contract}")
_NO_NAME = Text("方言“{title}”没有这种报文", "The dialect '{title}' has no message of this name")
_NO_CASE = Text(
    "方言“{title}”有这种报文，但无法确定是哪一种", "The dialect '{title}' cannot tell which message of this name it is"
)
_NAMES = Text("以下之一：{names}", "one of {names}")
_RENAME = Text("改正报文名称，或在映射中补上", "Correct the name, or add the message to the map")
_PRESENCE = {True: Text("有内容", "something"), False: Text("没有内容", "nothing")}
_INDEX = re.compile(r"\[([0-9]+)\]")


@dataclass(frozen=True, slots=True)
class Written:
    """A record as a dialect writes it, and what it could not say. Paths of losses are of the record."""

    document: Document
    losses: tuple[Loss, ...] = ()


@dataclass(frozen=True, slots=True)
class Mapped:
    """A document as a record of a contract, which it satisfies. Paths of losses are of the document.

    ``supplied`` holds what the document says of :data:`contracts.mapping.context.CONTEXT`.
    """

    contract: Contract
    data: Record
    checked: Checked
    losses: tuple[Loss, ...] = ()
    supplied: Mapping[str, JsonValue] = field(default_factory=dict)


class _Writing(NamedTuple):
    message: Message
    write: Writer
    agrees: Callable[[Mapping[str, JsonValue]], bool]


def _agreement(message: Message) -> Callable[[Mapping[str, JsonValue]], bool]:
    """Whether a record says nothing else than what this message assumes."""
    agreed = [(getter(Source(tuple(path.split(".")), path)), value) for path, value in message.assumed.items()]
    return lambda record: all(get(record) in {None, value} for get, value in agreed)


def _distinct(contracts: Iterable[Contract]) -> tuple[Contract, ...]:
    return tuple({contract.schema_uri: contract for contract in contracts}.values())


class SiteMap:
    """One site's way of writing the contracts it speaks."""

    def __init__(self, title: Text, carrier: Carrier, encoding: Encoding, messages: Sequence[Message]) -> None:
        self.title = title
        self.carrier = carrier
        self.encoding = encoding
        self.messages = tuple(messages)
        self._writers: dict[tuple[str, int], list[_Writing]] = {}
        self._readers: dict[str, list[tuple[Message, Reader, _Places]]] = {}
        for message in messages:
            if message.writes:
                writers = self._writers.setdefault((message.contract.type, message.contract.version), [])
                writers.append(_Writing(message, writer(message), _agreement(message)))
                writers.sort(key=lambda one: not one.message.assumed)  # what assumes nothing is what is left
            if message.reads:
                named = self._readers.setdefault(message.name, [])
                named.append((message, reader(message), _Places(message)))
                named.sort(key=lambda one: not one[0].when)  # what has no condition is what is left

    def writes(self) -> tuple[Contract, ...]:
        """The contracts this map can write."""
        return _distinct(message.contract for message in self.messages if message.writes)

    def reads(self) -> tuple[Contract, ...]:
        """The contracts this map can read."""
        return _distinct(message.contract for message in self.messages if message.reads)

    def earlier(self, contract: Contract) -> tuple[Contract, ...]:
        """The earlier records of the case that writing this contract wants in its context."""
        found = self._writers.get((contract.type, contract.version))
        return _distinct(one for writing in found or () for one in writing.message.earlier.values())

    def personal_places(self, contract: Contract) -> Mapping[str, str]:
        """Where in the documents of a contract personal data stands (``$.申请者名称``, ``[*]`` for every element), and the
        path in the record it comes from.
        """
        told: dict[str, str] = {}
        for message in self.messages:
            if message.contract.schema_uri == contract.schema_uri:
                personal = {path: path for path in contract.personal}
                for alias, one in message.earlier.items():
                    personal |= {path.replace("$.data", f"$.earlier.{alias}", 1): path for path in one.personal}
                told |= {place: path for path, place in _written(message.items, "$.data") if path in personal}
        return told

    def write(self, contract: Contract, data: Mapping[str, JsonValue], context: Context = NOTHING) -> Written | Refusal:
        """The record as a document. ``data`` satisfies its contract and is in canonical form; it is not changed.

        Paths of violations are of the record; those of the context begin with ``$.context`` and ``$.earlier``.
        """
        found = self._writers.get((contract.type, contract.version))
        if found is None:
            return self._refusal(
                "E_DIALECT_CONTRACT", _NO_CONTRACT.filled(title="{title}", contract=contract.schema_uri)
            )
        message, write, _ = next((one for one in found if one.agrees(data)), found[0])
        top: Mapping[str, JsonValue] = data
        if message.earlier or message.wants_context:
            top = {**data, CONTEXT_KEY: dict[str, JsonValue](context.values)}
            for alias, one in message.earlier.items():
                if (record := context.earlier.get(one.type)) is not None:
                    top[f"@{alias}"] = dict(record)
        fields: dict[str, Cell] = {}
        report = Writing(top)
        write(top, fields, report)
        if report.violations:
            return self._invalid("E_DIALECT_INEXPRESSIBLE", _INEXPRESSIBLE, report.violations)
        return Written(Document(message.name, fields), tuple(report.losses))

    def read(self, document: Document) -> Mapped | Refusal:
        """The document as a record. Never raises, whatever the document; paths of violations are of the document."""
        found = self._readers.get(document.name)
        if found is None:
            expected = _NAMES.filled(names=", ".join(self._readers))
            violation = Violation("E_V_CODE", "$", expected, _RENAME)
            return self._refusal("E_DIALECT_NAME", _NO_NAME, (violation,))
        chosen = next((one for one in found if _meets(one[0].when, document.fields)), None)
        if chosen is None:
            names = dict.fromkeys(name for message, _, _ in found for name in message.when)
            violations = [
                Violation("E_V_CODE", f"$.{name}", _condition([one.when.get(name) for one, _, _ in found]), _RENAME)
                for name in names
            ]
            return self._refusal("E_DIALECT_NAME", _NO_CASE, tuple(violations))
        message, read, places = chosen
        record: Record = {}
        report = Reading()
        read(document.fields, record, report)
        if report.violations:
            return self._invalid("E_DIALECT_INVALID", _UNREAD, report.violations)
        subject = record.get(message.contract.subject)
        checked = message.contract.check(record, subject if isinstance(subject, str) else None)
        if not isinstance(checked, Checked):
            return self._invalid("E_DIALECT_INVALID", _UNREAD, places.of(checked))
        return Mapped(message.contract, record, checked, tuple(report.losses), report.supplied)

    def _invalid(self, code: str, detail: Text, violations: Sequence[Violation]) -> Refusal:
        filled = Text(*(said.replace("{count}", str(len(violations))) for said in detail))
        return self._refusal(code, filled, tuple(violations[:MOST]))

    def _refusal(self, code: str, detail: Text, violations: tuple[Violation, ...] = ()) -> Refusal:
        return Refusal(
            code,
            Text(detail.zh.replace("{title}", self.title.zh), detail.en.replace("{title}", self.title.en)),
            violations,
        )


def _meets(when: Mapping[str, bool | str], fields: Fields) -> bool:
    for name, wanted in when.items():
        cell = fields.get(name)
        if (bool(cell) != wanted) if isinstance(wanted, bool) else (cell != wanted):
            return False
    return True


def _condition(wanted: Iterable[bool | str | None]) -> Text:
    """What a field must say for any message of its name to fit."""
    said = [
        _PRESENCE[one] if isinstance(one, bool) else Text(one, one) for one in dict.fromkeys(wanted) if one is not None
    ]
    return Text("、".join(one.zh for one in said), " or ".join(one.en for one in said))


class _Places:
    """Where in the document the fields of the record stand, so that a violation of the contract is told there."""

    def __init__(self, message: Message) -> None:
        self._places = dict(_told(message.items, "$.data"))

    def of(self, violations: Iterable[Violation]) -> list[Violation]:
        """The violations with the paths of the document."""
        return [
            Violation(one.code, self._place(one.path), one.expected, one.remedy)
            for one in violations
            if one.path != "$.subject"
        ]

    def _place(self, path: str) -> str:
        indices = iter(_INDEX.findall(path))
        asked = _INDEX.sub("[*]", path)
        while asked:
            place = self._places.get(asked) or next(
                (place for known, place in self._places.items() if known.startswith((f"{asked}.", f"{asked}["))), None
            )
            if place is not None:
                return re.sub(r"\[\*\]", lambda _: f"[{next(indices, '*')}]", place)
            asked = asked.removesuffix("[*]") if asked.endswith("[*]") else asked.rpartition(".")[0]
        return "$"


def _written(items: Iterable[Item], around: str) -> Iterable[tuple[str, str]]:
    """Path and place of every leaf, whatever its direction."""
    for item in items:
        match item:
            case Leaf(source=source):
                path = source.path if source.from_top else f"{around}{source.path}"
                yield (f"{path}[*].{source.many}" if source.many else path), f"$.{item.place}"
            case Group():
                yield from _written(item.items, around)
            case Each(source=source):
                path = source.path if source.from_top else f"{around}{source.path}"
                yield from _written(item.items, f"{path}[*]")
            case _:
                pass


def _told(items: Iterable[Item], around: str) -> Iterable[tuple[str, str]]:
    for item in items:
        match item:
            case Leaf() if item.reads:
                source = item.source
                path = source.path if source.from_top else f"{around}{source.path}"
                yield path, f"$.{item.place}"
            case Group():
                yield from _told(item.items, around)
            case Each() if item.reads:
                source = item.source
                path = source.path if source.from_top else f"{around}{source.path}"
                yield path, f"$.{item.place}"
                yield from _told(item.items, f"{path}[*]")
            case _:
                pass
