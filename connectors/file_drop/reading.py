# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""From files to messages: what was read, or why it is set aside, or why it is tried again later."""

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from connectors.file_drop import sidecar
from connectors.file_drop.config import SourceConfig
from connectors.file_drop.digests import agrees
from connectors.file_drop.file_system import Content, Fault, FileSystem, Trouble
from connectors.file_drop.finding import Candidate
from connectors.sdk import Signed

_STRUCTURED = "application/cloudevents+json"
_PREFIX = "cloudEvents:"
_CHECKSUM_LONGEST = 1024
_SIGNATURE_LONGEST = 64 * 1024
_DER = b"\x30"
"""What every structure of ASN.1 begins with; in Base64 it is ``M``."""


@dataclass(frozen=True, slots=True)
class Read:
    """A message."""

    body: bytes
    content_type: str | None
    headers: Mapping[str, object] = field(default_factory=dict)
    signed: Signed | None = None


@dataclass(frozen=True, slots=True)
class Spoilt:
    """It will never be one; ``code`` is one of :mod:`connectors.file_drop.reasons`."""

    code: str


@dataclass(frozen=True, slots=True)
class NotYet:
    """It may become one. ``otherwise``: the code under which it is set aside when it does not within ``quiet_seconds``; empty
    where it is not set aside at all. ``told``: what an operator should know.
    """

    otherwise: str = ""
    told: str = ""


@dataclass(frozen=True, slots=True)
class Vanished:
    """Somebody took it away."""


Reading: TypeAlias = Read | Spoilt | NotYet | Vanished


class Reader:
    """Reads candidates. Raises :class:`AwayError` when the far side is not there."""

    def __init__(self, config: SourceConfig, files: FileSystem) -> None:
        self._config = config
        self._files = files
        self._pattern = re.compile(config.name_pattern) if config.name_pattern else None

    async def read(self, candidates: Sequence[Candidate], budget: int) -> Sequence[Reading]:
        """One for each, in order; fewer, but at least one, when together they have more than ``budget`` bytes."""
        found = await self._files.read([one.name for one in candidates], self._config.largest_bytes, budget)
        companions = [name for one, _ in zip(candidates, found, strict=False) for name in self._read_with(one)]
        # The sidecar was there before the file, the checksum after it: both are what belongs to what was read.
        read = await self._files.read(companions, sidecar.LARGEST, 1 << 62) if companions else []
        beside = dict(zip(companions, read, strict=True))
        return [self._judge(one, answer, beside) for one, answer in zip(candidates, found, strict=False)]

    def _read_with(self, candidate: Candidate) -> Sequence[bytes]:
        # The marker stands last, and its content says nothing.
        return candidate.companions[:-1] if self._config.complete == "marker" else candidate.companions

    def _judge(self, one: Candidate, answer: Content | Fault, beside: Mapping[bytes, Content | Fault]) -> Reading:
        if isinstance(answer, Fault):
            return self._unread(answer)
        body = answer.body
        if self._config.complete == "checksum":
            line = beside[one.companions[-1]]
            if not (isinstance(line, Content) and agrees(self._config.checksum, line.body[:_CHECKSUM_LONGEST], body)):
                return NotYet("E_FILE_CHECKSUM")
        signature = beside[one.companions[0]] if self._config.signatures else None
        match self._config.mode:
            case "structured":
                return _signed(Read(body, _STRUCTURED), signature)
            case "plain":
                return _signed(self._plain(one.name, body), signature)
            case "sidecar":
                return _with_sidecar(body, beside[one.companions[0]])

    def _unread(self, fault: Fault) -> Reading:
        match fault.trouble:
            case Trouble.GONE:
                return NotYet("E_FILE_MISSING") if self._config.complete in {"marker", "checksum"} else Vanished()
            case Trouble.TOO_LARGE:
                return Spoilt("E_FILE_TOO_LARGE")
            case Trouble.NOT_A_FILE:
                return Spoilt("E_FILE_KIND")
            case Trouble.CHANGING:
                return NotYet()
            case trouble:
                return NotYet(told=f"{trouble}: {fault.detail}")

    def _plain(self, name: bytes, body: bytes) -> Reading:
        groups: Mapping[str, str] = {}
        if self._pattern is not None:
            try:
                match = self._pattern.fullmatch(name.decode(self._config.name_encoding))
            except UnicodeDecodeError:
                match = None
            if match is None:
                return Spoilt("E_FILE_NAME")
            groups = match.groupdict(default="")
        attributes = {"specversion": "1.0", "id": _identity(b"" if self._config.signatures else name, body)} | {
            attribute: template.format_map(groups) for attribute, template in self._config.attributes.items()
        }
        headers = {_PREFIX + attribute: value for attribute, value in attributes.items()}
        return Read(body, self._config.content_type, headers)


def _signed(reading: Reading, signature: Content | Fault | None) -> Reading:
    """Where there is no signature, the hub says whether there must be one."""
    if not isinstance(reading, Read) or not isinstance(signature, Content):
        return reading
    written = signature.body
    shown = base64.b64encode(written) if written.startswith(_DER) else written
    text = shown[:_SIGNATURE_LONGEST].decode("ascii", "replace")
    kind = reading.content_type or "application/octet-stream"
    return replace(reading, signed=Signed(signature=text, over=reading.body, content_type=kind))


def _with_sidecar(body: bytes, written: Content | Fault) -> Reading:
    if isinstance(written, Fault):
        return NotYet("E_FILE_ATTRIBUTES")
    found = sidecar.read(written.body)
    if found is None:
        return NotYet("E_FILE_ATTRIBUTES")
    headers = {
        _PREFIX + attribute: value for attribute, value in found.attributes.items() if attribute != "datacontenttype"
    }
    return Read(body, found.content_type or found.attributes.get("datacontenttype"), headers)


def _identity(name: bytes, body: bytes) -> str:
    """The same file put there again is the same message; the same name with other content is another one."""
    return "file-" + hashlib.sha256(len(name).to_bytes(4, "big") + name + body).hexdigest()[:40]
