# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
from uuid import UUID

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.bus.frame_codec import MEDIA_TYPE, decode, encode
from hub.ports.bus import Foreign, Frame, Offer, QueueName

QUEUE = QueueName("default", 3)
FRAME = Frame(UUID(int=1), QUEUE, (Offer(UUID(int=2), "housing", 3), Offer(UUID(int=3), "民政", 7)))
CONTENT = {
    "v": 1,
    "id": "00000000-0000-0000-0000-000000000001",
    "group": "default",
    "partition": 3,
    "offers": [
        ["00000000-0000-0000-0000-000000000002", "housing"],
        ["00000000-0000-0000-0000-000000000003", "民政", 7],
    ],
}
OFFERS = st.lists(st.builds(Offer, st.uuids(), st.text(), st.integers(0, 32767)), max_size=5).map(tuple)


def test_the_bytes_are_what_other_versions_read() -> None:
    assert orjson.loads(encode(FRAME)) == CONTENT


@given(st.builds(Frame, st.uuids(), st.just(QUEUE), OFFERS))
def test_what_was_encoded_is_decoded(frame: Frame) -> None:
    assert decode(encode(frame), MEDIA_TYPE, QUEUE) == frame


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"v": 2}, "version"),
        ({"v": None}, "version"),
        ({"group": "other"}, "another queue"),
        ({"partition": "3"}, "another queue"),
        ({"id": 7}, "missing"),
        ({"id": "x"}, "no UUIDs"),
        ({"offers": None}, "missing"),
        ({"offers": [["00000000-0000-0000-0000-000000000002"]]}, "missing"),
        ({"offers": [["x", "housing"]]}, "no UUIDs"),
        ({"offers": ["ab"]}, "missing"),
        ({"offers": [["00000000-0000-0000-0000-000000000002", "housing", "3"]]}, "missing"),
        ({"offers": [["00000000-0000-0000-0000-000000000002", "housing", -1]]}, "missing"),
        ({"offers": [["00000000-0000-0000-0000-000000000002", "housing", True]]}, "missing"),
    ],
)
def test_a_frame_that_is_not_quite_one_is_foreign(change: dict[str, object], reason: str) -> None:
    decoded = decode(orjson.dumps(CONTENT | change), MEDIA_TYPE, QUEUE)
    assert isinstance(decoded, Foreign)
    assert reason in decoded.reason


@pytest.mark.parametrize("media_type", [None, "", "application/json"])
def test_another_media_type_is_foreign(media_type: str | None) -> None:
    assert decode(encode(FRAME), media_type, QUEUE) == Foreign("another media type")


@given(st.binary() | st.recursive(st.none() | st.integers(-9, 9) | st.text(), st.lists).map(orjson.dumps))
def test_no_bytes_raise(body: bytes) -> None:
    assert isinstance(decode(body, MEDIA_TYPE, QUEUE), Foreign)
