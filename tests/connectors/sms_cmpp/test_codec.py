# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The packets octet by octet: the vectors of gocmpp's own tests (Apache-2.0), and whatever else may come."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sdk.sms.conversation import Desynchronised
from connectors.sms_cmpp import authenticator
from connectors.sms_cmpp.frames import MOST_BYTES, Frame, FrameReader, framed
from connectors.sms_cmpp.pdus import (
    V2,
    V3,
    Bare,
    Command,
    Connect,
    ConnectResp,
    Deliver,
    DeliverResp,
    Malformed,
    Pdu,
    Submit,
    SubmitResp,
    Version,
)
from connectors.sms_cmpp.wire import decode, encode

SHOWN = bytes.fromhex("90d00c1d517abd0b4f65f6bcf8535d16")
PROOF_V2 = bytes.fromhex("6c0b846e25bab6daa4ed1c466e0f4bd8")
PROOF_V3 = bytes.fromhex("7942977274098cf210ab0c16c367bc8d")
MESSAGE_ID = 12878564852733378560
SUBMIT = Submit(
    numbers=("13500002696",), content="测试gocmpp submit".encode("utf-16-be"), coding=8, report=True, service="test",
    fee_user_type=2, fee_number="13500002696", fee_type="02", fee_code="10", account="900001",
    valid_until="151105131555101+", sender="900001",
)  # fmt: skip
CONTENT = "6d4b8bd50067006f0063006d007000700020007300750062006d00690074"
SUBMIT_V2 = (
    "000000bd0000000400000017" + "00" * 8 + "01010101" + "74657374" + "00" * 6 + "02" + "3133353030303032363936" + "00" * 10
    + "000008" + "393030303031" + "3032" + "313000000000" + "3135313130353133313535353130312b" + "00" + "00" * 17
    + "393030303031" + "00" * 15 + "01" + "3133353030303032363936" + "00" * 10 + "1e" + CONTENT + "00" * 8
)  # fmt: skip
SUBMIT_V3 = (
    "000000e10000000400000017" + "00" * 8 + "01010101" + "74657374" + "00" * 6 + "02" + "3133353030303032363936" + "00" * 21
    + "00" + "000008" + "393030303031" + "3032" + "313000000000" + "3135313130353133313535353130312b" + "00" + "00" * 17
    + "393030303031" + "00" * 15 + "01" + "3133353030303032363936" + "00" * 21 + "00" + "1e" + CONTENT + "00" * 20
)  # fmt: skip
UPSTREAM_V2 = Deliver(
    msg_id=13052947396898652160, number="13412340000", service_number="900001", content=b"This is a test MO."
)
UPSTREAM_V3 = replace(UPSTREAM_V2, msg_id=13025908756704198656)
VECTORS: list[tuple[Pdu, int, Version, str]] = [
    (Connect("900001", SHOWN, 0x21, 1021080510), 0x17, V2, "000000270000000100000017393030303031" + SHOWN.hex() + "213cdc73be"),
    (ConnectResp(0, PROOF_V2, 0x21), 0x17, V2, "0000001e800000010000001700" + PROOF_V2.hex() + "21"),
    (ConnectResp(0, PROOF_V3, 0x30), 0x17, V3, "00000021800000010000001700000000" + PROOF_V3.hex() + "30"),
    (SUBMIT, 0x17, V2, SUBMIT_V2),
    (SUBMIT, 0x17, V3, SUBMIT_V3),
    (SubmitResp(MESSAGE_ID, 0), 0x17, V2, "000000158000000400000017b2b9da800001000000"),
    (SubmitResp(MESSAGE_ID, 0), 0x17, V3, "000000188000000400000017b2b9da800001000000000000"),
    (UPSTREAM_V2, 5, V2, "000000670000000500000005b525628000010000393030303031" + "00" * 15 + "00" * 10 + "000000"
     + "3133343132333430303030" + "00" * 10 + "00" + "12" + b"This is a test MO.".hex() + "00" * 8),
    (UPSTREAM_V3, 1, V3, "0000007f0000000500000001b4c5530000010000393030303031" + "00" * 15 + "00" * 10 + "000000"
     + "3133343132333430303030" + "00" * 21 + "00" + "00" + "12" + b"This is a test MO.".hex() + "00" * 20),
    (DeliverResp(13052947396898652160, 0), 5, V2, "000000158000000500000005b52562800001000000"),
    (DeliverResp(13025908756704198656, 0), 1, V3, "000000188000000500000001b4c5530000010000" + "00000000"),
    (Bare(Command.ACTIVE_TEST), 0x17, V3, "0000000c0000000800000017"),
    (Bare(Command.ACTIVE_TEST_RESP), 0x17, V3, "0000000d800000080000001700"),
    (Bare(Command.TERMINATE), 0x17, V3, "0000000c0000000200000017"),
]  # fmt: skip


@pytest.mark.parametrize(("pdu", "sequence", "version", "octets"), VECTORS)
def test_the_vectors_of_others_both_ways(pdu: Pdu, sequence: int, version: Version, octets: str) -> None:
    assert encode(pdu, sequence, version).hex() == octets
    (frame,) = FrameReader().feed(bytes.fromhex(octets))
    assert isinstance(frame, Frame)
    assert frame.sequence == sequence
    assert decode(frame.command, frame.body, version) == pdu


def test_lengths_are_those_of_the_specification() -> None:
    for many in (1, 2, 99):
        several = replace(SUBMIT, numbers=SUBMIT.numbers * many)
        assert len(encode(several, 1, V2)) == 12 + 117 + 21 * many + 1 + len(SUBMIT.content) + 8
        assert len(encode(several, 1, V3)) == 12 + 129 + 32 * many + 1 + 1 + len(SUBMIT.content) + 20


def test_the_two_proofs() -> None:
    assert authenticator.of_account("900001", "888888", 1021080510) == SHOWN
    assert authenticator.of_gateway(0, SHOWN, "888888", V2) == PROOF_V2
    assert authenticator.of_gateway(0, SHOWN, "888888", V3) == PROOF_V3


ASCII = st.characters(min_codepoint=33, max_codepoint=126)
VERSIONS = st.sampled_from([V2, V3])


@st.composite
def pdus(draw: st.DrawFn) -> Pdu:
    number = st.text("0123456789", min_size=1, max_size=20)
    content = st.binary(max_size=255)
    return draw(
        st.one_of(
            st.builds(
                Submit,
                numbers=st.lists(number, min_size=1, max_size=99).map(tuple),
                content=content,
                coding=st.integers(0, 255),
                udhi=st.booleans(),
                report=st.booleans(),
                part=st.integers(0, 255),
                parts=st.integers(0, 255),
                service=st.text(ASCII, max_size=10),
                account=st.text(ASCII, max_size=6),
                sender=st.text(ASCII, max_size=21),
                valid_until=st.text(ASCII, max_size=17),
            ),
            st.builds(
                Deliver,
                msg_id=st.integers(0, 2**64 - 1),
                number=number,
                service_number=number,
                content=content,
                report=st.booleans(),
                udhi=st.booleans(),
                coding=st.integers(0, 255),
            ),
            st.builds(SubmitResp, msg_id=st.integers(0, 2**64 - 1), result=st.integers(0, 255)),
            st.builds(DeliverResp, msg_id=st.integers(0, 2**64 - 1), result=st.integers(0, 255)),
        )
    )


@given(pdus(), VERSIONS, st.integers(0, 2**32 - 1))
def test_what_is_written_reads_back(pdu: Pdu, version: Version, sequence: int) -> None:
    (frame,) = FrameReader().feed(encode(pdu, sequence, version))
    assert isinstance(frame, Frame)
    assert decode(frame.command, frame.body, version) == pdu


@given(st.lists(st.tuples(st.integers(0, 2**32 - 1), st.binary(max_size=300)), max_size=6), st.data())
def test_split_and_glued_as_they_may_be_the_packets_are_the_same(
    packets: list[tuple[int, bytes]], data: st.DataObject
) -> None:
    octets = b"".join(framed(command, number, body) for number, (command, body) in enumerate(packets))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(octets)), max_size=8)))
    reader = FrameReader()
    pieces = [octets[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(octets)], strict=True)]
    found = [frame for piece in pieces for frame in reader.feed(piece)]
    assert found == [Frame(command, number, body) for number, (command, body) in enumerate(packets)]


@given(st.binary(max_size=200))
def test_whatever_comes_is_packets_or_the_end(octets: bytes) -> None:
    found = list(FrameReader().feed(octets))
    assert all(isinstance(one, Frame) for one in found[:-1])


@pytest.mark.parametrize("length", [0, 3, 11, MOST_BYTES + 1, 2**32 - 1])
def test_an_impossible_length_ends_it(length: int) -> None:
    assert list(FrameReader().feed(length.to_bytes(4, "big") + bytes(8))) == [Desynchronised(length)]


COMMANDS = st.one_of(st.sampled_from([int(one) for one in Command]), st.integers(0, 2**32 - 1))


@given(COMMANDS, st.binary(max_size=400), VERSIONS)
def test_whatever_a_body_holds_it_is_read_or_malformed(command: int, body: bytes, version: Version) -> None:
    found = decode(command, body, version)
    assert isinstance(found, Malformed) or found == decode(command, body, version)


@given(pdus(), VERSIONS, st.integers(1, 60))
def test_a_body_that_is_cut_is_malformed(pdu: Pdu, version: Version, missing: int) -> None:
    (frame,) = FrameReader().feed(encode(pdu, 1, version))
    assert isinstance(frame, Frame)
    body = frame.body[: -min(missing, len(frame.body))]
    found = decode(frame.command, body, version)
    # An answer of version 3 that is cut by three octets is one of version 2.
    cut_to_v2 = version == V3 and isinstance(pdu, SubmitResp | DeliverResp) and missing == 3
    assert isinstance(found, Malformed) or cut_to_v2 or isinstance(pdu, Deliver)
