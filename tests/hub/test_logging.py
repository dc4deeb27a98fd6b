# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The log: one line of JSON per event whatever is in it, and nothing of a message, not even by way of a traceback."""

import json
import subprocess
import sys

PROGRAM = """
import asyncio, logging, uuid
from hub.logging import configure

log = configure({level!r})
{body}
"""


def logged(body: str, level: str = "info") -> list[dict[str, object]]:
    """The lines that a process of its own writes to its standard error."""
    program = PROGRAM.format(level=level, body=body)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_a_line_is_an_object_with_level_time_and_fields() -> None:
    (line,) = logged('log.info("accepted", system="portal", deliveries=3, message=uuid.UUID(int=7))')
    assert line.pop("timestamp", "").endswith("Z")  # type: ignore[attr-defined]
    assert line == {
        "event": "accepted", "level": "info", "system": "portal", "deliveries": 3,
        "message": "00000000-0000-0000-0000-000000000007",
    }  # fmt: skip


def test_chinese_stays_readable_and_line_breaks_stay_inside() -> None:
    (line,) = logged('log.warning("x", reason="登记库\\n不可用")')
    assert line["reason"] == "登记库\n不可用"


def test_what_is_below_the_level_is_silent() -> None:
    assert [line["event"] for line in logged('log.info("a"); log.warning("b"); log.error("c")', "warning")] == [
        "b",
        "c",
    ]


def test_whatever_a_field_holds_the_line_is_written() -> None:
    (line, after) = logged('log.info("x", text="\\ud800", big=2**80, odd={1: {2}}, raw=b"\\xff"); log.info("after")')
    assert line["event"] == "x"
    assert after["event"] == "after"


def test_a_bound_field_stands_in_every_line() -> None:
    lines = logged('bound = log.bind(destination="housing"); bound.info("a"); bound.error("b")')
    assert {line["destination"] for line in lines} == {"housing"}


RAISING = """
def look_up(name):
    raise ValueError(f"no such person: {name}")

def deliver():
    try:
        look_up("made-up canary")
    except ValueError as error:
        raise RuntimeError("cannot deliver to made-up canary") from error

try:
    deliver()
except RuntimeError as bug:
    log.error("bug in delivery", exc_info=bug)
"""


def test_a_traceback_names_types_and_places_and_repeats_no_message() -> None:
    """An exception's own words may quote what it choked on."""
    (line,) = logged(RAISING)
    assert "canary" not in json.dumps(line)
    told = str(line["exception"])
    assert "RuntimeError" in told
    assert "ValueError" in told
    assert "look_up" in told
    assert "deliver" in told


def test_a_group_of_exceptions_is_told_whole() -> None:
    (line,) = logged('log.error("bug", exc_info=ExceptionGroup("canary", [KeyError("canary"), TypeError("canary")]))')
    told = str(line["exception"])
    assert "KeyError" in told
    assert "TypeError" in told
    assert "canary" not in told


def test_the_present_exception_is_told_when_asked_for() -> None:
    (line,) = logged('try:\n    1 / 0\nexcept ZeroDivisionError:\n    log.error("bug", exc_info=True)')
    assert "ZeroDivisionError" in str(line["exception"])


def test_no_exception_at_all_is_no_trouble() -> None:
    (line,) = logged('log.error("consumer ended", exc_info=None)')
    assert "exception" not in line


def test_libraries_are_heard_from_warnings_upwards() -> None:
    program = PROGRAM.format(
        level="info", body='logging.getLogger("lib").info("a"); logging.getLogger("lib").warning("b")'
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stderr == "WARNING lib b\n"
