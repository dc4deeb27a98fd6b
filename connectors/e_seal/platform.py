# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The seal platform, spoken to as its profile says."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlencode

import orjson
from yarl import URL

from connectors.e_seal.config import PlatformConfig
from connectors.e_seal.door import SPOOL_OVER
from connectors.e_seal.profile import Call, State, Variables
from connectors.e_seal.signing import FORM_TYPE, JSON_TYPE, Draft, signed
from connectors.sdk import Context, Delivered, InDoubt, NotSeen, Outcome, Rejected, Unavailable
from connectors.sdk.http.exchange import MAX_ANSWER_BYTES, Answer, Exchange
from connectors.sdk.http.place import Document, written
from connectors.sdk.http.ruling import bounded
from connectors.sdk.http.spool import Body
from connectors.sdk.http.template import Missing, Moment, compiled, filled

_PLACE = "{c."
_NOT_NOW = frozenset({401, 403, 407, 408, 425, 429, 503})
_TOKEN_SECONDS = 1800.0
_CODE_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a task stands, and what the platform says of it; texts that it has not are empty."""

    state: State
    said: Mapping[str, str]


class Platform:
    """Used as an async context manager. Safe for concurrent use; holds no state but an access token."""

    def __init__(self, config: PlatformConfig, context: Context) -> None:
        self._config = config
        self._context = context
        self._profile = config.interface
        self._exchange = Exchange(
            context, tls=config.tls, egress=config.egress, most=config.file_bytes, spool_over=SPOOL_OVER
        )
        self._token = ""
        self._token_until = 0.0

    async def __aenter__(self) -> Self:
        await self._exchange.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._exchange.__aexit__(*exc)

    @property
    def closed(self) -> Unavailable | None:
        """Why nothing can be asked any more."""
        return self._exchange.closed

    async def create(self, task: Variables, content: Body, seconds: float) -> str | Rejected | Unavailable | InDoubt:
        """Upload the file and create the task; its number at the platform. Only the last request has an effect. All of it takes
        so many seconds at most.
        """
        known: Variables = {**task}
        until = self._context.monotonic() + seconds
        for call in self._profile.upload:
            done = await self._asked(call, known, content, until=until)
            if not isinstance(done, Document):
                return _certain(done)
        done = await self._asked(self._profile.create, known, content, effect=True, until=until)
        if not isinstance(done, Document):
            return Unavailable("NO_SUCH_TASK") if isinstance(done, NotSeen) else done
        number = known.get("task")
        return number if isinstance(number, str) and number else InDoubt("ANSWER_WITHOUT_TASK: it said success")

    async def find(self, reference: str) -> str | NotSeen | Unavailable | InDoubt:
        """The task under a reference. ``NotSeen``: the platform's own word that there is none."""
        if self._profile.find is None:
            return InDoubt("NOT_QUERYABLE: this platform is not asked by reference")
        return await self._named(self._profile.find, {"reference": reference})

    async def _named(self, call: Call, known: Variables) -> str | NotSeen | Unavailable | InDoubt:
        """The task that the platform names."""
        done = await self._asked(call, known)
        match done:
            case Document():
                number = known.get("task")
                return (
                    number
                    if isinstance(number, str) and number
                    else InDoubt("ANSWER_WITHOUT_TASK: it knows one and does not name it")
                )
            case Rejected(code=code):
                return InDoubt(f"{code}: an answer that the profile does not know")
            case _:
                return done

    @property
    def voids(self) -> bool:
        """Whether a task can be taken back here."""
        return self._profile.void is not None

    async def trace(self, memo: str) -> str | NotSeen | Unavailable | InDoubt | None:
        """The task with a memo. None: this platform is not asked by memo."""
        return None if self._profile.trace is None else await self._named(self._profile.trace, {"memo": memo})

    async def void(self, task: str, reason: str) -> Document | Rejected | Unavailable | InDoubt | NotSeen:
        """Have an open task taken back; whether it is, a look tells."""
        assert self._profile.void is not None, "who cannot be told is not"
        return await self._asked(self._profile.void, {"task": task, "reason": reason}, effect=True)

    async def look(self, task: str) -> Standing | Unavailable | InDoubt:
        """Where a task stands."""
        known: Variables = {"task": task}
        done = await self._asked(self._profile.look, known)
        match done:
            case Document():
                said = {name: value for name in self._profile.look.keep if isinstance(value := known.get(name), str)}
                return Standing(self._profile.look.states.get(said.get("state", ""), State.OPEN), said)
            case NotSeen():
                return InDoubt("NO_SUCH_TASK: the platform does not know its own task")
            case Rejected(code=code):
                return InDoubt(f"{code}: the platform does not say where the task stands")
            case _:
                return done

    async def file(self, task: str) -> Body | Unavailable | InDoubt:
        """The sealed file, bounded by ``file_bytes``."""
        known: Variables = {"task": task}
        for call in self._profile.fetch[:-1]:
            done = await self._asked(call, known)
            if not isinstance(done, Document):
                certain = _certain(done)
                return InDoubt(f"{certain.code}: no file is given") if isinstance(certain, Rejected) else certain
        answer = await self._answer(self._profile.fetch[-1], known, None, effect=False)
        match answer:
            case Answer(status=200, content=body) if body is not None:
                return body
            case Answer(status=200):
                return InDoubt("FILE_CUT: the sealed file is larger than file_bytes, or did not come whole")
            case Answer(status=status):
                return Unavailable(f"HTTP_{status}: no file is given")
            case Rejected(code=code):
                return InDoubt(f"{code}: the sealed file cannot be fetched")
            case _:
                return answer

    async def check(self) -> Outcome:
        """Whether it answers, and knows us: it is asked about a task that is none."""
        answer = await self._answer(self._profile.look, {"task": "0"}, None, effect=False)
        match answer:
            case Answer(status=401 | 403 | 407 as status):
                return Rejected(f"HTTP_{status}", "The far side is there but does not know us.")
            case Answer(status=status) if status >= 500:
                return Unavailable(f"HTTP_{status}")
            case Answer(status=status):
                return Delivered(f"HTTP_{status}")
            case _:
                return answer

    async def _asked(
        self,
        call: Call,
        known: Variables,
        content: Body | None = None,
        *,
        effect: bool = False,
        until: float | None = None,
    ) -> Document | Rejected | Unavailable | InDoubt | NotSeen:
        """The answer, if it is a success; what it keeps is in ``known`` then."""
        answer = await self._answer(call, known, content, effect=effect, until=until)
        if not isinstance(answer, Answer):
            return answer
        body = answer.body if answer.body is None or len(answer.body) <= MAX_ANSWER_BYTES else None
        document = Document(body)
        judged = _judged(call, answer.status, document, effect=effect)
        if judged is not None:
            return judged
        for name, place in call.keep.items():
            text = written(document.at(place))
            if text is not None:
                known[name] = bounded(text) if name != "memo" else text[:500]
        return document

    async def _answer(
        self, call: Call, known: Variables, content: Body | None, *, effect: bool, until: float | None = None
    ) -> Answer | Rejected | Unavailable | InDoubt:
        token = await self._present_token(call)
        if isinstance(token, Unavailable):
            return token
        request = self._request(call, known, content, token)
        if not isinstance(request, tuple):
            return request
        url, headers, body = request
        left = self._config.timeout_seconds if until is None else until - self._context.monotonic()
        if left <= 0:
            return Unavailable("TIMED_OUT: no time is left for the next request")
        seconds = min(self._config.timeout_seconds, left)
        if effect:
            return await self._exchange.post(url, headers, body, seconds, method=call.method)
        if call.method == "GET":
            return await self._exchange.ask(url, headers, seconds)
        return await self._exchange.ask_with(url, headers, body, seconds, method=call.method)

    def _request(
        self, call: Call, known: Variables, content: Body | None, token: str
    ) -> tuple[URL, dict[str, str], Body] | Rejected | Unavailable:
        moment = Moment(self._context.now(), secrets.token_hex(16))
        every: Variables = {
            **self._config.values,
            **known,
            "base": self._config.url.rstrip("/"),
            "callback_url": self._config.callback_url,
        }

        def resolve(name: str) -> str | None:
            kind, _, rest = name.partition(".")
            return written(every.get(rest)) if kind == "c" else moment.resolve(name)

        address = filled(call.url, resolve)
        headers = {name: filled(value, resolve) for name, value in call.headers.items()}
        missing = next((one for one in (address, *headers.values()) if isinstance(one, Missing)), None)
        if missing is not None or not isinstance(address, str):
            return Rejected("TEMPLATE_UNFILLED", f"The task has nothing for {{{missing.name if missing else 'url'}}}.")
        texts = {name: value for name, value in headers.items() if isinstance(value, str)}
        form = orjson.dumps(_made(call.content, every, resolve)).decode() if call.send in {"json", "form"} else None
        body: Body = b""
        kind = ""
        if call.send == "file":
            body = b"" if content is None else content
        elif call.send == "json" and form is not None:
            body, kind = form.encode(), JSON_TYPE
        elif call.send == "form" and form is not None:
            body, kind = urlencode({"bizContent": form}).encode(), FORM_TYPE
        url = URL(address, encoded=address.isascii())
        if kind:
            texts.setdefault("Content-Type", kind)
        if call.signed:
            try:
                key = self._context.secret(self._config.secret)
            except KeyError:
                return Unavailable(f"SECRET_MISSING: no secret {self._config.secret.name}")
            draft = Draft(
                method=call.method,
                target=url.raw_path_qs,
                body=body,
                moment=moment.resolve("now.ms") or "",
                nonce=moment.nonce,
                app_id=self._config.app_id,
                content_type=texts.get("Content-Type", ""),
                form=form if call.send == "form" else None,
                token=token,
            )
            texts |= signed(self._profile.scheme, key, draft)
        texts.setdefault("Accept-Encoding", "identity")
        return url, texts, body

    async def _present_token(self, call: Call) -> str | Unavailable:
        """The access token, where the platform has one and this call is none that gets it."""
        getting = self._profile.token
        if getting is None or call is getting or not call.signed:
            return ""
        if self._token and self._context.monotonic() < self._token_until:
            return self._token
        known: Variables = {}
        done = await self._asked(getting, known)
        token = known.get("token")
        if not isinstance(done, Document) or not isinstance(token, str):
            return Unavailable("TOKEN: the platform gives no access token")
        self._token, self._token_until = token, self._context.monotonic() + _TOKEN_SECONDS
        return token


def _judged(
    call: Call, status: int, document: Document, *, effect: bool
) -> Rejected | Unavailable | InDoubt | NotSeen | None:
    """None: a success."""
    if call.absent_at is not None and document.text(call.absent_at) in call.absent:
        return NotSeen()
    if status in _NOT_NOW:
        return Unavailable(f"HTTP_{status}")
    if status >= 500 or status < 200:
        return InDoubt(f"HTTP_{status}: neither success nor refusal") if effect else Unavailable(f"HTTP_{status}")
    if status >= 300:
        return Rejected(_coded(document.text("/code")) or f"HTTP_{status}")
    if call.success_at is None:
        return None
    said = document.text(call.success_at)
    if said in call.success:
        return None
    if said in call.busy:
        return Unavailable(f"CODE_{_coded(said or '')}: its own word")
    if said is None and effect:
        return InDoubt("ANSWER_UNKNOWN: a success by its status, and nobody can read what it says")
    return Rejected(f"CODE_{_coded(said)}" if said else "ANSWER_UNKNOWN")


def _certain(done: Rejected | Unavailable | InDoubt | NotSeen) -> Rejected | Unavailable:
    """What was asked has no effect, so nothing of it is in doubt."""
    match done:
        case InDoubt(reason=reason):
            return Unavailable(reason)
        case NotSeen():
            return Unavailable("NO_SUCH_TASK")
        case Rejected() | Unavailable():
            return done


def _coded(text: str | None) -> str:
    kept = "".join(char for char in text or "" if char.isascii() and (char.isalnum() or char in "_.-"))
    return kept[:_CODE_LENGTH]


def _made(value: Any, known: Mapping[str, Any], resolve: Any) -> Any:
    """The JSON with its places filled; a place alone takes the value as it is, and is left out where there is none."""
    match value:
        case str():
            if value.startswith(_PLACE) and value.endswith("}") and len(compiled(value)) == 1 and "|" not in value:
                return known.get(value[len(_PLACE) : -1])
            text = filled(value, resolve)
            return text if isinstance(text, str) else None
        case list():
            return [_made(one, known, resolve) for one in value]
        case dict():
            made = {name: _made(one, known, resolve) for name, one in value.items()}
            return {name: one for name, one in made.items() if one is not None and one != ""}
        case _:
            return value
