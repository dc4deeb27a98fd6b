# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Reading a signature by an earlier one's shape gives what reading it does, whatever the bytes."""

from pathlib import Path

import pytest

from certs.suites import shapes
from certs.suites.detached import DetachedSigner, verify
from certs.suites.elements import element
from certs.suites.shapes import Shapes
from certs.suites.signed_data import Detached, read
from tests.certs.suites.authority import Made, made
from tests.support.openssl import openssl

SUITES = ("intl-1", "gm-1")
TIME = "1.2.840.113549.1.9.5"


@pytest.fixture(scope="module")
def parties(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Made]:
    folder = tmp_path_factory.mktemp("parties")
    return {suite: made(folder, suite) for suite in SUITES}


def signed(one: Made, number: int, *, timed: bool = True) -> bytes:
    moment = element(0x17, b"2611281700%02dZ" % (number % 60))
    return DetachedSigner(one.signer).over(b"body %d" % number, {TIME: moment} if timed else None)


def learned(one: Made, count: int, *, timed: bool = True) -> Shapes:
    known = Shapes()
    for number in range(count):
        der = signed(one, number, timed=timed)
        found = read(der)
        assert found is not None
        known.remember(der, found)
    return known


def without_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(_: bytes) -> Detached:
        raise AssertionError("it was read though its shape is known")

    monkeypatch.setattr(shapes, "read", never)


@pytest.mark.parametrize("timed", [True, False])
@pytest.mark.parametrize("suite", SUITES)
def test_one_of_a_known_shape_is_read_without_the_reader(
    parties: dict[str, Made], suite: str, *, timed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = parties[suite]
    known = learned(one, 60, timed=timed)
    others = [signed(one, 1000 + number, timed=timed) for number in range(20)]
    expected = [read(der) for der in others]
    lengths = {len(signed(one, number, timed=timed)) for number in range(60)}
    without_reader(monkeypatch)
    compared = 0
    for number, (der, wanted) in enumerate(zip(others, expected, strict=True)):
        if len(der) in lengths:
            found = known.read(der)
            assert found == wanted
            assert found is not None
            assert verify(found, b"body %d" % (1000 + number), one.signer.certificate, one.signer.suite) is None
            compared += 1
    assert compared > 10


@pytest.mark.parametrize("suite", SUITES)
def test_no_byte_is_read_otherwise_than_by_the_reader(parties: dict[str, Made], suite: str) -> None:
    one = parties[suite]
    known = learned(one, 30)
    der = signed(one, 7)
    for at in range(len(der)):
        for flip in (0x01, 0x20, 0x80):
            changed = bytearray(der)
            changed[at] ^= flip
            assert known.read(bytes(changed)) == read(bytes(changed)), at


def test_structures_of_openssl_are_learned(parties: dict[str, Made], tmp_path: Path) -> None:
    one, known = parties["intl-1"], Shapes()
    for number in range(8):
        (tmp_path / "body").write_bytes(b"%d" % number)
        done = openssl(
            *("cms", "-sign", "-binary", "-cades", "-outform", "DER", "-in", tmp_path / "body"),
            *("-signer", one.certificate, "-inkey", one.key),
        )
        found = known.read(done.stdout)
        assert found == read(done.stdout)
        assert found is not None
        assert verify(found, b"%d" % number, one.signer.certificate, one.signer.suite) is None
        known.remember(done.stdout, found)
    assert sum(map(len, known._known.values())) == len(known._known) <= 4, "one shape for each length"


def test_what_is_no_signature_is_none_and_strangers_fill_nothing(parties: dict[str, Made]) -> None:
    known = learned(parties["intl-1"], 3)
    kept = len(known._known)
    assert known.read(b"") is None
    assert known.read(bytes(800)) is None
    assert len(known._known) == kept
