# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""How a system writes what a contract says: bytes to records and back, by name, for the hub and its connectors."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Protocol, assert_never

from contracts import strict_json
from contracts.bindings import media_type
from contracts.bindings.media_type import MediaType
from contracts.cloudevent import JsonValue
from contracts.contract import Checked, Contract
from contracts.conversion import Loss
from contracts.dialects import rows, ten_messages
from contracts.dialects.document import Document
from contracts.fault import Fault, Position
from contracts.mapping.context import NOTHING, Context
from contracts.mapping.loading import Loaded, load
from contracts.mapping.site_map import SiteMap
from contracts.refusal import Refusal, Violation
from contracts.registry import Registry
from contracts.text import Text
from contracts.xml import carrier

CANONICAL = "canonical"
"""The name of the dialect that every deployment has: canonical JSON."""

_XML_TYPES = {"application/xml", "text/xml"}
_NOT_XML = Text("该方言是 XML", "This dialect is XML")
_NOT_JSON = Text("该方言是 JSON", "This dialect is JSON")
_NO_CONTRACT = Text("规范 JSON 须由信封说明契约", "Canonical JSON needs an envelope that names its contract")
_OTHER = Text("报文是 {read}，信封说的是 {named}", "The document is {read}, its envelope says {named}")


@dataclass(frozen=True, slots=True)
class Encoded:
    """A record as a system takes it. Paths of losses are of the record."""

    content_type: str
    body: bytes
    losses: tuple[Loss, ...] = ()


@dataclass(frozen=True, slots=True)
class Decoded:
    """What a system sent, as a record of a contract that takes it. Paths of losses are of what was sent.

    ``supplied`` holds bookkeeping that came along, by the names of :data:`contracts.mapping.context.CONTEXT`.
    """

    contract: Contract
    data: Mapping[str, JsonValue]
    checked: Checked
    losses: tuple[Loss, ...] = ()
    supplied: Mapping[str, JsonValue] = field(default_factory=dict)


class Dialect(Protocol):
    """One way of writing. ``content_type`` is what it writes."""

    @property
    def name(self) -> str:
        """Its name in a deployment."""
        ...

    @property
    def content_type(self) -> str:
        """The Content-Type of what it writes."""
        ...

    def writes(self) -> tuple[Contract, ...]:
        """The contract versions it can write."""
        ...

    def reads(self) -> tuple[Contract, ...]:
        """The contract versions it can read."""
        ...

    def earlier(self, contract: Contract) -> tuple[Contract, ...]:
        """Earlier records of the same case that it wants in the context when it writes this contract."""
        ...

    def encode(
        self, contract: Contract, data: Mapping[str, JsonValue], context: Context = NOTHING
    ) -> Encoded | Refusal:
        """The record in this dialect. ``data`` satisfies its contract and is in canonical form. Never raises on such."""
        ...

    def decode(self, body: bytes, content_type: str, named: Contract | None = None) -> Decoded | Refusal:
        """The record that a body is, checked against its contract. Never raises, whatever the bytes.

        ``named`` is the contract that an envelope around the body names, if there was one.
        """
        ...


@dataclass(frozen=True, slots=True)
class Canonical:
    """Canonical JSON of every contract: the record itself."""

    registry: Registry
    name: str = CANONICAL
    content_type: str = "application/json"

    def writes(self) -> tuple[Contract, ...]:
        return tuple(self.registry.all())

    def reads(self) -> tuple[Contract, ...]:
        return tuple(self.registry.all())

    def earlier(self, contract: Contract) -> tuple[Contract, ...]:  # noqa: ARG002  # because a record says all of itself
        return ()

    def encode(
        self,
        contract: Contract,  # noqa: ARG002  # because the record is all
        data: Mapping[str, JsonValue],
        context: Context = NOTHING,  # noqa: ARG002  # because the record is all
    ) -> Encoded | Refusal:
        return Encoded(self.content_type, strict_json.canonical(dict(data)))

    def decode(self, body: bytes, content_type: str, named: Contract | None = None) -> Decoded | Refusal:
        if named is None:
            return Refusal("E_CONTRACT_UNKNOWN", _NO_CONTRACT)
        if (refused := _json_only(content_type)) is not None:
            return refused
        data = strict_json.parse(body)
        if isinstance(data, Refusal):
            return data
        subject = data.get(named.subject) if isinstance(data, dict) else None
        checked = named.check(data, subject if isinstance(subject, str) else None)
        if not isinstance(checked, Checked):
            return named.invalid(tuple(one for one in checked if one.path != "$.subject") or checked)
        assert isinstance(data, dict), "a contract takes only objects"
        return Decoded(named, data, checked)


@dataclass(frozen=True, slots=True)
class MapDialect:
    """A dialect that a site's map describes."""

    name: str
    site_map: SiteMap

    @property
    def content_type(self) -> str:
        match self.site_map.carrier:
            case "xml":
                return f"application/xml; charset={self.site_map.encoding.value}"
            case "rows":
                return rows.MEDIA_TYPE
            case "messages":
                return ten_messages.MEDIA_TYPE
            case other:
                assert_never(other)

    def writes(self) -> tuple[Contract, ...]:
        return self.site_map.writes()

    def reads(self) -> tuple[Contract, ...]:
        return self.site_map.reads()

    def earlier(self, contract: Contract) -> tuple[Contract, ...]:
        return self.site_map.earlier(contract)

    def encode(
        self, contract: Contract, data: Mapping[str, JsonValue], context: Context = NOTHING
    ) -> Encoded | Refusal:
        written = self.site_map.write(contract, data, context)
        if isinstance(written, Refusal):
            return written
        body = self._carried(written.document)
        return body if isinstance(body, Refusal) else Encoded(self.content_type, body, written.losses)

    def _carried(self, document: Document) -> bytes | Refusal:
        match self.site_map.carrier:
            case "xml":
                return carrier.write(document, self.site_map.encoding)
            case "rows":
                return rows.write(document)
            case "messages":
                return ten_messages.write(document)
            case other:
                assert_never(other)

    def decode(self, body: bytes, content_type: str, named: Contract | None = None) -> Decoded | Refusal:
        document = self._read(body, content_type)
        if isinstance(document, Refusal):
            return document
        mapped = self.site_map.read(document)
        if isinstance(mapped, Refusal):
            return mapped
        if named is not None and named.schema_uri != mapped.contract.schema_uri:
            told = _OTHER.filled(read=mapped.contract.schema_uri, named=named.schema_uri)
            return Refusal("E_DIALECT_NAME", told)
        return Decoded(mapped.contract, mapped.data, mapped.checked, mapped.losses, mapped.supplied)

    def _read(self, body: bytes, content_type: str) -> Document | Refusal:
        if self.site_map.carrier == "xml":
            kind = media_type.parse(content_type)
            if kind is None or not (kind.essence in _XML_TYPES or kind.essence.endswith("+xml")):
                return _content_type(_NOT_XML)
            return carrier.read(body, _charset(kind, content_type))
        if (refused := _json_only(content_type)) is not None:
            return refused
        return rows.read(body) if self.site_map.carrier == "rows" else ten_messages.read(body)


def _charset(kind: MediaType, content_type: str) -> str | None:
    """What the sender said, which is not the same as a sender's silence."""
    if kind.charset is not None:
        return kind.charset
    return "utf-8" if "charset" in content_type.lower() else None


def _json_only(content_type: str) -> Refusal | None:
    kind = media_type.parse(content_type)
    return None if kind is not None and kind.is_json and kind.charset is None else _content_type(_NOT_JSON)


def _content_type(expected: Text) -> Refusal:
    remedy = Text(
        "改正 Content-Type，或为该系统改配方言", "Correct the Content-Type, or give the system another dialect"
    )
    violation = Violation("E_CONTENT_TYPE", "$.headers.content-type", expected, remedy)
    return Refusal("E_CONTENT_TYPE", expected, (violation,))


@dataclass(frozen=True, slots=True)
class Dialects:
    """The dialects of a deployment by name, and what their authors should know although they work."""

    by_name: Mapping[str, Dialect]
    warnings: tuple[Fault, ...] = ()


def load_dialects(files: Mapping[str, Path], registry: Registry) -> Dialects | tuple[Fault, ...]:
    """:data:`CANONICAL` and a dialect for every site's map, or everything wrong with any of them."""
    dialects: dict[str, Dialect] = {CANONICAL: Canonical(registry)}
    faults: list[Fault] = []
    warnings: list[Fault] = []
    for name, path in files.items():
        if name == CANONICAL:
            faults.append(Fault("E_DIALECT_RESERVED", name, Position(str(path), 1, 1), *_RESERVED))
            continue
        loaded = load(path, registry)
        if isinstance(loaded, Loaded):
            dialects[name] = MapDialect(name, loaded.site_map)
            warnings.extend(loaded.warnings)
        else:
            faults.extend(loaded)
    if _errors(faults):
        return tuple(faults)
    return Dialects(MappingProxyType(dialects), tuple(warnings))


def _errors(faults: Iterable[Fault]) -> bool:
    return any(fault.severity == "error" for fault in faults)


_RESERVED = (
    Text("方言名 canonical 已用于规范 JSON。", "The dialect name 'canonical' belongs to canonical JSON."),
    Text("请换一个名称。", "Choose another name."),
)
