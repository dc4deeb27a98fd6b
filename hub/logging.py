# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Logs: JSON lines on standard error, one canonical line per message and stage. No content of a message stands in any."""

import json
import logging
import sys
import traceback
from collections.abc import Iterator
from typing import BinaryIO, TextIO, cast

import orjson
import structlog
from structlog.typing import EventDict, FilteringBoundLogger, WrappedLogger

from hub.log_stream import LogStream, TextLogStream


def _line(_: WrappedLogger, __: str, event: EventDict) -> bytes:
    try:
        return orjson.dumps(event, default=str)
    except TypeError:  # a lone surrogate, a number beyond 64 bits: a log line is written whatever it holds
        plain = {name: value if isinstance(value, str) else repr(value) for name, value in event.items()}
        return json.dumps(plain).encode()


def _exception(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Types and places in place of a traceback: an exception's own words may quote what it choked on."""
    error = event.pop("exc_info", None)
    if not isinstance(error, BaseException) and error:
        error = sys.exc_info()[1]
    if isinstance(error, BaseException):
        event["exception"] = "\n".join(_told(error, set()))
    return event


def _told(error: BaseException, seen: set[int]) -> Iterator[str]:
    seen.add(id(error))
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None and id(cause) not in seen:
        yield from _told(cause, seen)
        yield "then:"
    yield f"{type(error).__module__}.{type(error).__qualname__}"
    for frame in traceback.extract_tb(error.__traceback__):
        yield f"  {frame.filename}:{frame.lineno} {frame.name}"
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield "of which:"
            yield from _told(inner, seen)


def _streams() -> tuple[BinaryIO, TextIO]:
    """Standard error for our lines and for those of libraries. One that is no file, as a caller in this process may have put
    in its place, is written to as it is: it has no reader that could stall.
    """
    try:
        stream = LogStream(sys.stderr.fileno())
    except OSError:  # io.UnsupportedOperation is one
        return sys.stderr.buffer, sys.stderr
    return cast("BinaryIO", stream), cast("TextIO", TextLogStream(stream))


def configure(level: str = "info") -> FilteringBoundLogger:
    """Set up structlog once per process and give the root logger of the hub.

    Libraries that log through the standard library are heard from warnings upwards.
    """
    lines, words = _streams()
    logging.basicConfig(level=logging.WARNING, stream=words, format="%(levelname)s %(name)s %(message)s", force=True)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _exception,
            _line,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.BytesLoggerFactory(lines),
        cache_logger_on_first_use=True,
    )
    logger: FilteringBoundLogger = structlog.get_logger().bind()  # bound once, not at every line
    return logger
