# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a WSDL says of an operation, and why some cannot be used."""

from pathlib import Path

import pytest
from lxml import etree

from connectors.soap.envelope import request
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
