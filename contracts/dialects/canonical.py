# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The dialects that need no map: the record itself, as JSON and as XML."""

from collections.abc import Mapping
from dataclasses import dataclass

from contracts import strict_json
from contracts.cloudevent import JsonValue
from contracts.contract import Checked, Contract
from contracts.dialects.content_type import no_json, of_xml
from contracts.dialects.dialect import CANONICAL, CANONICAL_XML, Decoded, Encoded
from contracts.mapping.context import NOTHING, Context
from contracts.refusal import Refusal
from contracts.registry import Registry
from contracts.text import Text
from contracts.xml.canonical import canonical_xml, from_canonical_xml

_NO_CONTRACT = Text(
    "规范写法须由信封的 dataschema 说明契约", "The canonical forms need an envelope whose dataschema names the contract"
)


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
        if (refused := no_json(content_type)) is not None:
            return refused
        return _decoded(named, strict_json.parse(body))


@dataclass(frozen=True, slots=True)
class CanonicalXml:
    """Every contract in XML, as :func:`contracts.xml.schema.xsd` describes it."""

    registry: Registry
    name: str = CANONICAL_XML
    content_type: str = "application/xml; charset=UTF-8"

    def writes(self) -> tuple[Contract, ...]:
        return tuple(self.registry.all())

    def reads(self) -> tuple[Contract, ...]:
        return tuple(self.registry.all())

    def earlier(self, contract: Contract) -> tuple[Contract, ...]:  # noqa: ARG002  # because a record says all of itself
        return ()

    def encode(
        self,
        contract: Contract,
        data: Mapping[str, JsonValue],
        context: Context = NOTHING,  # noqa: ARG002  # because the record is all
    ) -> Encoded | Refusal:
        body = canonical_xml(contract, data)
        return body if isinstance(body, Refusal) else Encoded(self.content_type, body)

    def decode(self, body: bytes, content_type: str, named: Contract | None = None) -> Decoded | Refusal:
        if named is None:
            return Refusal("E_CONTRACT_UNKNOWN", _NO_CONTRACT)
        charset = of_xml(content_type)
        if isinstance(charset, Refusal):
            return charset
        return _decoded(named, from_canonical_xml(named, body, charset.label))


def _decoded(named: Contract, data: JsonValue | Refusal) -> Decoded | Refusal:
    if isinstance(data, Refusal):
        return data
    subject = data.get(named.subject) if isinstance(data, dict) else None
    checked = named.check(data, subject if isinstance(subject, str) else None)
    if not isinstance(checked, Checked):
        return named.invalid(tuple(one for one in checked if one.path != "$.subject") or checked)
    assert isinstance(data, dict), "a contract takes only objects"
    return Decoded(named, data, checked)
