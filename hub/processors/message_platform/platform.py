# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The processor: what follows for each recipient of a notice, and the answer when all are done.

What it emits is named ``RECIPIENT.WAY``, both counted from 0, ``correct.RECIPIENT.WAY``, and ``report``.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson

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
from hub.processors.message_platform.revoking import (
    CORRECTION,
    REVOKED,
    gone,
    key_of,
    revocations,
    texts,
    to_close,
)
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
from hub.processors.processor import Close, Correlation, Turn

REQUESTED = "cn.gov.notice.requested"
_REPORT = "report"
_LONGEST_TEXT = 2000
_AGAIN = timedelta(seconds=5)
_TOLD = frozenset({Verdict.TOLD, Verdict.UNDER_WAY})
_CODES = {
    Verdict.EXPIRED: "NOTICE_EXPIRED",
    Verdict.UNKNOWN: "NOTICE_UNCONFIRMED",
    Verdict.GIVEN_UP: "NOTICE_GIVEN_UP",
    Verdict.FAILED: "NOTICE_UNDELIVERABLE",
}
"""By what is worst: what a person should look at first."""
_OF_TEMPLATE = frozenset({"template_id", "parameters"})


@dataclass(frozen=True, slots=True)
class MessagePlatform:
    """See :class:`hub.processors.processor.Processor`."""

    config: PlatformConfig
    templates: Templates
    secret: Callable[[str], str]
    calendar: Calendar = field(default_factory=published)

    def refusal(self, parcel: Parcel) -> Rejected | None:
        """What can be told at once: no notice, no words, no channel. What has expired begins, and ends as expired."""
        if parcel.attributes.get("type") == REVOKED:
            return None
        if parcel.attributes.get("type") != REQUESTED:
            return Rejected("NOTICE_CONTRACT", f"a message platform takes {REQUESTED} and {REVOKED}")
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

    def correlation(self, parcel: Parcel, /) -> Correlation:
        """Every notice is a process of its own; asking again under its number sends nothing more, and revoking joins it."""
        key = key_of(parcel.attributes["source"], orjson.loads(parcel.body))
        if parcel.attributes["type"] == REVOKED:
            unknown = Rejected("NOTICE_UNKNOWN", "this sender has asked for no notice of this number")
            return Correlation(joins=key, stray=unknown, answered=True)
        return Correlation(keys=frozenset({key}), taken=Delivered("asked for before"))

    def wishes(self, process: Process, now: datetime) -> Sequence[PaceWish]:
        """One for each recipient that could be sent something now."""
        look = _Look(self.config, self.calendar, process, now)
        limits = tuple((one.times, one.seconds) for one in look.rules.pace)
        if not limits or look.revoked:
            return ()
        return [
            PaceWish(self._key(look.notice, look.way(recipient, one.way)), _name(recipient, one.way), limits)
            for recipient, one in look.standings.items()
            if isinstance(one, Untried) and look.held_until(paced=None) is None and now < look.expires_at
        ]

    def turn(self, process: Process, now: datetime, paced: Mapping[str, datetime | None]) -> Turn:
        """Send what may be sent, wait for what must be waited for, answer when every recipient is done."""
        look = _Look(self.config, self.calendar, process, now)
        if look.revoked:
            return self._back(process, look, now)
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
        recipient, way = map(int, name.removeprefix(CORRECTION).split("."))
        worded = look.notice.worded(self.templates)
        assert isinstance(worded, Rendered), "what has no words was refused"
        expires_at = look.expires_at
        if name.startswith(CORRECTION):
            worded = Rendered(worded.title, self.config.correction or "", worded.signature)
            expires_at = named_at + timedelta(seconds=look.rules.longest_seconds)
        data = look.notice.dispatched(
            look.notice.recipients[recipient], look.way(recipient, way), worded, named_at, expires_at
        )
        if name.startswith(CORRECTION):
            data = {field: value for field, value in data.items() if field not in _OF_TEMPLATE}
        until = min(expires_at, named_at + timedelta(seconds=look.rules.patience_seconds))
        contract = notice_dispatched.CONTRACT
        return _event(contract.type, contract.schema_uri, data, expirytime=timestamp(until))

    def _back(self, process: Process, look: "_Look", now: datetime) -> Turn:
        """Stop what can be stopped; then tell whoever revoked it, and be over when nothing is to be heard any more."""
        if open_ := to_close(process):
            return Turn(close=Close(open_), due_at=now + _AGAIN)
        went = [name for name, one in texts(process).items() if gone(one)]
        emit, dues, word = self._corrected(process, look, went)
        dues += [one.until for one in look.standings.values() if isinstance(one, Waiting)]
        replies = {} if word is None else dict.fromkeys(revocations(process), word)
        due_at = min((due for due in dues if due is not None), default=None)
        if word is None or any(isinstance(one, Waiting) for one in look.standings.values()):
            return Turn(emit=emit, due_at=due_at, replies=replies)
        answer = _answer(best(look.standings), len(look.standings))
        if isinstance(answer, Rejected):
            answer = Rejected("NOTICE_REVOKED", answer.detail)
        return Turn(emit=(_REPORT,) if self.config.report else (), answer=answer, replies=replies)

    def _corrected(
        self, process: Process, look: "_Look", went: Sequence[str]
    ) -> tuple[list[str], list[datetime | None], Delivered | Rejected | None]:
        """The corrections to be emitted now, when to look again, and what whoever revoked it is told, once that is known."""
        if not went:
            return [], [], Delivered("revoked")
        if self.config.correction is None:
            return [], [], Rejected("NOTICE_GONE", f"it had gone out already: {len(went)} texts")
        missing = [f"{CORRECTION}{name}" for name in went if f"{CORRECTION}{name}" not in process.emissions]
        if missing:
            held = look.quiet_until()
            return (missing if held is None else []), [held], None
        verdicts = [look.verdict(f"{CORRECTION}{name}") for name in went]
        sent = sum(one in _TOLD for one in verdicts)
        if any(look.sending(f"{CORRECTION}{name}") for name in went):
            return [], [], None
        if sent == len(went):
            return [], [], Delivered(f"corrected {sent}")
        return [], [], Rejected("NOTICE_GONE", f"it had gone out already; corrected {sent} of {len(went)}")

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
        self.revoked = bool(revocations(process))
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
        return self.quiet_until() or paced

    def quiet_until(self) -> datetime | None:
        """Until when whom it is for is left alone; None: not now."""
        if not self.rules.quiet or self.notice.disturbs:
            return None
        return quiet_until(self._config.talking, self._now, self._calendar)

    def verdict(self, name: str) -> Verdict:
        """What an emission for a channel has come to."""
        recipient, way = map(int, name.removeprefix(CORRECTION).split("."))
        reached = self._config.channels.get(channel_of(self.way(recipient, way)))
        return verdict(self._process.emissions[name], reached or "", self.rules, self._now)

    def sending(self, name: str) -> bool:
        """Whether nobody has taken it yet, and it is still to be sent."""
        emitted = self._process.emissions[name]
        return not emitted.refused and not gone(emitted) and self.verdict(name) is Verdict.UNDER_WAY

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
        return tried or [(ways[0], Verdict.GIVEN_UP if self.revoked else Verdict.EXPIRED)]

    def _standing(self, recipient: int) -> Standing:
        ways = self.notice.recipients[recipient]["ways"]
        emitted = [self._emitted(recipient, way) for way in range(len(ways))]
        last = max((one.named_at for one in emitted if one is not None), default=self._process.begun_at)
        hope_ends = max(self.expires_at, last + timedelta(seconds=self.rules.receipt_seconds))
        reached = [self._config.channels.get(channel_of(way)) for way in ways]
        found = standing(emitted, reached, self.rules, self._now, hope_ends)
        if not self.revoked:
            return found
        match found:
            case Untried():
                return Over(Verdict.GIVEN_UP)
            case Waiting() if all(one is None or one.closed_at is not None or one.refused for one in emitted):
                return Over(Verdict.UNKNOWN)  # it went out when it was closed, and nothing more is heard of it
            case _:
                return found

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
