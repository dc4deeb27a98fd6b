# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The parser: what it takes, what it refuses and why, and that nothing makes it raise or dawdle."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.refusal import Refusal
from contracts.strict_json import MAX_DEPTH, canonical, parse
from tests.contracts.events import JSON_VALUES


def nested(depth: int, opening: bytes = b"[", closing: bytes = b"]") -> bytes:
    return opening * depth + closing * depth


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "E_EMPTY_BODY"),
        (b" \r\n\t", "E_EMPTY_BODY"),
        (b"\xef\xbb\xbf", "E_EMPTY_BODY"),
        (b"{", "E_JSON_MALFORMED"),
        (b"{'a':1}", "E_JSON_MALFORMED"),
        (b"[1,]", "E_JSON_MALFORMED"),
        (b"{} {}", "E_JSON_MALFORMED"),
        (b'{"a":01}', "E_JSON_MALFORMED"),
        (b'"\x01"', "E_JSON_MALFORMED"),
        (b'"\\x41"', "E_JSON_MALFORMED"),
        (b"// no comments\n1", "E_JSON_MALFORMED"),
        (b"\xef\xbb\xbf\xef\xbb\xbf{}", "E_JSON_MALFORMED"),
        (b'{"a":1,"a":2}', "E_JSON_DUPLICATE_KEY"),
        (b'{"a":1,"\\u0061":1}', "E_JSON_DUPLICATE_KEY"),
        (b'{"a":[{"b":{"c":1,"c":1}}]}', "E_JSON_DUPLICATE_KEY"),
        (b"NaN", "E_JSON_NUMBER"),
        (b'{"a":Infinity}', "E_JSON_NUMBER"),
        (b"[-Infinity]", "E_JSON_NUMBER"),
        (b"1e400", "E_JSON_NUMBER"),
        (b'{"a":[-1e400]}', "E_JSON_NUMBER"),
        (b"9223372036854775808", "E_JSON_NUMBER"),
        (b"[-9223372036854775809]", "E_JSON_NUMBER"),
        (b"9" * 5000, "E_JSON_NUMBER"),
        (nested(MAX_DEPTH + 1), "E_JSON_DEPTH"),
        (nested(100_000), "E_JSON_DEPTH"),
        (b'{"a":' * 65 + b"1" + b"}" * 65, "E_JSON_DEPTH"),
        ('{"姓名":"甲"}'.encode("gb18030"), "E_ENCODING"),
        ('{"a":1}'.encode("utf-16"), "E_ENCODING"),
        (b'"\xc0\x80"', "E_ENCODING"),
        (b'"\xed\xa0\x80"', "E_ENCODING"),
        (b'"\\ud800"', "E_ENCODING"),
        (b'"\\udc00"', "E_ENCODING"),
        (b'["\\ud800\\u0041"]', "E_ENCODING"),
    ],
)
def test_refuses(body: bytes, code: str) -> None:
    refusal = parse(body)

    assert isinstance(refusal, Refusal)
    assert refusal.code == code
    assert refusal.detail.zh
    assert refusal.detail.en


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"null", None),
        (b"\xef\xbb\xbf{}", {}),
        (b' {"a" : [ ] } ', {"a": []}),
        (b"9223372036854775807", 2**63 - 1),
        (b"-9223372036854775808", -(2**63)),
        (b"1.7976931348623157e308", 1.7976931348623157e308),
        (b"1e-400", 0.0),
        (b'"\\ud842\\udfb7 \\u0000"', "𠮷 \x00"),
    ],
)
def test_takes(body: bytes, value: object) -> None:
    assert parse(body) == value


def test_takes_depth_up_to_the_limit_and_not_beyond() -> None:
    assert isinstance(parse(nested(MAX_DEPTH)), list)
    assert isinstance(parse(nested(3), depth=3), list)
    assert isinstance(parse(nested(4), depth=3), Refusal)


def test_width_is_not_depth() -> None:
    assert parse(b"[" + b"[],{}," * 1000 + b"1]") == [[], {}] * 1000 + [1]


def test_says_where_but_never_what() -> None:
    refusal = parse(b'{\n "secret": 1,\n "secret": 2}')

    assert isinstance(refusal, Refusal)
    assert "line 3 column" in refusal.detail.en
    assert "secret" not in str(refusal)


@given(st.binary(max_size=400))
@settings(deadline=None, max_examples=300)
def test_no_bytes_make_it_raise(body: bytes) -> None:
    value = parse(body)

    assert isinstance(value, Refusal) or parse(canonical(value)) == value


@given(JSON_VALUES)
@settings(deadline=None, max_examples=150)
def test_agrees_with_another_parser_and_is_stable(value: object) -> None:
    written = json.dumps(value, ensure_ascii=True, indent=1).encode()

    parsed = parse(written)

    assert parsed == json.loads(written)
    assert canonical(parsed) == canonical(parse(canonical(parsed)))


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), st.integers(0, 9), max_size=8))
@settings(deadline=None, max_examples=50)
def test_the_order_of_keys_makes_no_difference(value: dict[str, int]) -> None:
    assert canonical(value) == canonical(dict(reversed(value.items())))


def test_canonical_is_sorted_compact_utf8() -> None:
    assert canonical({"b": "中", "a": [1, 2.0, None]}) == '{"a":[1,2.0,null],"b":"中"}'.encode()


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 4_000_000,
        b'{"a":' * 800_000,
        b"1" * 4_000_000,
        b"0." + b"1" * 4_000_000,
        b'"' + b"\\u0041" * 600_000,
        b"[" + b"1e400," * 600_000 + b"1]",
        b"\xff" * 4_000_000,
    ],
    ids=["arrays", "objects", "digits", "fraction", "escapes", "infinities", "not text"],
)
def test_four_megabytes_of_malice_take_little_time(body: bytes) -> None:
    began = time.process_time()

    assert parse(body) is not None

    assert time.process_time() - began < 2


MEMBERS = st.sampled_from(['"a"', '"b"', '"\\u0061"', '"乙"'])
ATOMS = st.sampled_from([
    *("0", "-0", "1", "1.0", "1E5", "1e400", "-1e400", "0.1", "-0.0", "1e-400", "5e-324"),
    *("9007199254740993", "9223372036854775807", "9223372036854775808", "18446744073709551615", "-9223372036854775809"),
    *('""', '"甲"', '"\\ud800"', '"\\ud842\\udfb7"', '"\\n"', '"\\u000a"', '"/"', '"\\/"', '"\x7f"', '"\\":"'),
    *("null", "true", "NaN", "01"),
])  # fmt: skip
TEXTS = st.recursive(
    ATOMS.map(lambda atom: [atom]),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda many: ["[", *_between(many), "]"])
        | st.lists(st.tuples(MEMBERS, inner), max_size=3).map(
            lambda many: ["{", *_between([[name, ":", *value] for name, value in many]), "}"]
        )
    ),
    max_leaves=8,
)


def _between(many: list[list[str]]) -> list[str]:
    return [token for index, one in enumerate(many) for token in (*([","] if index else []), *one)]


@given(TEXTS, st.integers(1, 5))
@settings(deadline=None, max_examples=400)
def test_white_space_changes_nothing_but_places(tokens: list[str], depth: int) -> None:
    """What is written without white space is read another way, and must be judged the same."""
    compact, spaced = parse("".join(tokens).encode(), depth=depth), parse(" \n".join(tokens).encode(), depth=depth)

    if isinstance(compact, Refusal) and isinstance(spaced, Refusal):
        assert compact.code == spaced.code
    else:
        assert repr(compact) == repr(spaced)


@pytest.mark.parametrize("around", [b"", b"\xef\xbb\xbf", b"\r\n\t "])
def test_many_shallow_objects_are_read(around: bytes) -> None:
    assert parse(around + canonical([{"a": []}] * 1000) + b"\n") == [{"a": []}] * 1000
