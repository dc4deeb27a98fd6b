# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The XML parser: what it takes, what it refuses and where, and that nothing makes it raise, dawdle or remember."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from contracts.dialects.encoding import Encoding
from contracts.refusal import Refusal
from contracts.refusal_codes import CODES
from contracts.xml.parser import MAX_ATTRIBUTES, MAX_BYTES, MAX_DEPTH, MAX_MARKUP, Parsed, parse

XSI = b'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
BILLION = b"""<?xml version="1.0"?>
<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>
<r>&c;</r>"""


def gb(text: str, declared: str = "GB2312") -> bytes:
    return f'<?xml version="1.0" encoding="{declared}"?>\n{text}'.encode("gb18030")


def nested(depth: int) -> bytes:
    return b"<a>" * depth + b"</a>" * depth


REFUSED = [
    (b"", "E_EMPTY_BODY", None),
    (b" \r\n\t", "E_EMPTY_BODY", None),
    (b"\xef\xbb\xbf", "E_EMPTY_BODY", None),
    (b"<a>", "E_XML_MALFORMED", (1, 4)),
    (b"<a>\n<b></a></b>", "E_XML_MALFORMED", (2, 6)),
    (b"<a/><b/>", "E_XML_MALFORMED", (1, 5)),
    (b"text", "E_XML_MALFORMED", (1, 1)),
    (b"<a>\x01</a>", "E_XML_MALFORMED", (1, 4)),
    (b"<a>&#0;</a>", "E_XML_MALFORMED", (1, 4)),
    (b"<a>&#xD800;</a>", "E_XML_MALFORMED", (1, 4)),
    (b"<a>\xef\xbf\xbe</a>", "E_XML_MALFORMED", (1, 4)),
    (b"<a>]]></a>", "E_XML_MALFORMED", (1, 6)),
    (b"<x:a/>", "E_XML_MALFORMED", (1, 1)),
    (b' <?xml version="1.0"?><a/>', "E_XML_MALFORMED", (1, 2)),
    (b'<?xml version="1.1"?><a/>', "E_XML_MALFORMED", (1, 1)),
    (b'<?xml encoding="UTF-8"?><a/>', "E_XML_MALFORMED", (1, 1)),
    (BILLION, "E_XML_DOCTYPE", (2, 1)),
    (b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd"><a/>', "E_XML_DOCTYPE", (1, 1)),
    (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>', "E_XML_DOCTYPE", (1, 1)),
    (b"<!-- x -->\n  <!DOCTYPE a><a/>", "E_XML_DOCTYPE", (2, 3)),
    (b"<a><![CDATA[<!DOCTYPE a>]]></a>", "E_XML_DOCTYPE", (1, 13)),
    (b"<a>\n &nbsp;</a>", "E_XML_ENTITY", (2, 2)),
    (b"<a><?php x?></a>", "E_XML_INSTRUCTION", (1, 4)),
    (b'<?xml-stylesheet href="x"?><a/>', "E_XML_INSTRUCTION", (1, 1)),
    (b"<a>\n<b>1<!-- -->2</b></a>", "E_XML_COMMENT", (2, 5)),
    (b"<a><b><!-- -->2</b></a>", "E_XML_COMMENT", (1, 7)),
    (b"<a><b>2<!-- --></b></a>", "E_XML_COMMENT", (1, 8)),
    (b'<a>\n <b id="1"/></a>', "E_XML_ATTRIBUTE", (2, 2)),
    (b'<a id="1"/>', "E_XML_ATTRIBUTE", (1, 1)),
    (b'<a xml:lang="zh"/>', "E_XML_ATTRIBUTE", (1, 1)),
    (b"<a " + XSI + b'><b xsi:nil="true">1</b></a>', "E_XML_ATTRIBUTE", (1, 58)),
    (b"<a " + XSI + b'><b xsi:nil="yes"/></a>', "E_XML_ATTRIBUTE", (1, 58)),
    (b"<a " + XSI + b'><b xsi:type="t"/></a>', "E_XML_ATTRIBUTE", (1, 58)),
    (b"<a>text<b/></a>", "E_XML_MIXED", (1, 1)),
    (b"<a>\n<b><c/>text</b></a>", "E_XML_MIXED", (2, 1)),
    (b"<a><b/>\n<c><b/></c>text</a>", "E_XML_MIXED", (1, 1)),
    (b"<a>text</a>", "E_XML_MIXED", (1, 1)),
    (b"<a><b>1</b>\n<b>2</b></a>", "E_XML_REPEATED", (2, 1)),
    (b"<a><b/><b/></a>", "E_XML_REPEATED", (1, 8)),
    (b"<a><b>1</b><b><c/></b></a>", "E_XML_REPEATED", (1, 12)),
    (b'<a><b xmlns="u"/></a>', "E_XML_NAMESPACE", (1, 4)),
    (b'<a xmlns="u"><b xmlns=""/></a>', "E_XML_NAMESPACE", (1, 14)),
    (b'<a xmlns="u" xmlns:p="v"><p:b/></a>', "E_XML_NAMESPACE", (1, 26)),
    (b'<p:a xmlns:p="v"><b/></p:a>', "E_XML_NAMESPACE", (1, 18)),
    (nested(MAX_DEPTH + 1), "E_XML_DEPTH", (1, 3 * MAX_DEPTH + 1)),
    (b"<a>" * 40_000 + b"</a>" * 40_000, "E_XML_DEPTH", (1, 3 * MAX_DEPTH + 1)),
    (b"<a/>" * (MAX_MARKUP + 1), "E_XML_LIMIT", None),
    (b"<a" + b' b=""' * (MAX_ATTRIBUTES + 1) + b"/>", "E_XML_LIMIT", None),
    (b"<a>" + b" " * MAX_BYTES + b"</a>", "E_XML_LIMIT", None),
    ("<a/>".encode("utf-16"), "E_XML_ENCODING", None),
    ("<a/>".encode("utf-16-le"), "E_XML_ENCODING", None),
    ("<a/>".encode("utf-16-be"), "E_XML_ENCODING", None),
    ("<a/>".encode("utf-32"), "E_XML_ENCODING", None),
    ("<a/>".encode("utf-32-be"), "E_XML_ENCODING", None),
    (b'<?xml version="1.0" encoding="UTF-16"?><a/>', "E_XML_ENCODING", None),
    (b'<?xml version="1.0" encoding="UTF-7"?><a/>', "E_XML_ENCODING", None),
    (b'<?xml version="1.0" encoding="latin1"?><a/>', "E_XML_ENCODING", None),
    (b'\xef\xbb\xbf<?xml version="1.0" encoding="GB2312"?><a/>', "E_XML_ENCODING", None),
    ("<a>\n测试</a>".encode("gb18030"), "E_XML_ENCODING", (2, 1)),
    (b"<a>\xed\xa0\x80</a>", "E_XML_ENCODING", (1, 4)),
    ('<?xml version="1.0" encoding="GB2312"?>\n<a>测试</a>'.encode(), "E_XML_ENCODING", None),
    (gb("<a>测\r\n甲") + b"\xff</a>", "E_XML_ENCODING", (3, 2)),
]


@pytest.mark.parametrize(("body", "code", "place"), REFUSED)
def test_refuses_with_code_and_place(body: bytes, code: str, place: tuple[int, int] | None) -> None:
    refusal = parse(body)

    assert isinstance(refusal, Refusal)
    assert refusal.code == code
    assert code in CODES
    found = re.search(r"line (\d+) column (\d+)", refusal.detail.en)
    assert (found and (int(found[1]), int(found[2]))) == place
    assert refusal.detail.zh


@pytest.mark.parametrize(
    ("body", "content"),
    [
        (b"<a/>", {}),
        (b"<a><b/></a>", {"b": ""}),
        (b"<a>\n  <b> x\ty\n</b>\n</a>\n", {"b": " x\ty\n"}),
        (b"<a><b>x\r\ny\rz&#13;</b></a>", {"b": "x\ny\nz\r"}),
        (b"<a><b>&lt;&amp;&gt;&apos;&quot;&#20013;&#x20BB7;</b></a>", {"b": "<&>'\"中𠮷"}),
        (b"<a><b>x<![CDATA[<c>&amp;]]>y</b></a>", {"b": "x<c>&amp;y"}),
        (b"<a><b><![CDATA[<?xml version='1.0'?><!-- x -->]]></b></a>", {"b": "<?xml version='1.0'?><!-- x -->"}),
        (b"<!-- x --><a><!-- x --><b>1</b> <!-- x --> </a><!-- x -->", {"b": "1"}),
        (b"<a><g><x>1</x></g><g/><g> </g><g><x>2</x></g></a>", {"g": [{"x": "1"}, {}, {}, {"x": "2"}]}),
        (b"<a><g/><g><x>1</x></g></a>", {"g": [{}, {"x": "1"}]}),
        (b"<a><g><x>1</x></g><h>2</h><g><x>3</x></g></a>", {"g": [{"x": "1"}, {"x": "3"}], "h": "2"}),
        (b"<a " + XSI + b' xsi:schemaLocation="u v"><b xsi:nil="true"/><c xsi:nil="0">1</c></a>', {"c": "1"}),
        (b'<a xmlns="u"><b>x = "y"</b></a>', {"b": 'x = "y"'}),
        (b'<p:a xmlns:p="u"><p:b>1</p:b></p:a>', {"b": "1"}),
        ("<包><姓名>甲</姓名></包>".encode(), {"姓名": "甲"}),
        (b'\xef\xbb\xbf<?xml version="1.0" encoding="utf-8" standalone="yes" ?><a><b>1</b></a>', {"b": "1"}),
        (gb("<a><b>买买提·𠮷镕</b></a>"), {"b": "买买提·𠮷镕"}),
        (gb("<a><b>一</b></a>", "GBK"), {"b": "一"}),
    ],
)
def test_takes(body: bytes, content: object) -> None:
    parsed = parse(body)

    assert isinstance(parsed, Parsed)
    assert parsed.content == content


def test_takes_depth_up_to_the_limit() -> None:
    assert isinstance(parse(nested(MAX_DEPTH)), Parsed)


@pytest.mark.parametrize(
    ("charset", "declared", "code"),
    [
        ("utf-8", "UTF-8", None),
        ("gb18030", "GB2312", None),
        ("GBK", "GB18030", None),
        ("utf-8", "GB2312", "E_XML_ENCODING"),
        ("gb2312", "UTF-8", "E_XML_ENCODING"),
        ("utf-16", "UTF-8", "E_XML_ENCODING"),
    ],
)
def test_charset_and_declaration_must_agree(charset: str, declared: str, code: str | None) -> None:
    body = f'<?xml version="1.0" encoding="{declared}"?><a><b>x</b></a>'.encode()

    parsed = parse(body, charset)

    assert (parsed.code if isinstance(parsed, Refusal) else None) == code


def test_charset_stands_for_a_missing_declaration() -> None:
    parsed = parse("<a><b>测试甲</b></a>".encode("gb18030"), "gb18030")

    assert isinstance(parsed, Parsed)
    assert (parsed.content, parsed.encoding) == ({"b": "测试甲"}, Encoding.GB18030)


def test_the_namespace_may_be_required() -> None:
    body = b'<a xmlns="urn:x"><b>1</b></a>'

    for namespace in (None, "urn:x"):
        assert parse(body, namespace=namespace) == Parsed("a", "urn:x", {"b": "1"}, Encoding.UTF_8)
    for other in ("", "urn:y"):
        refusal = parse(body, namespace=other)
        assert isinstance(refusal, Refusal)
        assert refusal.code == "E_XML_NAMESPACE"


def test_texts_repeat_where_they_may() -> None:
    parsed = parse(b"<a><b>1</b><b/><b>2</b></a>", repeated_texts=True)

    assert isinstance(parsed, Parsed)
    assert parsed.content == {"b": ["1", "", "2"]}


def test_no_refusal_repeats_anything() -> None:
    secret = "Geheim"
    bodies = [body.replace(b"text", secret.encode()) for body, _, _ in REFUSED if len(body) < 500]
    bodies += [f"<{secret}>&{secret};</{secret}>".encode(), f'<a {secret}="{secret}"/>'.encode(), secret.encode()]
    bodies += [f'<?xml version="1.0" encoding="{secret}"?><a/>'.encode(), f"<a>{secret}<b/></a>".encode()]

    assert [body for body in bodies if secret in str(parse(body))] == []


@pytest.mark.parametrize(
    "body",
    [
        nested(50_000),
        b"<a>" * 99_999,
        b"<a" + b" b=''" * 500_000,
        b"<a " + b" ".join(b'a%d=""' % n for n in range(300_000)) + b"/>",
        b"<a " + b" ".join(b'xmlns:a%d="u"' % n for n in range(990)) + b"/>",
        b"<a>" + b"<!--" * 24_000,
        b"<a>" + b"<![CDATA[" * 24_000,
        b"<a>" + b"&#65;" * 700_000 + b"</a>",
        b"<a>" + b"<b>" + b"x" * 4_000_000 + b"</b></a>",
        b"<" + b"a" * 4_000_000 + b"/>",
        b"<a>" + b"<b/>" * 90_000 + b"</a>",
        b"<!DOCTYPE a [" + b"<!ENTITY x 'y'>" * 200_000,
        b"\xff" * 4_000_000,
        b'<?xml version="1.0" encoding="GB18030"?><a>' + b"\x81\x30" * 1_900_000,
        b"<a>" + b"\r" * 4_000_000 + b"</b>",
        b"<?" + b" " * 4_000_000,
        b'<?xml version="1.0"' + b" " * 4_000_000,
    ],
    ids=lambda body: repr(body[:20]),
)
def test_megabytes_of_malice_take_little_time(body: bytes) -> None:
    began = time.process_time()

    parse(body)

    assert time.process_time() - began < 1


@given(st.binary(max_size=300))
@settings(deadline=None, max_examples=200)
def test_no_bytes_make_it_raise(body: bytes) -> None:
    assert isinstance(parse(body), Refusal | Parsed)


PIECES = st.sampled_from([
    b"<a>", b"</a>", b"<b/>", b"x", b" ", b"&amp;", b"&#13;", b"&x;", b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<?x ?>", b"=",
    b'<a b="c">', b'<a xmlns="u">', b'<p:a xmlns:p="u">', b"</p:a>", b"<!DOCTYPE a>", b"<?xml version='1.0'?>", b"\xe7\x94\xb2",
    b"\xb2\xe2", b"\xff", b"<?xml version='1.0' encoding='GB2312'?>", b"\xef\xbb\xbf", b"\x00", b"<a>", b"</a>",
])  # fmt: skip


@given(st.lists(PIECES, max_size=16).map(b"".join), st.sampled_from([None, "utf-8", "gb18030", "x"]))
@settings(deadline=None, max_examples=300)
def test_what_it_takes_libxml2_reads_alike(body: bytes, charset: str | None) -> None:
    """Differential: whatever our parser takes, the parser of other makers takes, and sees the same texts."""
    parsed = parse(body, charset)

    if isinstance(parsed, Parsed) and parsed.encoding is Encoding.UTF_8:
        root = etree.fromstring(body, etree.XMLParser(encoding="utf-8", remove_comments=True))
        assert etree.QName(root).localname == parsed.name
        texts = [text for element in root.iter() if not len(element) for text in [element.text or ""]]
        assert sorted(texts) == sorted(_texts(parsed.content) or [""])


def _texts(content: object) -> list[str]:
    match content:
        case str():
            return [content]
        case dict():
            return [text for value in content.values() for text in _texts(value)] if content else [""]
        case list():
            return [text for value in content for text in _texts(value)]
        case _:
            raise AssertionError(content)


def test_no_document_is_remembered() -> None:
    """Why not lxml: it keeps every name of every document until its thread ends."""
    import tracemalloc  # noqa: PLC0415  # because it slows down what runs after its import

    def document(number: int) -> bytes:
        return b"<r>" + b"".join(b"<n%dx%d%s/>" % (number, at, b"y" * 200) for at in range(200)) + b"</r>"

    for number in range(3):
        parse(document(number), repeated_texts=True)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for number in range(3, 60):
            parse(document(number), repeated_texts=True)
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()

    assert grown < 100_000  # the documents have 2.5 MB
