# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The maildir to which notifications come. What was answered is marked as seen; what is none of ours is flagged, for people.

Answered first, marked then: what a crash leaves is answered again, which is known. Several hubs may read one folder.
"""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from connectors.mail.bounce import NoNotification, read_bounce
from connectors.mail.config import Bounces
from connectors.sdk import Answer, Context, Heard

_LARGEST = 4 * 2**20
_AT_A_TIME = 200


class BounceReader:
    """Reads until cancelled. A folder that is not there is told once, and looked for again."""

    def __init__(self, config: Bounces, domain: str, context: Context) -> None:
        self._config = config
        self._domain = domain
        self._context = context
        self._away = False

    async def run(self) -> None:
        """Look every so often."""
        while True:
            await self.look()
            await asyncio.sleep(self._config.every_seconds)

    async def look(self) -> int:
        """Work off what is new; how many mails were settled."""
        try:
            found = await asyncio.to_thread(lambda: list(_new(Path(self._config.maildir))))
        except OSError as error:
            if not self._away:
                self._context.log.warning("bounces cannot be read", error=type(error).__name__)
            self._away = True
            return 0
        self._away = False
        settled = 0
        for at in range(0, len(found), _AT_A_TIME):
            settled += await self._work_off(found[at : at + _AT_A_TIME])
        return settled

    async def _work_off(self, files: list[Path]) -> int:
        read = [
            (file, read_bounce(content, self._domain))
            for file in files
            if (content := await _content(file)) is not None
        ]
        answers = [one for _, one in read if isinstance(one, Answer)]
        heard = iter(await self._context.answers.answered(answers) if answers else ())
        settled = 0
        for file, one in read:
            if isinstance(one, Answer) and next(heard) is Heard.TOO_MANY:
                continue  # it stays, and is read again
            if isinstance(one, NoNotification):
                self._context.log.warning("a mail among the bounces is none of ours", why=one.why)
            flags = "F" if isinstance(one, NoNotification) else "S"
            await asyncio.to_thread(_file_away, file, flags)
            settled += 1
        return settled


def _new(maildir: Path) -> Iterator[Path]:
    """What is new, oldest first as far as names tell."""
    yield from sorted(file for file in (maildir / "new").iterdir() if not file.name.startswith("."))


async def _content(file: Path) -> bytes | None:
    """Bounded; None: another hub has it."""

    def read() -> bytes | None:
        with suppress(OSError), file.open("rb") as opened:
            return opened.read(_LARGEST)
        return None

    return await asyncio.to_thread(read)


def _file_away(file: Path, flags: str) -> None:
    name = file.name.partition(":")[0]
    with suppress(FileNotFoundError):  # another hub was as fast
        file.rename(file.parent.parent / "cur" / f"{name}:2,{flags}")
