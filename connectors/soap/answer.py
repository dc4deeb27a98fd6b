# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What an answer means, to a call and to a question. Pure; the order of the cases is that of the table in README.md."""

import re
from email.message import Message

from connectors.sdk import Accepted, Delivered, InDoubt, NotSeen, Outcome, QueryOutcome, Rejected, Unavailable
from connectors.sdk.http.exchange import Answer
from connectors.sdk.http.place import Document
from connectors.sdk.http.ruling import bounded, ruled
from connectors.soap.config import Question, SoapConfig
from connectors.soap.envelope import Fault, Opened, opened
from contracts.refusal import Refusal
from contracts.xml.tree import serialised

_CODE = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_OURS_TO_MEND = re.compile(r"FailedAuthentication|InvalidSecurity|InvalidSecurityToken|FailedCheck")
_BUSY = frozenset({408, 425, 429, 502, 503, 504})


def outcome_of(config: SoapConfig, answer: Answer) -> Outcome:
    """The one meaning of an answer."""
    said = _opened(answer)
    if isinstance(said, Opened):
        fault = said.fault
        if fault is not None:
            return _of_fault(config, fault, answer.status)
        if 200 <= answer.status < 300:
            return _of_content(config, said, answer.status)
    if answer.status == 202 and not answer.body and not config.answers:
        return Delivered()
    return _without_envelope(config, answer.status, said)


def query_outcome_of(question: Question, answer: Answer) -> QueryOutcome:
    """What the far side says about a key. Only its own word counts."""
    said = _opened(answer)
    if not isinstance(said, Opened) or said.fault is not None or not 200 <= answer.status < 300:
        return Unavailable(f"HTTP_{answer.status}: asked, and no answer that can be read")
    document = _document(said)
    for rule in question.answers:
        if document.text(rule.at) in rule.values:
            named = bounded(document.text(rule.named) or "") if rule.named else ""
            match rule.means:
                case "delivered" if named or rule.named is None:
                    return Delivered(named)
                case "accepted" if named:
                    return Accepted(named)
                case "rejected":
                    return Rejected(named if _CODE.fullmatch(named) else "REJECTED")
                case "not_seen":
                    return NotSeen()
                case "unknown":
                    return InDoubt("NOT_KNOWN_YET: the far side does not know yet")
                case _:
                    return InDoubt("ANSWER_WITHOUT_RECEIPT: it knows the key and names no receipt")
    return InDoubt("ANSWER_UNKNOWN: an answer that no rule knows")


def _opened(answer: Answer) -> Opened | Refusal | None:
    return opened(answer.body, _charset(answer.headers.get("Content-Type", ""))) if answer.body else None


def _of_content(config: SoapConfig, said: Opened, status: int) -> Outcome:
    if not config.answers:
        return Delivered()
    by_rule = ruled(config.answers, status, _document(said))
    return by_rule or InDoubt("ANSWER_UNKNOWN: no fault, and no rule knows what it says")


def _of_fault(config: SoapConfig, fault: Fault, status: int) -> Outcome:
    detail = serialised(fault.detail).decode() if fault.detail is not None else ""
    document = Document.of({"code": fault.code, "subcode": fault.subcode, "reason": fault.reason, "detail": detail})
    by_rule = ruled(config.faults, status, document)
    if by_rule is not None:
        return by_rule
    exact = f"{fault.code}.{fault.subcode}" if fault.subcode else fault.code
    code = f"FAULT_{exact.upper()}" if _CODE.fullmatch(exact) else "FAULT"
    if _OURS_TO_MEND.search(exact):
        return Unavailable(f"{code}: the far side does not know us")
    if fault.code in {"Client", "VersionMismatch", "MustUnderstand", "DataEncodingUnknown"}:
        return Rejected(code)
    # It may have acted before it failed; under the same key a repeat is harmless.
    return (
        Unavailable(code) if config.idempotency == "native" else InDoubt(f"{code}: it may have acted before it failed")
    )


def _without_envelope(config: SoapConfig, status: int, said: Opened | Refusal | None) -> Outcome:
    """Something between us and the service answered, or nobody can read what it did."""
    code = f"HTTP_{status}"
    if status in {401, 403, 407}:
        return Unavailable(f"{code}: the far side does not know us")
    if status in {429, 503}:
        return Unavailable(code)
    if 300 <= status < 400:
        return Rejected("REDIRECT", "The address answers with a redirect, which is never followed.")
    if 400 <= status < 500 and status not in _BUSY:
        return Rejected(code)
    if config.idempotency == "native" and (status >= 500 or status in _BUSY):
        return Unavailable(code)
    why = said.code if isinstance(said, Refusal) else "no envelope"
    return InDoubt(f"{code}: {why}")


def _document(said: Opened) -> Document:
    """The element in the body, at which places begin."""
    return Document.of(said.content)


def _charset(content_type: str) -> str | None:
    """The charset of a Content-Type, whatever else it says."""
    message = Message()
    message["Content-Type"] = content_type
    return message.get_content_charset()
