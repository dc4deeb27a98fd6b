# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A delivery status notification (RFC 3464), read: of which mail it is and what it says. Hostile input like any other."""

import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from typing import cast

from connectors.sdk import Answer, Delivered, Rejected

_REFERENCE = re.compile(r"<?([0-9a-f]{40}@[0-9A-Za-z.-]{1,255})>?")
_STATUS = re.compile(r"\A\s*([245]\.\d{1,3}\.\d{1,3})")
_REACHED = frozenset({"delivered", "relayed", "expanded"})


@dataclass(frozen=True, slots=True)
class NoNotification:
    """It is something else, or of a mail that is not ours: a person may look. ``why`` is a stable code."""

    why: str


def read_bounce(content: bytes, domain: str) -> Answer | NoNotification | None:
    """The answer to the mail it names, for mails from this domain; None: it only says that it takes longer."""
    try:
        mail = message_from_bytes(content, policy=policy.compat32)
        report = next((part for part in mail.walk() if part.get_content_type() == "message/delivery-status"), None)
        if report is None:
            return NoNotification("NO_REPORT")
        fields = cast("list[Message]", report.get_payload())
        reference = _reference(fields, mail, domain)
        actions = [str(part["Action"]).strip().lower() for part in fields if part["Action"] is not None]
        statuses = [found[1] for part in fields if (found := _STATUS.match(str(part["Status"] or "")))]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):  # what the library makes of nonsense
        return NoNotification("UNREADABLE")
    if reference is None:
        return NoNotification("NOT_OURS")
    status = statuses[0] if statuses else ""
    if "failed" in actions:
        return Answer(reference, Rejected("BOUNCED", status))
    if any(action in _REACHED for action in actions):
        return Answer(reference, Delivered(status or "reached"))
    return None if "delayed" in actions else NoNotification("NO_ACTION")


def _reference(fields: list[Message], mail: Message | EmailMessage, domain: str) -> str | None:
    """By the envelope id that we gave, else by the Message-ID of the mail that is sent back with it."""
    named = [str(part["Original-Envelope-Id"]) for part in fields if part["Original-Envelope-Id"] is not None]
    for part in mail.walk():
        if part.get_content_type() == "message/rfc822" and isinstance(inner := part.get_payload(), list):
            named += [str(one["Message-ID"]) for one in inner if isinstance(one, Message)]
        elif part.get_content_type() == "text/rfc822-headers":
            headers = cast("bytes", part.get_payload(decode=True) or b"")
            named.append(str(message_from_bytes(headers)["Message-ID"]))
    for one in named:
        found = _REFERENCE.fullmatch(one.strip())
        if found is not None and found[1].endswith(f"@{domain}"):
            return found[1]
    return None
