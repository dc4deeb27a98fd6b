# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""One case (办件) as a file: a ZIP of everything that is known of it, the same bytes whenever and from wherever it is made.

manifest.json                 every other file with its digest and size; what is missing, and why
messages/0001/received        as it came, byte for byte; its media type is in record.json
messages/0001/canonical.json  the validated data
messages/0001/attributes.json the envelope
messages/0001/receipt.json    what the sender was given
messages/0001/record.json     what the journal knows: deliveries, attempts, outcomes, without the bodies
messages/0001/leaves/01-accepted.json   the statements of the evidence; record.json has their hashes
materials/<64 hex digits>     the materials that its messages name
"""

import hashlib
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from hub.archive.segment import record_line
from hub.ports.journal import Record
from hub.ports.materials import Corrupt, Materials, StoreDown

FORMAT = "govhub-case/1"
_BODIES = {"raw": "received", "canonical": "canonical.json", "attributes": "attributes.json", "receipt": "receipt.json"}
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(slots=True)
class Exported:
    """What was written: ``missing`` are materials that the store does not have, or not as they were."""

    messages: int
    materials: int = 0
    missing: dict[str, str] = field(default_factory=dict)


async def export(case: str, records: Sequence[Record], materials: Materials, file: Path) -> Exported | StoreDown:
    """Write the file, aside first: a file of that name is whole. Raises ``OSError`` when it cannot be written."""
    aside = file.with_name(file.name + ".part")
    try:
        aside.touch(mode=0o600)  # personal data: nobody else may look
        with zipfile.ZipFile(aside, "w", zipfile.ZIP_DEFLATED) as archive:
            exported = await _Writer(archive, materials).write(case, records)
        if isinstance(exported, Exported):
            aside.replace(file)
        return exported
    finally:
        aside.unlink(missing_ok=True)


class _Writer:
    def __init__(self, archive: zipfile.ZipFile, materials: Materials) -> None:
        self._archive = archive
        self._materials = materials
        self._files: list[dict[str, object]] = []

    async def write(self, case: str, records: Sequence[Record]) -> Exported | StoreDown:
        exported = Exported(len(records))
        for number, record in enumerate(records, 1):
            self._message(f"messages/{number:04}", record)
        for digest in sorted({digest for record in records for digest in named(record)}):
            trouble = await self._material(digest)
            match trouble:
                case StoreDown():
                    return trouble
                case None:
                    exported.materials += 1
                case str():
                    exported.missing[digest] = trouble
        manifest = {"format": FORMAT, "case": case, "files": self._files, "missing": exported.missing}
        self._archive.writestr(_info("manifest.json"), orjson.dumps(manifest, option=orjson.OPT_INDENT_2))
        return exported

    def _message(self, folder: str, record: Record) -> None:
        for column, name in _BODIES.items():
            body = record.message[column]
            assert isinstance(body, bytes)
            self._add(f"{folder}/{name}", body)
        for number, leaf in enumerate(record.leaves, 1):
            statement = leaf["statement"]
            assert isinstance(statement, bytes)
            self._add(f"{folder}/leaves/{number:02}-{leaf['kind']}.json", statement)
        known = orjson.loads(record_line(record))
        for column in _BODIES:
            del known["message"][column]
        for leaf in known["leaves"]:
            del leaf["statement"]
        self._add(f"{folder}/record.json", orjson.dumps(known, option=orjson.OPT_INDENT_2))

    def _add(self, name: str, content: bytes) -> None:
        self._archive.writestr(_info(name), content)
        self._note(name, hashlib.sha256(content).hexdigest(), len(content))

    def _note(self, name: str, digest: str, size: int) -> None:
        self._files.append({"name": name, "digest": f"sha256:{digest}", "size": size})

    async def _material(self, digest: str) -> StoreDown | str | None:
        """Piece by piece; a sentence when there is none to be had. A damaged one is left out whole."""
        if (damaged := await self._readable(digest)) is not None:
            return damaged
        name = digest.removeprefix("sha256:")
        async with self._materials.open(digest) as reading:
            if reading is None or isinstance(reading, StoreDown):
                return reading or "not stored"
            with self._archive.open(_info(f"materials/{name}"), "w", force_zip64=True) as entry:
                while piece := await reading.read():
                    if not isinstance(piece, bytes):
                        return StoreDown("it changed while it was read") if isinstance(piece, Corrupt) else piece
                    entry.write(piece)
        self._note(f"materials/{name}", name, reading.size)
        return None

    async def _readable(self, digest: str) -> StoreDown | str | None:
        """Read once without keeping: a ZIP cannot take back what was written."""
        async with self._materials.open(digest) as reading:
            if reading is None or isinstance(reading, StoreDown):
                return reading or "not stored"
            while piece := await reading.read():
                if not isinstance(piece, bytes):
                    return "damaged in the store" if isinstance(piece, Corrupt) else piece
        return None


def named(record: Record) -> list[str]:
    """The digests of the materials that a message names."""
    canonical = record.message["canonical"]
    assert isinstance(canonical, bytes)
    if not canonical:  # erased
        return []
    data = orjson.loads(canonical)
    if not isinstance(data, dict):
        return []
    listed = data.get("materials")
    rows = [one for one in (data, *(listed if isinstance(listed, list) else ())) if isinstance(one, dict)]
    digests = [one.get("digest") for one in rows]
    return [digest for digest in digests if isinstance(digest, str) and digest.startswith("sha256:")]


def _info(name: str) -> zipfile.ZipInfo:
    """Without the time of day, so that the same case gives the same bytes."""
    info = zipfile.ZipInfo(name, _EPOCH)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    return info
