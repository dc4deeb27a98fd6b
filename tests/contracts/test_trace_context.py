# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The trace of a message: kept where it can be believed, made where it cannot."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.trace import get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.trace.span import INVALID_SPAN

from contracts.trace_context import TraceContext, begun_by, read_traceparent, span_of, traced

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
GOOD = f"00-{TRACE}-{SPAN}-01"
OTHER = f"00-{'a' * 32}-{'b' * 16}-00"
MESSAGE = UUID("01930000-0000-7000-8000-00000000002a")

MALFORMED = [
    "", " ", "00", GOOD.upper(), f" {GOOD}", f"{GOOD} ", f"{GOOD}-", f"{GOOD}-more", f"ff-{TRACE}-{SPAN}-01",
    f"00-{'0' * 32}-{SPAN}-01", f"00-{TRACE}-{'0' * 16}-01", f"00-{TRACE}-{SPAN}-1", f"00-{TRACE}-{SPAN}-zz",
    f"00_{TRACE}_{SPAN}_01", f"00-{TRACE[1:]}-{SPAN}-01", f"{GOOD}\n", f"00-{TRACE}-{SPAN}-０1", "\x00" * 55, "x" * 100_000,
]  # fmt: skip


def test_a_good_one_is_read() -> None:
    assert read_traceparent(GOOD) == TraceContext(TRACE, SPAN, sampled=True)
    assert read_traceparent(f"00-{TRACE}-{SPAN}-02") == TraceContext(TRACE, SPAN, sampled=False)
    assert str(read_traceparent(GOOD)) == GOOD


def test_a_later_version_is_read_as_far_as_it_is_known() -> None:
    assert read_traceparent(f"01-{TRACE}-{SPAN}-01-what-comes-then") == TraceContext(TRACE, SPAN, sampled=True)


@pytest.mark.parametrize("value", MALFORMED)
def test_a_malformed_one_is_no_trace(value: str) -> None:
    assert read_traceparent(value) is None
    assert traced({"traceparent": value, "tracestate": "a=b"}, "", MESSAGE, 0.0) == {
        "traceparent": str(begun_by(MESSAGE, 0.0))
    }


@given(st.text() | st.from_regex(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}", fullmatch=True))
def test_it_is_read_as_opentelemetry_reads_it(value: str) -> None:
    theirs = get_current_span(TraceContextTextMapPropagator().extract({"traceparent": value}))
    ours = read_traceparent(value)
    if ours is None:
        # Theirs also takes white space round it, which an attribute may not have.
        assert theirs is INVALID_SPAN or value != value.strip()
    else:
        context = theirs.get_span_context()
        assert (f"{context.trace_id:032x}", f"{context.span_id:016x}") == (ours.trace_id, ours.span_id)


def test_its_own_is_kept_as_it_came() -> None:
    own = {"id": "1", "traceparent": f"00-{TRACE}-{SPAN}-03", "tracestate": "vendor=x"}
    assert traced(own, OTHER, MESSAGE, 1.0) == own


def test_a_state_that_is_none_is_left_out() -> None:
    assert traced({"traceparent": GOOD, "tracestate": "a\r\nb"}, "", MESSAGE, 0.0) == {"traceparent": GOOD}
    assert traced({"traceparent": GOOD, "tracestate": "x" * 513}, "", MESSAGE, 0.0) == {"traceparent": GOOD}


def test_without_one_it_is_given_that_of_the_hop() -> None:
    assert traced({"id": "1"}, GOOD, MESSAGE, 0.0) == {"id": "1", "traceparent": GOOD}


def test_without_any_a_trace_begins_that_bears_the_messages_id() -> None:
    begun = read_traceparent(traced({}, "nonsense", MESSAGE, 1.0)["traceparent"])
    assert begun == TraceContext(MESSAGE.hex, span_of(MESSAGE), sampled=True)


def test_the_share_that_is_sampled_is_about_what_was_asked_for() -> None:
    ids = [UUID(int=MESSAGE.int + (n << 46)) for n in range(1024)]
    assert not any(begun_by(one, 0.0).sampled for one in ids)
    assert all(begun_by(one, 1.0).sampled for one in ids)
    assert 200 <= sum(begun_by(one, 0.25).sampled for one in ids) <= 312
