# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What every lookup must keep: each rule says how it is broken, or an empty string. As :mod:`connectors.sdk.rules`."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import structlog
from pydantic import ValidationError

from connectors.sdk.bench import Isolation
from connectors.sdk.far_side import Behaviour
from connectors.sdk.fencing.fence import fence_for
from connectors.sdk.lookup import Finding, Found, Lookup, LookupConnector, NotFound, Question
from connectors.sdk.lookup_guard import GuardedLookup
from connectors.sdk.lookup_host import ProcessLookup
from connectors.sdk.manifest import Role
from connectors.sdk.outcomes import Delivered, Rejected, Unavailable
from connectors.sdk.process import Limits, Order
from connectors.sdk.session import open_session
from connectors.sdk.sink import Context, Settings

_PATIENCE_SECONDS = 30.0
_DEADLINE_SECONDS = 0.3
_SLACK_SECONDS = 2.0
_HOSTILE = ("' or '1'='1", '"; drop table register; --', "%", "{key}", "\0", "\ud800", "\r\nX-Evil: 1", "办" * 5_000)


class Register(Protocol):
    """Written by a connector's author for these rules: a far side that can be asked. Begins with ``ACCEPT``.

    Of the behaviours ``REFUSE`` is a far side that refuses every question for good; ``CUT`` hears it and hangs up.
    """

    @property
    def settings(self) -> Settings:
        """The settings of a lookup that points here."""
        ...

    @property
    def known(self) -> Mapping[str, str]:
        """Criteria that one record at least answers to; the first of them decides which."""
        ...

    @property
    def unknown(self) -> Mapping[str, str]:
        """Criteria that nothing answers to."""
        ...

    async def behave(self, behaviour: Behaviour) -> None:
        """Behave like this from now on."""
        ...

    async def until_asked(self, count: int) -> None:
        """Return once so many questions have reached it, whatever became of them."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LookupBench:
    """What a rule is handed. ``reference`` is the connector as ``package.module:ATTRIBUTE``, for a child to import."""

    connector: LookupConnector
    register: Register
    secret: Callable[[str], str]
    reference: str = ""
    isolation: Isolation = Isolation.NONE
    limits: Limits = field(default_factory=Limits)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Lookup]:
        """The lookup, pointed at the register, as the hub would run it."""
        match self.isolation:
            case Isolation.NONE:
                async with self._open_here() as lookup:
                    yield GuardedLookup(lookup)
            case Isolation.PROCESS:
                async with self._open_apart() as lookup:
                    yield lookup

    def open_bare(self) -> AbstractAsyncContextManager[Lookup]:
        """The same without the guard, where there is one in this process."""
        return self._open_here() if self.isolation is Isolation.NONE else self._open_apart()

    def _open_apart(self) -> ProcessLookup:
        return ProcessLookup(
            Order(
                reference=self.reference,
                settings=self.register.settings,
                destination="bench",
                role=Role.LOOKUP,
                fence=fence_for(self.reference, self.register),
            ),
            secret=self.secret,
            log=structlog.get_logger(),
            monotonic=asyncio.get_running_loop().time,
            limits=self.limits,
        )

    @asynccontextmanager
    async def _open_here(self) -> AsyncIterator[Lookup]:
        config = self.connector.lookup_config.model_validate(self.register.settings)
        async with open_session() as session:
            context = Context(
                destination="bench",
                http=session,
                log=structlog.get_logger(),
                secret=self.secret,
                monotonic=asyncio.get_running_loop().time,
            )
            async with self.connector.lookup(config, context) as lookup:
                yield lookup

    def known(self, **changes: Any) -> Question:
        """A question with an answer."""
        return Question(**({"criteria": self.register.known} | changes))


Check = Callable[[LookupBench], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class LookupRule:
    """One rule; its name is the function's."""

    name: str
    check: Check = field(repr=False)

    async def broken(self, bench: LookupBench) -> str:
        """How the lookup breaks this rule; empty when it keeps it. Ends, and raises nothing, whatever it does."""
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                return await self.check(bench)
        except TimeoutError:
            return f"not finished after {_PATIENCE_SECONDS:g} s"
        except Exception as error:  # noqa: BLE001  # because the lookup under trial may raise anything anywhere
            return f"raised {type(error).__name__}: {error}"


LOOKUP_RULES: list[LookupRule] = []


def _rule(check: Check) -> Check:
    LOOKUP_RULES.append(LookupRule(getattr(check, "__name__", ""), check))
    return check


def _unless(kept: bool, otherwise: str) -> str:  # noqa: FBT001  # because it reads as a sentence
    return "" if kept else otherwise


@_rule
async def manifest_and_config_are_sound(bench: LookupBench) -> str:
    """It says that it is a lookup and what may be asked; its settings are frozen, described, exemplified and strict."""
    if Role.LOOKUP not in bench.connector.manifest.roles:
        return "its manifest does not have the role"
    model = bench.connector.lookup_config
    bare = [name for name, known in model.model_fields.items() if not (known.description and known.examples)]
    if bare or not model.model_config.get("frozen"):
        return f"not frozen, or without description or example: {bare}"
    faults = bench.connector.criteria(model.model_validate(bench.register.settings)).faults(bench.register.known)
    if faults:
        return f"a good question may not be asked: {faults}"
    try:
        model.model_validate({**bench.register.settings, "no_such_setting": 1})
    except ValidationError:
        return ""
    return "an unknown setting is taken in silence"


@_rule
async def finds_what_is_there(bench: LookupBench) -> str:
    """The same question has the same answer, as often as it is asked."""
    async with bench.open() as lookup:
        findings = [await lookup.ask(bench.known()) for _ in range(2)]
    return _unless(isinstance(findings[0], Found) and findings[0] == findings[1], f"found {findings}")


@_rule
async def says_that_there_is_nothing(bench: LookupBench) -> str:
    """What the register does not have is not found, which is an answer."""
    async with bench.open() as lookup:
        finding = await lookup.ask(Question(criteria=bench.register.unknown))
    return _unless(finding == NotFound(), f"ended as {finding}")


@_rule
async def criteria_are_data(bench: LookupBench) -> str:
    """Whatever stands in a criterion is looked for, or refused; it is never carried out, and finds nothing more."""
    name = next(iter(bench.register.known))
    async with bench.open() as lookup:
        for text in _HOSTILE:
            finding = await lookup.ask(bench.known(criteria={**bench.register.known, name: text}))
            if not isinstance(finding, NotFound | Rejected):
                return f"{text[:30]!r} ended as {finding}"
        after = await lookup.ask(bench.known())
    return _unless(isinstance(after, Found), f"afterwards {after}")


@_rule
async def a_wrong_question_is_rejected(bench: LookupBench) -> str:
    """A criterion that is missing, or that it does not know, is named before the far side hears of it."""
    async with bench.open() as lookup:
        finding = await lookup.ask(bench.known(criteria={**bench.register.known, "no_such_criterion": "1"}))
    return _unless(isinstance(finding, Rejected) and bool(finding.code), f"ended as {finding}")


@_rule
async def refusal_is_rejected(bench: LookupBench) -> str:
    """What the far side refuses for good has a code, and quotes nothing of the question."""
    await bench.register.behave(Behaviour.REFUSE)
    async with bench.open() as lookup:
        finding = await lookup.ask(bench.known())
    if not (isinstance(finding, Rejected) and finding.code):
        return f"ended as {finding}"
    return _unless(not _quotes(finding, bench.register.known), f"quotes the question: {finding}")


@_rule
async def outage_is_unavailable(bench: LookupBench) -> str:
    """An outage is none of the register's words; the same lookup finds again when it is over."""
    async with bench.open() as lookup:
        await bench.register.behave(Behaviour.OUTAGE)
        during = await lookup.ask(bench.known())
        check = await lookup.check()
        await bench.register.behave(Behaviour.ACCEPT)
        after = await lookup.ask(bench.known())
    kept = isinstance(during, Unavailable) and isinstance(after, Found) and not isinstance(check, Delivered)
    return _unless(kept and not _quotes(during, bench.register.known), f"{during}, checked {check}, then {after}")


@_rule
async def cut_is_unavailable(bench: LookupBench) -> str:
    """A connection cut after the question was heard leaves nothing open: it had no effect."""
    await bench.register.behave(Behaviour.CUT)
    async with bench.open() as lookup:
        finding = await lookup.ask(bench.known())
    return _unless(isinstance(finding, Unavailable), f"ended as {finding}")


@_rule
async def hang_ends_at_the_deadline(bench: LookupBench) -> str:
    """A far side that never answers costs the question's time-out and not more."""
    await bench.register.behave(Behaviour.HANG)
    clock = asyncio.get_running_loop().time
    async with bench.open() as lookup:
        began = clock()
        finding = await lookup.ask(bench.known(timeout=_DEADLINE_SECONDS))
        took = clock() - began
    if not isinstance(finding, Unavailable) or finding.reason.startswith("OVERDUE"):
        return f"a hang ends as {finding}"
    return _unless(took < _DEADLINE_SECONDS + _SLACK_SECONDS, f"took {took:.2f} s of {_DEADLINE_SECONDS} s")


@_rule
async def asks_concurrently(bench: LookupBench) -> str:
    """A question that waits keeps no other one waiting; a cancelled one ends at once."""
    await bench.register.behave(Behaviour.HANG)
    async with bench.open_bare() as lookup:
        slow = asyncio.ensure_future(lookup.ask(bench.known(timeout=_PATIENCE_SECONDS)))
        await bench.register.until_asked(1)
        await bench.register.behave(Behaviour.ACCEPT)
        others = await asyncio.gather(*(lookup.ask(bench.known()) for _ in range(10)))
        waiting = not slow.done()
        slow.cancel()
        await asyncio.wait({slow}, timeout=1)
    kept = waiting and slow.cancelled() and all(isinstance(one, Found) for one in others)
    return _unless(kept, f"waiting {waiting}, cancelled {slow.cancelled()}: {others[:3]}")


@_rule
async def closes_while_asking(bench: LookupBench) -> str:
    """Closing waits for nobody; what was under way, and what comes later, is unavailable."""
    await bench.register.behave(Behaviour.HANG)
    async with bench.open() as lookup:
        under_way = asyncio.ensure_future(lookup.ask(bench.known(timeout=_PATIENCE_SECONDS)))
        await bench.register.until_asked(1)
    finding = await under_way
    late = await lookup.ask(bench.known())
    return _unless(isinstance(finding, Unavailable) and isinstance(late, Unavailable), f"{finding}, later {late}")


@_rule
async def check_asks_nobody_about_anything(bench: LookupBench) -> str:
    """A check says that somebody is there."""
    async with bench.open() as lookup:
        there = await lookup.check()
    return _unless(isinstance(there, Delivered), f"checked as {there}")


def _quotes(finding: Finding, criteria: Mapping[str, str]) -> bool:
    """Whether a failure tells a value of the question."""
    return any(value and value in repr(finding) for value in criteria.values())
