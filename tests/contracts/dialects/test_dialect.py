# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Dialects by name: what each writes and reads, over its own carrier, and what it says of bytes it does not take."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts import strict_json
from contracts.catalogue import builtin
from contracts.contract import Checked, Contract
from contracts.dialects.dialect import CANONICAL, Decoded, Dialect, Encoded
from contracts.dialects.loading import Dialects, load_dialects
from contracts.mapping.context import Context
from contracts.mapping.loading import shipped
from contracts.refusal import Refusal

SITES = Path("examples/sites")
NAMES = ("canonical", "canonical_xml", "gbt39046", "front_v3", "ten_messages", "river_city")
ROW = Context({"row_guid": "g", "operation": "insert", "time": "2026-03-03T10:00:05+08:00"})


@pytest.fixture(scope="module")
def dialects() -> Dialects:
    found = load_dialects({**shipped(), "river_city": SITES / "river_city.yaml"}, builtin())
    assert isinstance(found, Dialects), "\n".join(map(str, found))
    return found


def contract(type_: str, version: int = 1) -> Contract:
    return next(one for one in builtin().versions(f"cn.gov.{type_}") if one.version == version)


def example(one: Contract, index: int = 0) -> dict[str, Any]:
    data = json.loads(json.dumps(one.examples[index].data))
    assert isinstance(data, dict)
    return data


def encoded(told: Encoded | Refusal) -> Encoded:
    assert isinstance(told, Encoded), told
    return told


def decoded(told: Decoded | Refusal) -> Decoded:
    assert isinstance(told, Decoded), told
    return told


def refusal(told: Encoded | Decoded | Refusal) -> Refusal:
    assert isinstance(told, Refusal), told
    return told


def test_a_deployment_has_its_dialects_by_name_and_canonical_json_always(dialects: Dialects) -> None:
    assert set(dialects.by_name) == set(NAMES)
    assert {name: dialects.by_name[name].content_type for name in NAMES} == {
        "canonical": "application/json",
        "canonical_xml": "application/xml; charset=UTF-8",
        "gbt39046": "application/xml; charset=GB2312",
        "front_v3": "application/vnd.govhub.rows+json",
        "ten_messages": "application/vnd.govhub.messages+json",
        "river_city": "application/vnd.govhub.rows+json",
    }
    assert all(one.name == name for name, one in dialects.by_name.items())


def test_canonical_json_is_the_record_itself(dialects: Dialects) -> None:
    told, step = dialects.by_name[CANONICAL], contract("process.step")
    data = example(step)

    out = encoded(told.encode(step, data))
    back = decoded(told.decode(out.body, "application/json; charset=utf-8", step))

    assert back.checked.canonical == out.body
    assert {one.schema_uri for one in told.writes()} == {one.schema_uri for one in builtin().all()}
    assert told.earlier(step) == ()


def test_canonical_xml_says_every_contract_and_reads_it_back(dialects: Dialects) -> None:
    told = dialects.by_name["canonical_xml"]
    for one in builtin().all():
        for n in (n for n, shown in enumerate(one.examples) if shown.valid):
            checked = one.check(example(one, n), example(one, n)[one.subject])
            assert isinstance(checked, Checked)
            out = encoded(told.encode(one, json.loads(checked.canonical)))
            assert decoded(told.decode(out.body, out.content_type, one)).checked.canonical == checked.canonical
    assert refusal(told.decode(b"<a/>", "application/json", contract("process.step"))).code == "E_CONTENT_TYPE"


def test_canonical_json_needs_to_be_told_its_contract(dialects: Dialects) -> None:
    step = contract("process.step")

    assert refusal(
        dialects.by_name[CANONICAL].decode(strict_json.canonical(example(step)), "application/json")
    ).code == ("E_CONTRACT_UNKNOWN")


def test_canonical_json_that_breaks_its_contract_is_refused(dialects: Dialects) -> None:
    told, step = dialects.by_name[CANONICAL], contract("process.step")

    found = refusal(told.decode(b'{"case_no":"1"}', "application/json", step))

    assert found.code == "E_CONTRACT_INVALID"
    assert {one.path for one in found.violations} == {"$.data.step_name", "$.data.status", "$.data.started_at"}
    assert [one.path for one in refusal(told.decode(b"[]", "application/json", step)).violations] != []


def test_the_standards_xml_is_gb2312_and_comes_back(dialects: Dialects) -> None:
    told, step = dialects.by_name["gbt39046"], contract("process.step")

    out = encoded(told.encode(step, example(step)))
    back = decoded(told.decode(out.body, out.content_type))

    assert out.body.startswith(b'<?xml version="1.0" encoding="GB2312"?>')
    assert "<环节名称>现场核查</环节名称>".encode("gb18030") in out.body
    assert back.data == example(step)


@pytest.mark.parametrize("charset", ["; charset=gb2312", "; charset=GB18030", ""], ids=["gb2312", "gb18030", "silent"])
def test_xml_is_read_by_the_charset_of_its_sender_or_its_declaration(dialects: Dialects, charset: str) -> None:
    told, step = dialects.by_name["gbt39046"], contract("process.step")
    body = encoded(told.encode(step, example(step))).body

    assert decoded(told.decode(body, f"text/xml{charset}")).data == example(step)


def test_a_name_with_the_dot_survives_gb2312_and_a_rare_character_is_named(dialects: Dialects) -> None:
    told, application = dialects.by_name["gbt39046"], contract("application.submitted")
    data = example(application)

    data["applicant"]["name"] = "测试·申请人"
    out = encoded(told.encode(application, data))
    data["applicant"]["name"] = "测试𠮷"
    refused = refusal(told.encode(application, data))

    assert decoded(told.decode(out.body, out.content_type)).data["applicant"]["name"] == "测试·申请人"
    assert refused.code == "E_DIALECT_INEXPRESSIBLE"
    assert [(one.code, one.path) for one in refused.violations] == [("E_V_CHARACTER", "$.data.applicant.name")]
    assert "𠮷" in refused.violations[0].expected.zh


def test_rows_are_one_row_of_the_main_table_and_its_children(dialects: Dialects) -> None:
    told, acceptance = dialects.by_name["river_city"], contract("acceptance.decided", 2)
    application = contract("application.submitted")
    data = example(acceptance) | {"basic_code": "000101000001", "case_type": "1"}
    early = example(application) | {"materials": [{"name": "平面图", "collected_by": "窗口"}]}

    out = encoded(told.encode(acceptance, data, Context(ROW.values, {application.type: early})))
    rows = json.loads(out.body)["rows"]
    back = decoded(told.decode(out.body, out.content_type))

    assert [(one["table"], one["row"]["row_guid"]) for one in rows] == [
        ("up_pro_accept_v4", "g"),
        ("up_pro_material_v4", "g-1"),
    ]
    assert rows[0]["row"]["project_type"] == "2"
    assert back.supplied == {"row_guid": "g", "operation": "insert", "time": "2026-03-03T10:00:05+08:00"}
    assert back.data["case_type"] == "1"
    assert told.earlier(acceptance) == (application,)


def test_what_an_envelope_says_has_to_be_what_the_document_is(dialects: Dialects) -> None:
    told, step = dialects.by_name["gbt39046"], contract("process.step")
    out = encoded(told.encode(step, example(step)))

    assert refusal(told.decode(out.body, out.content_type, contract("special.ended"))).code == "E_DIALECT_NAME"
    assert decoded(told.decode(out.body, out.content_type, step)).contract == step


@pytest.mark.parametrize(
    ("name", "body", "content_type", "code"),
    [
        ("gbt39046", b"<a/>", "application/json", "E_CONTENT_TYPE"),
        ("gbt39046", b"<a/>", "nonsense", "E_CONTENT_TYPE"),
        ("gbt39046", b"<a/>", "application/xml", "E_DIALECT_NAME"),
        ("gbt39046", b"<!DOCTYPE a []><a/>", "application/xml", "E_XML_DOCTYPE"),
        ("gbt39046", "<申请>一</申请>".encode(), "application/xml", "E_XML_MIXED"),
        ("gbt39046", "<申请/>".encode(), "application/xml", "E_DIALECT_INVALID"),
        ("front_v3", b"{}", "text/plain", "E_CONTENT_TYPE"),
        ("front_v3", b"{}", "application/json; charset=gbk", "E_CONTENT_TYPE"),
        ("front_v3", b"{}", "application/json", "E_DIALECT_INVALID"),
        ("front_v3", b'{"rows":[]}', "application/json", "E_DIALECT_INVALID"),
        ("front_v3", b'{"rows":[1]}', "application/json", "E_DIALECT_INVALID"),
        ("front_v3", b'{"rows":[{"table":1,"row":{}}]}', "application/json", "E_DIALECT_INVALID"),
        ("front_v3", b'{"rows":[{"table":"t","row":{"a":1.5}}]}', "application/json", "E_DIALECT_INVALID"),
        ("front_v3", b'{"rows":[{"table":"t","row":{"a":true}}]}', "application/json", "E_DIALECT_INVALID"),
        ("front_v3", b'{"rows":[{"table":"t","row":{"a":null}}]}', "application/json", "E_DIALECT_NAME"),
        ("ten_messages", b"[]", "application/json", "E_DIALECT_INVALID"),
        ("ten_messages", b'{"a":{},"b":{}}', "application/json", "E_DIALECT_INVALID"),
        ("ten_messages", b'{"CompleteOB":[]}', "application/json", "E_DIALECT_INVALID"),
        ("ten_messages", b'{"CompleteOB":{"SBLSH":{}}}', "application/json", "E_DIALECT_INVALID"),
        ("ten_messages", b'{"CompleteOB":{}}', "application/json", "E_DIALECT_INVALID"),
        ("ten_messages", b'{"CompleteOB":{"SBLSH":"1","SBLSH":"2"}}', "application/json", "E_JSON_DUPLICATE_KEY"),
        ("ten_messages", b'{"Complete":{}}', "application/json", "E_DIALECT_NAME"),
    ],
)
def test_what_is_not_of_the_dialect_is_refused(
    dialects: Dialects, name: str, body: bytes, content_type: str, code: str
) -> None:
    found = refusal(dialects.by_name[name].decode(body, content_type))

    assert found.code == code, found
    assert all(all(one.expected) and all(one.remedy) for one in found.violations)


def test_a_whole_number_in_a_row_is_its_digits_and_null_is_nothing(dialects: Dialects) -> None:
    """Databases have numeric columns; a connector need not turn them into texts."""
    body = b'{"CompleteOB":{"SBLSH":"1","SJBBH":2,"BJJGDM":6,"ZFHTHYY":null,"BJSJ":"2026-03-11 15:00:00"}}'

    back = decoded(dialects.by_name["ten_messages"].decode(body, "application/json"))

    assert (back.data["record_version"], back.data["result"]) == (2, "permitted")


BYTES = st.binary(max_size=60) | st.text(max_size=40).map(lambda text: text.encode("utf-8", "surrogatepass"))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(("rows", "table", "row", "SBLSH", "CompleteOB", "up_pro_result_v3", "x")), inner
        )
    ),
    max_leaves=8,
)


@settings(max_examples=60, deadline=1000)
@given(body=BYTES | VALUES.map(lambda value: json.dumps(value).encode()), name=st.sampled_from(NAMES))
def test_no_bytes_raise(dialects: Dialects, body: bytes, name: str) -> None:
    told: Dialect = dialects.by_name[name]

    found = told.decode(body, told.content_type, contract("process.step"))

    assert isinstance(found, Decoded | Refusal)


def test_every_fault_of_every_map_is_told_and_the_name_canonical_is_taken(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("map: 1\n")
    (tmp_path / "b.yaml").write_text("map: 2\n")

    found = load_dialects({"a": tmp_path / "a.yaml", "b": tmp_path / "b.yaml", CANONICAL: tmp_path / "c"}, builtin())

    assert isinstance(found, tuple)
    assert {fault.code for fault in found} == {"E_KEY_MISSING", "E_VALUE", "E_DIALECT_RESERVED"}
