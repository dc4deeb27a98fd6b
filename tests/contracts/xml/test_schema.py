# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The XSD of every contract, held to two validators of different makers and to the contract itself."""

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from contracts import forms
from contracts.catalogue import builtin
from contracts.contract import Contract
from contracts.xml.canonical import canonical_xml
from contracts.xml.patterns import xsd_pattern
from contracts.xml.schema import xsd
from contracts.xml.text import escaped, quoted
from tests.contracts.instances import CHARACTERS, canonical, canonical_instances
from tests.contracts.xml.validators import Validators

CONTRACTS = builtin().all()
SAYS_MORE = {"E_V_RULE", "E_V_TYPE"}
"""What XSD 1.0 does not see: rules between fields, and whether JSON had a number or a string."""

IN_XML = CHARACTERS.filter(lambda character: character not in "\ufffe\uffff")
XS = "{http://www.w3.org/2001/XMLSchema}"


VALIDATORS = {contract.schema_uri: Validators(xsd(contract)) for contract in CONTRACTS}


def as_xml(contract: Contract, data: Any) -> bytes:
    """Any data as XML, wrong data too, in the order of the model."""
    order = [*contract.model.model_fields, *data]
    inside = "".join(element(name, data[name]) for name in sorted(data, key=order.index))
    return f"<{contract.type} xmlns={quoted(contract.schema_uri)}>{inside}</{contract.type}>".encode()


def element(name: str, value: Any) -> str:
    match value:
        case dict():
            inside = "".join(element(inner, one) for inner, one in value.items())
        case list():
            return "".join(element(name, one) for one in value)
        case bool():
            inside = str(value).lower()
        case _:
            inside = escaped(str(value))
    return f"<{name}>{inside}</{name}>"


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.schema_uri)
def test_examples(contract: Contract) -> None:
    validators = VALIDATORS[contract.schema_uri]
    for example in contract.examples:
        if example.valid:
            body = canonical_xml(contract, canonical(contract, example.data))
            assert isinstance(body, bytes)
            assert validators.take(body), example.name
        elif not {code for code, _ in example.expect} <= {*SAYS_MORE, "E_V_LENGTH"}:
            assert not validators.take(as_xml(contract, example.data)), example.name


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.schema_uri)
@settings(deadline=None, max_examples=4)
@given(data=st.data())
def test_takes_every_record(contract: Contract, data: st.DataObject) -> None:
    body = canonical_xml(contract, data.draw(canonical_instances(contract, IN_XML)))

    if isinstance(body, bytes):
        assert VALIDATORS[contract.schema_uri].take(body)


APPLICATION = builtin().versions("cn.gov.application.submitted")[0]
VALID = next(example.data for example in APPLICATION.examples if example.valid)


@pytest.mark.parametrize(
    "changes",
    [
        {"case_no": ""},
        {"case_no": " "},
        {"case_no": "1" * 51},
        {"case_no": "1\n2"},
        {"case_type": "7"},
        {"region_code": "5105"},
        {"region_code": "510502\n"},
        {"applied_at": "2026-03-02T09:05:00"},
        {"applied_at": "1898-12-31T23:59:59Z"},
        {"applied_at": "2201-01-01T00:00:00Z"},
        {"applied_at": "2026-03-02T24:00:00Z"},
        {"record_version": 0},
        {"record_version": 10_000},
        {"record_version": "x"},
        {"unknown": "x"},
        {"materials": [{"name": "x", "collected": "yes"}]},
        {"materials": [{"name": "x"}] * 201},
        {"materials": [{"size": 1}]},
        {"applicant": {"type": "1"}},
    ],
    ids=str,
)
def test_says_what_json_schema_says(changes: dict[str, Any]) -> None:
    assert isinstance(VALID, dict)
    assert VALIDATORS[APPLICATION.schema_uri].take(as_xml(APPLICATION, VALID))

    changed = {**VALID, **changes}

    assert isinstance(APPLICATION.check(changed, changed["case_no"]), tuple)
    assert not VALIDATORS[APPLICATION.schema_uri].take(as_xml(APPLICATION, changed))


def test_titles_meanings_and_codes_are_said() -> None:
    root = etree.fromstring(xsd(APPLICATION))

    assert root.get("targetNamespace") == APPLICATION.schema_uri
    said = {text.text for text in root.iter(f"{XS}documentation")}
    assert {"办件编号", "申请者名称", "Name of the applicant", "承诺件", "自然人"} <= said
    assert any(text.startswith("规则：digest, size, media_type") for text in said if text)
    names = [one.get("name") for one in root if one.get("name")]
    assert len(names) == len(set(names))
    assert {"Applicant", "Material", "Channel", "Line50", "Region", "Moment"} <= set(names)


PATTERNS = sorted({value for name, value in vars(forms).items() if name.isupper() and isinstance(value, str)})


def pattern_schema(pattern: str) -> bytes:
    value = quoted(xsd_pattern(pattern))
    return (
        f'<xs:schema xmlns:xs="{XS[1:-1]}"><xs:element name="a"><xs:simpleType><xs:restriction base="xs:string">'
        f"<xs:pattern value={value}/></xs:restriction></xs:simpleType></xs:element></xs:schema>"
    ).encode()


@pytest.mark.parametrize("pattern", [*PATTERNS, "x", "a|b", r"^a\$", r"^[\x00-\x1f\]\-^]+$", r"^(?:a|\u4e2d){1,2}\\$"])
@settings(deadline=None, max_examples=40)
@given(data=st.data())
def test_patterns_mean_the_same(pattern: str, data: st.DataObject) -> None:
    validators = PATTERN_VALIDATORS.setdefault(pattern, Validators(pattern_schema(pattern)))
    near = st.from_regex(pattern, fullmatch=pattern.startswith("^"), alphabet=IN_DOCUMENTS)
    far = st.text(st.sampled_from("aA0.-_ \t\n\r\x7f/:?x$^\\]中"), max_size=6)
    text = data.draw(near | far)

    assert validators.take(f"<a>{escaped(text)}</a>".encode()) == _fits(pattern, text)


PATTERN_VALIDATORS: dict[str, Validators] = {}
IN_DOCUMENTS = st.characters(exclude_categories=["Cs"], exclude_characters="".join(
    [*map(chr, range(9)), "\x0b", "\x0c", *map(chr, range(0x0E, 0x20)), "\ufffe", "\uffff"]
))  # fmt: skip


def _fits(pattern: str, text: str) -> bool:
    """As in JSON Schema: found anywhere, ``$`` being the very end."""
    return re.search(re.sub(r"(?<!\\)((?:\\\\)*)\$$", r"\1\\Z", pattern), text) is not None


@pytest.mark.parametrize(
    "pattern", [r"^\d+$", "^a.b$", "^(?=a)", "^a*?$", "^a|b$", r"^\bx$", "^[\\x00]$", "^a$b$", "^(?i)a$"]
)
def test_what_the_two_languages_do_not_share_is_an_authors_mistake(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"regular|anchor|XML"):
        xsd_pattern(pattern)


def test_a_long_text_is_matched_quickly() -> None:
    body = f"<a>{'甲' * 2000}\t</a>".encode()

    assert not Validators(pattern_schema(forms.LINE)).take(body)
