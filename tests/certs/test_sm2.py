# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""SM2 by the system's library, against peers of other makers: openssl's command, and sm-crypto on Node.js."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certs.sm2 import _OFTEN, PrivateKey, PublicKey, _der_of, _tables, public_key, raw
from certs.sm2_tables import ORDER, Tables
from tests.support.missing import missing
from tests.support.openssl import DISTID, openssl, verifies

PEER = Path(__file__).parents[1] / "connectors/e_seal"


@pytest.fixture(scope="module")
def key() -> PrivateKey:
    return PrivateKey.generate()


def test_it_verifies_what_it_signed_in_both_forms(key: PrivateKey) -> None:
    public = public_key(key.public())
    assert public is not None
    signature = key.sign(b"message")
    both = raw(signature)

    assert both is not None
    assert len(both) == 64
    assert public.verify(b"message", signature)
    assert public.verify(b"message", both)
    assert not public.verify(b"massage", signature)
    assert not public.verify(b"massage", both)


def test_openssl_verifies_what_it_signed(key: PrivateKey, tmp_path: Path) -> None:
    assert verifies(tmp_path, key.public(), b"message", key.sign(b"message"), "sm3")
    assert not verifies(tmp_path, key.public(), b"massage", key.sign(b"message"), "sm3")


@pytest.mark.parametrize("identity", [DISTID, "distid:"], ids=["default", "empty"])
def test_it_verifies_what_openssl_signed_under_the_default_identity_alone(tmp_path: Path, identity: str) -> None:
    made, message, signature = tmp_path / "key.pem", tmp_path / "message", tmp_path / "signature"
    message.write_bytes(b"message")
    assert openssl("genpkey", "-algorithm", "SM2", "-out", made).returncode == 0
    sign = ("pkeyutl", "-sign", "-inkey", made, "-in", message, "-out", signature, "-rawin", "-digest", "sm3")
    assert openssl(*sign, "-pkeyopt", identity).returncode == 0
    public = public_key(openssl("pkey", "-in", made, "-pubout", "-outform", "DER").stdout)

    assert public is not None
    assert public.verify(b"message", signature.read_bytes()) is (identity == DISTID)


def test_sm_crypto_agrees_both_ways(key: PrivateKey) -> None:
    node = shutil.which("node")
    if node is None or not (PEER / "node_modules/sm-crypto").is_dir():
        missing("install Node.js with npm, then run `make test` or `sh .ci/install_parser.sh`")
    point = key.public()[-65:]
    ours = raw(key.sign(b"message"))
    assert ours is not None
    question = {"public": point.hex(), "message": b"message".hex(), "signature": ours.hex()}
    told = subprocess.run(
        [node, PEER / "sm2.mjs"], input=json.dumps(question).encode(), capture_output=True, check=True, timeout=60
    )
    answer = json.loads(told.stdout)
    theirs = public_key(key.public()[:-65] + bytes.fromhex(answer["public"]))

    assert answer["holds"] is True
    assert theirs is not None
    assert theirs.verify(b"message", bytes.fromhex(answer["signature"]))
    assert not theirs.verify(b"massage", bytes.fromhex(answer["signature"]))


@given(st.binary(max_size=200))
def test_no_bytes_are_a_signature_by_chance_or_raise(junk: bytes) -> None:
    public = public_key(_FIXED.public())
    assert public is not None

    assert not public.verify(b"message", junk)


@given(st.binary(max_size=200))
def test_no_bytes_are_a_key_by_chance_or_raise(junk: bytes) -> None:
    assert public_key(junk) is None


_FIXED = PrivateKey.generate()


@pytest.fixture(scope="module")
def tables(key: PrivateKey) -> Tables:
    found = _tables(key.public()[-65:])
    assert found is not None
    return found


def plainly(public: PublicKey, message: bytes, r: int, s: int) -> bool:
    """As openssl itself says, without tables."""
    public._used = 0
    return public.verify(message, _der_of(r.to_bytes(32, "big") + s.to_bytes(32, "big")))


@given(message=st.binary(max_size=300), bit=st.integers(0, 511), near=st.integers(-2, 2))
def test_tables_say_what_openssl_says(key: PrivateKey, tables: Tables, message: bytes, bit: int, near: int) -> None:
    public = public_key(key.public())
    assert public is not None
    both = raw(key.sign(message))
    assert both is not None
    r, s = int.from_bytes(both[:32], "big"), int.from_bytes(both[32:], "big")
    flipped = int.from_bytes(both, "big") ^ (1 << bit)
    wrong_r, wrong_s = flipped >> 256, flipped % 2**256

    assert tables.verify(message, r, s)
    assert plainly(public, message, r, s)
    for pair in ((wrong_r, wrong_s), (s, r), (r, s + near), (ORDER + near, s), (r, ORDER - r), (0, s), (r, 0)):
        assert tables.verify(message, *pair) is plainly(public, message, *pair) is (pair == (r, s)), pair
    assert not tables.verify(message + b"x", r, s)


def test_a_key_that_is_used_often_is_verified_by_its_tables_alike(key: PrivateKey) -> None:
    public = public_key(PrivateKey.generate().public())
    own = public_key(key.public())
    assert own is not None
    assert public is not None
    for n in range(_OFTEN + 20):
        message = b"%d" % n
        signature = key.sign(message)
        both = raw(signature)
        assert both is not None
        assert own.verify(message, signature)
        assert own.verify(message, both)
        assert not own.verify(message + b"x", signature)
        assert not own.verify(message, signature[:-1])
        assert not public.verify(message, signature), "another key"
    long_form = b"\x30\x81" + signature[1:]
    assert not own.verify(message, long_form), "what is no DER is openssl's to judge"


def test_what_is_no_point_has_no_tables() -> None:
    assert _tables(b"") is None
    assert _tables(b"\x04" + bytes(64)) is None
