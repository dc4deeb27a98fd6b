# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Chance that everybody computes alike: a hash of a seed and of what it is about."""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def chance(*about: object) -> float:
    """A number from 0 up to, not including, 1; always the same for the same words."""
    words = "/".join(map(str, about)).encode()
    return int.from_bytes(hashlib.sha256(words).digest()[:6], "big") / 2**48


def pick(options: Sequence[T], *about: object) -> T:
    """One of the options, always the same for the same words."""
    return options[int(chance(*about) * len(options))]
