# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What the hub answers when it does not take something: a value, never an exception.

A refusal has a stable code that a program may branch on, and for each violation a JSON path, what was expected, and
what the sender can do about it. It is written to the outside as an RFC 9457 problem document.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from contracts.text import Text


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing wrong with what was sent.

    ``path`` is a JSONPath (RFC 9535, normalised, such as ``$.data.applicant.name``) into the message as its sender
    wrote it, or ``$.headers.ce-id`` style for a header. No value of the message stands in any text: it may be personal.
    """

    code: str
    path: str
    expected: Text
    remedy: Text


@dataclass(frozen=True, slots=True)
class Refusal:
    """A request that was not taken, and why.

    ``code`` is a key of :data:`contracts.refusal_codes.CODES`, which gives HTTP status and title. ``retry_after`` is in
    seconds, and set only when the same request may succeed later.
    """

    code: str
    detail: Text
    violations: tuple[Violation, ...] = ()
    retry_after: float | None = None
    extra: Mapping[str, str] = field(default_factory=dict)
