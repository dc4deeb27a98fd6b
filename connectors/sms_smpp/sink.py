# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""One message to one number by SMPP."""

from dataclasses import dataclass, field
from functools import partial
from typing import Final

from connectors.sdk import Accepted, Context, Delivered, Outcome, Parcel, Rejected, Unavailable
from connectors.sdk.sms.message import Message as Notice
from connectors.sdk.sms.message import Reading
from connectors.sdk.sms.parts import Cut, Part, cut, too_long
from connectors.sdk.sms.reports import BEIJING
from connectors.sdk.sms.sending import PartTaken, submitted
from connectors.sdk.sms.sink import TextSink
from connectors.sdk.sms.turns import Turns
from connectors.sms_smpp.config import SinkConfig
from connectors.sms_smpp.packets import HEADED, MESSAGE_PAYLOAD, Message
from connectors.sms_smpp.receipt import reference
from connectors.sms_smpp.session import Session, smpp_line
from connectors.sms_smpp.statuses import refusal
from contracts.notices.segments import Alphabet

_CODINGS: Final = {Alphabet.GSM7: 0, Alphabet.ASCII: 0, Alphabet.UCS2: 8}
_DEFAULTS: Final = {"gsm7": Alphabet.GSM7, "ascii": Alphabet.ASCII}


@dataclass(frozen=True, slots=True)
class _Prepared:
    notice: Notice
    parts: Cut = field(repr=False)


class SmppSink(TextSink[Session]):
    """Safe for concurrent use; shares the line of its account with whoever of this process uses it."""

    def __init__(self, config: SinkConfig, context: Context) -> None:
        super().__init__(context, partial(smpp_line, config), upstream=config.upstream)
        self._config = config
        self._turns = Turns(config.most_per_second)
        self._reading = Reading(config.to, config.text, config.expires, config.prefix, most_numbers=1)
        self._alphabets = (_DEFAULTS[config.default_alphabet], Alphabet.UCS2)

    def prepared(self, parcel: Parcel) -> _Prepared | Rejected:
        """As :class:`TextSink` says."""
        notice = self._reading.message(parcel, self.context.now)
        if isinstance(notice, Rejected):
            return notice
        parts = cut(notice.text, self._alphabets, self.next_reference())
        if parts is None or len(parts.parts) > self._config.most_parts:
            return too_long(self._config.most_parts)
        if self._config.long_texts == "payload" and len(parts.parts) > 1:
            whole = b"".join(part.content[6:] for part in parts.parts)
            parts = Cut(parts.alphabet, (Part(whole, headed=False),))
        return _Prepared(notice, parts)

    async def carry(self, prepared: _Prepared, session: Session, seconds: float) -> Outcome:
        """As :class:`TextSink` says."""
        parts = prepared.parts.parts
        messages = [self._message(prepared, part, last=part is parts[-1]) for part in parts]
        submits = [partial(self._part, session, one) for one in messages]
        outcome = await submitted(submits, seconds, self.context.metrics, self._turns)
        if not isinstance(outcome, list):
            return outcome
        known_as = outcome[-1].name
        return Accepted(known_as) if self._config.reports else Delivered(known_as)

    def _message(self, prepared: _Prepared, part: Part, *, last: bool) -> Message:
        config = self._config
        notice = prepared.notice
        payload = config.long_texts == "payload" and len(part.content) > self._most(prepared.parts.alphabet)
        return Message(
            source=config.sender,
            source_ton=config.sender_ton,
            source_npi=config.sender_npi,
            destination=notice.numbers[0],
            destination_ton=config.number_ton,
            destination_npi=config.number_npi,
            service_type=config.service_type,
            esm_class=HEADED if part.headed else 0,
            # The report of the last part closes the delivery.
            registered=int(config.reports and last),
            coding=_CODINGS[prepared.parts.alphabet],
            valid_until=(
                notice.expires.astimezone(BEIJING).strftime("%y%m%d%H%M%S032+") if notice.expires is not None else ""
            ),
            content=b"" if payload else part.content,
            optional={MESSAGE_PAYLOAD: part.content} if payload else {},
        )

    def _most(self, alphabet: Alphabet) -> int:
        return 140 if alphabet is Alphabet.UCS2 else 160

    async def _part(self, session: Session, message: Message, seconds: float) -> PartTaken | Rejected | Unavailable:
        answer = await session.submit(message, seconds)
        if isinstance(answer, Unavailable):
            return answer
        if answer.status:
            return refusal(answer.status, self._config.throttled_seconds, self._config.passing_statuses)
        today = self.context.now().astimezone(BEIJING).date()
        return PartTaken(reference(self._config.system_id, answer.message_id, self._config.submit_ids, "", today))
