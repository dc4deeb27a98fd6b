# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The letterbox to which notifications come. What was answered is marked as seen; what is none of ours is flagged, for people.

Answered first, marked then: what a crash leaves is answered again, which is known. Several hubs may read one letterbox.
"""

import asyncio
from collections.abc import Sequence

from connectors.mail.bounce import NoNotification, read_bounce
from connectors.mail.config import Bounces
from connectors.mail.imap import ImapLetterbox
from connectors.mail.letterbox import Letter, Letterbox, Maildir
from connectors.sdk import Answer, Context, Heard

_AT_A_TIME = 200


class BounceReader:
    """Reads until cancelled. A letterbox that is not there is told once, and looked for again."""

    def __init__(self, config: Bounces, domain: str, context: Context) -> None:
        self._config = config
        self._domain = domain
        self._context = context
        self._away = False
        self._box = _letterbox(config, context)

    async def run(self) -> None:
        """Look every so often."""
        while True:
            await self.look()
            await asyncio.sleep(self._config.every_seconds)

    async def look(self) -> int:
        """Work off what is new; how many mails were settled."""
        settled = 0
        try:
            while found := await self._box.unread(_AT_A_TIME):
                now = await self._work_off(found)
                settled += now
                if now < len(found) or len(found) < _AT_A_TIME:  # what must come again would come again at once
                    break
        except OSError as error:
            if not self._away:
                self._context.log.warning("bounces cannot be read", error=type(error).__name__)
            self._away = True
            return settled
        self._away = False
        return settled

    async def _work_off(self, letters: Sequence[Letter]) -> int:
        read = [(letter, read_bounce(letter.content, self._domain)) for letter in letters]
        answers = [one for _, one in read if isinstance(one, Answer)]
        heard = iter(await self._context.answers.answered(answers) if answers else ())
        settled: list[Letter] = []
        strangers: list[Letter] = []
        for letter, one in read:
            if isinstance(one, NoNotification):
                self._context.log.warning("a mail among the bounces is none of ours", why=one.why)
                strangers.append(letter)
            elif one is None or next(heard) is not Heard.TOO_MANY:  # else it stays, and is read again
                settled.append(letter)
        await self._box.file_away(settled, strangers)
        return len(settled) + len(strangers)


def _letterbox(config: Bounces, context: Context) -> Letterbox:
    if config.imap is not None:
        return ImapLetterbox(config.imap, context)
    assert config.maildir is not None, "one of the two is there"
    return Maildir(config.maildir)
