# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""How each suite is written in a signed structure: object identifiers. The standard library suffices here."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Identifiers:
    """What a suite calls things in a signed structure: object identifiers in dots."""

    data: str
    signed_data: str
    digest: str
    signature: str
    also_signatures: frozenset[str]
    """What other makers write in place of ``signature``."""


INTL_1 = Identifiers(
    data="1.2.840.113549.1.7.1",
    signed_data="1.2.840.113549.1.7.2",
    digest="2.16.840.1.101.3.4.2.1",
    signature="1.2.840.10045.4.3.2",
    also_signatures=frozenset({"1.2.840.10045.2.1"}),
)
GM_1 = Identifiers(
    data="1.2.156.10197.6.1.4.2.1",
    signed_data="1.2.156.10197.6.1.4.2.2",
    digest="1.2.156.10197.1.401",
    signature="1.2.156.10197.1.301.1",
    also_signatures=frozenset({"1.2.156.10197.1.501", "1.2.156.10197.1.301"}),
)
SUITES: Mapping[str, Identifiers] = {"intl-1": INTL_1, "gm-1": GM_1}
