# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A notice as it was asked for, and its words. What is read here has satisfied its contract."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson

from contracts.codes import NoticeChannel, NoticeClass
from contracts.notices.templates import Rendered, Templates, Unrendered
from contracts.timestamps import parse_timestamp

_PASSED_ON = ("region_code", "item_code", "department_code", "level_code", "moment")


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice; ``data`` is that of ``cn.gov.notice.requested``."""

    data: dict[str, Any]

    @classmethod
    def of(cls, canonical: bytes) -> "Notice":
        """The notice in a message's canonical data."""
        return cls(orjson.loads(canonical))

    @property
    def notice_class(self) -> NoticeClass:
        """How pressing it is."""
        return NoticeClass[self.data["notice_class"].upper()]

    @property
    def recipients(self) -> list[dict[str, Any]]:
        """Whom it is for, each with its ``ways``."""
        recipients: list[dict[str, Any]] = self.data["recipients"]
        return recipients

    @property
    def disturbs(self) -> bool:
        """Whether it asks to be sent in quiet hours too."""
        return self.data.get("quiet_hours") == "send"

    @property
    def not_before(self) -> datetime | None:
        """Before which it must not be sent."""
        return _moment(self.data.get("not_before_at"))

    def expires_at(self, begun_at: datetime, longest: float) -> datetime:
        """After which it must not be sent: as it says, or so many seconds after it could be sent first."""
        said = _moment(self.data.get("expires_at"))
        return said or max(begun_at, self.not_before or begun_at) + timedelta(seconds=longest)

    def worded(self, templates: Templates) -> Rendered | Unrendered:
        """Its words: of its template, or its own."""
        signature = self.data.get("signature")
        if (template_id := self.data.get("template_id")) is not None:
            values = {one["name"]: one["value"] for one in self.data.get("parameters", ())}
            rendered = templates.rendered(template_id, values, signature)
            title = self.data.get("title")
            return (
                Rendered(title, rendered.text, rendered.signature)
                if title and isinstance(rendered, Rendered)
                else rendered
            )
        return Rendered(self.data.get("title") or "", self.data["text"], signature or templates.signature)

    def dispatched(
        self, recipient: dict[str, Any], way: dict[str, Any], worded: Rendered, at: datetime, expires_at: datetime
    ) -> dict[str, Any]:
        """The data of ``cn.gov.notice.dispatched`` for one way of one recipient."""
        channel = NoticeChannel[way["channel"].upper()]
        by_text = channel is NoticeChannel.SMS
        data = {
            "matter_no": self.data["matter_no"],
            **{name: self.data[name] for name in _PASSED_ON if self.data.get(name) is not None},
            "notice_no": self.data["notice_no"],
            "recipient_no": recipient["recipient_no"],
            "notice_class": self.notice_class.value,
            "channel": channel.value,
            "address": way["address"],
            "recipient_name": recipient.get("name"),
            "title": worded.title or ("通知" if channel is NoticeChannel.MAIL else None),
            "text": f"{worded.text}\n\n{worded.signature}" if channel is NoticeChannel.MAIL else worded.signed,
            "signature": worded.signature,
            "template_id": self.data.get("template_id"),
            "parameters": self.data.get("parameters") or None,
            "segments": len(worded.segmented.parts) if by_text else None,
            "dispatched_at": at.isoformat(),
            "expires_at": expires_at.isoformat(),
        }
        return {name: value for name, value in data.items() if value is not None}


def _moment(text: str | None) -> datetime | None:
    return None if text is None else parse_timestamp(text)
