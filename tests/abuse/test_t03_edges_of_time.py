# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""T3: the last millisecond of a day and a year, the hours that summer time doubles or skips, and the leap second."""

from collections.abc import Sequence
from datetime import datetime

import pytest

from contracts.bindings import http
from contracts.cloudevent import CloudEvent
from contracts.refusal import Refusal
from tests.hub.identities.secure_house import event

_KIND = {"content-type": http.STRUCTURED}


def read(body: bytes) -> CloudEvent | Refusal:
    found = http.read(_KIND, body, max_batch=1)
    return found[0] if isinstance(found, Sequence) else found


MOMENTS = [
    "2026-12-31T23:59:59.999+08:00",
    "2027-01-01T00:00:00+08:00",
    "2026-12-31T15:59:59.999999Z",
    "2028-02-29T23:59:59.999+08:00",
    "2026-03-29T02:30:00+01:00",
    "2026-11-01T01:30:00-04:00",
    "2026-11-01T01:30:00-05:00",
    "2026-06-01T00:00:00-00:00",
    "2026-06-01T00:00:00+14:00",
]


@pytest.mark.parametrize("moment", MOMENTS)
def test_t03_a_moment_comes_back_as_it_was_said(moment: str) -> None:
    said = read(event(time=moment))
    assert isinstance(said, CloudEvent), said
    assert said.time is not None
    assert said.time == datetime.fromisoformat(moment)
    assert said.time.utcoffset() == datetime.fromisoformat(moment).utcoffset()
    again = read(http.write_structured(said)[1])
    assert isinstance(again, CloudEvent)
    assert (again.time, again.time and again.time.utcoffset()) == (said.time, said.time.utcoffset())


def test_t03_moments_are_ordered_by_themselves_and_not_by_their_writing() -> None:
    written = [
        "2026-11-01T01:30:00-04:00",
        "2026-11-01T01:30:00-05:00",
        "2026-12-31T23:59:59.999+08:00",
        "2026-12-31T16:00:00Z",
    ]
    found = [read(event(time=moment)) for moment in written]
    times = [one.time for one in found if isinstance(one, CloudEvent) and one.time is not None]
    assert len(times) == len(written)
    assert times == sorted(times)


@pytest.mark.parametrize(
    "moment",
    [
        "2016-12-31T23:59:60Z",  # no clock of ours counts it, so nothing could be compared with it
        "2026-12-31T24:00:00+08:00",
        "2027-02-29T00:00:00+08:00",
        "2026-12-31T23:59:59",
        "2026-12-31T23:59:59+0800",
        "2026-12-31",
        "1798732799",
    ],
)
def test_t03_what_is_no_moment_is_refused_with_its_place(moment: str) -> None:
    said = read(event(time=moment))
    assert isinstance(said, Refusal), said
    assert [(one.code, one.path) for one in said.violations] == [("E_ATTRIBUTE_INVALID", "$.time")]
