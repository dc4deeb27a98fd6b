# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a rule for sinks is, and what all of them try a connector with."""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any

from connectors.sdk.bench import Bench, Isolation
from connectors.sdk.outcomes import Accepted, Delivered, QueryOutcome
from connectors.sdk.parcel import Parcel

Check = Callable[[Bench], Awaitable[str]]

PATIENCE_SECONDS = 30.0
_SOME_CASE = '{"caseNumber":"办件-1"}'.encode()
_GOOD_BODY: ContextVar[bytes] = ContextVar("good_body", default=_SOME_CASE)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; its name is the function's. ``isolations`` are the ways of running a connector it can judge."""

    name: str
    check: Check
    isolations: frozenset[Isolation]

    @property
    def meaning(self) -> str:
        """What it wants, in one sentence."""
        return (self.check.__doc__ or "").strip().partition("\n")[0]

    async def broken(self, bench: Bench) -> str:
        """How the connector breaks this rule; empty when it keeps it. Ends, and raises nothing, whatever it does."""
        # A kind that carries one contract alone needs a good message of that one.
        _GOOD_BODY.set(getattr(bench.far_side, "good_body", None) or _SOME_CASE)
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await self.check(bench)
        except TimeoutError:
            return f"not finished after {PATIENCE_SECONDS:g} s"
        except Exception as error:  # noqa: BLE001  # because the connector under trial may raise anything anywhere
            return f"raised {type(error).__name__}: {error}"


def entering(rules: list[Rule]) -> Callable[..., Callable[[Check], Check]]:
    """A decorator that makes rules of functions and enters them there; its arguments are the isolations, all unless said."""

    def rule(*isolations: Isolation) -> Callable[[Check], Check]:
        def enter(check: Check) -> Check:
            rules.append(Rule(getattr(check, "__name__", ""), check, frozenset(isolations or Isolation)))
            return check

        return enter

    return rule


def parcel_of(key: str, **changes: Any) -> Parcel:
    """A good parcel under that key; its body is the far side's ``good_body``, where it has one."""
    parcel = Parcel(
        idempotency_key=key,
        content_type="application/json",
        body=_GOOD_BODY.get(),
        attributes={"specversion": "1.0", "id": key, "source": "portal", "type": "cn.gov.application.submitted"},
        timeout=10.0,
    )
    return replace(parcel, **changes)


def taken(outcome: QueryOutcome) -> bool:
    """Whether the far side has it."""
    return isinstance(outcome, Delivered | Accepted)


def unless(kept: bool, otherwise: str) -> str:  # noqa: FBT001  # because it reads as a sentence
    """What to say of a rule that is not kept."""
    return "" if kept else otherwise
