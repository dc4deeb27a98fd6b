# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a server's reply means, by the stage in which it came (RFC 5321 section 4.2). The text of a reply may name people: only
its code, and its enhanced code (RFC 3463), go on.
"""

import re
from enum import StrEnum

from connectors.sdk import Rejected, Unavailable

_ENHANCED = re.compile(r"\A([245]\.\d{1,3}\.\d{1,3})\b")
_TOO_LARGE = 552


class Stage(StrEnum):
    """How far it had come."""

    GREETING = "greeting"
    """Connecting, TLS, login."""
    SENDER = "sender"
    RECIPIENT = "recipient"
    DATA = "data"


def judged(stage: Stage, code: int, text: str) -> Rejected | Unavailable:
    """4xx may be tried again. 5xx about greeting, login or sender is ours to mend, so the message waits; about the recipient or
    the content it is for good.
    """
    enhanced = found[1] if (found := _ENHANCED.match(text)) else ""
    said = f"{stage} {enhanced}".strip()
    if code >= 500 and (stage in {Stage.RECIPIENT, Stage.DATA} or code == _TOO_LARGE):
        return Rejected(f"SMTP_{code}", said)
    return Unavailable(f"SMTP_{code}: {said}")
