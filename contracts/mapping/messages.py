# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""One message of a map held against its contract: nothing of the record may go unsaid, nothing required may lack a source."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from contracts.cloudevent import JsonValue
from contracts.contract import Contract
from contracts.dialects.encoding import Encoding
from contracts.mapping.choosing import Choice
from contracts.mapping.faults import Faults, Path
from contracts.mapping.map_file import Carrier, FormatsSpec, MapFile, MessageSpec
from contracts.mapping.plan import CONTEXT_KEY, Each, Group, Item, Leaf, Message, Source
from contracts.mapping.resolving import BAD_NAME, FieldResolver, Scope, canonical, may_be_called
from contracts.mapping.shape import Kind, Shape, shape_of
from contracts.registry import Registry
from contracts.text import Text


class MessageResolver:
    """Resolves every message of a map, noting what is wrong with any of them."""

    def __init__(self, content: MapFile, registry: Registry, faults: Faults) -> None:
        self._content = content
        self._registry = registry
        self._faults = faults
        self._formats = content.formats or FormatsSpec()
        self._choice = Choice(content.codes, self._formats, faults)

    def messages(self, carrier: Carrier, encoding: Encoding) -> tuple[Message, ...]:
        """The messages; what could not be resolved is left out."""
        found: list[tuple[Message, Path]] = []
        for key, spec in self._content.messages.items():
            at: Path = ("messages", key)
            contract = self._contract(key, at)
            if contract is not None:
                found.append((self._message(contract, spec, at, carrier, encoding), at))
        self._distinct(found)
        for name in sorted(self._content.codes.keys() - self._choice.used):
            self._faults.add("E_MAP_UNUSED", ("codes", name), *_UNUSED, key=True, severity="warning")
        return tuple(message for message, _ in found)

    def _contract(self, key: str, at: Path) -> Contract | None:
        type_, _, version = key.partition("/")[0].rpartition(":")
        versions = {str(one.version): one for one in self._registry.versions(type_)}
        if version in versions:
            return versions[version]
        known = [f"{one.type}:{one.version}" for one in self._registry.all()]
        what = Text("契约（type:version）", "contract (type:version)")
        self._faults.unknown("E_MAP_CONTRACT", at, what, key, known, key=True)
        return None

    def _message(
        self, contract: Contract, spec: MessageSpec, at: Path, carrier: Carrier, encoding: Encoding
    ) -> Message:
        earlier = self._earlier(spec, at)
        shape = shape_of(contract.model)
        records = {"": shape, **{alias: shape_of(one.model) for alias, one in earlier.items()}}
        suffix = (self._content.suffix or "") if carrier == "rows" else ""
        unit = self._formats.unit
        resolver = FieldResolver(records, self._choice, self._faults, carrier, encoding, unit, suffix)
        writes, reads = spec.direction != "read", spec.direction != "write"
        items = resolver.items(spec.fields, Scope(shape, writes=writes, reads=reads), (*at, "fields"))
        if reads:
            items = _marked(items, {*resolver.read, *spec.assume})
        assumed = self._assumed(spec, shape, resolver, at)
        if spec.name is None:
            self._faults.add("E_MAP_NAME", at, *_NO_NAME, key=True)
        elif not may_be_called(carrier, f"{spec.name}{suffix}"):
            self._faults.add("E_MAP_NAME", (*at, "name"), *BAD_NAME)
        if writes:
            self._nothing_unsaid(spec, shape, resolver.covered, assumed.keys(), at)
        if reads:
            self._nothing_missing(shape, set(resolver.read) | assumed.keys(), at)
        when = self._when(spec, items, at)
        wants_context = any(leaf.source.foreign and leaf.source.steps[0] == CONTEXT_KEY for leaf in _leaves(items))
        return Message(
            contract, f"{spec.name or ''}{suffix}", items, encoding, writes, reads, when, earlier, assumed,
            tuple(path for path in spec.dropped if path not in assumed), frozenset(spec.ignored), wants_context,
        )  # fmt: skip

    def _earlier(self, spec: MessageSpec, at: Path) -> dict[str, Contract]:
        found: dict[str, Contract] = {}
        for alias, key in spec.earlier.items():
            contract = self._contract(key, (*at, "earlier", alias))
            if contract is not None:
                found[alias] = contract
        return found

    def _assumed(self, spec: MessageSpec, shape: Shape, resolver: FieldResolver, at: Path) -> Mapping[str, JsonValue]:
        good: dict[str, JsonValue] = {}
        for path, value in spec.assume.items():
            if value is None:
                continue  # an agreement that the site's own map takes back
            here = (*at, "assume", path)
            place = shape.at(path) if "[" not in path else None
            if place is None:
                known = [leaf for leaf, _ in shape.leaves()]
                self._faults.unknown(
                    "E_MAP_PATH", here, Text("契约字段", "field of the contract"), path, known, key=True
                )
            elif not _fits(value, place):
                self._faults.add("E_MAP_ASSUME", here, *_UNFIT)
            elif path in resolver.read:
                self._faults.add("E_MAP_TWICE", here, *_ASSUMED_TWICE, key=True)
            else:
                good[path] = value
        return good

    def _nothing_unsaid(
        self, spec: MessageSpec, shape: Shape, said: set[str], assumed: Iterable[str], at: Path
    ) -> None:
        for index, path in enumerate(spec.dropped):
            place = shape.at(path)
            if place is None:
                known = [leaf for leaf, _ in shape.leaves()]
                what = Text("契约字段", "field of the contract")
                self._faults.unknown("E_MAP_PATH", (*at, "dropped", index), what, path, known)
            elif path in said or any(one.startswith((f"{path}.", f"{path}[")) for one in said):
                self._faults.add("E_MAP_DROPPED", (*at, "dropped", index), *_DROPPED_AND_SAID)
        heads = said | set(spec.dropped) | set(assumed)
        unsaid = [path for path, _ in shape.leaves() if not _under(path, heads)]
        if unsaid:
            listed = ", ".join(unsaid)
            problem = Text(f"契约的字段没有去处：{listed}。", f"Fields of the contract have nowhere to go: {listed}.")
            self._faults.add("E_MAP_UNSAID", at, problem, _SAY, key=True)

    def _nothing_missing(self, shape: Shape, read: Iterable[str], at: Path) -> None:
        sources = set(read)
        missing = list(_missing(shape, sources, ""))
        if missing:
            listed = ", ".join(missing)
            problem = Text(
                f"契约必填的字段没有来源：{listed}。", f"Required fields of the contract have no source: {listed}."
            )
            self._faults.add("E_MAP_SOURCE", at, problem, _SOURCE, key=True)

    def _when(self, spec: MessageSpec, items: Iterable[Item], at: Path) -> Mapping[str, bool | str]:
        names = {item.name for item in items} | set(spec.ignored)
        for name in spec.when:
            if name not in names:
                what = Text("本报文的字段", "field of this message")
                self._faults.unknown("E_MAP_WHEN", (*at, "when", name), what, name, names, key=True)
        return spec.when

    def _distinct(self, found: list[tuple[Message, Path]]) -> None:
        """Two messages of one name can be told apart when they are read, and one of them writes a contract."""
        for index, (message, at) in enumerate(found):
            for other, _ in found[:index]:
                if (
                    message.writes
                    and other.writes
                    and message.contract is other.contract
                    and not _agreed(message, other)
                ):
                    self._faults.add("E_MAP_WRITTEN_TWICE", at, *_WRITTEN_TWICE, key=True)
                both = message.reads and other.reads and message.name == other.name
                if both and not _apart(message.when, other.when):
                    problem = Text(
                        f"“{message.name}”已用于 {other.contract.schema_uri}，读入时无法区分。",
                        f"'{message.name}' is also {other.contract.schema_uri}; reading cannot tell them apart.",
                    )
                    self._faults.add("E_MAP_DUPLICATE", (*at, "name"), problem, _TELL_APART)


def _agreed(one: Message, other: Message) -> bool:
    """Whether what they assume says which of two messages writes a record."""
    if bool(one.assumed) != bool(other.assumed):
        return True
    return any(path in other.assumed and other.assumed[path] != value for path, value in one.assumed.items())


def _apart(one: Mapping[str, bool | str], other: Mapping[str, bool | str]) -> bool:
    def contrary(mine: bool | str, theirs: bool | str) -> bool:  # noqa: FBT001  # because presence is a value here
        if isinstance(mine, bool) and isinstance(theirs, bool):
            return mine != theirs
        if isinstance(mine, str) and isinstance(theirs, str):
            return mine != theirs
        return False in {mine, theirs}

    if bool(one) != bool(other):
        return True  # what has no condition is what is left
    return any(contrary(wanted, other[name]) for name, wanted in one.items() if name in other)


def _under(path: str, heads: set[str]) -> bool:
    return path in heads or any(path.startswith((f"{head}.", f"{head}[")) for head in heads)


def _missing(shape: Shape, sources: set[str], parent: str) -> Iterable[str]:
    """Required leaves without a source; an optional group asks for its own only when something of it is read."""
    for name, place in shape.members.items():
        path = f"{parent}{name}"
        if path in sources:
            continue
        inside = f"{path}[*]." if place.kind is Kind.GROUPS else f"{path}."
        touched = any(source.startswith(inside) for source in sources)
        if place.kind in {Kind.GROUP, Kind.GROUPS}:
            if touched:
                yield from _missing(place, sources, inside)
            elif place.required:
                yield path
        elif place.required:
            yield path


def _fits(value: object, place: Shape) -> bool:
    match place.kind:
        case Kind.CODE:
            return value in place.codes
        case Kind.TEXT:
            return isinstance(value, str) and (place.longest is None or len(value) <= place.longest)
        case Kind.FLAG:
            return isinstance(value, bool)
        case Kind.INTEGER:
            return isinstance(value, int) and not isinstance(value, bool)
        case _:
            return False


def _marked(items: Iterable[Item], read: set[str], base: str = "") -> tuple[Item, ...]:
    """The items, with what no field reads back marked as one-way."""
    marked: list[Item] = []
    for item in items:
        match item:
            case Leaf(source=source) if item.writes and not item.reads and not source.foreign:
                marked.append(replace(item, one_way=canonical(source, base) not in read))
            case Leaf(reads=True, otherwise=Source() as other) if not other.foreign:
                marked.append(replace(item, lent=canonical(other, base) not in read))
            case Group():
                marked.append(replace(item, items=_marked(item.items, read, base)))
            case Each():
                inner = f"{canonical(item.source, base)}[*]."
                marked.append(replace(item, items=_marked(item.items, read, inner)))
            case _:
                marked.append(item)
    return tuple(marked)


def _leaves(items: Iterable[Item]) -> Iterable[Leaf]:
    for item in items:
        if isinstance(item, Leaf):
            yield item
        elif isinstance(item, Group | Each):
            yield from _leaves(item.items)


_NO_NAME = (
    Text("没有说明该方言怎么称呼这种报文。", "Nothing says what the dialect calls this message."),
    Text("请写 name：根元素、表名或报文名。", "Write name: the root element, the table or the message."),
)
_UNUSED = (
    Text("这张代码对照表没有被用到。", "No field uses this code map."),
    Text("请删除，或改正字段中的表名。", "Remove it, or correct the name at the field."),
)
_UNFIT = (
    Text("约定的值不符合契约。", "The agreed value does not fit the contract."),
    Text("请改为契约允许的值。", "Write one that the contract takes."),
)
_ASSUMED_TWICE = (
    Text("该字段已由报文读入，不能再约定。", "The message itself is read into this field."),
    Text("请删除其中一处。", "Remove one of the two."),
)
_DROPPED_AND_SAID = (
    Text("该字段既有去处又列为舍弃。", "The field is written and also listed as dropped."),
    Text("请从 dropped 中删除。", "Remove it from 'dropped'."),
)
_SAY = Text(
    "请写出对应的字段；该方言确实没有的列入 dropped。",
    "Map them; list under 'dropped' those that the dialect has no place for.",
)
_SOURCE = Text(
    "请写出来源，或用 assume 约定其值，或写 direction: write。",
    "Map them, agree on a value under 'assume', or write 'direction: write'.",
)
_WRITTEN_TWICE = (
    Text("同一契约版本写成两种报文。", "Two messages write the same version of a contract."),
    Text(
        "请用 assume 区分，或给其中一个写 direction: read。",
        "Tell them apart with 'assume', or write 'direction: read' at one.",
    ),
)
_TELL_APART = Text(
    "请用 when 区分，或给其中一个写 direction: write。",
    "Tell them apart with 'when', or write 'direction: write' at one.",
)
