# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What an answer means, to a request and to a question. Pure; the order of the cases is that of the table in README.md."""

import re
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime

import orjson

from connectors.rest.config import RestConfig
from connectors.rest.query import Query, Rule
from connectors.sdk import Accepted, Delivered, InDoubt, NotSeen, Outcome, QueryOutcome, Rejected, Unavailable
from connectors.sdk.http.exchange import Answer
from connectors.sdk.http.place import Document, written
from connectors.sdk.http.ruling import bounded, ruled
from contracts.bindings import media_type
from contracts.xml.tree import Element

MAX_RETRY_AFTER = 86_400.0
_CANNOT_BE_ASKED = frozenset({401, 403, 407, 408, 425, 429})
_CODE = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_LONG_NUMBER = re.compile(r"[0-9０-９]{7,}[Xx]?")


def wants_body(config: RestConfig, status: int) -> bool:
    """Whether the outcome depends on the answer's body; if not, there is no reason to wait for it."""
    if config.answers and any(not one.statuses or status in one.statuses for one in config.answers):
        return True
    if status in config.accepted_statuses:
        return config.reference_pointer is not None
    if status in config.success_statuses or status in config.duplicate_statuses:
        return config.receipt_pointer is not None
    return 400 <= status < 500 and status not in config.unavailable_statuses


def outcome_of(config: RestConfig, answer: Answer) -> Outcome:
    """The one meaning of an answer."""
    status = answer.status
    if config.answers:
        document = Document(answer.body, _charset(answer.headers))
        by_rule = ruled(config.answers, status, document, retry_after(answer.headers))
        if by_rule is not None:
            return by_rule
        if status in config.accepted_statuses | config.success_statuses:
            return InDoubt("ANSWER_UNKNOWN: a success by its status, and no rule knows what it says")
    if status in config.accepted_statuses:
        reference = _named(answer, config.reference_header, config.reference_pointer)
        return Accepted(reference) if reference else InDoubt("ANSWER_WITHOUT_REFERENCE: it said accepted")
    if status in config.success_statuses:
        if not (config.receipt_header or config.receipt_pointer):
            return Delivered()
        receipt = _named(answer, config.receipt_header, config.receipt_pointer)
        return Delivered(receipt) if receipt else InDoubt("ANSWER_WITHOUT_RECEIPT: it said success")
    if status in config.duplicate_statuses and (
        config.duplicate_header is None or config.duplicate_header in answer.headers
    ):
        return Delivered(_named(answer, config.receipt_header, config.receipt_pointer))
    return _failure(config, answer)


def query_outcome_of(query: Query, answer: Answer) -> QueryOutcome:
    """What the far side says about a key. Only its own word counts: what no rule of the table fits leaves it open."""
    document = Document(answer.body, _charset(answer.headers))
    for rule in query.answers:
        if rule.status == answer.status and (rule.at is None or document.text(rule.at) in rule.values):
            return _told(rule, document, answer.status)
    code = f"HTTP_{answer.status}"
    if answer.status in _CANNOT_BE_ASKED or answer.status >= 500:
        return Unavailable(code, retry_after(answer.headers))
    return InDoubt(f"{code}: an answer that no rule knows")


def _told(rule: Rule, document: Document, status: int) -> QueryOutcome:
    named = bounded(document.text(rule.receipt) or "") if rule.receipt else ""
    match rule.means:
        case "delivered" if named or rule.receipt is None:
            return Delivered(named)
        case "accepted" if named:
            return Accepted(named)
        case "rejected":
            return Rejected(named if _CODE.fullmatch(named) else f"HTTP_{status}")
        case "not_seen":
            return NotSeen()
        case "unknown":
            return InDoubt("NOT_KNOWN_YET: the far side does not know yet")
        case _:
            return InDoubt("ANSWER_WITHOUT_RECEIPT: it knows the key and names no receipt")


def _failure(config: RestConfig, answer: Answer) -> Outcome:
    status = answer.status
    code = f"HTTP_{status}"
    if status in config.unavailable_statuses:
        return Unavailable(code, retry_after(answer.headers))
    if 300 <= status < 400:
        return Rejected("REDIRECT", "The address answers with a redirect, which is never followed.")
    if 400 <= status < 500:
        return _rejection(code, answer.body)
    if 500 <= status < 600 and config.idempotency == "native":
        # It may have acted before it failed; under the same key a repeat is harmless.
        return Unavailable(code, retry_after(answer.headers))
    return InDoubt(f"{code}: neither success nor refusal")


def _rejection(code: str, body: bytes | None) -> Rejected:
    """The far side's own code and title (RFC 9457) where it gives them; no other field, it might be personal."""
    problem = _json(body)
    if not isinstance(problem, dict):
        return Rejected(code)
    theirs, title = problem.get("code"), problem.get("title")
    return Rejected(
        theirs if isinstance(theirs, str) and _CODE.fullmatch(theirs) else code,
        _LONG_NUMBER.sub("…", bounded(title)) if isinstance(title, str) else "",
    )


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Retry-After in seconds (RFC 9110 section 10.2.3), between 0 and a day; None when absent or unreadable.

    A date is measured against the answer's own ``Date``: both come from one clock, and ours may differ.
    """
    value = headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return min(float(value[:10]), MAX_RETRY_AFTER)
    until, now = _date(value), _date(headers.get("Date", ""))
    if until is None or now is None:
        return None
    return min(max((until - now).total_seconds(), 0.0), MAX_RETRY_AFTER)


def _date(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else None


def _named(answer: Answer, header: str | None, pointer: str | None) -> str:
    """The text under a header or a pointer, bounded; empty when it is not there."""
    if header is not None:
        return bounded(answer.headers.get(header, ""))
    if pointer is None:
        return ""
    value = Document(answer.body, _charset(answer.headers)).at(pointer)
    plain = isinstance(value, str | Element) or (isinstance(value, int) and not isinstance(value, bool))
    return bounded(written(value) or "") if plain else ""


def _json(body: bytes | None) -> object:
    try:
        parsed: object = orjson.loads(body or b"")
    except orjson.JSONDecodeError:
        return None
    return parsed


def _charset(headers: Mapping[str, str]) -> str | None:
    kind = media_type.parse(headers.get("Content-Type", ""))
    return kind.charset if kind is not None else None
