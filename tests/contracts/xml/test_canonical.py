# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Every contract as XML: to XML and back gives the same record, and what is wrong in XML is told as in JSON."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.catalogue import builtin
from contracts.contract import Checked, Contract
from contracts.dialects.encoding import Encoding
from contracts.refusal import Refusal
from contracts.xml.canonical import canonical_xml, from_canonical_xml, optional_arrays
from contracts.xml.parser import XSI
from tests.contracts.instances import CHARACTERS, canonical, canonical_instances

CONTRACTS = builtin().all()
IN_XML = CHARACTERS.filter(lambda character: character not in "\ufffe\uffff")
IN_GB2312 = st.sampled_from("甲乙丙测试市·—é0aZ&<>\"'\\　 ")
APPLICATION = builtin().versions("cn.gov.application.submitted")[0]


def read_again(contract: Contract, body: bytes, subject: str) -> Any:
    checked = contract.check(from_canonical_xml(contract, body), subject)
    assert isinstance(checked, Checked), checked
    return json.loads(checked.canonical)


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.schema_uri)
def test_every_example_comes_back(contract: Contract) -> None:
    for example in contract.examples:
        if example.valid:
            record = canonical(contract, example.data)
            for encoding in (Encoding.UTF_8, Encoding.GB18030):
                body = canonical_xml(contract, record, encoding)
                assert isinstance(body, bytes), body
                assert read_again(contract, body, record[contract.subject]) == record


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.schema_uri)
@settings(deadline=None, max_examples=8)
@given(data=st.data())
def test_every_record_comes_back(contract: Contract, data: st.DataObject) -> None:
    record = data.draw(canonical_instances(contract, IN_XML))

    body = canonical_xml(contract, record)

    if isinstance(body, Refusal):  # what a form holds is drawn from all of Unicode
        assert {violation.code for violation in body.violations} == {"E_V_CHARACTER"}
        return
    assert read_again(contract, body, record[contract.subject]) == record


@settings(deadline=None, max_examples=40)
@given(canonical_instances(APPLICATION, IN_GB2312))
def test_what_gb2312_has_goes_through_gb2312(record: dict[str, Any]) -> None:
    record.pop("form", None)

    body = canonical_xml(APPLICATION, record, Encoding.GB2312)

    assert isinstance(body, bytes)
    assert read_again(APPLICATION, body, record["case_no"]) == record


def application(**changes: Any) -> dict[str, Any]:
    example = next(example.data for example in APPLICATION.examples if example.valid)
    assert isinstance(example, dict)
    return canonical(APPLICATION, {**example, **changes})


def test_a_rare_character_that_gb2312_lacks_is_named() -> None:
    record = application(item_name="测试𠮷")

    refusal = canonical_xml(APPLICATION, record, Encoding.GB2312)

    assert isinstance(refusal, Refusal)
    assert [violation.path for violation in refusal.violations] == ["$.data.item_name"]
    assert "𠮷 (U+20BB7)" in refusal.violations[0].expected.en


def test_as_it_is_written() -> None:
    body = canonical_xml(APPLICATION, application())

    assert isinstance(body, bytes)
    assert body.decode().startswith(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<cn.gov.application.submitted xmlns="urn:govhub:contract:cn.gov.application.submitted:1">'
        "<case_no>510500-20260302-000001</case_no><region_code>510502</region_code>"
    )


def xml(inside: str) -> bytes:
    return f'<{APPLICATION.type} xmlns="{APPLICATION.schema_uri}">{inside}</{APPLICATION.type}>'.encode()


@pytest.mark.parametrize(
    ("inside", "data"),
    [
        ("", {}),
        ("<record_version> 007\n</record_version>", {"record_version": 7}),
        ("<record_version>+1</record_version>", {"record_version": 1}),
        ("<record_version>1.0</record_version>", {"record_version": "1.0"}),
        ("<record_version>٣</record_version>", {"record_version": "٣"}),
        ("<record_version><x/></record_version>", {"record_version": {"x": ""}}),
        (f"<record_version>{'9' * 5000}</record_version>", {"record_version": "9" * 5000}),
        ("<applied_at> 2026-03-02T09:05:00Z </applied_at>", {"applied_at": "2026-03-02T09:05:00Z"}),
        ("<item_name> 甲 </item_name>", {"item_name": " 甲 "}),
        ("<item_name>甲</item_name><item_name>乙</item_name>", {"item_name": ["甲", "乙"]}),
        ("<applicant>\n</applicant>", {"applicant": {}}),
        ("<applicant>甲</applicant>", {"applicant": "甲"}),
        ("<materials/>", {"materials": [{}]}),
        ("<materials><collected> 1</collected></materials>", {"materials": [{"collected": True}]}),
        ("<materials><collected>yes</collected></materials>", {"materials": [{"collected": "yes"}]}),
        ("<unknown>x</unknown>", {"unknown": "x"}),
        (f'<item_name xmlns:i="{XSI}" i:nil="true"/>', {}),
    ],
)
def test_reads_what_stands_there_and_guesses_nothing(inside: str, data: object) -> None:
    assert from_canonical_xml(APPLICATION, xml(inside)) == data


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        ("<itemName>x</itemName>", ("E_V_UNKNOWN_FIELD", "$.data.itemName")),
        ("<record_version>x</record_version>", ("E_V_TYPE", "$.data.record_version")),
        ("<applicant><type>1</type></applicant>", ("E_V_MISSING", "$.data.applicant.name")),
        ("<materials/><materials><name>x</name></materials>", ("E_V_MISSING", "$.data.materials[0].name")),
    ],
)
def test_what_is_wrong_is_told_as_in_json(inside: str, expected: tuple[str, str]) -> None:
    data = from_canonical_xml(APPLICATION, xml(inside))
    assert not isinstance(data, Refusal)

    found = APPLICATION.check(data, "x")

    assert isinstance(found, tuple)
    assert expected in {(violation.code, violation.path) for violation in found}


@pytest.mark.parametrize(
    "body",
    [
        b"<a/>",
        b'<cn.gov.application.submitted xmlns="urn:govhub:contract:cn.gov.application.submitted:9"/>',
        b"<cn.gov.application.submitted/>",
        b'<x xmlns="urn:govhub:contract:cn.gov.application.submitted:1"/>',
    ],
)
def test_another_root_is_refused(body: bytes) -> None:
    refusal = from_canonical_xml(APPLICATION, body)

    assert isinstance(refusal, Refusal)
    assert refusal.code == "E_XML_NAMESPACE"


def test_an_empty_array_that_may_be_absent_is_not_absent() -> None:
    contract = builtin().versions("cn.gov.reconciliation.declared")[-1]
    assert optional_arrays(contract.model) >= {"entries"}
    empty = next(one.data for one in contract.examples if one.valid and one.data.get("entries") == [])
    record = canonical(contract, empty)

    body = canonical_xml(contract, record)

    assert isinstance(body, bytes)
    assert b'xsi:nil="true"/>' in body
    assert read_again(contract, body, record["manifest_no"])["entries"] == []
