# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A department that can only call out: fetches its mailbox at a running hub, one word for each message that it is lent.

GOVHUB_KEY=ghk_… govhub simulate mailbox --option url=http://127.0.0.1:8080 --option mailbox=housing --script "ok,forget,refuse"

It knows deliveries that it has handled, so what comes again is acknowledged and not handled twice.
"""

import asyncio
import os
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from itertools import count
from typing import Any, Self

import aiohttp
import orjson
from pydantic import BaseModel, Field

from connectors.sdk import STRICT
from connectors.sdk.simulated_speech import CONTENT_TYPE, completion
from connectors.sdk.simulator import Simulator, Word
from contracts.text import Text

_TIMEOUT = aiohttp.ClientTimeout(90)
_DEAF_SECONDS = 0.001
_NO_LEASE = "00000000-0000-7000-8000-000000000000"


class Step(Word):
    """What the department does with one message that it is lent."""

    OK = "ok", "办理并确认", "handled and acknowledged"
    REFUSE = "refuse", "拒收，附代码", "refused, with a code"
    LATER = "later", "请中枢稍后再给", "asked for again later"
    SLOW = "slow", "办理，过一会才确认", "handled, and acknowledged after a while"
    FORGET = (
        "forget",
        "办理，不确认；租约到期后再来",
        "handled and never acknowledged: it comes again when the lease is over",
    )
    LATE = "late", "租约到期之后才确认", "acknowledged when the lease is over"
    TWICE = "twice", "确认两次", "acknowledged twice"
    CHANGED_MIND = "changed_mind", "确认之后又拒收", "acknowledged, and then refused"
    WRONG_LEASE = (
        "wrong_lease",
        "先用不存在的租约确认，再正确确认",
        "acknowledged under a lease that is none, and then rightly",
    )
    GARBAGE = "garbage", "先发无法读懂的确认，再正确确认", "acknowledged by what nobody can read, and then rightly"
    LOST = "lost", "确认之后未听答复即断开，再确认一次", "acknowledged without hearing the answer, and then again"
    DOUBLE = "double", "办理之前，另一个程序同时来取", "while it is handled, another programme fetches too"


class MailboxOptions(BaseModel):
    """Which hub and mailbox, and how long things take."""

    model_config = STRICT

    url: str = Field(description="中枢的地址。 The hub, as http://127.0.0.1:8080.")
    mailbox: str = Field(description="信箱，即目的地编号。 The mailbox: a destination's id.")
    key_env: str = Field(
        default="GOVHUB_KEY",
        description="存放本系统 API 密钥的环境变量。 The variable that holds the system's API key.",
    )
    most: int = Field(default=10, ge=1, description="一次最多取几条。 The most messages that it fetches at a time.")
    wait_seconds: float = Field(default=20.0, ge=0, description="长轮询等多久（秒）。 How long it waits for one.")
    every_seconds: float = Field(
        default=0.5, gt=0, description="中枢不在时多久再试（秒）。 How often it tries when the hub is away."
    )
    slow_seconds: float = Field(default=2.0, gt=0, description="slow 多久才确认（秒）。 How late slow acknowledges.")
    late_seconds: float = Field(
        default=0.5,
        gt=0,
        description="late 在租约到期之后多久（秒）。 How long after the end of its lease late acknowledges.",
    )
    later_seconds: float = Field(
        default=5, ge=0, description="later 多久之后再给（秒）。 In how long later asks for it again."
    )
    reply: bool = Field(
        default=False,
        description="true：办理后发回一个办结。 true: it sends a completion of each case that it has handled.",
    )
    source: str = Field(default="department", description="事件的 source，即系统编号。 The system that it speaks for.")


@dataclass(frozen=True, slots=True)
class _Fetched:
    """What one fetch was lent, and for how many seconds."""

    lease: str = ""
    seconds: float = 0.0
    messages: Sequence[Mapping[str, Any]] = ()


class Department:
    """Fetches and acknowledges as long as it is entered; used as an async context manager.

    Entering raises ``OSError`` where the hub is not there, or does not give it the mailbox.
    """

    def __init__(self, script: Iterable[Step], _host: str, _port: int, options: MailboxOptions) -> None:
        self._words = deque(script)
        self._options = options
        self.address = f"{options.url.rstrip('/')}/v1/mailbox/{options.mailbox}"
        self._numbers = count(1)
        self.handled: list[str] = []
        """The delivery of everything that was handled, in order, each once."""
        self.lent: Counter[str] = Counter()
        """How often each delivery was lent."""
        self.told: list[tuple[str, Step, str]] = []
        """Of each acknowledgement: delivery, word, and what the hub said: ``settled``, ``stale``, or a refusal's code."""
        self.replied: list[str] = []
        """Of each reply: nothing where the hub took it, else its refusal's code."""
        self.changed = asyncio.Condition()
        """Notified when one of these has changed."""
        self._http: aiohttp.ClientSession | None = None
        self._working: asyncio.Task[None] | None = None
        self._does: Mapping[Step, Callable[[str, str], Awaitable[None]]] = {
            Step.OK: self._acknowledge,
            Step.REFUSE: self._refuse,
            Step.LATER: self._ask_later,
            Step.SLOW: self._slowly,
            Step.FORGET: _nothing,
            Step.LATE: _nothing,
            Step.TWICE: self._twice,
            Step.CHANGED_MIND: self._changed_mind,
            Step.WRONG_LEASE: self._by_no_lease,
            Step.GARBAGE: self._by_garbage,
            Step.LOST: self._unheard,
            Step.DOUBLE: self._beside_another,
        }

    async def __aenter__(self) -> Self:
        key = os.environ.get(self._options.key_env, "")
        self._http = aiohttp.ClientSession(headers={"Authorization": f"Bearer {key}"}, timeout=_TIMEOUT)
        try:
            async with self._http.get(self.address, params={"max": "1", "wait": "0"}) as answer:
                if answer.status not in {200, 204, 503}:
                    answer.raise_for_status()
                fetched = await _read(answer)
        except aiohttp.ClientResponseError as error:
            await self._http.close()
            raise OSError(0, f"{self.address}: HTTP {error.status}") from error
        except aiohttp.ClientError as error:
            await self._http.close()
            raise OSError(0, f"{self.address}: {type(error).__name__}") from error
        except BaseException:
            await self._http.close()
            raise
        self._working = asyncio.create_task(self._work(fetched))
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._working is not None:
            self._working.cancel()
            await asyncio.wait({self._working})
        if self._http is not None:
            await self._http.close()

    async def _work(self, fetched: _Fetched) -> None:
        async with asyncio.TaskGroup() as late:
            while True:
                try:
                    for message in fetched.messages:
                        await self._handle(fetched, message, late)
                    fetched = await self._fetch(self._options.wait_seconds)
                except (aiohttp.ClientError, TimeoutError):
                    fetched = _Fetched()
                    await asyncio.sleep(self._options.every_seconds)

    async def _fetch(self, wait: float) -> _Fetched:
        query = {"max": str(self._options.most), "wait": str(wait)}
        async with self._client.get(self.address, params=query) as answer:
            if answer.status not in {200, 204}:
                await asyncio.sleep(float(answer.headers.get("Retry-After", self._options.every_seconds)))
            return await _read(answer)

    async def _handle(self, fetched: _Fetched, message: Mapping[str, Any], late: asyncio.TaskGroup) -> None:
        lease, delivery = fetched.lease, message["delivery"]
        self.lent[delivery] += 1
        if delivery in self.handled:
            await self._acknowledge(lease, delivery)
            return
        word = self._words.popleft() if self._words else Step.OK
        handles = word not in {Step.REFUSE, Step.LATER}
        if handles:
            self.handled.append(delivery)
        await self._tell()
        if word is Step.LATE:
            late.create_task(self._too_late(lease, delivery, fetched.seconds))
        await self._does[word](lease, delivery)
        if self._options.reply and handles:
            await self._reply(message["event"])

    async def _acknowledge(self, lease: str, delivery: str, word: Step = Step.OK) -> None:
        await self._say(lease, delivery, word, {"outcome": "delivered", "receipt": f"R-{len(self.handled)}"})

    async def _refuse(self, lease: str, delivery: str) -> None:
        await self._say(lease, delivery, Step.REFUSE, _refusal())

    async def _ask_later(self, lease: str, delivery: str) -> None:
        later = {"outcome": "retry", "after_seconds": self._options.later_seconds}
        await self._say(lease, delivery, Step.LATER, later)

    async def _slowly(self, lease: str, delivery: str) -> None:
        await asyncio.sleep(self._options.slow_seconds)
        await self._acknowledge(lease, delivery, Step.SLOW)

    async def _too_late(self, lease: str, delivery: str, seconds: float) -> None:
        await asyncio.sleep(seconds + self._options.late_seconds)
        await self._acknowledge(lease, delivery, Step.LATE)

    async def _twice(self, lease: str, delivery: str) -> None:
        for _ in range(2):
            await self._acknowledge(lease, delivery, Step.TWICE)

    async def _changed_mind(self, lease: str, delivery: str) -> None:
        await self._acknowledge(lease, delivery, Step.CHANGED_MIND)
        await self._say(lease, delivery, Step.CHANGED_MIND, _refusal())

    async def _by_no_lease(self, lease: str, delivery: str) -> None:
        for one in (_NO_LEASE, lease):
            await self._acknowledge(one, delivery, Step.WRONG_LEASE)

    async def _by_garbage(self, lease: str, delivery: str) -> None:
        await self._post(delivery, Step.GARBAGE, b"\xff\xfe{")
        await self._acknowledge(lease, delivery, Step.GARBAGE)

    async def _unheard(self, lease: str, delivery: str) -> None:
        """The acknowledgement leaves, and whoever said it does not wait for the answer; then it is said again."""
        result = {"outcome": "delivered", "receipt": f"R-{len(self.handled)}"}
        with suppress(TimeoutError):
            await self._post(
                delivery, Step.LOST, _said(lease, delivery, result), aiohttp.ClientTimeout(sock_read=_DEAF_SECONDS)
            )
        await self._acknowledge(lease, delivery, Step.LOST)

    async def _beside_another(self, lease: str, delivery: str) -> None:
        """Another programme of the department fetches at the same time, and handles what it is lent at once."""
        other = await self._fetch(0)
        for message in other.messages:
            self.lent[message["delivery"]] += 1
            self.handled.append(message["delivery"])
            await self._acknowledge(other.lease, message["delivery"], Step.DOUBLE)
        await self._acknowledge(lease, delivery, Step.DOUBLE)

    async def _say(self, lease: str, delivery: str, word: Step, result: dict[str, Any]) -> None:
        await self._post(delivery, word, _said(lease, delivery, result))

    async def _post(self, delivery: str, word: Step, body: bytes, within: aiohttp.ClientTimeout = _TIMEOUT) -> None:
        headers = {"Content-Type": "application/json"}
        async with self._client.post(f"{self.address}/ack", data=body, headers=headers, timeout=within) as answer:
            document = await answer.json(content_type=None)
            told = document["results"][0]["status"] if answer.status == 200 else str(document.get("code"))
        self.told.append((delivery, word, told))
        await self._tell()

    async def _reply(self, event: Mapping[str, Any]) -> None:
        case = str(event.get("subject", ""))
        said = completion(case, f"{case}-sim-{next(self._numbers)}", self._options.source)
        url = f"{self._options.url.rstrip('/')}/v1/messages"
        async with self._client.post(url, data=orjson.dumps(said), headers={"Content-Type": CONTENT_TYPE}) as answer:
            document = await answer.json(content_type=None)
        self.replied.append("" if answer.ok else str(document.get("code")))
        await self._tell()

    async def _tell(self) -> None:
        async with self.changed:
            self.changed.notify_all()

    @property
    def _client(self) -> aiohttp.ClientSession:
        assert self._http is not None, "entered before"
        return self._http


async def _nothing(_lease: str, _delivery: str) -> None:
    """Who says nothing is waited for until the lease is over."""


def _refusal() -> dict[str, Any]:
    return {"outcome": "rejected", "code": "NOT_OURS", "detail": "非本单位职责"}


def _said(lease: str, delivery: str, result: Mapping[str, Any]) -> bytes:
    return orjson.dumps({"lease": lease, "results": [{"delivery": delivery, **result}]})


async def _read(answer: aiohttp.ClientResponse) -> _Fetched:
    """What was lent; how long, by the hub's own clock."""
    if answer.status != 200:
        return _Fetched()
    document = await answer.json()
    now = parsedate_to_datetime(answer.headers["Date"])
    seconds = (datetime.fromisoformat(document["expires"]) - now).total_seconds()
    return _Fetched(document["lease"], seconds, document["messages"])


SIMULATOR = Simulator(
    name="mailbox",
    about=Text(
        "只能向外发起请求的部门：到运行中的中枢取件，每取到一条消息取剧本的一个词；不监听端口。",
        "A department that can only call out: fetches its mailbox at a running hub, one word for each message that it is "
        "lent; it listens at no port.",
    ),
    words=Step,
    options=MailboxOptions,
    start=Department,
)
