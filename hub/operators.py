# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Operators: the people and tools that look after the hub. They have keys as systems have, and are never taken for one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from certs.api_key import KeyRing


class Right(StrEnum):
    """What an operator may do: see, or see and act."""

    READ = "read"
    ACT = "act"


@dataclass(frozen=True, slots=True)
class Operators:
    """Whose key is whose, and who may do what. Whoever may act may also read."""

    keys: KeyRing = field(default_factory=lambda: KeyRing({}))
    rights: Mapping[str, frozenset[Right]] = field(default_factory=dict)

    def may(self, operator: str, right: Right) -> bool:
        """Whether that operator has the right."""
        return bool(self.rights.get(operator, frozenset()) & {right, Right.ACT})
