# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What crosses to a child comes out as it went in; what a child may write instead is seen for what it is."""

import asyncio
import struct
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.rest import CONNECTOR
from connectors.sdk import (
    Accepted,
    Delivered,
    Idempotency,
    InDoubt,
    NotSeen,
    Parcel,
    QueryOutcome,
    Rejected,
    Unavailable,
)
from connectors.sdk.guard import sound
from connectors.sdk.manifest import Rendering
from connectors.sdk.metrics import Metric, MetricKind
from connectors.sdk.wire import (
    MAX_HEAD_BYTES,
    Frame,
    Malformed,
    frame_bytes,
    manifest_head,
    manifest_of,
    outcome_head,
    outcome_of,
    parcel_head,
    parcel_of,
    read_frame,
)
from contracts.text import Text

TEXT = st.text(st.characters(codec="utf-8"), max_size=50)
OUTCOMES = st.one_of(
    st.builds(Delivered, TEXT),
    st.builds(Accepted, TEXT),
    st.builds(Rejected, TEXT, TEXT, st.lists(TEXT, max_size=3).map(tuple)),
    st.builds(Unavailable, TEXT, st.none() | st.floats(0, 1e9)),
    st.builds(InDoubt, TEXT),
    st.just(NotSeen()),
)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["outcome", "receipt", "reference", "reason", "retry_after", "code", "violations"]), inner
        )
    ),
    max_leaves=8,
)


async def read(data: bytes, max_body: int = 1_000_000) -> Frame | Malformed | None:
    reader = asyncio.StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    return await read_frame(reader, max_body)


@given(outcome=OUTCOMES)
def test_outcomes_cross(outcome: QueryOutcome) -> None:
    assert asyncio.run(_crossed({"outcome": outcome_head(outcome)})) == outcome


async def _crossed(head: dict[str, object]) -> QueryOutcome | None:
    written = frame_bytes(head)
    assert isinstance(written, bytes)
    frame = await read(written)
    assert isinstance(frame, Frame)
    return outcome_of(frame.head["outcome"])


@given(head=JSON | st.fixed_dictionaries({"outcome": st.sampled_from(["Delivered", "Unavailable", "x"])}))
def test_whatever_a_child_writes_is_an_outcome_or_none(head: Any) -> None:
    outcome = outcome_of(head)

    assert outcome is None or sound(outcome) is outcome


async def test_a_parcel_crosses() -> None:
    parcel = Parcel(
        idempotency_key="key-1",
        content_type="text/plain",
        body=bytes(range(256)),
        attributes={"subject": "办件-𠮷"},
        traceparent=f"00-{'1' * 32}-{'2' * 16}-01",
        attempt=7,
        timeout=0.25,
    )
    written = frame_bytes({"parcel": parcel_head(parcel)}, parcel.body)
    assert isinstance(written, bytes)
    frame = await read(written)

    assert isinstance(frame, Frame)
    assert parcel_of(frame.head["parcel"], frame.body) == parcel


@pytest.mark.parametrize("idempotency", list(Idempotency))
@pytest.mark.parametrize("rendering", list(Rendering))
def test_a_manifest_crosses(idempotency: Idempotency, rendering: Rendering) -> None:
    metric = Metric(name="pages", kind=MetricKind.COUNTER, title=Text("页", "Pages"), label="size", values=("A4", "A3"))
    manifest = replace(
        CONNECTOR.manifest, idempotency=idempotency, rendering=rendering, ordered=False, metrics=(metric,)
    )

    assert manifest_of(manifest_head(manifest)) == manifest


@pytest.mark.parametrize(
    "change",
    [
        {"kind": 1},
        {"title": ["one"]},
        {"title": "一"},
        {"idempotency": "sometimes"},
        {"rendering": "as you like"},
        {"ordered": 1},
        {"max_body_bytes": 0},
        {"max_body_bytes": "many"},
        {"concurrency": 0},
        {"roles": ["spy"]},
        {"metrics": [{"name": "pages"}]},
        {"metrics": [{"name": "n", "kind": "gauge", "title": ["", ""], "label": "", "values": []}] * 51},
        {"metrics": [{"name": "n", "kind": "gauge", "title": ["", ""], "label": "l", "values": ["v"] * 51}]},
    ],
)
def test_a_manifest_with_anything_wrong_is_none(change: dict[str, object]) -> None:
    assert manifest_of({**manifest_head(CONNECTOR.manifest), **change}) is None
    assert manifest_of(None) is None


class TestFrames:
    @pytest.mark.parametrize("cut", [1, 7, 8, 9])
    async def test_one_that_is_cut_is_the_end(self, cut: int) -> None:
        written = frame_bytes({"is": "close"}, b"body")
        assert isinstance(written, bytes)

        assert await read(written[:-1]) is None
        assert await read(written[:cut]) is None
        assert await read(b"") is None

    @pytest.mark.parametrize(
        ("data", "reason"),
        [
            (struct.pack(">II", MAX_HEAD_BYTES + 1, 0), "too large"),
            (struct.pack(">II", 2, 11) + b"{}", "too large"),
            (struct.pack(">II", 0, 0), "not JSON"),
            (struct.pack(">II", 2, 0) + b"\xff\xff", "not JSON"),
            (struct.pack(">II", 2, 0) + b"[]", "not an object"),
            (struct.pack(">II", 4, 0) + b"null", "not an object"),
            (struct.pack(">II", 100_000, 0) + b"[" * 100_000, "not JSON"),
        ],
    )
    async def test_nonsense_is_named(self, data: bytes, reason: str) -> None:
        assert await read(data, max_body=10) == Malformed(reason)

    def test_what_cannot_be_one_is_named(self) -> None:
        assert frame_bytes({"a": object()}) == Malformed("not JSON")
        assert frame_bytes({"a": "\ud800"}) == Malformed("not JSON")
        assert frame_bytes({"a": "x" * MAX_HEAD_BYTES}) == Malformed("too large")
