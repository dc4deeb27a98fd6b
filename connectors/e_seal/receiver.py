# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The platform calls back: something has become of a task.

A callback is verified, and then it is a hint and nothing more. Whether it is true, the platform is asked, in the background;
what came of the task is given to the hub as its answer. So a callback that comes twice, late or by somebody who has recorded
it changes nothing, and one that never comes costs time alone: the hub asks by itself after ``answer_within``.
"""

import asyncio
import hmac
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Self
from urllib.parse import parse_qsl

import orjson

from connectors.e_seal.collecting import Collector
from connectors.e_seal.config import CallbackConfig
from connectors.e_seal.profile import Scheme
from connectors.e_seal.signing import callback_signature
from connectors.sdk import (
    Accepted,
    Admission,
    Context,
    Delivered,
    Disposition,
    InDoubt,
    Rejected,
    Reply,
    Request,
    TurnedAway,
    Unavailable,
)
from connectors.sdk.answers import Answer, Heard
from connectors.sdk.http.place import Document

_MOST_BYTES = 256 * 1024
_MOST_FIELDS = 100
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_JSON = (("Content-Type", "application/json"),)
_LONGEST_TASK = 200
_MOST_TRIES = 10
_FIRST_SECONDS, _LONGEST_SECONDS = 0.25, 60.0
"""What could not be followed is looked at again after these; what is given up then is left to the hub's own question."""


class SealCallbacks:
    """One address. What waits to be looked at is in memory alone: losing it loses nothing but the hint."""

    def __init__(self, config: CallbackConfig, context: Context) -> None:
        self._config = config
        self._context = context
        self._profile = config.interface
        self._collector = Collector(config, context)
        self._waiting: asyncio.Queue[str] = asyncio.Queue()
        self._known = set[str]()
        self._tries = Counter[str]()
        self._later = set[asyncio.Task[None]]()
        self._workers: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        await self._collector.__aenter__()
        self._workers = [asyncio.create_task(self._work()) for _ in range(self._config.at_once)]
        return self

    async def __aexit__(self, *exc: object) -> None:
        under_way = [*self._workers, *self._later]
        for one in under_way:
            one.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
        await self._collector.__aexit__(*exc)

    async def admit(self, request: Request) -> Admission:
        """Believed or turned away; the work is done later."""
        if request.method != "POST":
            return _away("METHOD", 405)
        if len(request.body) > _MOST_BYTES:
            return _away("TOO_LARGE", 413)
        form = _form(request) if self._profile.scheme is Scheme.FASC else None
        fault = self._stranger(request, form)
        if fault:
            return _away(fault, 503 if fault == "SECRET_MISSING" else 401)
        document = Document(request.body if form is None else form.encode("utf-8", "surrogateescape"), strict=True)
        task = document.text(self._profile.callback.task)
        if not task or len(task) > _LONGEST_TASK or not task.isprintable():
            return _away("UNREADABLE", 400)
        if task not in self._known:
            if len(self._known) >= self._config.waiting:
                return _away("TOO_MANY", 503)
            self._known.add(task)
            self._waiting.put_nowait(task)
        return Reply(status=200, headers=_JSON, body=orjson.dumps(self._profile.callback.reply or {}))

    async def reply(self, note: str, answers: Sequence[tuple[int, Disposition]]) -> Reply:  # noqa: ARG002  # because no call brings messages
        """Never asked: no call brings messages."""
        return Reply(status=500)

    def _stranger(self, request: Request, form: str | None) -> str:
        """Why the caller is not believed; empty when it is."""
        keys = [
            key for name in (self._config.secret, self._config.previous_secret) if name and (key := self._secret(name))
        ]
        if not keys:
            return "SECRET_MISSING"
        names = [name.lower() for name, _ in request.headers]
        headers = {name.lower(): value for name, value in request.headers if names.count(name.lower()) == 1}
        good, moment = False, ""
        for key in keys:
            shown, made, moment = callback_signature(
                self._profile.scheme, key, headers, request.query, request.body, form
            )
            good |= bool(shown) and hmac.compare_digest(shown.encode("utf-8", "surrogateescape"), made.encode())
        if not good:
            return "BAD_SIGNATURE"
        return "" if self._timely(moment) else "STALE"

    def _timely(self, written: str) -> bool:
        """Within the window: platforms repeat under the moment of their first attempt."""
        if not (written.isascii() and written.isdigit() and len(written) <= 15):  # milliseconds
            return False
        moment = _EPOCH + timedelta(milliseconds=int(written))
        return abs((self._context.now() - moment).total_seconds()) <= self._profile.callback.window_seconds

    def _secret(self, name: str) -> str | None:
        try:
            return self._context.secret(name) or None
        except KeyError:
            return None

    async def _work(self) -> None:
        """Look at one task after the other, until cancelled."""
        while True:
            task = await self._waiting.get()
            ended = True
            try:
                ended = await self._looked_at(task)
            except Exception as error:  # noqa: BLE001  # because one task must not end the work on all others; the hub asks later
                self._context.log.error("a callback could not be followed", bug=type(error).__name__)
            if ended or self._tries[task] >= _MOST_TRIES:
                self._known.discard(task)
                del self._tries[task]
            else:
                self._put_off(task)

    async def _looked_at(self, task: str) -> bool:
        """Whether nothing more is to be done: the answer is kept, or the task has not ended after all."""
        self._tries[task] += 1
        match await self._collector.collect(task):
            case Delivered() | Rejected() as ending:
                [heard] = await self._context.answers.answered([Answer(task, ending)])
                return heard is not Heard.TOO_MANY
            case Accepted():
                return True
            case Unavailable() | InDoubt():
                return False

    def _put_off(self, task: str) -> None:
        """Look again after a while, longer each time: platform, hub or journal were away."""
        again = asyncio.create_task(self._again(task, min(_FIRST_SECONDS * 2 ** self._tries[task], _LONGEST_SECONDS)))
        self._later.add(again)
        again.add_done_callback(self._later.discard)

    async def _again(self, task: str, seconds: float) -> None:
        await asyncio.sleep(seconds)
        self._waiting.put_nowait(task)


def _form(request: Request) -> str | None:
    """The field bizContent of a form; None where it does not stand there once."""
    try:
        fields = parse_qsl(
            request.body.decode("utf-8", "surrogateescape"), keep_blank_values=True, max_num_fields=_MOST_FIELDS
        )
    except ValueError:
        return None
    found = [value for name, value in fields if name == "bizContent"]
    return found[0] if len(found) == 1 else None


def _away(code: str, status: int) -> TurnedAway:
    return TurnedAway(code=code, reply=Reply(status=status, headers=_JSON, body=orjson.dumps({"code": code})))
