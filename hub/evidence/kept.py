# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The newest checkpoint, kept outside of the database: against it an old backup, a cut-off log or a fork is seen.

Every hub keeps its own in its data directory. Whoever wants to be sure keeps another copy where the operators of the hub
cannot write.
"""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from certs.evidence.note import read_note

FILE = "checkpoint.note"


@dataclass(frozen=True, slots=True)
class KeptCheckpoint:
    """The file in one directory."""

    folder: Path

    @property
    def file(self) -> Path:
        return self.folder / FILE

    def read(self) -> bytes | None:
        """The note; None: none is kept, or what is there is none."""
        with suppress(OSError):
            note = self.file.read_bytes()
            return note if read_note(note) is not None else None
        return None

    def keep(self, note: bytes) -> OSError | None:
        """Put this one in its place, whole or not at all."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            aside = self.file.with_suffix(".part")
            aside.write_bytes(note)
            aside.replace(self.file)
        except OSError as error:
            return error
        return None
