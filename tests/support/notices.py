# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A message platform under test: its templates, its settings, a notice, and who hears its answers."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from connectors.sdk import Answer, Delivered, Heard, Rejected
from contracts.cloudevent import CloudEvent
from contracts.notices.templates import Templates, load_templates
from hub.processors.message_platform.config import PlatformConfig
from hub.processors.message_platform.platform import REQUESTED, MessagePlatform
from tests.support.hubs import event

TEMPLATES = """\
version: 1
signature: 示例区政务服务
templates:
  accepted:
    title: 受理通知
    text: 您申请的{item}已受理。
    places: {item: {longest: 30}}
"""
SETTINGS = {
    "templates": "templates.yaml",
    "channels": {"sms": "sms", "mail": "mail"},
    "number_secret": "numbers",
    "talking": {
        "working_days": {"begin": "00:00", "end": "23:59:59.999999"},
        "other_days": {"begin": "00:00", "end": "23:59:59.999999"},
    },
}
SMS = {"channel": "sms", "address": "00000000000"}
MAIL = {"channel": "mail", "address": "test@example.invalid"}


def platform(folder: Path, **changes: Any) -> MessagePlatform:
    """A platform with these settings, its templates in the folder."""
    (folder / "templates.yaml").write_text(TEMPLATES, encoding="utf-8")
    templates = load_templates(folder / "templates.yaml")
    assert isinstance(templates, Templates)
    return MessagePlatform(PlatformConfig.model_validate({**SETTINGS, **changes}), templates, lambda _: "made-up")


def notice(no: str, now: datetime, *ways: dict[str, str], recipients: Any = None, **changes: Any) -> CloudEvent:
    """A notice of an acceptance about the case of its number, to one recipient by these ways, from the portal."""
    data = {
        "matter_no": no,
        "notice_no": no,
        "notice_class": "case",
        "template_id": "accepted",
        "parameters": [{"name": "item", "value": "测试事项"}],
        "recipients": recipients or [{"recipient_no": "1", "ways": list(ways or (SMS,))}],
        "requested_at": now.isoformat(),
        **changes,
    }
    return replace(event(no, contract=REQUESTED), data={key: one for key, one in data.items() if one is not None})


def in_seconds(now: datetime, seconds: float) -> str:
    """A moment so much later, as notices write it."""
    return (now + timedelta(seconds=seconds)).isoformat()


@dataclass(slots=True)
class Listener:
    """Hears the final answers of a processor; ``told`` are they, in order."""

    told: list[Answer] = field(default_factory=list)
    deaf: bool = False

    async def answered(self, answers: Sequence[Answer]) -> Sequence[Heard]:
        if self.deaf:
            return [Heard.TOO_MANY] * len(answers)
        known = {one.reference for one in self.told}
        self.told += answers
        return [Heard.KNOWN if one.reference in known else Heard.RECORDED for one in answers]

    @property
    def outcomes(self) -> list[Delivered | Rejected]:
        """What was answered, in order."""
        return [one.outcome for one in self.told]
