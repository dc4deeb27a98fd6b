# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Checkpoints as signed notes (C2SP signed-note and tlog-checkpoint): origin, size and root as text, and signatures under it.

    govhub/0196…            the log
    1042                    how many leaves it has
    q83vEjRWeJC…            the root over them, base64

    — govhub/0196… Az3grl…  a signature: base64 of a four-byte key id and the signature

The signature is over the text up to the empty line, with its last newline. Witnesses add lines of their own below; a verifier
looks at those whose keys it knows.
"""

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass

MAX_BYTES = 16 * 1024
_ECDSA = b"\x02"
_OTHER = b"\xffgovhub-sm2"
"""A kind of key that C2SP has no number for."""
_NOTE = re.compile(
    rb"(?P<text>(?P<origin>[!-~]{1,200})\n(?P<size>0|[1-9][0-9]{0,18})\n(?P<root>[A-Za-z0-9+/]{43}=)\n)\n"
    rb"(?P<lines>(?:\xe2\x80\x94 [!-~]{1,200} [A-Za-z0-9+/]{8,400}={0,2}\n){1,16})"
)
_LINE = re.compile(rb"\xe2\x80\x94 ([!-~]+) ([A-Za-z0-9+/]+={0,2})\n")


@dataclass(frozen=True, slots=True)
class Note:
    """One as it was read; nothing of it is verified. ``signatures`` are (name, key id, signature)."""

    text: bytes
    origin: str
    size: int
    root: bytes
    signatures: tuple[tuple[str, bytes, bytes], ...]


def origin_of(log: str) -> str:
    """The name of a log in its notes."""
    return f"govhub/{log}"


def text_of(origin: str, size: int, root: bytes) -> bytes:
    """The text that is signed."""
    return f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n".encode()


def key_id(origin: str, spki: bytes, suite: str) -> bytes:
    """The id of a key in notes: as C2SP has it for ECDSA, and by its rule for other kinds for SM2."""
    if suite == "intl-1":
        return hashlib.sha256(spki).digest()[:4]
    return hashlib.sha256(origin.encode() + b"\n" + _OTHER + spki).digest()[:4]


def signed_note(origin: str, size: int, root: bytes, key: bytes, sign: Callable[[bytes], bytes]) -> bytes:
    """A note with one signature, by the key of that id."""
    text = text_of(origin, size, root)
    line = base64.b64encode(key + sign(text))
    return text + b"\n\xe2\x80\x94 " + origin.encode() + b" " + line + b"\n"


def read_note(note: bytes) -> Note | None:
    """The note that these bytes are, every byte of it in its one form; None if they are none."""
    if len(note) > MAX_BYTES or (found := _NOTE.fullmatch(note)) is None:
        return None
    signatures = []
    for name, line in _LINE.findall(found["lines"]):
        raw = _strict(line)
        if raw is None or len(raw) < 8:
            return None
        signatures.append((name.decode(), raw[:4], raw[4:]))
    root = _strict(found["root"])
    if root is None:
        return None
    return Note(found["text"], found["origin"].decode(), int(found["size"]), root, tuple(signatures))


def _strict(text: bytes) -> bytes | None:
    """Base64 of which no bit is left over."""
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return raw if base64.b64encode(raw) == text else None
