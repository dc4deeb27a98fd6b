# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Sealed PDFs: byte ranges, later changes, and what pdfsig of poppler says of the same files."""

import asyncio
import io
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from certs.seals.check import Examined, Kind, Verdict
from certs.seals.verify import verify
from certs.x509.anchors import Trust
from connectors.e_seal.sealing.authority import Algorithm
from connectors.e_seal.sealing.pdf import blank, seal_pdf
from tests.certs.seals.town import KINDS, codes, failures, known, listed, town
from tests.support.missing import missing

INTERNATIONAL = (Algorithm.RSA, Algorithm.ECDSA)


def now() -> datetime:
    """When it is looked at: after it was sealed, however long this process runs already."""
    return datetime.now(UTC)  # noqa: TID251  # because the library that signs asks the system's clock


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Algorithm:
    return Algorithm(request.param)


@cache
def sealed(kind: Algorithm) -> bytes:
    here = town(kind)
    return asyncio.run(seal_pdf(blank(), here.signer, here.authority.certificate, kind))


def examined(kind: Algorithm, data: bytes, at: datetime | None = None) -> Examined:
    here = town(kind)
    revocation = listed(here.authority.revocation_list(days=3000))
    return verify(data, Trust((here.anchor,), (), (revocation,)), at or now())


def pdfsig(folder: Path, data: bytes) -> str:
    if shutil.which("pdfsig") is None:
        missing("install poppler-utils (apt-get install poppler-utils)")
    (folder / "sealed.pdf").write_bytes(data)
    told = subprocess.run(["pdfsig", "-nocert", "sealed.pdf"], cwd=folder, capture_output=True, check=False, timeout=60)
    return told.stdout.decode("utf-8", "replace")


def test_a_sealed_file_holds(kind: Algorithm) -> None:
    found = examined(kind, sealed(kind))

    assert (found.kind, found.verdict) == (Kind.PDF, Verdict.HELD), found.faults
    [impression] = found.impressions
    assert impression.facts.structure == "pades"
    assert impression.facts.certificate_serial == known(town(kind).signer.certificate).serial


@pytest.mark.parametrize("kind", INTERNATIONAL)
def test_pdfsig_says_the_same(kind: Algorithm, tmp_path: Path) -> None:
    """It knows no SM2."""
    sound = sealed(kind)
    changed = sound.replace(b"% nothing", b"% nowhere", 1)

    said = pdfsig(tmp_path, sound)
    assert "Signature is Valid" in said
    assert "Total document signed" in said
    assert "Digest Mismatch" in pdfsig(tmp_path, changed)
    assert "DOCUMENT_CHANGED" in failures(examined(kind, changed))


def test_a_changed_document(kind: Algorithm) -> None:
    assert "DOCUMENT_CHANGED" in failures(examined(kind, sealed(kind).replace(b"% nothing", b"% nowhere", 1)))


def test_a_file_that_nobody_sealed(kind: Algorithm) -> None:
    assert codes(examined(kind, blank())) == ["NOT_SEALED"]


def test_a_page_added_afterwards(kind: Algorithm) -> None:
    writer = IncrementalPdfFileWriter(io.BytesIO(sealed(kind)))
    page = writer.root["/Pages"]["/Kids"][0]
    page["/Contents"] = writer.add_object(generic.StreamObject(stream_data=b"0 0 100 100 re f"))
    writer.update_container(page)
    changed = io.BytesIO()
    writer.write(changed)

    assert codes(examined(kind, changed.getvalue())) == ["CHANGED_AFTERWARDS"]


def test_bytes_behind_the_end_are_not_covered(kind: Algorithm) -> None:
    assert examined(kind, sealed(kind) + b"\n% more\n").verdict is Verdict.FAILED


def test_a_second_seal_leaves_the_first_whole(kind: Algorithm) -> None:
    here = town(kind)
    twice = asyncio.run(seal_pdf(sealed(kind), here.signer, here.authority.certificate, kind, "Seal2"))
    found = examined(kind, twice)

    assert len(found.impressions) == 2
    assert found.verdict is Verdict.HELD, found.faults


def test_a_byte_range_that_leaves_something_out(kind: Algorithm) -> None:
    """The first bytes are no longer covered: the signature cannot hold, and coverage says so by itself."""
    sound = sealed(kind)
    place = re.search(rb"/ByteRange \[0 (\d+)", sound)
    assert place is not None
    changed = sound[: place.start()] + sound[place.start() :].replace(b"/ByteRange [0 ", b"/ByteRange [9 ", 1)

    assert examined(kind, changed).verdict is Verdict.FAILED


def test_a_signer_nobody_knows(kind: Algorithm) -> None:
    assert codes(verify(sealed(kind), Trust(), now())) == ["SIGNER_NO_ANCHOR"]


def test_a_clock_that_is_behind(kind: Algorithm) -> None:
    assert "SIGNED_IN_FUTURE" in failures(examined(kind, sealed(kind), now() - timedelta(days=1)))


def test_an_authority_of_another_kind(kind: Algorithm) -> None:
    other = town(Algorithm.RSA if kind is not Algorithm.RSA else Algorithm.SM2)

    assert codes(verify(sealed(kind), Trust((other.anchor,)), now())) == ["SIGNER_NO_ANCHOR"]


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_damaged_files_are_examined_and_never_hold_where_they_are_covered(data: st.DataObject) -> None:
    whole = bytearray(sealed(Algorithm.ECDSA))
    gap = whole.index(b"/Contents <"), whole.index(b">", whole.index(b"/Contents <") + 12)
    place = data.draw(st.integers(0, len(whole) - 1))
    whole[place] ^= data.draw(st.integers(1, 255))
    found = examined(Algorithm.ECDSA, bytes(whole))

    # Between the two ranges lies the signature itself, padded with zeros.
    assert found.verdict is not Verdict.HELD or gap[0] <= place <= gap[1]


@given(st.binary(max_size=400))
def test_any_bytes_are_examined(junk: bytes) -> None:
    assert verify(b"%PDF-1.7\n" + junk, Trust(), now()).verdict is Verdict.FAILED
