# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a register's answer means, by rules that are data. Pure; a failure quotes nothing of question and records."""

import re
from collections.abc import Mapping, Sequence
from email.message import Message
from typing import Annotated, Literal, Protocol, Self

from pydantic import BaseModel, Field, model_validator

from connectors.sdk.http.exchange import Answer
from connectors.sdk.http.place import Document, Place, Said, written
from connectors.sdk.lookup import Finding, Found, NotFound, Value
from connectors.sdk.outcomes import Rejected, Unavailable
from connectors.sdk.secret import STRICT
from contracts.xml.tree import Element, local

_CODE = re.compile(r"[A-Za-z_][A-Za-z0-9_.:-]{0,31}|[0-9]{1,6}")
_DEPTH = 20
Wanted = Annotated[str, Field(max_length=200)]


class FindingRule(BaseModel):
    """One line of what answers mean."""

    model_config = STRICT

    statuses: frozenset[Annotated[int, Field(ge=200, le=599)]] = Field(
        title="应答状态是其中之一；空为任意。",
        default=frozenset(),
        description="The answer's status is one of these; empty: any.",
        examples=[[200]],
    )
    at: Place | None = Field(
        title="应答正文中的位置。", default=None, description="A place in the answer's body.", examples=["/code"]
    )
    values: tuple[Wanted, ...] = Field(
        title="该处的内容是其中之一；不写则有内容即可。",
        default=(),
        alias="in",
        description="What stands there; any of these. None: whatever stands there, if anything does.",
        examples=[["0"]],
    )
    absent: bool = Field(title="该处没有内容。", default=False, description="Nothing stands there.", examples=[True])
    means: Literal["found", "not_found", "rejected", "unavailable"] = Field(
        title="found：记录在 records 处；not_found：对方明确说没有；rejected：永不回答；unavailable：稍后再问。",
        description="found: the records stand at records. not_found: the register's own word that it has nothing. rejected: it "
        "will never answer this. unavailable: ask again.",
        examples=["found"],
    )
    records: Place | None = Field(
        title="记录或记录列表的位置。",
        default=None,
        description="Where the record, or the list of them, stands.",
        examples=["/data/list"],
    )
    code: Place | None = Field(
        title="拒绝代码的位置。", default=None, description="Where the code of a refusal stands.", examples=["/code"]
    )

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if (self.means == "found") != (self.records is not None):
            raise ValueError("found and records belong together")
        if self.at is None and (self.values or self.absent or self.means == "not_found"):
            # A wrong path, a gateway or a maintenance page answers 404 too, and somebody would be told that he does not exist.
            raise ValueError("in, absent and not_found need at: a status alone is not the register's word")
        if self.absent and self.values:
            raise ValueError("what is absent has no value: in or absent")
        return self


class Meanings(Protocol):
    """What the settings of a register say of its answers."""

    @property
    def answers(self) -> tuple[FindingRule, ...]: ...

    @property
    def fields(self) -> Mapping[str, Place]: ...

    @property
    def most_records(self) -> int: ...


def finding_of(config: Meanings, answer: Answer) -> Finding:
    """The one meaning of an answer."""
    message = Message()
    message["Content-Type"] = answer.headers.get("Content-Type", "")
    document = Document(answer.body, message.get_content_charset(), strict=True)
    rule = next((one for one in config.answers if _fits(one, answer.status, document)), None)
    if rule is None:
        return Unavailable(f"HTTP_{answer.status}: an answer that no rule knows")
    match rule.means:
        case "found":
            return _found(config, document, rule.records or "")
        case "not_found":
            return NotFound()
        case "rejected":
            code = document.text(rule.code) if rule.code else None
            return Rejected(code if code is not None and _CODE.fullmatch(code) else f"HTTP_{answer.status}")
        case "unavailable":
            return Unavailable(f"HTTP_{answer.status}: its own word")


def _fits(rule: FindingRule, status: int, document: Document) -> bool:
    if rule.statuses and status not in rule.statuses:
        return False
    if rule.at is None:
        return True
    said = document.at(rule.at)
    if rule.absent or not rule.values:
        return (said is None) is rule.absent
    return written(said) in rule.values


def _found(config: Meanings, document: Document, place: str) -> Finding:
    records = _listed(document, place)
    if not records:
        return Unavailable("ANSWER_WITHOUT_RECORDS: it said found, and names none")
    kept = records[: config.most_records]
    told = tuple(_record(config.fields, one) for one in kept)
    if any(one is None for one in told):
        return Unavailable("ANSWER_UNREADABLE: a record is no object")
    return Found(tuple(one for one in told if one is not None), complete=len(kept) == len(records))


def _listed(document: Document, place: str) -> Sequence[Said]:
    """The members of a list; in XML the elements of one name beside each other."""
    said = document.at(place)
    if isinstance(said, list):
        return said
    if isinstance(said, Element):
        parent = document.at(place.rpartition("/")[0]) if place.count("/") > 1 else None
        return [one for one in parent if local(one) == local(said)] if isinstance(parent, Element) else [said]
    return [said] if isinstance(said, dict) else []


def _record(fields: Mapping[str, str], said: Said) -> Mapping[str, Value] | None:
    if not isinstance(said, dict | Element):
        return None
    if fields:
        document = Document.of(said)
        prefix = f"/{local(said)}" if isinstance(said, Element) else ""
        return {name: _value(document.at(prefix + place), 0) for name, place in fields.items()}
    whole = _value(said, 0)
    return whole if isinstance(whole, dict) else None


def _value(said: Said, depth: int) -> Value:
    """As JSON says it; an element is a text, or an object of those in it (of one name: a list)."""
    if depth > _DEPTH:
        return None
    if isinstance(said, Element):
        if not len(said):
            return said.text or ""
        held: dict[str, Value] = {}
        for child in said:
            value = _value(child, depth + 1)
            before = held.get(local(child))
            if before is None:
                held[local(child)] = value
            else:
                held[local(child)] = [*before, value] if isinstance(before, list) else [before, value]
        return held
    if isinstance(said, list):
        return [_value(one, depth + 1) for one in said]
    if isinstance(said, dict):
        return {name: _value(one, depth + 1) for name, one in said.items()}
    plain: str | int | float | bool | None = said
    return plain
