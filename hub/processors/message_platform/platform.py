# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The processor: what follows for each recipient of a notice, and the answer when all are done.

What it emits is named ``RECIPIENT.WAY``, both counted from 0, and ``report``.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from connectors.sdk import Delivered, Parcel, Rejected
from contracts.cloudevent import CloudEvent
from contracts.families.services import notice_dispatched, notice_reported
from contracts.legal_clock.calendar import published
from contracts.notices.templates import Rendered, Templates, Unrendered
from contracts.supervision.calendar import Calendar
from contracts.timestamps import timestamp
from hub.ports.journal import PaceWish, Process
from hub.processors.message_platform.config import ClassSettings, PlatformConfig
from hub.processors.message_platform.notice import Notice
from hub.processors.message_platform.quiet import quiet_until
from hub.processors.message_platform.standing import (
    Over,
    Standing,
    Untried,
    Verdict,
    Waiting,
    best,
    channel_of,
    standing,
    verdict,
)
from hub.processors.processor import Correlation, Turn

REQUESTED = "cn.gov.notice.requested"
_REPORT = "report"
_LONGEST_TEXT = 2000
_CODES = {
    Verdict.EXPIRED: "NOTICE_EXPIRED",
    Verdict.UNKNOWN: "NOTICE_UNCONFIRMED",
    Verdict.GIVEN_UP: "NOTICE_GIVEN_UP",
    Verdict.FAILED: "NOTICE_UNDELIVERABLE",
}
"""By what is worst: what a person should look at first."""


@dataclass(frozen=True, slots=True)
class MessagePlatform:
    """See :class:`hub.processors.processor.Processor`."""

    config: PlatformConfig
    templates: Templates
    secret: Callable[[str], str]
    calendar: Calendar = field(default_factory=published)

    def refusal(self, parcel: Parcel) -> Rejected | None:
        """What can be told at once: no notice, no words, no channel. What has expired begins, and ends as expired."""
        if parcel.attributes.get("type") != REQUESTED:
            return Rejected("NOTICE_CONTRACT", f"a message platform takes {REQUESTED} and nothing else")
        notice = Notice.of(parcel.body)
        worded = notice.worded(self.templates)
        if isinstance(worded, Unrendered):
            return _unworded(worded)
        by_text = any(way["channel"] == "sms" for one in notice.recipients for way in one["ways"])
        own_words = "text" in notice.data
        parts = len(worded.segmented.parts)
        if own_words and by_text and parts > self.config.free_text_segments:
            most = self.config.free_text_segments
            return Rejected("NOTICE_TOO_LONG", f"{parts} text messages; without a template {most} are allowed")
        if len(worded.signed) + 2 > _LONGEST_TEXT:
            return Rejected("NOTICE_TOO_LONG", f"with its signature it is longer than {_LONGEST_TEXT} characters")
        template = self.templates.by_id.get(notice.data.get("template_id", ""))
        if template is not None and notice.notice_class not in template.classes:
            return Rejected("NOTICE_CLASS", "the template is not for notices of this class")
        unreachable = [
            one["recipient_no"]
            for one in notice.recipients
            if not any(channel_of(way) in self.config.channels for way in one["ways"])
        ]
        if unreachable:
            told = tuple(f"recipient {number}: none of its channels is at hand here" for number in unreachable[:20])
            return Rejected("NOTICE_NO_CHANNEL", "", told)
        return None

    def correlation(self, _parcel: Parcel, /) -> Correlation:
        """Every notice is a process of its own."""
        return Correlation()

    def wishes(self, process: Process, now: datetime) -> Sequence[PaceWish]:
        """One for each recipient that could be sent something now."""
        look = _Look(self.config, self.calendar, process, now)
        limits = tuple((one.times, one.seconds) for one in look.rules.pace)
        if not limits:
            return ()
        return [
            PaceWish(self._key(look.notice, look.way(recipient, one.way)), _name(recipient, one.way), limits)
            for recipient, one in look.standings.items()
            if isinstance(one, Untried) and look.held_until(paced=None) is None and now < look.expires_at
        ]

    def turn(self, process: Process, now: datetime, paced: Mapping[str, datetime | None]) -> Turn:
        """Send what may be sent, wait for what must be waited for, answer when every recipient is done."""
        look = _Look(self.config, self.calendar, process, now)
        emit: list[str] = []
        dues: list[datetime | None] = []
        ends: dict[int, Standing] = {}
        for recipient, one in look.standings.items():
            match one:
                case Untried() if now >= look.expires_at:
                    ends[recipient] = Over(Verdict.EXPIRED)
                case Untried(way):
                    name = _name(recipient, way)
                    held = look.held_until(paced=paced.get(name))
                    if held is None:
                        emit.append(name)
                    dues.append(None if held is None else min(held, look.expires_at))
                case Waiting(until):
                    dues.append(until)
                case Over():
                    ends[recipient] = one
        if len(ends) == len(look.standings):
            report = (_REPORT,) if self.config.report else ()
            return Turn(emit=report, answer=_answer(best(ends), len(ends)))
        return Turn(emit=emit, due_at=min((due for due in dues if due is not None), default=None))

    def event(self, process: Process, name: str, named_at: datetime) -> CloudEvent:
        """A text for a channel, or the report."""
        look = _Look(self.config, self.calendar, process, named_at)
        if name == _REPORT:
            return _event(notice_reported.CONTRACT.type, notice_reported.CONTRACT.schema_uri, look.reported())
        recipient, way = map(int, name.split("."))
        worded = look.notice.worded(self.templates)
        assert isinstance(worded, Rendered), "what has no words was refused"
        data = look.notice.dispatched(
            look.notice.recipients[recipient], look.way(recipient, way), worded, named_at, look.expires_at
        )
        until = min(look.expires_at, named_at + timedelta(seconds=look.rules.patience_seconds))
        contract = notice_dispatched.CONTRACT
        return _event(contract.type, contract.schema_uri, data, expirytime=timestamp(until))

    def _key(self, notice: Notice, way: Mapping[str, str]) -> bytes:
        """Whom it concerns, for the pace: a keyed digest, so that no number can be read or guessed out of the journal."""
        concerns = "\0".join((notice.notice_class, way["channel"], _plain(way["address"])))
        return hmac.digest(self.secret(self.config.number_secret.name).encode(), concerns.encode(), hashlib.sha256)


class _Look:
    """A process at one moment."""

    def __init__(self, config: PlatformConfig, calendar: Calendar, process: Process, now: datetime) -> None:
        self._calendar = calendar
        self._config = config
        self._process = process
        self._now = now
        self.notice = Notice.of(process.canonical)
        self.rules: ClassSettings = config.classes.of(self.notice.notice_class)
        self.expires_at = self.notice.expires_at(process.begun_at, self.rules.longest_seconds)
        self.standings: dict[int, Standing] = {
            recipient: self._standing(recipient) for recipient in range(len(self.notice.recipients))
        }

    def way(self, recipient: int, way: int) -> dict[str, str]:
        """One way of one recipient."""
        found: dict[str, str] = self.notice.recipients[recipient]["ways"][way]
        return found

    def held_until(self, *, paced: datetime | None) -> datetime | None:
        """Until when nothing may be sent yet; None: now."""
        if (first := self.notice.not_before) is not None and self._now < first:
            return first
        if self.rules.quiet and not self.notice.disturbs:
            quiet = quiet_until(self._config.talking, self._now, self._calendar)
            if quiet is not None:
                return quiet
        return paced

    def reported(self) -> dict[str, Any]:
        """The data of ``cn.gov.notice.reported``: every channel that was tried, and those that never were as expired."""
        statuses = [
            {
                "recipient_no": one["recipient_no"],
                "channel": way["channel"],
                "status": came_to.value,
                "reported_at": self._now.isoformat(),
            }
            for recipient, one in enumerate(self.notice.recipients)
            for way, came_to in self._tried(recipient)
        ]
        data = {
            "matter_no": self.notice.data["matter_no"],
            "notice_no": self.notice.data["notice_no"],
            "kind": "status",
        }
        return {**data, "statuses": statuses[:1000]}

    def _tried(self, recipient: int) -> list[tuple[dict[str, str], Verdict]]:
        ways = self.notice.recipients[recipient]["ways"]
        tried = [
            (way, verdict(emitted, self._config.channels[channel_of(way)], self.rules, self._now))
            for n, way in enumerate(ways)
            if channel_of(way) in self._config.channels and (emitted := self._emitted(recipient, n)) is not None
        ]
        return tried or [(ways[0], Verdict.EXPIRED)]

    def _standing(self, recipient: int) -> Standing:
        ways = self.notice.recipients[recipient]["ways"]
        emitted = [self._emitted(recipient, way) for way in range(len(ways))]
        last = max((one.named_at for one in emitted if one is not None), default=self._process.begun_at)
        hope_ends = max(self.expires_at, last + timedelta(seconds=self.rules.receipt_seconds))
        reached = [self._config.channels.get(channel_of(way)) for way in ways]
        return standing(emitted, reached, self.rules, self._now, hope_ends)

    def _emitted(self, recipient: int, way: int) -> Any:
        return self._process.emissions.get(_name(recipient, way))


def _name(recipient: int, way: int) -> str:
    return f"{recipient}.{way}"


def _plain(address: str) -> str:
    """One number however it is written; anything else as it is, without regard to case."""
    digits = address.replace("-", "").removeprefix("+")
    if not digits.isdecimal():
        return address.casefold()
    return digits.removeprefix("86") if len(digits) > 11 else digits


def _event(contract: str, schema: str, data: dict[str, Any], **extensions: str) -> CloudEvent:
    return CloudEvent(
        id="", source="", type=contract, dataschema=schema, subject=data["matter_no"], data=data, extensions=extensions
    )


def _unworded(unworded: Unrendered) -> Rejected:
    if not unworded.misfits:
        return Rejected("NOTICE_TEMPLATE", "there is no such template")
    return Rejected("NOTICE_PARAMETERS", "", tuple(f"{one.name}: {one.problem}" for one in unworded.misfits[:20]))


def _answer(counted: Mapping[Verdict, int], recipients: int) -> Delivered | Rejected:
    told = counted.get(Verdict.TOLD, 0)
    if told == recipients:
        return Delivered(f"told {told}")
    worst = next(one for one in _CODES if counted.get(one))
    others = ", ".join(f"{one.value} {counted[one]}" for one in _CODES if counted.get(one))
    return Rejected(_CODES[worst], f"told {told} of {recipients}; {others}")
