# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The default alphabet of short messages, one octet for each of its seven bits. Pure. 3GPP TS 23.038, 6.2.1."""

from typing import Final

_BASIC: Final = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION: Final = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}
_ESCAPE: Final = 0x1B
_WRITTEN: Final = {
    **{character: bytes([at]) for at, character in enumerate(_BASIC) if at != _ESCAPE},
    **{character: bytes([_ESCAPE, at]) for at, character in _EXTENSION.items()},
}


def encode(text: str) -> bytes:
    """The octets of a text; ``UnicodeEncodeError`` where the alphabet does not have one of its characters."""
    try:
        return b"".join(_WRITTEN[character] for character in text)
    except KeyError:
        raise UnicodeEncodeError("gsm7", text, 0, len(text), "not in the alphabet") from None


def decode(octets: bytes) -> str:
    """The text of octets; what is none shows as such. An escape before what it does not change stands for a blank."""
    read: list[str] = []
    escaped = False
    for octet in octets:
        if escaped:
            read.append(_EXTENSION.get(octet, " " + _BASIC[octet] if octet < len(_BASIC) else "\ufffd"))
            escaped = False
        elif octet == _ESCAPE:
            escaped = True
        else:
            read.append(_BASIC[octet] if octet < len(_BASIC) else "\ufffd")
    return "".join(read)
