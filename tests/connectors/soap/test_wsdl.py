# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a WSDL says of an operation, and why some cannot be used."""

from pathlib import Path

import pytest
import zeep
from lxml import etree

from connectors.soap.envelope import request
from connectors.soap.imports import description_of
from connectors.soap.wsdl import Operation, Part, Unusable, Version, operation_of

BANJIAN = (Path(__file__).parent / "banjian.wsdl").read_bytes()
NAMESPACE = "http://service.banjian.example/"
RPC = b"""<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/"
  xmlns:t="urn:t" xmlns:x="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:t">
<message name="in"><part name="bh" type="x:string"/><part name="nr" type="x:string"/></message>
<message name="out"><part name="fh" type="x:string"/></message>
<portType name="P"><operation name="songda"><input message="t:in"/><output message="t:out"/></operation></portType>
<binding name="B" type="t:P"><s:binding style="rpc" transport="http://schemas.xmlsoap.org/soap/http"/>
<operation name="songda"><s:operation soapAction=""/><input><s:body use="literal" namespace="urn:body"/></input>
<output><s:body use="literal" namespace="urn:body"/></output></operation></binding>
<service name="S"><port name="A" binding="t:B"><s:address location="http://h/a"/></port></service></definitions>"""


def test_a_wrapped_document() -> None:
    found = operation_of(BANJIAN, "tijiao")
    assert found == Operation(
        name="tijiao",
        version=Version.V11,
        action="urn:tijiao",
        address="http://127.0.0.1:9/services/banjian",
        namespace=NAMESPACE,
        wrapper="tijiao",
        parts=(
            Part("", "sblsh", required=False),
            Part("", "leixing", required=False),
            Part("", "shuxing", required=False),
            Part("", "neirong", required=True),
        ),
        response="tijiaoResponse",
    )


def test_another_version_and_port() -> None:
    found = operation_of(BANJIAN, "chaxun", version=Version.V12, port="BanjianPort12")
    assert isinstance(found, Operation)
    assert (found.version, [part.name for part in found.parts]) == (Version.V12, ["sblsh"])


def test_qualified_elements() -> None:
    qualified = BANJIAN.replace(b'elementFormDefault="unqualified"', b'elementFormDefault="qualified"')
    found = operation_of(qualified, "tijiao")
    assert isinstance(found, Operation)
    assert {part.namespace for part in found.parts} == {NAMESPACE}


def test_rpc() -> None:
    found = operation_of(RPC, "songda")
    assert isinstance(found, Operation)
    assert (found.namespace, found.wrapper, [part.name for part in found.parts]) == ("urn:body", "songda", ["bh", "nr"])
    assert found.response == "songdaResponse"


def test_an_rpc_envelope() -> None:
    """The wrapper is in the namespace of the binding's body, the parts are in none (WS-I Basic Profile 1.1, R2735 and R2737)."""
    found = operation_of(RPC, "songda")
    assert isinstance(found, Operation)
    body = request(found, {"nr": "a", "bh": "&lt;1&gt;"})
    assert isinstance(body, bytes)
    (wrapper,) = etree.fromstring(body).iterfind("{*}Body/*")
    assert wrapper.tag == "{urn:body}songda"
    assert [(part.tag, part.text) for part in wrapper] == [("bh", "<1>"), ("nr", "a")]


def test_an_envelope_with_qualified_parts() -> None:
    qualified = BANJIAN.replace(b'elementFormDefault="unqualified"', b'elementFormDefault="qualified"')
    found = operation_of(qualified, "chaxun")
    assert isinstance(found, Operation)
    body = request(found, {"sblsh": "1"})
    assert isinstance(body, bytes)
    assert etree.fromstring(body).findtext(f"{{*}}Body/{{{NAMESPACE}}}chaxun/{{{NAMESPACE}}}sblsh") == "1"


@pytest.mark.parametrize(
    ("document", "name", "said"),
    [
        (b"", "tijiao", "E_EMPTY_BODY"),
        (b"<html/>", "tijiao", "no WSDL"),
        (b"<!DOCTYPE a SYSTEM 'http://127.0.0.1/x'><a/>", "tijiao", "E_XML_DOCTYPE"),
        (BANJIAN, "none", "no operation none"),
        (BANJIAN.replace(b'use="literal"', b'use="encoded"'), "tijiao", "not literal"),
        (BANJIAN.replace(b'<wsdl:message name="tijiao">', b'<wsdl:message name="other">'), "tijiao", "message tijiao"),
        (
            BANJIAN.replace(b'<xsd:complexType name="tijiao">', b'<xsd:complexType name="o">'),
            "tijiao",
            "complexType tijiao",
        ),
        (BANJIAN.replace(b'element="tns:tijiao"', b'element="no:tijiao"'), "tijiao", "prefix no"),
        (BANJIAN.replace(b'element="tns:tijiao" name', b'type="tns:tijiao" name'), "tijiao", "not wrapped"),
        (BANJIAN.replace(b"xsd:sequence", b"xsd:choice"), "tijiao", "neither a sequence"),
    ],
)
def test_what_cannot_be_used(document: bytes, name: str, said: str) -> None:
    found = operation_of(document, name)
    assert isinstance(found, Unusable)
    assert said in found.reason


@pytest.mark.parametrize("cut", range(0, len(BANJIAN), 97))
def test_half_a_document_is_no_trouble(cut: int) -> None:
    assert isinstance(operation_of(BANJIAN[:cut], "tijiao"), Unusable)


SPLIT = {
    "service.wsdl": b"""<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/"
      xmlns:tns="urn:service" targetNamespace="urn:service">
    <import namespace="urn:abstract" location="parts/abstract.wsdl"/>
    <import namespace="urn:far" location="http://169.254.169.254/latest/meta-data"/>
    <binding name="B" type="a:P" xmlns:a="urn:abstract"><s:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
    <operation name="tijiao"><s:operation soapAction="urn:tijiao"/><input><s:body use="literal"/></input>
    <output><s:body use="literal"/></output></operation></binding>
    <service name="S"><port name="A" binding="tns:B"><s:address location="http://h/a"/></port></service></definitions>""",
    "parts/abstract.wsdl": b"""<wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:tns="urn:types"
      xmlns:own="urn:abstract" targetNamespace="urn:abstract" xmlns:x="http://www.w3.org/2001/XMLSchema">
    <wsdl:types><x:schema><x:import namespace="urn:types" schemaLocation="../types/one.xsd"/></x:schema></wsdl:types>
    <wsdl:message name="in"><wsdl:part name="p" element="tns:tijiao"/></wsdl:message>
    <wsdl:message name="out"><wsdl:part name="p" element="tns:tijiaoResponse"/></wsdl:message>
    <wsdl:portType name="P"><wsdl:operation name="tijiao"><wsdl:input message="own:in"/><wsdl:output message="own:out"/>
    </wsdl:operation></wsdl:portType></wsdl:definitions>""",
    "types/one.xsd": b"""<schema xmlns="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:types" targetNamespace="urn:types"
      elementFormDefault="qualified"><include schemaLocation="two.xsd"/><include schemaLocation="one.xsd"/>
    <element name="tijiao" type="t:Tijiao"/><element name="tijiaoResponse" type="t:Tijiao"/></schema>""",
    "types/two.xsd": b"""<schema xmlns="http://www.w3.org/2001/XMLSchema" elementFormDefault="qualified">
    <complexType name="Tijiao"><sequence><element name="sblsh" type="string"/></sequence></complexType></schema>""",
}


@pytest.fixture
def split(tmp_path: Path) -> Path:
    """A description in four files, each with prefixes of its own."""
    for name, body in SPLIT.items():
        file = tmp_path / "wsdl" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(body)
    return tmp_path / "wsdl" / "service.wsdl"


def whole(file: Path) -> Operation | Unusable:
    found = description_of(file)
    if isinstance(found, Unusable):
        return found
    return operation_of(found[0].body, "tijiao", imported=[(one.body, one.namespace) for one in found[1:]])


class TestImports:
    def test_what_lies_beside_it_is_read(self, split: Path) -> None:
        found = whole(split)

        assert isinstance(found, Operation), found
        assert (found.namespace, found.wrapper, found.response) == ("urn:types", "tijiao", "tijiaoResponse")
        assert found.parts == (Part("urn:types", "sblsh", required=True),)

    def test_another_client_reads_the_same_files_alike(self, split: Path) -> None:
        text = split.read_text().replace(
            '<import namespace="urn:far" location="http://169.254.169.254/latest/meta-data"/>', ""
        )
        split.write_text(text)
        client = zeep.Client(str(split))  # type: ignore[no-untyped-call]  # it has no types
        operation = client.service._binding.get("tijiao")
        found = whole(split)

        assert isinstance(found, Operation)
        assert operation.input.body.qname.text == f"{{{found.namespace}}}{found.wrapper}"
        assert [name for name, _ in operation.input.body.type.elements] == [part.name for part in found.parts]

    @pytest.mark.parametrize("gone", ["parts/abstract.wsdl", "types/one.xsd", "types/two.xsd"])
    def test_what_is_missing_is_named(self, split: Path, gone: str) -> None:
        (split.parent / gone).unlink()
        found = whole(split)

        assert isinstance(found, Unusable)
        assert "only files beside it or below are read" in found.reason

    @pytest.mark.parametrize(
        "address", ["../outside.xsd", "/etc/passwd", "%2e%2e/outside.xsd", "link.xsd", "file:///etc/passwd"]
    )
    def test_nothing_outside_its_folder_is_read(self, split: Path, address: str) -> None:
        outside = split.parent.parent / "outside.xsd"
        outside.write_bytes(SPLIT["types/two.xsd"])
        (split.parent / "types" / "link.xsd").symlink_to(outside)
        one = split.parent / "types" / "one.xsd"
        one.write_bytes(SPLIT["types/one.xsd"].replace(b'"two.xsd"', f'"{address}"'.encode()))
        (split.parent / "types" / "two.xsd").unlink()
        if address.startswith(".."):
            one.write_bytes(one.read_bytes().replace(b"../outside", b"../../outside"))
        found = description_of(split)

        assert not isinstance(found, Unusable)
        assert len(found) == 3
        assert isinstance(whole(split), Unusable)

    def test_there_are_bounds(self, split: Path) -> None:
        many = "".join(f'<include schemaLocation="n{n}.xsd"/>' for n in range(60))
        text = f'<schema xmlns="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:types">{many}</schema>'
        (split.parent / "types" / "one.xsd").write_text(text)
        for n in range(60):
            (split.parent / "types" / f"n{n}.xsd").write_bytes(SPLIT["types/two.xsd"])
        found = description_of(split)

        assert isinstance(found, Unusable)
        assert "more than 50 files" in found.reason

    def test_a_file_that_is_none(self, tmp_path: Path) -> None:
        assert isinstance(description_of(tmp_path), Unusable)
        assert isinstance(description_of(tmp_path / "nothing.wsdl"), Unusable)
