# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Events for the tests of this room, made by hand and by chance."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import strategies as st

from contracts.bindings import http
from contracts.cloudevent import CloudEvent

BEIJING = timezone(timedelta(hours=8))
EVENT = CloudEvent(
    id='办件 1%"a"',
    source="urn:govhub:system:portal",
    type="cn.gov.application.submitted",
    subject="510500-20260302-000001",
    dataschema="urn:govhub:contract:cn.gov.application.submitted:1",
    time=datetime(2026, 3, 2, 9, 5, 0, 123456, tzinfo=BEIJING),
    extensions={"partitionkey": "510500-20260302-000001", "sequence": "7", "traceparent": "00-0a-0b-01"},
    data={"case_no": "510500-20260302-000001", "rare": "𠮷·䶮", "list": [1, -2.5, None, True, {"a": ""}]},
)

JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4)
    ),
    max_leaves=12,
)

_TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]), min_size=1, max_size=20)
# Bounds of hypothesis have no offset; a day away from the ends, any offset is still a moment of UTC.
_YEAR_ONE = datetime(1, 1, 2)  # noqa: DTZ001  # because the strategy adds the offset
_YEAR_LAST = datetime(9999, 12, 30)  # noqa: DTZ001  # because the strategy adds the offset
_NAMES = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=20).map(lambda name: f"x{name}")

EVENTS = st.builds(
    CloudEvent,
    id=_TEXT,
    source=st.sampled_from(["portal", "urn:govhub:system:a", "https://example.org/a?b=%20#c"]),
    type=_TEXT,
    subject=st.none() | _TEXT,
    dataschema=st.none() | st.just("urn:govhub:contract:x:1"),
    time=st.none() | st.datetimes(_YEAR_ONE, _YEAR_LAST, timezones=st.sampled_from([UTC, BEIJING])),
    extensions=st.dictionaries(_NAMES, _TEXT | st.just(""), max_size=4),
    data=JSON_VALUES,
)


def read_one(headers: dict[str, str], body: bytes) -> object:
    """The single event or refusal of a request."""
    found = http.read(headers, body, max_batch=1)
    return found[0] if isinstance(found, list) and len(found) == 1 else found
