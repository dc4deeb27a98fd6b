# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What being seen costs: CPU time per message with one delivery, for lines, figures and spans.

python -m tests.benchmarks.observing 2>/dev/null
"""

import sys
import time
from collections.abc import Callable
from dataclasses import replace

from structlog.typing import FilteringBoundLogger

from hub.logging import configure
from hub.observing.observer import Observer
from hub.observing.otlp import OtlpTracer
from hub.passage import Ready, Received
from hub.ports.bus import QueueName
from hub.ports.clock import SystemClock
from hub.ports.ids import TimeOrderedIds
from hub.ports.journal import Claim, Committed, Settlement, State
from tests.support.hubs import APPLICATION
from tests.support.journals import Bench, SteppedClock

_MESSAGES = 5_000
_ROUNDS = 5


def _attributes(flags: str) -> bytes:
    trace = f"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-{flags}"
    return (
        f'{{"specversion":"1.0","id":"m1","source":"portal","type":"{APPLICATION}","traceparent":"{trace}"}}'.encode()
    )


def one_message(observer: Observer, flags: str) -> Callable[[], None]:
    """All that is seen of one message with one delivery."""
    clock = SystemClock()
    ids = TimeOrderedIds(clock)
    bench = Bench.__new__(Bench)  # a maker of messages, without the journal it usually goes with
    bench.clock, bench.ids, bench.made = SteppedClock(), ids, 0
    acceptance = replace(bench.acceptance(), attributes=_attributes(flags))
    claim = Claim(
        delivery_id=ids.new(), message_id=ids.new(), destination="housing", queue=QueueName("default", 1), case="c",
        contract=APPLICATION, version=1, attempt=1, failures=0, suspect=False, holder=ids.new(), epoch=1,
        accepted_at=clock.now(), claimed_at=clock.now(), expires_at=None, attributes=_attributes(flags), canonical=b"",
    )  # fmt: skip
    settlement = Settlement(
        claim=claim, state=State.DELIVERED, code="DELIVERED", detail="", reference="", ended_at=clock.now()
    )
    received = Received("", b"")

    def seen() -> None:
        watch = observer.stopwatch()
        for stage in ("understand", "validate", "plan"):
            watch.mark(stage)
        observer.accepted(Ready(acceptance, 0, received, watch), Committed(acceptance.receipt))
        watch = observer.stopwatch()
        for stage in ("slot", "claim", "translate", "send"):
            watch.mark(stage)
        observer.settled(settlement, watch, stale=False)

    return seen


def microseconds(work: Callable[[], None]) -> float:
    """CPU time of this thread for one call, the best of a few rounds."""
    best = float("inf")
    for _ in range(_ROUNDS):
        began = time.thread_time()
        for _ in range(_MESSAGES):
            work()
        best = min(best, (time.thread_time() - began) / _MESSAGES)
    return best * 1e6


def _tracer(log: FilteringBoundLogger) -> OtlpTracer:
    return OtlpTracer(
        "http://127.0.0.1:9/v1/traces", 1.0, service="govhub", instance="bench", headers={}, log=log,
        monotonic=time.monotonic,
    )  # fmt: skip


def main() -> None:
    """The table."""
    clock = SystemClock()
    for level in ("warning", "info"):
        log = configure(level)
        off, on = Observer(log, clock), Observer(log, clock, _tracer(log))
        lines = "lines written" if level == "info" else "no lines"
        for name, observer, flags in (
            ("spans off", off, "01"),
            ("spans on, not sampled", on, "00"),
            ("spans on, sampled", on, "01"),
        ):
            sys.stdout.write(f"{lines:>14}, {name:<22} {microseconds(one_message(observer, flags)):6.1f} µs\n")


if __name__ == "__main__":
    main()
