# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Documents as XML: what is written is read again exactly, by us and by others, or refused with field and character."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from contracts.dialects.document import Document
from contracts.dialects.encoding import Encoding
from contracts.refusal import Refusal
from contracts.xml.carrier import read, write
from contracts.xml.text import is_name

TEXTS = st.text(
    st.sampled_from(" \t\n\r<>&'\"]测试·—")
    | st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")
)
NAMES = st.sampled_from(["SQRMC", "办件编号", "a.b-c_1", "x", "y"])


def fields(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(NAMES, inner, min_size=1, max_size=4)


FIELDS = fields(
    st.recursive(TEXTS, lambda inner: fields(inner) | st.lists(fields(inner), min_size=2, max_size=3), max_leaves=8)
)
DOCUMENTS = st.builds(Document, NAMES, FIELDS)


@given(DOCUMENTS, st.sampled_from([Encoding.UTF_8, Encoding.GB18030]), st.sampled_from(["", "urn:x", 'a"<&>\t']))
@settings(deadline=None, max_examples=200)
def test_what_is_written_is_read(document: Document, encoding: Encoding, namespace: str) -> None:
    body = write(document, encoding, namespace)

    if isinstance(body, Refusal):  # GB18030 lacks 18 characters
        assert encoding is Encoding.GB18030
        return
    assert read(body) == document
    assert read(body, encoding.value, namespace=namespace.replace("\t", "\t")) == document


@given(DOCUMENTS)
@settings(deadline=None, max_examples=60)
def test_others_read_the_same(document: Document) -> None:
    body = write(document)
    assert isinstance(body, bytes)

    assert _content(etree.fromstring(body)) == document.fields


def _content(element: Any) -> Any:
    if not len(element):
        return element.text or ""
    held: dict[str, Any] = {}
    for child in element:
        held.setdefault(child.tag, []).append(_content(child))
    return {name: values[0] if len(values) == 1 else values for name, values in held.items()}


def test_as_it_is_written() -> None:
    document = Document("包", {"A": "1 < 2\r", "G": {"B": ""}, "L": [{"C": "x"}, {"C": "y"}], "N": []})

    assert (
        write(document, namespace="urn:x")
        == (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<包 xmlns="urn:x"><A>1 &lt; 2&#13;</A><G><B></B></G><L><C>x</C></L><L><C>y</C></L></包>'
        ).encode()
    )


def test_the_declaration_is_true() -> None:
    body = write(Document("a", {"姓名": "买买提·甲"}), Encoding.GB2312)

    assert body == '<?xml version="1.0" encoding="GB2312"?>\n<a><姓名>买买提·甲</姓名></a>'.encode("gbk")


def test_a_character_without_a_code_is_named_with_its_field() -> None:
    document = Document("a", {"A": "ok", "G": [{"姓名": "甲"}, {"姓名": "测试𠮷"}], "Z": "镕"})

    refusal = write(document, Encoding.GB2312)

    assert isinstance(refusal, Refusal)
    assert refusal.code == "E_CHARACTER"
    assert [(v.code, v.path) for v in refusal.violations] == [
        ("E_V_CHARACTER", "$.G[1].姓名"),
        ("E_V_CHARACTER", "$.Z"),
    ]
    assert "𠮷 (U+20BB7)" in refusal.violations[0].expected.zh
    assert "character 3" in refusal.violations[0].expected.en
    assert "测试" not in str(refusal)


@pytest.mark.parametrize("character", ["\x00", "\x08", "\x0b", "\x1f", "\ufffe", "\uffff", "\ud800"])
@pytest.mark.parametrize("encoding", Encoding)
def test_what_xml_has_not_is_refused(character: str, encoding: Encoding) -> None:
    refusal = write(Document("a", {"A": "ok", "B": f"甲{character}"}), encoding)

    assert isinstance(refusal, Refusal)
    assert [(v.code, v.path) for v in refusal.violations] == [("E_V_CHARACTER", "$.B")]
    assert f"U+{ord(character):04X}" in refusal.violations[0].expected.en


def test_a_name_that_is_none_is_a_bug() -> None:
    assert not is_name("1a")
    with pytest.raises(ValueError, match="no name of an XML element"):
        write(Document("a", {"a b": ""}))


def test_a_refused_body_is_no_document() -> None:
    refusal = read(b"<a>x<b/></a>")

    assert isinstance(refusal, Refusal)
    assert refusal.code == "E_XML_MIXED"
