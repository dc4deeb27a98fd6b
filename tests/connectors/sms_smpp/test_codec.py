# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The packets octet by octet, receipts of many makers, and whatever else may come."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sdk import Delivered, Rejected, Unavailable
from connectors.sdk.sms import gsm7
from connectors.sdk.sms.conversation import Desynchronised
from connectors.sms_smpp import packets
from connectors.sms_smpp.packets import (
    MESSAGE_STATE,
    RECEIPTED_MESSAGE_ID,
    Bind,
    Command,
    Frame,
    FrameReader,
    Message,
    framed,
)
from connectors.sms_smpp.receipt import Receipt, outcome_of, receipt_of, reference
from connectors.sms_smpp.statuses import login_refused, refusal

BIND = "0000002b000000090000000000000001534d505033544553540073656372657430380053554245310034000000"
"""The example of the specification (3.2.1), in its own system id, password and system type, bound as a transceiver."""


def test_a_bind_is_the_specifications() -> None:
    octets = framed(Command.BIND_TRANSCEIVER, 1, packets.bind(Bind("SMPP3TEST", "secret08", "SUBE1")))
    assert octets.hex() == BIND.replace("0000002b", f"{len(octets):08x}")
    (frame,) = FrameReader().feed(octets)
    assert isinstance(frame, Frame)
    assert packets.bind_of(frame.body) == Bind("SMPP3TEST", "secret08", "SUBE1")


ASCII = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=5)
OCTET = st.integers(0, 255)
MESSAGES = st.builds(
    Message,
    source=ASCII,
    destination=ASCII,
    content=st.binary(max_size=254),
    service_type=ASCII,
    source_ton=OCTET,
    destination_npi=OCTET,
    esm_class=OCTET,
    registered=OCTET,
    coding=OCTET,
    valid_until=ASCII,
    optional=st.dictionaries(st.integers(0, 0xFFFF), st.binary(max_size=40), max_size=4),
)


@given(MESSAGES, st.integers(0, 2**32 - 1))
def test_what_is_written_reads_back(message: Message, sequence: int) -> None:
    (frame,) = FrameReader().feed(framed(Command.SUBMIT_SM, sequence, packets.message(message)))
    assert isinstance(frame, Frame)
    assert packets.message_of(frame.body) == message


@given(MESSAGES, st.integers(1, 40))
def test_a_body_that_is_cut_is_none_or_lacks_an_optional_parameter(message: Message, missing: int) -> None:
    body = packets.message(message)[:-missing]
    found = packets.message_of(body)
    assert found is None or found.optional != message.optional


@given(st.binary(max_size=300))
def test_whatever_comes_is_read_or_none(octets: bytes) -> None:
    packets.message_of(octets)
    packets.bind_of(octets)
    packets.name_of(octets)
    found = list(FrameReader().feed(octets))
    assert all(isinstance(one, Frame) for one in found[:-1])


@pytest.mark.parametrize("length", [0, 15, packets.MOST_BYTES + 1, 2**32 - 1])
def test_an_impossible_length_ends_it(length: int) -> None:
    assert list(FrameReader().feed(length.to_bytes(4, "big") + bytes(12))) == [Desynchronised(length)]


@given(st.lists(st.binary(max_size=60), max_size=5), st.data())
def test_split_and_glued_the_packets_are_the_same(bodies: list[bytes], data: st.DataObject) -> None:
    octets = b"".join(framed(5, number, body) for number, body in enumerate(bodies))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(octets)), max_size=8)))
    reader = FrameReader()
    pieces = [octets[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(octets)], strict=True)]
    found = [frame for piece in pieces for frame in reader.feed(piece)]
    assert found == [Frame(5, 0, number, body) for number, body in enumerate(bodies)]


def receipt(text: bytes = b"", **optional: bytes) -> Receipt | None:
    tags = {"id": RECEIPTED_MESSAGE_ID, "state": MESSAGE_STATE}
    told = Message(
        source="1", destination="2", content=text, optional={tags[name]: value for name, value in optional.items()}
    )
    return receipt_of(told)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            b"id:0123456789 sub:001 dlvrd:001 submit date:2611051342 done date:2611051343 stat:DELIVRD err:000 text:Hi",
            Receipt("0123456789", "DELIVRD", "000", "2611051342", "2611051343"),
        ),
        (b"ID:a-1 STAT:undeliv ERR:01B", Receipt("a-1", "UNDELIV", "01B")),
        (b"stat:EXPIRED id: 77 done_date:20261105134300", Receipt("77", "EXPIRED", done="20261105134300")),
        (b"id:1 text:id:2 stat:DELIVRD", Receipt("1", "UNKNOWN")),
        (b"stat:DELIVRD", None),
        ("没有编号".encode("utf-16-be"), None),
    ],
)
def test_receipts_of_many_makers(text: bytes, expected: Receipt | None) -> None:
    assert receipt(text) == expected


def test_a_receipt_may_stand_in_optional_parameters_alone() -> None:
    assert receipt(id=b"abc\0", state=b"\x02") == Receipt("abc", "DELIVRD")
    assert receipt(id=b"abc\0", state=b"\x63") == Receipt("abc", "UNKNOWN")
    assert receipt(id=b"abc\0", state=b"") == Receipt("abc", "UNKNOWN")


@given(st.binary(max_size=160))
def test_whatever_a_receipt_says_it_has_an_outcome(text: bytes) -> None:
    found = receipt(b"id:1 " + text)
    assert found is not None
    assert isinstance(outcome_of(found), Delivered | Rejected)


def test_hex_and_decimal_are_the_same_message() -> None:
    today = date(2026, 11, 5)
    taken = reference("gov", "a001", "hex", "", today)
    assert taken == reference("gov", "0000040961", "decimal", "2611051342", today)
    assert reference("gov", "x y", "hex", "", today) == "gov:2026:x y"
    assert reference("gov", "1", "text", "20261105134200", date(2027, 1, 1)) == "gov:2026:1"


@pytest.mark.parametrize("status", [0x01, 0x0A, 0x0B, 0x14, 0x45, 0x58, 0x08, 0x0455])
def test_every_status_has_an_outcome_with_a_remedy(status: int) -> None:
    told = refusal(status, 2.5, frozenset())
    if status in {0x14, 0x58, 0x08}:
        assert isinstance(told, Unavailable)
        assert told.retry_after == 2.5
    else:
        assert isinstance(told, Rejected)
        assert " / " in told.detail
    assert isinstance(refusal(0x0455, 1, frozenset({0x0455})), Unavailable)
    assert login_refused(status).reason.startswith("LOGIN_")


@given(st.text(st.sampled_from("@£$ÅΔ_ΦΞ az{}[]~\\|€^\n"), max_size=80))
def test_the_default_alphabet_reads_back(text: str) -> None:
    assert gsm7.decode(gsm7.encode(text)) == text


@given(st.binary(max_size=80))
def test_whatever_octets_come_are_a_text(octets: bytes) -> None:
    assert len(gsm7.decode(octets)) <= 2 * len(octets)


def test_what_the_default_alphabet_has_not_is_refused() -> None:
    with pytest.raises(UnicodeEncodeError):
        gsm7.encode("受")
    assert gsm7.encode("@$a{").hex() == "0002611b28"
