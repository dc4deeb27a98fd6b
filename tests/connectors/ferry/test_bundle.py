# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The format and its keys: nothing that was changed on the way is believed, whoever changed it; others can verify it too."""

import asyncio
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from connectors.ferry import keys
from connectors.ferry.bundle import (
    GENESIS,
    MAGIC,
    Bundle,
    Damaged,
    Entry,
    Kind,
    assemble,
    pack,
    signed_bytes,
    take_apart,
    unpack,
)
from connectors.ferry.config import SinkConfig
from connectors.ferry.post import Post
from connectors.sdk import Context
from tests.connectors.ferry.ends import SEAL, Ends

ENTRIES = [
    Entry(key="k1", content_type="application/xml", attributes={"id": "m1", "subject": "办件-1"}, body=b"<a/>"),
    Entry(key="k2", content_type="application/json", attributes={}, body=b""),
    Entry(key="k3", content_type="x/y", attributes={"id": "3"}, body=bytes(range(256))),
]


@pytest.fixture
def ends(tmp_path: Path) -> Ends:
    return Ends(tmp_path)


def post(ends: Ends, context: Context, secrets: dict[str, str], **changes: object) -> Post:
    """Who writes as the sender and reads what the sender wrote."""
    secrets.update(ends.secrets)
    settings = ends.sender(peer_keys=[str(ends.folder / "sender.pem")], **changes)
    return Post(SinkConfig.model_validate(settings), context)


@pytest.mark.parametrize("seal", [{}, {"seal_secret": "seal"}], ids=["signed", "sealed"])
def test_what_is_written_is_read(ends: Ends, context: Context, secrets: dict[str, str], seal: dict[str, str]) -> None:
    both = post(ends, context, secrets, **seal)
    made = both.write(Kind.MESSAGES, 7, GENESIS, pack(ENTRIES))
    bundle = both.read(Kind.MESSAGES, made.written)
    assert isinstance(bundle, Bundle)
    assert (bundle.header.sequence, bundle.header.previous, bundle.hash) == (7, GENESIS, made.hash)
    assert unpack(bundle.payload) == ENTRIES
    assert (b"<a/>" in made.written) is not bool(seal)


@pytest.mark.parametrize("seal", [{}, {"seal_secret": "seal"}], ids=["signed", "sealed"])
def test_no_bit_can_be_changed_and_no_byte_be_missing(
    ends: Ends, context: Context, secrets: dict[str, str], seal: dict[str, str]
) -> None:
    both = post(ends, context, secrets, **seal)
    written = both.write(Kind.MESSAGES, 1, GENESIS, pack(ENTRIES)).written
    for at in range(len(written)):
        changed = written[:at] + bytes([written[at] ^ 1 << at % 8]) + written[at + 1 :]
        assert isinstance(both.read(Kind.MESSAGES, changed), Damaged), at
        assert isinstance(both.read(Kind.MESSAGES, written[:at]), Damaged), at
    assert isinstance(both.read(Kind.MESSAGES, written + b"\0"), Damaged)


@given(st.binary(max_size=200))
def test_garbage_is_never_a_bundle(garbage: bytes) -> None:
    assert isinstance(take_apart(garbage), Damaged)
    assert isinstance(take_apart(MAGIC + garbage), Damaged)
    unpack(garbage)


def test_lengths_that_lie_cost_nothing() -> None:
    for lie in (b"\xff\xff\xff\xff", b"\0\1\0\1"):
        assert take_apart(MAGIC + lie + b"x" * 100) == Damaged("TRUNCATED")
    told = (
        b'{"entries":[{"key":"k","content_type":"","attributes":{},"size":99999999999,"sha256":"' + b"0" * 64 + b'"}]}'
    )
    assert unpack(len(told).to_bytes(4, "big") + told) == Damaged("ENTRY_DAMAGED")


def test_each_reason_has_its_name(ends: Ends, context: Context, secrets: dict[str, str]) -> None:
    mine = post(ends, context, secrets)
    plain = mine.write(Kind.MESSAGES, 1, GENESIS, pack(ENTRIES))
    sealing = post(ends, context, secrets, seal_secret="seal")
    sealed = sealing.write(Kind.MESSAGES, 1, GENESIS, pack(ENTRIES)).written

    assert mine.read(Kind.ACKNOWLEDGEMENT, plain.written) == Damaged("OTHER_KIND")
    assert post(ends, context, secrets, stream="c-to-d").read(Kind.MESSAGES, plain.written) == Damaged("OTHER_STREAM")
    assert mine.read(Kind.MESSAGES, sealed) == Damaged("SEALED")
    assert sealing.read(Kind.MESSAGES, plain.written) == Damaged("NOT_SEALED")
    secrets["seal"] = "0" * 32
    assert sealing.read(Kind.MESSAGES, sealed) == Damaged("SEAL_BROKEN")
    ends.renew("sender")
    assert mine.read(Kind.MESSAGES, plain.written) == Damaged("KEY_UNKNOWN")


def test_the_suite_is_the_keys_and_not_the_bundles(ends: Ends, context: Context, secrets: dict[str, str]) -> None:
    both = post(ends, context, secrets)
    bundle = take_apart(both.write(Kind.MESSAGES, 1, GENESIS, pack(ENTRIES)).written)
    assert isinstance(bundle, Bundle)
    signed = signed_bytes(bundle.header.model_copy(update={"suite": "none"}))
    signature = keys.signer(secrets["sender"]).sign(signed)
    assert both.read(Kind.MESSAGES, assemble(signed, signature, bundle.payload)) == Damaged("SUITE_FOREIGN")


async def test_openssl_verifies_a_bundle(ends: Ends, context: Context, secrets: dict[str, str]) -> None:
    bundle = take_apart(post(ends, context, secrets).write(Kind.MESSAGES, 1, GENESIS, pack(ENTRIES)).written)
    assert isinstance(bundle, Bundle)
    (ends.folder / "signed").write_bytes(bundle.signed)
    (ends.folder / "signature").write_bytes(bundle.signature)
    verifying = await asyncio.create_subprocess_exec(
        "openssl", "dgst", "-sha256", "-verify", "sender.pem", "-signature", "signature", "signed", cwd=ends.folder
    )
    assert await verifying.wait() == 0


def test_sm4_is_sm4() -> None:
    """GB/T 32907, appendix A, example 1."""
    key = keys.sealing_key(SEAL)
    encryptor = Cipher(algorithms.SM4(key), modes.ECB()).encryptor()
    assert encryptor.update(key).hex() == "681edf34d206965e86b3e94f536e4246"


def test_bad_keys_are_told_without_a_word_of_them(tmp_path: Path) -> None:
    (tmp_path / "no.pem").write_text("hunter2")
    for bad in (
        lambda: keys.signer("hunter2"),
        lambda: keys.sealing_key("hunter2"),
        lambda: keys.peers([str(tmp_path / "no.pem")]),
        lambda: keys.peers([str(tmp_path / "missing.pem")]),
    ):
        with pytest.raises(keys.KeyFault) as fault:
            bad()
        assert "hunter2" not in str(fault.value)
