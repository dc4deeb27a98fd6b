# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""对账清单's parts, and exactly how its digests are computed.

The digest of a set of messages is SHA-256 over one line per message: the message's digest (``sha256:`` and 64 lower-case
hexadecimal digits), a tab, its source, a tab, its id, a line feed; all UTF-8, the lines in ascending order of their
bytes, none twice. No part may hold a tab or a line feed, so no two sets share a text. The empty set gives the SHA-256 of
nothing. With the lines in a file it is ``LC_ALL=C sort -u FILE | sha256sum``.

What the message's own digest is over, the manifest says (``digest_scope``): its content, as
:func:`contracts.digest.content_digest` defines it, or the bytes that were exchanged.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel

from contracts.array_rules import elements
from contracts.cloudevent import JsonValue
from contracts.count_rules import whole
from contracts.families.case_record import STRICT
from contracts.families.fields import Sha256, says
from contracts.families.oversight.measures import ContractType, Count, MessageId, SystemId
from contracts.json_path import located
from contracts.refusal import Violation
from contracts.text import Text

MOST_ENTRIES = 1000
"""Entries of one message; a longer list is divided into pages."""


class ManifestEntry(BaseModel):
    """One message of the period."""

    model_config = STRICT

    contract_type: Annotated[ContractType, says("契约类型", "Contract type of the message")]
    source: Annotated[SystemId, says("消息来源", "CloudEvents source of the message")]
    id: Annotated[MessageId, says("消息标识", "CloudEvents id of the message")]
    digest: Annotated[Sha256, says("消息摘要", "SHA-256 of the message, over what digest_scope says")]


class ContractCount(BaseModel):
    """The messages of one contract."""

    model_config = STRICT

    contract_type: Annotated[ContractType, says("契约类型", "Contract type, all its versions together")]
    count: Annotated[Count, says("消息数", "Number of its messages")]
    digest: Annotated[Sha256, says("摘要", "SHA-256 over the lines of its messages")]


class Entry(NamedTuple):
    """What of a message counts in a manifest; ``digest`` is ``sha256:`` and 64 hexadecimal digits."""

    source: str
    id: str
    digest: str


def manifest_digest(entries: Iterable[Entry]) -> str:
    """``sha256:`` and 64 hexadecimal digits over a set of messages, whatever their order."""
    lines = {f"{entry.digest}\t{entry.source}\t{entry.id}\n".encode(errors="surrogatepass") for entry in entries}
    return f"sha256:{hashlib.sha256(b''.join(sorted(lines))).hexdigest()}"


_CORRECT = Text("按清单重新计算", "Compute it from the list again")


@dataclass(frozen=True, slots=True)
class ListAddsUp:
    """Where the list is whole (``entries`` without ``page``), counts and digests are those of its entries."""

    def text(self) -> Text:
        return Text(
            "entries 未分页时，各 count 与 digest 由 entries 算出，contracts 与 entries 的契约类型一致",
            "where entries is not divided into pages, every count and digest is that of entries, and contracts has "
            "their contract types",
        )

    def broken(self, data: Mapping[str, JsonValue]) -> Iterator[Violation]:
        listed = _whole_list(data)
        if listed is None:
            return
        every = [entry for entries in listed.values() for entry in entries]
        yield from self._compared((), data, every)
        counted = set[str]()
        for index, element in elements(data, "contracts"):
            type_ = element.get("contract_type")
            if isinstance(type_, str):
                counted.add(type_)
                yield from self._compared(("contracts", index), element, listed.get(type_, ()))
        if listed.keys() - counted:
            yield Violation("E_V_RULE", "$.data.contracts", self.text(), _CORRECT)

    def _compared(
        self, place: tuple[str | int, ...], stated: Mapping[str, JsonValue], entries: Sequence[Entry]
    ) -> Iterator[Violation]:
        count, digest = whole(stated.get("count")), stated.get("digest")
        if count is not None and count != len(entries):
            yield Violation("E_V_RULE", located("$.data", (*place, "count")), self.text(), _CORRECT)
        if isinstance(digest, str) and digest != manifest_digest(entries):
            yield Violation("E_V_RULE", located("$.data", (*place, "digest")), self.text(), _CORRECT)

    def schema(self) -> dict[str, Any] | None:
        return None


def _whole_list(data: Mapping[str, JsonValue]) -> Mapping[str, Sequence[Entry]] | None:
    """The entries by contract type; None where there is no whole list, or one that is wrong in itself."""
    entries = data.get("entries")
    if not isinstance(entries, list) or len(entries) > MOST_ENTRIES or data.get("page") is not None:
        return None
    listed: dict[str, list[Entry]] = {}
    for element in entries:
        match element:
            case {"contract_type": str(type_), "source": str(source), "id": str(id_), "digest": str(digest)}:
                listed.setdefault(type_, []).append(Entry(source, id_, digest))
            case _:
                return None
    return listed


@dataclass(frozen=True, slots=True)
class NoMessageTwice:
    """No two elements of the array ``each`` name the same message: source and id."""

    each: str

    def text(self) -> Text:
        return Text(f"{self.each} 中的 source 与 id 不重复", f"no two of {self.each} have the same source and id")

    def broken(self, data: Mapping[str, JsonValue]) -> Iterator[Violation]:
        seen = set[tuple[str, str]]()
        for index, element in elements(data, self.each):
            source, id_ = element.get("source"), element.get("id")
            if not (isinstance(source, str) and isinstance(id_, str)):
                continue
            if (source, id_) in seen:
                remedy = Text("删除重复的一项", "Remove one of them")
                yield Violation("E_V_RULE", located("$.data", (self.each, index, "id")), self.text(), remedy)
            seen.add((source, id_))

    def schema(self) -> dict[str, Any] | None:
        return None
