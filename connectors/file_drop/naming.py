# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The name of the file that a parcel becomes: from a template, always the same for the same parcel, and always harmless."""

import hashlib
import re
import string
from collections.abc import Mapping

LONGEST = 200
"""Bytes of a name, so that whatever is put before or behind it still fits into the 255 that file systems have."""
_ATTRIBUTE = re.compile(r"[a-z][a-z0-9]{0,63}")
_UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f/\\:*?"<>|\ud800-\udfff\u200e\u200f\u202a-\u202e\u2066-\u2069]')
"""What some system does not take in a name, and what only hides how a name reads."""
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_DIGEST = 10
_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_MOMENT = re.compile(r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)")


def template_fault(template: str, *, allowed: frozenset[str] | None = None) -> str:
    """What is wrong with a template, as a sentence; empty when nothing is. ``allowed`` limits its fields."""
    try:
        parts = list(string.Formatter().parse(template))
    except ValueError:
        return "braces that do not match; a brace itself is written twice"
    names = [name for _, name, _, _ in parts if name is not None]
    if any(spec or conversion for _, _, spec, conversion in parts):
        return "a field is a name in braces and nothing else"
    odd = [name for name in names if not _ATTRIBUTE.fullmatch(name) or (allowed is not None and name not in allowed)]
    if odd:
        return f"fields that cannot stand there: {', '.join(odd)}"
    literal = "".join(text for text, _, _, _ in parts)
    return "characters that are not safe in a file's name" if _UNSAFE.search(literal) else ""


def fields_of(template: str) -> frozenset[str]:
    """The names in braces."""
    return frozenset(name for _, name, _, _ in string.Formatter().parse(template) if name is not None)


def file_name(template: str, encoding: str, key: str, attributes: Mapping[str, str]) -> bytes:
    """The name, encoded. A field that the parcel has not is empty.

    ``{key}`` is the idempotency key, ``{date}`` and ``{moment}`` are the event's time as YYYYMMDD and YYYYMMDDhhmmss, other
    fields are attributes. Where a character had to be replaced or the name shortened, a digest of the name as it should have
    been stands before the extension: two parcels never share a name because theirs were made safe.
    """
    values = {**attributes, "key": key, **_times(attributes.get("time", ""))}
    wanted = "".join(
        text + (values.get(name, "") if name is not None else "")
        for text, name, _, _ in string.Formatter().parse(template)
    )
    safe = _UNSAFE.sub("_", wanted).strip(" ")
    safe = "_" + safe.lstrip(".") if safe.startswith(".") or not safe else safe
    safe = "_" + safe if _RESERVED.fullmatch(safe) else safe
    safe = safe.rstrip(". ") or "_"
    encoded = safe.encode(encoding, "replace").replace(b"?", b"_")
    if safe == wanted and len(encoded) <= LONGEST and encoded.decode(encoding, "replace") == wanted:
        return encoded
    return _shortened(safe, encoding, hashlib.sha256(wanted.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST])


def _times(time: str) -> dict[str, str]:
    day, moment = _DAY.match(time), _MOMENT.match(time)
    return {"date": "".join(day.groups()) if day else "", "moment": "".join(moment.groups()) if moment else ""}


def _shortened(safe: str, encoding: str, digest: str) -> bytes:
    stem, dot, extension = safe.rpartition(".")
    if not dot or len(extension) > 10:
        stem, dot, extension = safe, "", ""
    tail = f"~{digest}{dot}{extension}".encode(encoding, "replace").replace(b"?", b"_")
    head = bytearray()
    for character in stem:
        more = character.encode(encoding, "replace").replace(b"?", b"_")
        if len(head) + len(more) + len(tail) > LONGEST:
            break
        head += more
    return bytes(head) + tail
