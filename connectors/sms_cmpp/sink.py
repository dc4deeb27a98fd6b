# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""One message to one or several numbers by CMPP."""

from functools import partial
from typing import Final

from connectors.sdk import Accepted, Context, Delivered, Outcome, Parcel, Rejected, Unavailable
from connectors.sdk.sms.message import Message, Reading
from connectors.sdk.sms.parts import Cut, cut, too_long
from connectors.sdk.sms.reports import BEIJING
from connectors.sdk.sms.sending import PartTaken, submitted
from connectors.sdk.sms.sink import TextSink
from connectors.sdk.sms.turns import Turns
from connectors.sms_cmpp.config import SinkConfig
from connectors.sms_cmpp.msg_id import reference
from connectors.sms_cmpp.pdus import Submit
from connectors.sms_cmpp.results import refusal
from connectors.sms_cmpp.session import Session, cmpp_line
from contracts.notices.segments import Alphabet

_CODINGS: Final = {Alphabet.ASCII: 0, Alphabet.UCS2: 8, Alphabet.GB: 15}
_ALPHABETS: Final = {"ascii": Alphabet.ASCII, "gb": Alphabet.GB, "ucs2": Alphabet.UCS2}


class CmppSink(TextSink[Session]):
    """Safe for concurrent use; shares the line of its account with whoever of this process uses it."""

    def __init__(self, config: SinkConfig, context: Context) -> None:
        super().__init__(context, partial(cmpp_line, config), upstream=config.upstream)
        self._config = config
        self._turns = Turns(config.most_per_second)
        self._reading = Reading(config.to, config.text, config.expires, config.prefix, config.most_numbers)
        self._alphabets = (*(_ALPHABETS[one] for one in config.encodings if one != "ucs2"), Alphabet.UCS2)

    def prepared(self, parcel: Parcel) -> tuple[Message, Cut] | Rejected:
        """As :class:`TextSink` says."""
        message = self._reading.message(parcel, self.context.now)
        if isinstance(message, Rejected):
            return message
        parts = cut(message.text, self._alphabets, self.next_reference())
        if parts is None or len(parts.parts) > self._config.most_parts:
            return too_long(self._config.most_parts)
        return message, parts

    async def carry(self, prepared: tuple[Message, Cut], session: Session, seconds: float) -> Outcome:
        """As :class:`TextSink` says."""
        message, parts = prepared
        submits = [partial(self._part, session, one) for one in self._submits(message, parts)]
        outcome = await submitted(submits, seconds, self.context.metrics, self._turns, len(message.numbers))
        if not isinstance(outcome, list):
            return outcome
        known_as = outcome[-1].name
        return Accepted(known_as) if self._waits(message) else Delivered(known_as)

    def _waits(self, message: Message) -> bool:
        # The report of the last part closes the delivery; with several numbers nobody could say whose report does.
        return self._config.reports and len(message.numbers) == 1

    def _submits(self, message: Message, parts: Cut) -> list[Submit]:
        config = self._config
        count = len(parts.parts)
        until = message.expires.astimezone(BEIJING).strftime("%y%m%d%H%M%S032+") if message.expires is not None else ""
        return [
            Submit(
                numbers=message.numbers,
                content=part.content,
                coding=_CODINGS[parts.alphabet],
                udhi=part.headed,
                part=number,
                parts=count,
                report=self._waits(message) and number == count,
                service=config.service_id,
                fee_user_type=config.fee_user_type,
                fee_type=config.fee_type,
                fee_code=config.fee_code,
                account=config.account,
                valid_until=until,
                sender=config.sender,
            )
            for number, part in enumerate(parts.parts, 1)
        ]

    async def _part(self, session: Session, submit: Submit, seconds: float) -> PartTaken | Rejected | Unavailable:
        answer = await session.submit(submit, seconds)
        if isinstance(answer, Unavailable):
            return answer
        if answer.result:
            return refusal(answer.result, self._config.throttled_seconds, self._config.passing_results)
        today = self.context.now().astimezone(BEIJING).date()
        return PartTaken(reference(self._config.account, answer.msg_id, today))
