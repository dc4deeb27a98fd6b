# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a rule for sources is, and what all of them try a source with."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from connectors.sdk.bench import Isolation
from connectors.sdk.feed import Lying
from connectors.sdk.source import Item, Source
from connectors.sdk.source_bench import SourceBench

PREFETCH = 20
MOMENT_SECONDS = 0.5  # how long nothing must happen for it to count as nothing
_PATIENCE_SECONDS = 30.0

Check = Callable[[SourceBench], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class SourceRule:
    """One rule; its name is the function's. ``isolations`` are the ways of running a source it can judge."""

    name: str
    check: Check = field(repr=False)
    isolations: frozenset[Isolation]

    async def broken(self, bench: SourceBench) -> str:
        """How the source breaks this rule; empty when it keeps it. Ends, and raises nothing, whatever it does."""
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                return await self.check(bench)
        except TimeoutError:
            return f"not finished after {_PATIENCE_SECONDS:g} s"
        except Exception as error:  # noqa: BLE001  # because the source under trial may raise anything anywhere
            return f"raised {type(error).__name__}: {error}"


def entering(rules: list[SourceRule]) -> Callable[..., Callable[[Check], Check]]:
    """A decorator that makes rules of functions and enters them there; its arguments are the isolations, all unless said."""

    def rule(*isolations: Isolation) -> Callable[[Check], Check]:
        def enter(check: Check) -> Check:
            rules.append(SourceRule(getattr(check, "__name__", ""), check, frozenset(isolations or Isolation)))
            return check

        return enter

    return rule


def messages(count: int, first: int = 0) -> list[Lying]:
    """So many small messages, numbered."""
    return [Lying(content_type="application/json", body=b"%d" % number) for number in range(first, first + count)]


async def take(source: Source, count: int) -> list[Item]:
    """Take until so many are in hand."""
    items: list[Item] = []
    while len(items) < count:
        items += await source.take()
    return items


def bodies(items: Sequence[Item]) -> list[bytes]:
    """Their bodies, in order."""
    return [item.body for item in items]
