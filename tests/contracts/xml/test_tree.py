# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""XML of protocols: attributes and namespaces are read, and nothing that hurts a reader is."""

import time
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from contracts.refusal import Refusal
from contracts.xml.tree import Tree, local, namespace, parse_tree, serialised, undeclared

DOCUMENT = b"""<?xml version="1.0" encoding="UTF-8"?>
<a:x xmlns:a="urn:a" xmlns:b="urn:b" k="1"><!-- between --><b:y b:z="2">t &lt; &#x3400;</b:y><c xmlns:a="urn:other"/></a:x>"""


def test_a_document() -> None:
    tree = parse_tree(DOCUMENT)
    assert isinstance(tree, Tree)
    first, second = tree.root
    assert (local(tree.root), namespace(tree.root), tree.root.get("k")) == ("x", "urn:a", "1")
    assert (first.tag, first.text, first.get("{urn:b}z")) == ("{urn:b}y", "t < 㐀", "2")
    assert (local(second), namespace(second)) == ("c", "")
    assert tree.prefixes == {"b": "urn:b"}, "a stands for two namespaces, so it stands for none"


def test_an_element_is_a_document_of_its_own() -> None:
    tree = parse_tree(DOCUMENT)
    assert isinstance(tree, Tree)
    again = parse_tree(serialised(tree.root[0]))
    assert isinstance(again, Tree)
    assert (again.root.tag, again.root.text, again.root.get("{urn:b}z")) == ("{urn:b}y", "t < 㐀", "2")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "E_XML_DOCTYPE"),
        (b'<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1:9/">%x;]><a/>', "E_XML_DOCTYPE"),
        (b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a/>', "E_XML_DOCTYPE"),
        (
            b'<!DOCTYPE a [<!ENTITY b "' + b"x" * 1000 + b'"><!ENTITY c "' + b"&b;" * 10_000 + b'">]><a>&c;</a>',
            "E_XML_DOCTYPE",
        ),
        (b"<a>&nothing;</a>", "E_XML_ENTITY"),
        (b"<?xml-stylesheet href='http://127.0.0.1:9/'?><a/>", "E_XML_INSTRUCTION"),
        (b"<a>" * 49_000 + b"</a>" * 49_000, "E_XML_DEPTH"),
        (b"<a>" * 200_000, "E_XML_LIMIT"),
        (b"<a" + b"".join(b" b%d='c'" % n for n in range(200_000)) + b"/>", "E_XML_LIMIT"),
        (b"<a>" + b"x" * (5 * 2**20) + b"</a>", "E_XML_LIMIT"),
        (b"<?xml version='1.0' encoding='UTF-7'?><a>+ADw-</a>", "E_XML_ENCODING"),
        ("<?xml version='1.0' encoding='UTF-16'?><a/>".encode("utf-16"), "E_XML_ENCODING"),
        (b"<?xml version='1.1'?><a/>", "E_XML_MALFORMED"),
        (b"<a b='1' b='2'/>", "E_XML_MALFORMED"),
        (b"<a><b></a>", "E_XML_MALFORMED"),
        (b"<p:a/>", "E_XML_MALFORMED"),
        (b"", "E_EMPTY_BODY"),
    ],
    ids=range(17),
)
def test_what_hurts_is_refused_and_costs_little(body: bytes, code: str) -> None:
    tracemalloc.start()
    began = time.process_time()
    refused = parse_tree(body)
    took, (_, most) = time.process_time() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert isinstance(refused, Refusal)
    assert refused.code == code
    assert took < 2.0, "with the tracer on; 0.2 s without"
    assert most < 64 * 2**20


def test_what_points_elsewhere_is_just_text() -> None:
    """XInclude and schemaLocation mean nothing to the reader: it asks nobody."""
    body = (
        b'<a xmlns:xi="http://www.w3.org/2001/XInclude" xmlns:s="http://www.w3.org/2001/XMLSchema-instance" '
        b's:schemaLocation="urn:a http://127.0.0.1:9/a.xsd"><xi:include href="file:///etc/passwd" parse="text"/></a>'
    )
    tree = parse_tree(body)
    assert isinstance(tree, Tree)
    assert tree.root[0].get("href") == "file:///etc/passwd"
    assert len(tree.root[0]) == 0


def test_a_text_that_was_a_document_loses_its_declaration() -> None:
    assert undeclared('\ufeff <?xml version="1.0" encoding="GBK"?>\n<a>办</a>') == "<a>办</a>".encode()
    assert undeclared("plain") == b"plain"


@given(st.binary(max_size=300) | st.text("<>/!?[]&;ax='\" ", max_size=60).map(str.encode))
def test_any_bytes(body: bytes) -> None:
    tree = parse_tree(body)
    if isinstance(tree, Tree):
        assert etree.fromstring(serialised(tree.root)) is not None
