# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A case as a file: everything in it, each file with its digest, and what is missing said."""

import hashlib
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import orjson
import pytest

from hub.archive.export import Exported, export
from hub.materials.local import LocalMaterials
from hub.ports.ids import TimeOrderedIds
from hub.ports.journal import Record
from hub.ports.materials import Stored, StoreDown
from tests.support.journals import SteppedClock

CONTENT = b"a scanned page" * 100_000
DIGEST = f"sha256:{hashlib.sha256(CONTENT).hexdigest()}"
LOST = f"sha256:{'1' * 64}"


def record() -> Record:
    data = {"digest": LOST, "materials": [{"digest": DIGEST}, {"name": "on paper"}, {"digest": DIGEST}]}
    message = {
        "id": TimeOrderedIds(SteppedClock()).new(),
        "case_no": "case-1",
        "raw": b"\xff as it came",
        "canonical": orjson.dumps(data),
        "attributes": b"{}",
        "receipt": b'{"id":"m1"}',
    }
    return Record(message, leaves=({"kind": "accepted", "statement": b"{}", "hash": b"\x01"},))


@pytest.fixture
async def materials(tmp_path: Path) -> LocalMaterials:
    async def pieces() -> AsyncIterator[bytes]:
        yield CONTENT

    store = LocalMaterials(tmp_path / "materials")
    assert isinstance(await store.put(DIGEST, pieces(), 10_000_000), Stored)
    return store


async def test_everything_is_in_it_with_its_digest(materials: LocalMaterials, tmp_path: Path) -> None:
    one = record()
    for name in ("one.zip", "two.zip"):
        exported = await export("case-1", [one], materials, tmp_path / name)
        assert exported == Exported(1, 1, {LOST: "not stored"})
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    assert (tmp_path / "one.zip").stat().st_mode & 0o077 == 0, "it holds personal data"
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        manifest = orjson.loads(archive.read("manifest.json"))
        assert manifest["missing"] == {LOST: "not stored"}
        for file in manifest["files"]:
            content = archive.read(file["name"])
            assert f"sha256:{hashlib.sha256(content).hexdigest()}" == file["digest"]
            assert len(content) == file["size"]
        assert archive.read("messages/0001/received") == b"\xff as it came"
        assert archive.read(f"materials/{DIGEST.removeprefix('sha256:')}") == CONTENT
        assert set(archive.namelist()) == {"manifest.json"} | {file["name"] for file in manifest["files"]}


async def test_a_damaged_material_is_left_out_whole(materials: LocalMaterials, tmp_path: Path) -> None:
    (path,) = (tmp_path / "materials").rglob(DIGEST.removeprefix("sha256:"))
    path.write_bytes(CONTENT[:-1] + b"!")
    exported = await export("case-1", [record()], materials, tmp_path / "one.zip")
    assert exported == Exported(1, 0, {DIGEST: "damaged in the store", LOST: "not stored"})


async def test_a_store_that_is_away_leaves_no_file(tmp_path: Path) -> None:
    (tmp_path / "materials").write_text("in the way")
    away = LocalMaterials(tmp_path / "materials")
    assert isinstance(await export("case-1", [record()], away, tmp_path / "one.zip"), StoreDown)
    assert [path.name for path in tmp_path.iterdir()] == ["materials"]
