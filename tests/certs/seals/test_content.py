# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A mapped file is judged as its bytes are, and read like any file."""

import io
import mmap
from datetime import UTC, datetime
from pathlib import Path

import pytest

from certs.seals.check import Examined, Verdict
from certs.seals.content import begins_with, stream
from certs.seals.ofd import made_from
from certs.seals.verify import verify
from certs.x509.anchors import Trust, brought
from connectors.e_seal.sealing import ofd, pdf
from connectors.e_seal.sealing.authority import Algorithm
from connectors.e_seal.sealing.workshop import Workshop

NOW = datetime.now(UTC)  # noqa: TID251  # because certificates are made now
KINDS = {
    "application/pdf": pdf.blank(3_000_000),
    "application/ofd": ofd.packed(ofd.blank()),
    "text/plain": b"a text" * 9,
}


def mapped(folder: Path, content: bytes) -> mmap.mmap:
    file = folder / str(len(list(folder.iterdir())))
    file.write_bytes(content)
    with file.open("rb") as opened:
        return mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("whole", [True, False], ids=["whole", "damaged"])
async def test_it_is_judged_alike(tmp_path: Path, kind: str, *, whole: bool) -> None:
    workshop = Workshop(NOW, Algorithm.SM2, Algorithm.RSA)
    anchors = tmp_path / "anchors"
    workshop.write(anchors)
    found = brought({str(path): path.read_bytes() for path in anchors.iterdir()})
    trust = Trust(found.certificates, (), found.revocation)
    sealed = await workshop.seal(KINDS[kind], kind, "", NOW)
    if not whole:
        sealed = workshop.damaged(sealed, kind)

    def judged(content: bytes | mmap.mmap, original: bytes | mmap.mmap) -> Examined:
        return verify(content, trust, datetime.now(UTC), original)  # noqa: TID251  # because a seal is of now

    ours, theirs = judged(mapped(tmp_path, sealed), mapped(tmp_path, KINDS[kind])), judged(sealed, KINDS[kind])
    assert (ours.verdict, [one.code for one in ours.faults]) == (theirs.verdict, [one.code for one in theirs.faults])
    assert (ours.verdict is Verdict.HELD) is whole


async def test_what_an_ofd_was_made_of_is_seen_alike(tmp_path: Path) -> None:
    original = ofd.packed(ofd.blank())
    sealed = await Workshop(NOW, Algorithm.RSA, Algorithm.RSA).seal(original, "application/ofd", "", NOW)
    other = ofd.packed({**ofd.blank(), ofd.PAGE: b"<other/>"})

    assert made_from(mapped(tmp_path, sealed), mapped(tmp_path, original))
    assert not made_from(mapped(tmp_path, sealed), mapped(tmp_path, other))


def test_a_mapped_file_reads_like_any_other(tmp_path: Path) -> None:
    content = bytes(range(256)) * 2000
    with stream(mapped(tmp_path, content)) as ours:
        theirs = io.BytesIO(content)
        for offset, whence, size in (
            (0, 0, 10),
            (-20, 2, 50),
            (5, 1, 3),
            (600_000, 0, 5),
            (0, 2, 1),
            (100, 0, 300_000),
        ):
            assert ours.seek(offset, whence) == theirs.seek(offset, whence)
            assert ours.read(size) == theirs.read(size)
            assert ours.tell() == theirs.tell()
        with pytest.raises(ValueError, match=r"before|negative"):
            ours.seek(-1)


@pytest.mark.parametrize("size", [0, 1, 262_144, 262_145, 600_000])
def test_a_beginning_is_the_same_to_the_last_byte(tmp_path: Path, size: int) -> None:
    whole = bytes(range(256)) * 3000
    content = mapped(tmp_path, whole)

    assert begins_with(content, whole[:size])
    assert begins_with(whole, whole[:size])
    assert not size or not begins_with(content, whole[: size - 1] + b"?")
    assert not begins_with(content, whole + b"x")
