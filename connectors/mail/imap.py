# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
r"""A folder of a mail account, read by IMAP4rev1 (RFC 3501) with the standard library's client, in a thread.

Each look is a connection of its own: nothing is held open, and a server that restarts is no event. Mails are read without being
marked (``BODY.PEEK``); they are marked ``\Seen`` once they are settled, and ``\Flagged`` too if they are none of ours.
"""

import asyncio
import imaplib
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from connectors.mail.config import ImapFolder
from connectors.mail.letterbox import LARGEST, Letter
from connectors.sdk import Context

_SECONDS = 30.0

T = TypeVar("T")


class ImapLetterbox:
    """As the port says."""

    def __init__(self, config: ImapFolder, context: Context) -> None:
        self._config = config
        self._context = context

    async def unread(self, most: int) -> Sequence[Letter]:
        """As the port says."""
        return await self._run(lambda client: list(_unread(client, most)))

    async def file_away(self, settled: Sequence[Letter], strangers: Sequence[Letter]) -> None:
        """As the port says."""

        def mark(client: imaplib.IMAP4) -> None:
            for letters, flags in ((settled, r"(\Seen)"), (strangers, r"(\Seen \Flagged)")):
                if letters:
                    _told(client.uid("STORE", ",".join(one.name for one in letters), "+FLAGS.SILENT", flags))

        if settled or strangers:
            await self._run(mark)

    async def _run(self, work: Callable[[imaplib.IMAP4], T]) -> T:
        def run() -> T:
            try:
                with self._selected() as client:
                    return work(client)
            except imaplib.IMAP4.error as error:
                raise OSError(0, type(error).__name__) from None  # without what the server said of whom
            except KeyError:
                raise OSError(0, "the secret is not there") from None

        return await asyncio.to_thread(run)

    @contextmanager
    def _selected(self) -> Iterator[imaplib.IMAP4]:
        config = self._config
        context = ssl.create_default_context(cafile=config.tls_ca_file)
        if config.tls == "implicit":
            client: imaplib.IMAP4 = imaplib.IMAP4_SSL(config.host, config.port, ssl_context=context, timeout=_SECONDS)
        else:
            client = imaplib.IMAP4(config.host, config.port, timeout=_SECONDS)
        try:
            if config.tls == "starttls":
                client.starttls(ssl_context=context)
            client.login(config.user, self._context.secret(config.password_secret))
            _told(client.select(f'"{config.folder}"'))
            yield client
        finally:
            with suppress(imaplib.IMAP4.error, OSError):
                client.logout()


def _unread(client: imaplib.IMAP4, most: int) -> Iterator[Letter]:
    [found] = _told(client.uid("SEARCH", "UNSEEN", "UNDELETED"))
    for uid in (found or b"").split()[:most]:
        for part in _told(client.uid("FETCH", uid.decode(), f"(BODY.PEEK[]<0.{LARGEST}>)")):
            if isinstance(part, tuple):  # else another hub has it, or the line that ends the answer
                yield Letter(uid.decode(), part[1])


def _told(answer: tuple[str, list[Any]]) -> list[Any]:
    """What a server answered. Raises ``OSError`` where it said no: its words are not told, they may name people."""
    status, data = answer
    if status != "OK":
        raise OSError(0, f"the server answered {status}")
    return data
