# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A dialect that a site's map describes, on whichever carrier the map names."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import assert_never

from contracts.cloudevent import JsonValue
from contracts.contract import Contract
from contracts.dialects import rows, ten_messages
from contracts.dialects.content_type import no_json, of_xml
from contracts.dialects.dialect import Decoded, Encoded
from contracts.dialects.document import Document
from contracts.mapping.context import NOTHING, Context
from contracts.mapping.site_map import SiteMap
from contracts.refusal import Refusal
from contracts.text import Text
from contracts.xml import carrier

_OTHER = Text("报文是 {read}，信封说的是 {named}", "The document is {read}, its envelope says {named}")


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
            charset = of_xml(content_type)
            return charset if isinstance(charset, Refusal) else carrier.read(body, charset.label)
        if (refused := no_json(content_type)) is not None:
            return refused
        return rows.read(body) if self.site_map.carrier == "rows" else ten_messages.read(body)
