# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""From a record to a line: exactly as written down, and never two records with one text."""

import json
import subprocess
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from contracts.reconciling.agreed import Agreed, AgreedField, escaped, read_back
from contracts.reconciling.sm3 import sm3_hex

FIELDS = (
    AgreedField("result", ("decision",), {"accepted": "1", "refused": "2"}),
    AgreedField("accepted_on", ("decided_at",)),
    AgreedField("person", ("party", "name")),
)
AGREED = Agreed("cn.gov.acceptance.decided", 2, FIELDS, (AgreedField("step", ("step_no",)),))
RECORD = {
    "decision": "accepted",
    "decided_at": "2026-03-02T10:00:00+08:00",
    "party": {"name": "测试\t甲"},
    "step_no": 7,
}


def test_a_line_is_as_it_is_written_down() -> None:
    content = sm3_hex("accepted_on\t2026-03-02T10:00:00+08:00\nperson\t测试\\t甲\nresult\t1\n".encode())

    assert AGREED.content(RECORD) == content
    line = AGREED.key("A\\1", RECORD) + AGREED.rest(2, content)
    assert line == f"A\\\\1\t7\tcn.gov.acceptance.decided\t2\t{content}\n".encode()


def test_openssl_computes_the_same() -> None:
    text = b"accepted_on\t2026-03-02\n"
    told = subprocess.run(["openssl", "dgst", "-sm3"], input=text, check=True, capture_output=True).stdout.decode()

    assert sm3_hex(text) == told.split()[-1]


def test_no_value_is_null_empty_or_absent() -> None:
    bare = AGREED.content({"decision": "accepted"})

    assert AGREED.content({"decision": "accepted", "decided_at": None, "party": {"name": ""}}) == bare
    assert AGREED.content({"decision": "accepted", "party": "not an object"}) == bare
    assert AGREED.content({}) == sm3_hex(b"")


def test_without_fields_the_whole_record_counts_whatever_the_order_of_its_members() -> None:
    whole = Agreed("cn.gov.acceptance.decided", 2)
    turned = dict(reversed(RECORD.items()))

    as_python_writes_it = json.dumps(RECORD, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
    assert whole.content(RECORD) == whole.content(turned) == sm3_hex(as_python_writes_it)


def test_booleans_numbers_and_lists_have_one_text() -> None:
    agreed = Agreed("cn.gov.x", 1, (AgreedField("a", ("a",)),))

    def content(value: Any) -> str:
        return agreed.content({"a": value})

    yes = True
    assert content(yes) == content("true") == sm3_hex(b"a\ttrue\n")
    assert content(7) == content("7")
    assert content([{"b": 1, "a": "x"}]) == sm3_hex(b'a\t[{"a":"x","b":1}]\n')


def test_the_rule_tells_agreements_apart_and_not_the_order_of_their_fields() -> None:
    turned = Agreed(AGREED.contract, AGREED.version, FIELDS[::-1], AGREED.record)

    assert turned.rule == AGREED.rule
    assert Agreed(AGREED.contract, 1, FIELDS, AGREED.record).rule != AGREED.rule
    assert Agreed(AGREED.contract, 2, FIELDS[:2], AGREED.record).rule != AGREED.rule
    assert Agreed(AGREED.contract, 2, FIELDS, ()).rule != AGREED.rule


@given(st.text())
def test_escaping_can_be_read_back_and_leaves_lines_whole(text: str) -> None:
    told = escaped(text)

    assert read_back(told) == text
    assert not set("\t\n\r") & set(told)


@given(
    st.dictionaries(st.sampled_from("ab"), st.text(max_size=6)),
    st.dictionaries(st.sampled_from("ab"), st.text(max_size=6)),
)
def test_different_values_are_different_texts(one: dict[str, str], other: dict[str, str]) -> None:
    agreed = Agreed("cn.gov.x", 1, (AgreedField("a", ("a",)), AgreedField("b", ("b",))))
    said = [{name: value for name, value in each.items() if value} for each in (one, other)]

    assert (agreed.content(one) == agreed.content(other)) == (said[0] == said[1])
