# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a message's body says by the templates of the settings: to whom, and what. The body's shape is configuration.

The templates are those of :mod:`connectors.sdk.http.template`; a place where the body has a list of texts stands for all of
them, with commas between.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from connectors.sdk.http.names import Names
from connectors.sdk.http.template import Missing, Moment, filled
from connectors.sdk.outcomes import Rejected
from connectors.sdk.parcel import Parcel
from connectors.sdk.sms.numbers import Prefix, dialled, numbers_in

_MOST_CHARACTERS: Final = 20_000


@dataclass(frozen=True, slots=True)
class Message:
    """One text and the numbers it goes to, as the gateway wants them."""

    numbers: tuple[str, ...] = field(repr=False)
    text: str = field(repr=False)
    expires: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """How bodies are read. ``most_numbers`` is what one message may go to."""

    to: str
    text: str
    expires: str
    prefix: Prefix
    most_numbers: int

    def message(self, parcel: Parcel, now: Callable[[], datetime]) -> Message | Rejected:
        """What this one says; a refusal names the template and never what filled it."""
        names = Names(parcel, Moment(now(), ""), _no_secret)
        to, text = (filled(template, _resolve(names)) for template in (self.to, self.text))
        for unfilled, template in ((to, "to"), (text, "text")):
            if isinstance(unfilled, Missing):
                return Rejected(
                    "TEMPLATE_UNFILLED",
                    f"{template}: 消息中没有 {{{unfilled.name}}} / nothing in the message for {{{unfilled.name}}}",
                )
        assert isinstance(to, str), "it is filled"
        assert isinstance(text, str), "it is filled"
        written = numbers_in(to)
        numbers = tuple(one for number in written if (one := dialled(number, self.prefix)) is not None)
        if not numbers or len(numbers) != len(written):
            return Rejected(
                "NUMBER_INVALID",
                f"{len(written) - len(numbers)} 个号码不是电话号码，共 {len(written)} 个 / some are no telephone numbers",
            )
        if len(numbers) > self.most_numbers:
            return Rejected("TOO_MANY_NUMBERS", f"一次最多 {self.most_numbers} 个号码 / at most so many at once")
        if not text or len(text) > _MOST_CHARACTERS:
            return Rejected("TEXT_LENGTH", f"内容为空或超过 {_MOST_CHARACTERS} 字 / the text is empty or too long")
        expires = filled(self.expires, names)
        written_there = expires if isinstance(expires, str) else parcel.attributes.get("expirytime")
        return Message(numbers, text, _moment(written_there))


def _resolve(names: Names) -> Callable[[str], str | None]:
    def resolve(name: str) -> str | None:
        found = names(name)
        if found is None and name.startswith("/"):
            several = names.document.at(name)
            if isinstance(several, list) and several and all(isinstance(one, str) for one in several):
                return ",".join(map(str, several))
        return found

    return resolve


def _no_secret(name: str) -> str:
    raise KeyError(name)


def _moment(written: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(written) if written else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None
