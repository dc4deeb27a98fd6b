# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""证件类型, GA/T 2000.156: kinds of documents by which people and bodies are identified.

The standard's own list is not at hand: one code was read in a public text, the others are recalled. So the list names what is
known, and no code is ever refused for not being in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from contracts.identifiers import citizen
from contracts.identifiers.oddity import Oddity
from contracts.text import Text

CITIZEN = "111"

_LONGEST_WRITTEN = 40
"""What is longer is no number that somebody typed, but an enciphered one."""


@dataclass(frozen=True, slots=True)
class DocumentType:
    """One kind of document. ``evidence`` says whether the code was read in a text or is recalled."""

    title: Text
    evidence: Literal["sourced", "recalled"]


DOCUMENT_TYPES: Mapping[str, DocumentType] = MappingProxyType({
    CITIZEN: DocumentType(Text("居民身份证", "resident identity card"), "sourced"),
    "112": DocumentType(Text("临时居民身份证", "temporary identity card"), "recalled"),
    "113": DocumentType(Text("户口簿", "household register"), "recalled"),
    "114": DocumentType(Text("军官证", "officer's card"), "recalled"),
    "414": DocumentType(Text("普通护照", "passport"), "recalled"),
    "511": DocumentType(Text("台湾居民来往大陆通行证", "mainland travel permit of a Taiwan resident"), "recalled"),
    "516": DocumentType(
        Text("港澳居民来往内地通行证", "mainland travel permit of a Hong Kong or Macao resident"), "recalled"
    ),
    "553": DocumentType(Text("外国人永久居留身份证", "permanent resident card of a foreigner"), "recalled"),
})  # fmt: skip
"""What is known of the codes; others are in use."""


def warnings(kind: str, number: str) -> tuple[Oddity, ...]:
    """What is odd about a document's number, given the code of its kind; empty when nothing is, or nothing can be known.

    Only 居民身份证 is judged, since only its code was read in a text. A number too long to be one is enciphered.
    """
    return citizen.warnings(number) if kind == CITIZEN and len(number) <= _LONGEST_WRITTEN else ()
