# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Whether the log is what it was: everything is computed again, and the first leaf that is not as it was is named. 核验

Against edits the chain, the tree and the signed checkpoints stand; against an old backup or a cut-off end the checkpoints
that were kept outside of the database.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from certs.evidence.note import Note, origin_of, read_note
from certs.evidence.tree import FIRST_CHAIN, Frontier, chained
from certs.leaf import leaf_hash
from hub.ports.ids import moment_of
from hub.ports.journal import EvidenceLog, JournalDown
from hub.ports.journal.sequencing import Checkpoint, Head, LogLeaf, Statement

_PAGE = 5_000


class Fault(StrEnum):
    """What is wrong at a leaf."""

    MISSING = "LEAF_MISSING"
    """No leaf has this index, and others stand behind it."""
    CHANGED = "LEAF_CHANGED"
    """The leaf, or the chain up to it, is another."""
    STATEMENT_CHANGED = "STATEMENT_CHANGED"
    STATEMENT_MISSING = "STATEMENT_MISSING"
    """It is neither online nor in the archive."""
    OUTSIDE = "LEAF_OUTSIDE"
    """Evidence that is not in the log."""
    TRUNCATED = "LOG_TRUNCATED"
    """The log ends before what it had."""
    HEAD = "HEAD_MOVED"
    TILE = "TILE_CHANGED"
    CHECKPOINT = "CHECKPOINT_DIFFERS"
    """Up to here the leaves are not those of the checkpoint."""
    NOTE = "NOTE_INVALID"
    """A stored checkpoint is not one that the log's key signed over this."""
    FORKED = "LOG_FORKED"
    """The log is another than that of the checkpoint which was kept outside."""
    ARCHIVE_DAMAGED = "ARCHIVE_DAMAGED"
    """A file of the archive is gone, or is not what was written."""
    FOREIGN = "LOG_FOREIGN"
    """The kept checkpoint is of another log."""


@dataclass(frozen=True, slots=True)
class Finding:
    """``index``: the first leaf that is not as it was; with ``until`` it is one of those from there to before that."""

    fault: Fault
    index: int | None
    until: int | None = None
    detail: str = ""


@dataclass(slots=True)
class Report:
    """What came of it. ``archived``: leaves whose statements are not in the journal any more; of those ``compared`` are in the
    archive and were hashed again (:mod:`hub.evidence.archived`), and ``expired`` were erased by the rules of retention.
    """

    size: int = 0
    queued: int = 0
    statements: int = 0
    archived: int = 0
    compared: int = 0
    expired: int = 0
    checkpoints: int = 0
    against: int = 0
    findings: list[Finding] = field(default_factory=list)

    def found(self, fault: Fault, index: int | None, until: int | None = None, detail: str = "") -> None:
        """Add a finding."""
        self.findings.append(Finding(fault, index, until, detail))

    @property
    def first(self) -> Finding | None:
        """The finding of the smallest index."""
        return min(self.findings, key=lambda one: (one.index is None, one.index or 0), default=None)


Verified = Callable[[Note], bool]
Told = Callable[[int, int], None]


async def check(
    log: EvidenceLog,
    verified: Verified | None = None,
    against: Sequence[Note] = (),
    told: Told = lambda _done, _of: None,
) -> Report | JournalDown:
    """Go through all of it. ``verified`` says whether the log's key signed a note; None: there is no key to ask.

    ``against``: checkpoints from outside of the database. What is appended meanwhile is left alone.
    """
    head = await log.head()
    if isinstance(head, JournalDown):
        return head
    walk = _Walk(Report(head.size, head.queued), verified, against, head)
    months = await log.archived_months()
    if isinstance(months, JournalDown):
        return months
    walk.archived = {(one.year, one.month) for one in months}
    while walk.at < head.size and not walk.broken:
        if down := await _page(log, walk, head.size):
            return down
        told(walk.at, head.size)
    if not walk.broken:
        if walk.chain != head.chain:
            walk.found(Fault.HEAD, head.size)
        if down := await _ends(log, walk):
            return down
    return walk.report


async def _page(log: EvidenceLog, walk: "_Walk", size: int) -> JournalDown | None:
    leaves = await log.leaves(walk.at, min(_PAGE, size - walk.at))
    if isinstance(leaves, JournalDown):
        return leaves
    if not leaves:
        walk.broken = True
        walk.found(Fault.TRUNCATED, walk.at, size)
        return None
    checkpoints = await log.checkpoints(walk.at, _PAGE)
    statements = await log.statements([(leaf.message_id, leaf.id) for leaf in leaves])
    for one in (checkpoints, statements):
        if isinstance(one, JournalDown):
            return one
    assert not isinstance(checkpoints, JournalDown)
    assert not isinstance(statements, JournalDown)
    known = {(one.message_id, one.id): one for one in statements}
    by_size = {one.size: one for one in checkpoints}
    for leaf in leaves:
        walk.leaf(leaf, known.get((leaf.message_id, leaf.id)))
        if walk.broken:
            return None
        walk.reached(by_size.get(walk.at))
    return None


async def _ends(log: EvidenceLog, walk: "_Walk") -> JournalDown | None:
    beyond = await log.checkpoints(walk.report.size, 1)
    outside = await log.outside()
    tiles = await log.tiles()
    for one in (beyond, outside, tiles):
        if isinstance(one, JournalDown):
            return one
    head = await log.head()
    if isinstance(head, JournalDown):
        return head
    assert not isinstance(beyond, JournalDown)
    assert not isinstance(outside, JournalDown)
    assert not isinstance(tiles, JournalDown)
    if beyond and beyond[0].size > head.size:
        walk.found(Fault.TRUNCATED, walk.report.size, beyond[0].size)
    if outside is not None:
        walk.found(Fault.OUTSIDE, None, detail=f"message {outside[0]}, leaf {outside[1]}")
    kept = {(level, n): hashes for level, n, hashes in tiles}
    for (level, n), hashes in sorted(walk.tiles.items()):
        if not kept.get((level, n), b"").startswith(hashes):
            first = n * 256 ** (level + 1)
            walk.found(Fault.TILE, first, detail=f"tile {n} of level {level}")
            break
    return None


class _Walk:
    """Where the check stands: everything up to ``at`` was computed again."""

    def __init__(self, report: Report, verified: Verified | None, against: Sequence[Note], head: Head) -> None:
        self.report = report
        self.at = 0
        self.chain = FIRST_CHAIN
        self.broken = False
        self.archived: set[tuple[int, int]] = set()
        self.tiles: dict[tuple[int, int], bytes] = {}
        self._frontier = Frontier()
        self._verified = verified
        self._against: Mapping[int, Note] = {note.size: note for note in against}
        self._good = 0
        for note in against:
            if note.origin != origin_of(str(head.log)):
                self.found(Fault.FOREIGN, None, detail=note.origin)
            elif note.size > head.size:
                self.found(Fault.TRUNCATED, head.size, note.size)

    def found(self, fault: Fault, index: int | None, until: int | None = None, detail: str = "") -> None:
        self.report.found(fault, index, until, detail)

    def leaf(self, leaf: LogLeaf, statement: Statement | None) -> None:
        if leaf.index != self.at:
            self.broken = True
            self.found(Fault.MISSING, self.at)
            return
        self.chain = chained(self.chain, leaf.hash)
        if self.chain != leaf.chain:
            self.broken = True
            self.found(Fault.CHANGED, self.at, detail=f"message {leaf.message_id}, {leaf.kind}")
            return
        self._statement(leaf, statement)
        for level, n, hash_ in self._frontier.append(leaf.hash):
            self.tiles[level, n] = self.tiles.get((level, n), b"") + hash_
        self.at += 1

    def _statement(self, leaf: LogLeaf, statement: Statement | None) -> None:
        if statement is None:
            made = datetime.fromtimestamp(moment_of(leaf.message_id), UTC)
            if (made.year, made.month) in self.archived:
                self.report.archived += 1
            else:
                self.found(Fault.STATEMENT_MISSING, self.at, detail=f"message {leaf.message_id}, {leaf.kind}")
            return
        self.report.statements += 1
        same = (statement.kind, statement.hash) == (leaf.kind, leaf.hash)
        if not same or leaf_hash(leaf.kind, statement.statement) != leaf.hash:
            self.found(Fault.STATEMENT_CHANGED, self.at, detail=f"message {leaf.message_id}, {leaf.kind}")

    def reached(self, checkpoint: Checkpoint | None) -> None:
        """The leaves before ``at`` are known: are they those of the checkpoints at this size?"""
        outside = self._against.get(self.at)
        if checkpoint is None and outside is None:
            return
        root, since = self._frontier.root(), self._good
        self._good = self.at
        if outside is not None:
            self.report.against += 1
            if outside.root != root:
                self.found(Fault.FORKED, since, self.at)
        if checkpoint is None:
            return
        self.report.checkpoints += 1
        note = read_note(checkpoint.note)
        if note is None or (note.size, note.root) != (checkpoint.size, checkpoint.root):
            self.found(Fault.NOTE, since, self.at)
        elif note.root != root:
            self.found(Fault.CHECKPOINT, since, self.at)
        elif self._verified is not None and not self._verified(note):
            self.found(Fault.NOTE, since, self.at)
