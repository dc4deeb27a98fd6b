# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a stable code of a refusal says."""

from dataclasses import dataclass

from contracts.text import Text


@dataclass(frozen=True, slots=True)
class RefusalCode:
    """``status`` is the HTTP status (RFC 9110) of the problem document; ``remedy`` is what the sender can do."""

    status: int
    title: Text
    remedy: Text
