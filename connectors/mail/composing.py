# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A parcel as a mail. Pure: the same parcel gives the same mail, but for its date.

The Message-ID is made of the idempotency key, so that a repeat is known as one at the other end and in any mailbox.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

import orjson

from connectors.mail.config import MailConfig
from connectors.sdk import Parcel

_WIDE = SMTP.clone(max_line_length=998)
_ATTRIBUTES = "Ce-Attributes"


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail. ``reference`` is its Message-ID without the angle brackets."""

    reference: str
    recipient: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Unfit:
    """Why a parcel cannot be a mail; holds nothing of it."""

    code: str
    detail: str


def reference_of(config: MailConfig, key: str) -> str:
    """The Message-ID of a key, at the sender's domain."""
    return f"{hashlib.sha256(key.encode()).hexdigest()[:40]}@{config.sender.rpartition('@')[2]}"


def composed(config: MailConfig, parcel: Parcel, now: datetime) -> Mail | Unfit:
    """The mail, or why there is none."""
    reference = reference_of(config, parcel.idempotency_key)
    mail = EmailMessage(policy=SMTP)
    try:
        recipient = _parcel(mail, config, parcel) if config.carries == "parcel" else _notice(mail, parcel)
        if isinstance(recipient, Unfit):
            return recipient
        mail["From"] = Address(config.sender_name, addr_spec=config.sender)
        mail["To"] = Address(addr_spec=recipient)
        mail["Date"] = format_datetime(now)
        mail["Message-ID"] = f"<{reference}>"
        mail["Auto-Submitted"] = "auto-generated"
        return Mail(reference, recipient, mail.as_bytes())
    except (
        ValueError,
        LookupError,
        TypeError,
    ):  # what cannot be written: line breaks in headers, addresses that are none
        return Unfit("MAIL_UNWRITABLE", "its title or address cannot stand in a mail")


def _notice(mail: EmailMessage, parcel: Parcel) -> str | Unfit:
    try:
        data: Any = orjson.loads(parcel.body)
    except orjson.JSONDecodeError:
        data = None
    if not isinstance(data, dict) or data.get("channel") != "mail":
        return Unfit("MAIL_NO_NOTICE", "it is no cn.gov.notice.dispatched for the channel mail")
    address, title, text = data.get("address"), data.get("title"), data.get("text")
    if not (isinstance(address, str) and isinstance(title, str) and isinstance(text, str)):
        return Unfit("MAIL_NO_NOTICE", "address, title and text are texts")
    if not address.isascii():
        return Unfit("MAIL_ADDRESS", "an address outside ASCII cannot be written to")
    mail["Subject"] = title
    mail.set_content(text, cte="base64")
    return address


def _parcel(mail: EmailMessage, config: MailConfig, parcel: Parcel) -> str:
    assert config.to is not None, "checked with the settings"
    main, _, sub = parcel.content_type.partition(";")[0].strip().partition("/")
    mail["Subject"] = f"govhub {parcel.attributes.get('type', '')}".strip()
    mail["Idempotency-Key"] = parcel.idempotency_key
    mail[_ATTRIBUTES] = orjson.dumps(dict(parcel.attributes)).decode()
    mail.set_content("消息见附件。 The message is attached.\n", cte="base64")
    mail.add_attachment(parcel.body, maintype=main or "application", subtype=sub or "octet-stream", filename="message")
    return config.to
