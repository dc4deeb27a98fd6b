# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a register's answer means, by the rules of its settings. Pure; a failure quotes nothing of question and records."""

import re
from collections.abc import Mapping, Sequence
from email.message import Message

from connectors.rest_query.config import FindingRule, RestQueryConfig
from connectors.sdk import Finding, Found, NotFound, Rejected, Unavailable
from connectors.sdk.http.exchange import Answer
from connectors.sdk.http.place import Document, Said, written
from connectors.sdk.lookup import Value
from contracts.xml.tree import Element, local

_CODE = re.compile(r"[A-Za-z_][A-Za-z0-9_.:-]{0,31}|[0-9]{1,6}")
_DEPTH = 20


def finding_of(config: RestQueryConfig, answer: Answer) -> Finding:
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


def _found(config: RestQueryConfig, document: Document, place: str) -> Finding:
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
