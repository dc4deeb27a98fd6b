# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Whether a sealed file is handed on: its seals hold, and it holds what was to be sealed."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from certs.seals.check import Examined, Facts, Kind, Verdict
from certs.seals.content import Content, begins_with
from certs.seals.ofd import made_from
from certs.seals.verify import verify
from certs.x509.anchors import Trust, brought
from connectors.e_seal.config import Belief
from connectors.sdk import Rejected

_MOST_FILES = 1000
_MOST_BYTES = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Believed:
    """It may be handed on: what its last seal says of itself."""

    facts: Facts
    media_type: str


class Believer:
    """Reads the anchors anew whenever a file of theirs has changed. For one event loop."""

    def __init__(self, belief: Belief) -> None:
        self._belief = belief
        self._seen: tuple[object, ...] = ()
        self._trust = Trust()

    async def judged(self, sealed: Content, original: Content, now: datetime) -> Believed | Rejected:
        """Off the loop, since it takes as long as the file is large."""
        return await asyncio.to_thread(self._judge, sealed, original, now)

    def _judge(self, sealed: Content, original: Content, now: datetime) -> Believed | Rejected:
        trust = self._present()
        if not trust.anchors:
            return Rejected("NO_ANCHORS", "None of the anchors can be read: nothing is believed.")
        examined = verify(sealed, trust, now, original)
        told = self._fault(examined)
        if told:
            return told
        if self._belief.same_document and not _holds(examined.kind, sealed, original):
            return Rejected("SEALED_OTHER", "The seal holds, but over another document than was to be sealed.")
        kinds = {Kind.PDF: "application/pdf", Kind.OFD: "application/ofd"}
        return Believed(examined.impressions[-1].facts, kinds.get(examined.kind, "application/octet-stream"))

    def _fault(self, examined: Examined) -> Rejected | None:
        """The first check that stands against it."""
        if examined.kind is Kind.SEAL:
            return Rejected("SEAL_NOT_SEALED", "It is a seal, and no sealed file.")
        for one in examined.faults:
            if one.verdict is Verdict.UNKNOWN and one.code in self._belief.may_be_unknown:
                continue
            says = "" if one.meaning is None else str(one.meaning.says)
            codes = tuple(sorted({f"{each.code} {each.place}".strip() for each in examined.faults}))
            return Rejected(f"SEAL_{one.code}", says, codes[:20])
        return None

    def _present(self) -> Trust:
        """What is trusted now."""
        anchors, others, revocation = (
            _files(paths) for paths in (self._belief.anchors, self._belief.intermediates, self._belief.revocation)
        )
        seen = tuple((path, *_stamp(path)) for path in (*anchors, *others, *revocation))
        if seen != self._seen or not self._trust.anchors:
            found, filling, told = (brought(_contents(paths)) for paths in (anchors, others, revocation))
            self._trust = Trust(
                found.certificates, filling.certificates, (*found.revocation, *filling.revocation, *told.revocation)
            )
            self._seen = seen
        return self._trust


def _holds(kind: Kind, sealed: Content, original: Content) -> bool:
    """Whether the file that was to be sealed is in the sealed one. A PDF is only added to; an OFD keeps its files; of a bare
    signature the digest has told already.
    """
    match kind:
        case Kind.PDF:
            return begins_with(sealed, original)
        case Kind.OFD:
            return made_from(sealed, original)
        case _:
            return True


def _files(paths: tuple[str, ...]) -> list[Path]:
    found: list[Path] = []
    for one in map(Path, paths):
        try:
            found += sorted(each for each in one.iterdir() if each.is_file()) if one.is_dir() else [one]
        except OSError:
            continue
    return found[:_MOST_FILES]


def _stamp(path: Path) -> tuple[int, int, int]:
    try:
        known = path.stat()
    except OSError:
        return (0, 0, 0)
    return (known.st_mtime_ns, known.st_size, known.st_ino)


def _contents(paths: list[Path]) -> dict[str, bytes]:
    found = {}
    for path in paths:
        try:
            if path.stat().st_size <= _MOST_BYTES:
                found[str(path)] = path.read_bytes()
        except OSError:
            continue
    return found
