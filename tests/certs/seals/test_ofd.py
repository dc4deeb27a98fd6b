# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Sealed OFD files: every reference, everything that is not referred to, and packages made to harm."""

import io
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certs.seals.check import Aspect, Kind, Verdict
from certs.seals.package import MAX_ENTRIES, Package, UnfitError, resolved
from certs.seals.verify import verify
from certs.x509.anchors import Trust
from connectors.e_seal.sealing.authority import Algorithm
from connectors.e_seal.sealing.ofd import DOCUMENT, LIST, PAGE, SEAL, VALUE, blank, packed, seal_ofd
from tests.certs.seals.town import KINDS, NOW, VERSIONS, Town, codes, failures, town

Files = dict[str, bytes]


@pytest.fixture(params=KINDS)
def here(request: pytest.FixtureRequest) -> Town:
    return town(request.param)


def sealed(here: Town, version: int = 4) -> Files:
    return seal_ofd(blank(), version, here.seal(version), here.signer, NOW)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_sealed_file_holds(here: Town, version: int) -> None:
    examined = here.examined(packed(sealed(here, version)))

    assert (examined.kind, examined.verdict) == (Kind.OFD, Verdict.HELD), examined.faults
    [impression] = examined.impressions
    assert impression.place == DOCUMENT
    assert {one.aspect for one in impression.checks} == set(Aspect) - {Aspect.FORM}


def _add(name: str) -> Callable[[Files], None]:
    return lambda files: files.update({name: b"<another/>"})


def _drop(name: str) -> Callable[[Files], None]:
    def drop(files: Files) -> None:
        del files[name]

    return drop


def _change(name: str, old: bytes, new: bytes) -> Callable[[Files], None]:
    def change(files: Files) -> None:
        assert old in files[name]
        files[name] = files[name].replace(old, new)

    return change


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (_change(PAGE, b"100 0", b"100 9"), {"DOCUMENT_CHANGED"}),
        (_change("OFD.xml", b"OFD", b"OFd"), {"FORM", "DOCUMENT_CHANGED"}),
        (_drop(PAGE), {"REFERENCE_MISSING"}),
        (_add("Doc_0/Annots/Annotations.xml"), {"NOT_COVERED"}),
        (_add("Doc_0/Attachs/payload.bin"), {"NOT_COVERED"}),
        (_change(DOCUMENT, b'Boundary="150', b'Boundary="151'), {"DOCUMENT_CHANGED"}),
        (_change(SEAL, b"IDAT", b"IDXT"), {"SEAL_FILE_DIFFERS"}),
        (_change(VALUE, b"IDAT", b"IDXT"), {"SEAL_CHANGED", "SEAL_FILE_DIFFERS", "SIGNATURE"}),
        (_drop(VALUE), {"FORM"}),
        (_drop(DOCUMENT), {"FORM"}),
        (_drop(LIST), {"FORM"}),
        (_drop("OFD.xml"), {"FORM"}),
        (_change(LIST, b"<ofd:Signature ID", b"<ofd:Other ID"), {"NOT_SEALED"}),
        (_change(LIST, b"Sign_0/Signature.xml", b"../../../etc/passwd"), {"FORM"}),
        (_change(LIST, b"<ofd:MaxSignId>", b"<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]><ofd:MaxSignId>"), {"FORM"}),
    ],
    ids=["page", "root", "no page", "annotation", "attachment", "place of the seal", "seal file", "picture", "no value",
         "no signature", "no list", "no root", "unlisted", "traversal", "entity"],
)  # fmt: skip
def test_what_each_change_breaks(here: Town, change: Callable[[Files], None], expected: set[str]) -> None:
    files = sealed(here)
    change(files)
    found = failures(here.examined(packed(files)))

    assert found
    assert found <= expected


def test_a_wrong_reference_of_a_signer_who_signed_it(here: Town) -> None:
    """Whoever signs may write what he likes; what he writes must still be so."""
    made = blank()
    files = seal_ofd({**made, PAGE: b"<another/>"}, 4, here.seal(), here.signer, NOW)

    assert codes(here.examined(packed({**files, PAGE: made[PAGE]}))) == ["DOCUMENT_CHANGED"]


def test_a_signature_over_some_files_alone_does_not_hold(here: Town) -> None:
    made = blank()
    files = seal_ofd({name: made[name] for name in made if name != PAGE}, 4, here.seal(), here.signer, NOW)

    assert codes(here.examined(packed({**files, PAGE: made[PAGE]}))) == ["NOT_COVERED"]


def test_a_page_passed_off_as_a_signature_is_no_way_around(here: Town) -> None:
    files = sealed(here)
    files["Doc_0/Pages/Page_1/Content.xml"] = b"<another/>"
    files[LIST] = files[LIST].replace(
        b"</ofd:Signatures>", b'<ofd:Signature ID="2" BaseLoc="/Doc_0/Pages/Page_1/Content.xml"/></ofd:Signatures>'
    )

    assert here.examined(packed(files)).verdict is Verdict.FAILED


@pytest.mark.parametrize("method", [b"MD5", b"1.3.14.3.2.26", b""])
def test_digests_nobody_should_trust(here: Town, method: bytes) -> None:
    files = sealed(here)
    _change(DOCUMENT, b'CheckMethod="1.2.156.10197.1.401"', b'CheckMethod="%s"' % method)(files)

    assert "DIGEST_ALGORITHM" in failures(here.examined(packed(files)))


class TestPackages:
    def written(self, *entries: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", method) as package:
            for name, content in entries:
                package.writestr(zipfile.ZipInfo(name), content, method)
        return made.getvalue()

    @pytest.mark.parametrize("name", ["../OFD.xml", "/OFD.xml", "a/../../b", "a//b", "C:/OFD.xml", "./OFD.xml"])
    def test_a_path_that_leaves_the_package(self, name: str) -> None:
        assert codes(verify(self.written((name, b"x")), Trust(), NOW)) == ["FORM"]

    def test_a_backslash_is_no_way_around(self) -> None:
        data = self.written(("aXXOFD.xml", b"x")).replace(b"aXXOFD.xml", b"..\\OFD.xml")

        assert codes(verify(data, Trust(), NOW)) == ["FORM"]

    @pytest.mark.parametrize("second", ["OFD.xml", "ofd.XML"])
    @pytest.mark.filterwarnings("ignore:Duplicate name")
    def test_a_name_that_stands_twice(self, second: str) -> None:
        assert codes(verify(self.written(("OFD.xml", b"x"), (second, b"y")), Trust(), NOW)) == ["FORM"]

    def test_a_bomb(self) -> None:
        assert codes(verify(self.written(("OFD.xml", b"\0" * 20_000_000)), Trust(), NOW)) == ["TOO_LARGE"]

    def test_too_many_entries(self) -> None:
        many = self.written(*((f"{n}", b"") for n in range(MAX_ENTRIES + 1)), method=zipfile.ZIP_STORED)

        assert codes(verify(many, Trust(), NOW)) == ["TOO_LARGE"]

    def test_entries_that_overlap(self) -> None:
        data = bytearray(self.written(("a", b"x" * 100), ("b", b"x" * 100), method=zipfile.ZIP_STORED))
        second = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 1)
        data[second + 42 : second + 46] = bytes(4)

        assert codes(verify(bytes(data), Trust(), NOW)) == ["FORM"]

    def test_a_length_that_is_not_so(self) -> None:
        data = bytearray(self.written(("OFD.xml", b"x" * 100), method=zipfile.ZIP_STORED))
        directory = data.index(b"PK\x01\x02")
        data[directory + 20 : directory + 28] = (50).to_bytes(4, "little") * 2
        package = Package(bytes(data))

        with pytest.raises(UnfitError):
            package.read("OFD.xml")

    @pytest.mark.parametrize(
        ("location", "within", "path"),
        [
            ("/Doc_0/a", "OFD.xml", "Doc_0/a"),
            ("a", "Doc_0/Signs/Signatures.xml", "Doc_0/Signs/a"),
            ("../a", "Doc_0/Signs/Signatures.xml", "Doc_0/a"),
            ("../../../a", "Doc_0/Signs/Signatures.xml", None),
            ("/../a", "OFD.xml", None),
            ("", "OFD.xml", None),
            ("a\\b", "OFD.xml", None),
        ],
    )
    def test_locations(self, location: str, within: str, path: str | None) -> None:
        assert resolved(location, within) == path


@settings(max_examples=150)
@given(data=st.data())
def test_no_changed_byte_of_a_file_in_it_holds(data: st.DataObject) -> None:
    here = town(Algorithm.SM2)
    name = data.draw(st.sampled_from(sorted(SAMPLE)))
    place = data.draw(st.integers(0, len(SAMPLE[name]) - 1))
    content = bytearray(SAMPLE[name])
    content[place] ^= data.draw(st.integers(1, 255))
    examined = here.examined(packed({**SAMPLE, name: bytes(content)}))

    # The list of signatures is covered by none of them: what it says beyond its locations is nobody's word.
    assert examined.verdict is Verdict.FAILED or name == LIST


@settings(max_examples=150)
@given(data=st.data())
def test_damaged_packages_are_examined(data: st.DataObject) -> None:
    whole = bytearray(packed(SAMPLE))
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(0, len(whole) - 1))] ^= data.draw(st.integers(1, 255))
    cut = data.draw(st.integers(0, len(whole)))

    for damaged in (bytes(whole), bytes(whole[:cut])):
        verify(damaged, Trust(), NOW)


SAMPLE = sealed(town(Algorithm.SM2))
