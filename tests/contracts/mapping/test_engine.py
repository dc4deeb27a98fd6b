# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a map does with records and documents: values, absences, groups, losses and refusals."""

from pathlib import Path
from typing import Any

import pytest

from contracts.mapping.context import Context
from contracts.refusal import Refusal
from tests.contracts.mapping.maps import (
    CASE,
    HEAD,
    STEP,
    STEP_MAP,
    contract,
    document,
    mapped,
    refused,
    site_map,
    written,
)

STEPS = contract("process.step")


def test_a_record_is_written_in_the_order_of_the_map_and_read_back(tmp_path: Path) -> None:
    told = site_map(tmp_path, STEP_MAP)
    data = STEP | {"ended_at": "2026-03-04T10:00:00+08:00"}

    out = written(told.write(STEPS, data))
    back = mapped(told.read(out.document))

    assert list(out.document.fields) == ["no", "name", "state", "start", "end"]
    assert out.document.fields["state"] == "10"
    assert out.document.fields["start"] == "2026-03-04 09:00:00"
    assert (back.contract, back.data, back.losses) == (STEPS, data, ())
    assert out.losses == ()


def test_what_is_dropped_is_told_and_nothing_else(tmp_path: Path) -> None:
    out = written(site_map(tmp_path, STEP_MAP).write(STEPS, STEP | {"handler": "测试核查员戊", "step_no": "3"}))

    assert [loss.path for loss in out.losses] == ["$.data.step_no", "$.data.handler"]
    assert "测试核查员戊" not in str(out)


def test_an_absent_value_is_written_as_another_and_comes_back_absent(tmp_path: Path) -> None:
    told = site_map(tmp_path, STEP_MAP)

    out = written(told.write(STEPS, STEP))

    assert out.document.fields["end"] == out.document.fields["start"]
    assert mapped(told.read(out.document)).data == STEP


def test_a_value_that_would_come_back_as_absent_is_a_loss(tmp_path: Path) -> None:
    out = written(site_map(tmp_path, STEP_MAP).write(STEPS, STEP | {"ended_at": STEP["started_at"]}))

    assert [loss.path for loss in out.losses] == ["$.data.ended_at"]


def test_a_finer_time_than_the_dialect_writes_is_a_loss(tmp_path: Path) -> None:
    out = written(site_map(tmp_path, STEP_MAP).write(STEPS, STEP | {"started_at": "2026-03-04T09:00:00.5+08:00"}))

    assert [loss.path for loss in out.losses] == ["$.data.started_at"]
    assert out.document.fields["start"] == "2026-03-04 09:00:00"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"no": CASE, "name": "核查", "state": "30", "start": "2026-03-04 09:00:00"}, [("E_V_CODE", "$.state")]),
        ({"no": CASE, "name": "核查", "state": "10", "start": "2026-03-04T09:00:00"}, [("E_V_FORMAT", "$.start")]),
        ({"no": CASE, "name": "核查", "state": "10", "start": "2026-02-30 09:00:00"}, [("E_V_FORMAT", "$.start")]),
        ({"no": CASE, "name": "核查", "state": "10"}, [("E_V_MISSING", "$.start")]),
        ({"no": CASE, "name": "长" * 101, "state": "10", "start": "2026-03-04 09:00:00"}, [("E_V_LENGTH", "$.name")]),
        (
            {"no": CASE, "name": ({"x": "1"},), "state": "10", "start": "2026-03-04 09:00:00", "other": "1"},
            [("E_V_TYPE", "$.name"), ("E_V_UNKNOWN_FIELD", "$.other")],
        ),
    ],
    ids=["code", "form", "no such day", "missing", "too long for the contract", "a group and an unknown field"],
)
def test_a_document_is_refused_at_its_own_place(
    tmp_path: Path, fields: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert refused(site_map(tmp_path, STEP_MAP).read(document("Step", **fields))) == expected


def test_an_unknown_name_is_refused_and_those_known_are_listed(tmp_path: Path) -> None:
    refusal = site_map(tmp_path, STEP_MAP).read(document("Stride"))

    assert isinstance(refusal, Refusal)
    assert refusal.code == "E_DIALECT_NAME"
    assert "Step" in refusal.violations[0].expected.en


def test_a_contract_that_the_map_has_not_is_refused(tmp_path: Path) -> None:
    special = contract("special.ended")

    refusal = site_map(tmp_path, STEP_MAP).write(special, special.examples[0].data)

    assert isinstance(refusal, Refusal)
    assert refusal.code == "E_DIALECT_CONTRACT"


def test_an_ignored_field_is_told_as_a_loss_and_an_empty_one_is_not(tmp_path: Path) -> None:
    told = site_map(tmp_path, STEP_MAP)
    out = written(told.write(STEPS, STEP)).document.fields

    full = mapped(told.read(document("Step", **out, remark="x")))
    empty = mapped(told.read(document("Step", **out, remark="")))

    assert [loss.path for loss in full.losses] == ["$.remark"]
    assert empty.losses == ()


def test_a_closed_code_list_never_guesses(tmp_path: Path) -> None:
    """A code with a space, in another case or of another width is another code."""
    told = site_map(tmp_path, STEP_MAP)
    fields = dict(written(told.write(STEPS, STEP)).document.fields)

    assert [
        refused(told.read(document("Step", **{**fields, "state": odd}))) for odd in (" 10", "10 ", "１０", "010")
    ] == [[("E_V_CODE", "$.state")]] * 4


LICENCE_MAP = (
    HEAD
    + """carrier: rows
encoding: GB2312
suffix: _v3
formats: {day: YYYY/MM/DD}
codes:
  holder: {write: {"1": A, "2": B, "3": B}, read: {A: "1", B: "2"}, cannot: ["4", "5", "6"]}
  id_type: {write: {"111": "01", "112": "02"}, unmapped: pass}
messages:
  cn.gov.licence.issued:1:
    name: lic
    fields:
      guid: {context: row_guid, required: true}
      op: {context: operation, codes: {insert: I, update: U, delete: D}}
      no: case_no
      name: {path: licence_name, max: 12, unit: bytes}
      number: licence_no
      holder: {path: holder_name, required: true}
      holder_type: {path: holder_type, codes: holder}
      id_type: {path: holder_id_type, codes: id_type}
      issuer: issuer_name
      issued: issued_on
      until: {path: valid_until, absent: 2099/12/31}
      kind: {constant: "01"}
    dropped: [region_code, item_code, department_code, level_code, record_version, licence_type_code, licence_id,
      holder_id_number, issuer_code, valid_from, digest, size, media_type]
"""
)
LICENCE = {
    "case_no": CASE,
    "licence_name": "经营许可证",
    "licence_no": "JY00000000000000",
    "holder_name": "测试·申请人",
    "issuer_name": "示例局（测试）",
    "issued_on": "2026-03-11",
}
LICENCES = contract("licence.issued")
ROW = Context({"row_guid": "g-1", "operation": "update"})


def test_no_end_is_the_text_that_the_map_says_and_back(tmp_path: Path) -> None:
    told = site_map(tmp_path, LICENCE_MAP)

    out = written(told.write(LICENCES, LICENCE, ROW))

    assert out.document.name == "lic_v3"
    assert out.document.fields["until"] == "2099/12/31"
    assert out.losses == ()
    assert mapped(told.read(out.document)).data == LICENCE


def test_a_day_that_reads_back_as_no_end_is_a_loss(tmp_path: Path) -> None:
    out = written(site_map(tmp_path, LICENCE_MAP).write(LICENCES, LICENCE | {"valid_until": "2099-12-31"}, ROW))

    assert [loss.path for loss in out.losses] == ["$.data.valid_until"]


def test_context_and_constants_stand_beside_the_record_and_come_back_beside_it(tmp_path: Path) -> None:
    told = site_map(tmp_path, LICENCE_MAP)

    out = written(told.write(LICENCES, LICENCE, ROW))
    back = mapped(told.read(out.document))

    assert {name: out.document.fields[name] for name in ("guid", "op", "kind")} == {
        "guid": "g-1",
        "op": "U",
        "kind": "01",
    }
    assert back.supplied == {"row_guid": "g-1", "operation": "update"}
    assert back.losses == ()


def test_a_missing_context_is_refused_by_name(tmp_path: Path) -> None:
    assert refused(site_map(tmp_path, LICENCE_MAP).write(LICENCES, LICENCE)) == [("E_V_MISSING", "$.context.row_guid")]


def test_two_codes_written_as_one_are_a_loss_for_the_one_that_does_not_come_back(tmp_path: Path) -> None:
    told = site_map(tmp_path, LICENCE_MAP)

    kept = written(told.write(LICENCES, LICENCE | {"holder_type": "2"}, ROW))
    lost = written(told.write(LICENCES, LICENCE | {"holder_type": "3"}, ROW))

    assert kept.document.fields["holder_type"] == lost.document.fields["holder_type"] == "B"
    assert kept.losses == ()
    assert [loss.path for loss in lost.losses] == ["$.data.holder_type"]


def test_a_code_the_dialect_has_not_is_refused(tmp_path: Path) -> None:
    assert refused(site_map(tmp_path, LICENCE_MAP).write(LICENCES, LICENCE | {"holder_type": "4"}, ROW)) == [
        ("E_V_CODE", "$.data.holder_type")
    ]


@pytest.mark.parametrize(
    ("code", "text"), [("111", "01"), ("553", "553")], ids=["in the map", "passed as the map allows"]
)
def test_an_open_code_passes_where_the_map_says_so(tmp_path: Path, code: str, text: str) -> None:
    told = site_map(tmp_path, LICENCE_MAP)

    out = written(told.write(LICENCES, LICENCE | {"holder_id_type": code}, ROW))

    assert out.document.fields["id_type"] == text
    assert mapped(told.read(out.document)).data["holder_id_type"] == code


def test_a_passing_code_that_would_come_back_as_another_is_refused(tmp_path: Path) -> None:
    """111 is written as 01; a 111 that comes in would go out as something else."""
    told = site_map(tmp_path, LICENCE_MAP)
    fields = dict(written(told.write(LICENCES, LICENCE, ROW)).document.fields)

    assert refused(told.read(document("lic_v3", **{**fields, "id_type": "111"}))) == [("E_V_CODE", "$.id_type")]


@pytest.mark.parametrize(("name", "fits"), [("许可证甲乙丙", True), ("许可证甲乙丙0", False), ("0" * 12, True)])
def test_room_is_counted_in_bytes_of_the_encoding(tmp_path: Path, name: str, *, fits: bool) -> None:
    told = site_map(tmp_path, LICENCE_MAP).write(LICENCES, LICENCE | {"licence_name": name}, ROW)

    assert isinstance(told, Refusal) != fits
    if isinstance(told, Refusal):
        assert refused(told) == [("E_V_LENGTH", "$.data.licence_name")]


def test_a_character_that_the_encoding_has_not_is_named_with_its_place_and_nothing_else(tmp_path: Path) -> None:
    refusal = site_map(tmp_path, LICENCE_MAP).write(LICENCES, LICENCE | {"holder_name": "测试䶮某"}, ROW)

    assert isinstance(refusal, Refusal)
    assert refused(refusal) == [("E_V_CHARACTER", "$.data.holder_name")]
    assert "䶮 (U+4DAE)" in refusal.violations[0].expected.en
    assert "某" not in str(refusal)


GROUP_MAP = (
    HEAD
    + """carrier: xml
formats: {moment: YYYYMMDDThhmmss}
messages:
  cn.gov.correction.requested:1:
    name: 补正
    fields:
      头:
        fields:
          编号: case_no
          时间: requested_at
      原因: reason
      材料:
        each: materials
        fields:
          办件编号: $.case_no
          名称: name
          要求: requirement
    dropped: [region_code, item_code, department_code, level_code, record_version, correction_no, department_name,
      sender, due_on]
    ignored: [头.版本, 材料.实体]
"""
)
REQUEST: dict[str, Any] = {
    "case_no": CASE,
    "reason": "平面图未标注尺寸",
    "materials": [{"name": "平面图", "requirement": "标注尺寸"}, {"name": "健康证明"}],
    "requested_at": "2026-03-02T11:00:00+08:00",
}
REQUESTS = contract("correction.requested")


def test_groups_and_repeated_groups_go_and_come_back(tmp_path: Path) -> None:
    told = site_map(tmp_path, GROUP_MAP)

    out = written(told.write(REQUESTS, REQUEST))

    assert out.document.fields["头"] == {"编号": CASE, "时间": "20260302T110000"}
    assert out.document.fields["材料"] == [
        {"办件编号": CASE, "名称": "平面图", "要求": "标注尺寸"},
        {"办件编号": CASE, "名称": "健康证明"},
    ]
    assert mapped(told.read(out.document)).data == REQUEST


def test_a_group_that_stands_once_is_one_element(tmp_path: Path) -> None:
    """XML does not say whether an element might have been repeated."""
    told = site_map(tmp_path, GROUP_MAP)
    fields = dict(written(told.write(REQUESTS, REQUEST)).document.fields)

    back = mapped(told.read(document("补正", **{**fields, "材料": {"名称": "平面图"}})))

    assert back.data["materials"] == [{"name": "平面图"}]


def test_violations_of_the_contract_are_told_at_the_place_in_the_document(tmp_path: Path) -> None:
    told = site_map(tmp_path, GROUP_MAP)
    materials = [{"名称": "平面图"}, {"要求": "标注尺寸"}, {"名称": "长" * 201}]

    found = told.read(document("补正", 头={"编号": CASE, "时间": "20260302T110000"}, 原因="x", 材料=materials))

    assert refused(found) == [("E_V_MISSING", "$.材料[1].名称"), ("E_V_LENGTH", "$.材料[2].名称")]


def test_a_child_that_belongs_to_another_record_is_refused(tmp_path: Path) -> None:
    told = site_map(tmp_path, GROUP_MAP)
    fields = dict(written(told.write(REQUESTS, REQUEST)).document.fields)

    found = told.read(
        document("补正", **{**fields, "材料": [{"办件编号": "510500-20260302-000002", "名称": "平面图"}]})
    )

    assert refused(found) == [("E_V_RULE", "$.材料[0].办件编号")]


def test_ignored_fields_inside_groups_are_told_with_their_place(tmp_path: Path) -> None:
    told = site_map(tmp_path, GROUP_MAP)

    back = mapped(
        told.read(
            document(
                "补正",
                头={"编号": CASE, "时间": "20260302T110000", "版本": "2"},
                原因="x",
                材料=[{"名称": "平面图", "实体": "x"}],
            )
        )
    )

    assert [loss.path for loss in back.losses] == ["$.头.版本", "$.材料[0].实体"]


def test_what_is_no_group_is_refused(tmp_path: Path) -> None:
    told = site_map(tmp_path, GROUP_MAP)

    assert refused(told.read(document("补正", 头="x", 原因="x", 材料=["x"]))) == [
        ("E_V_TYPE", "$.头"),
        ("E_V_TYPE", "$.材料[0]"),
    ]


def test_more_violations_than_anybody_reads_are_not_collected(tmp_path: Path) -> None:
    refusal = site_map(tmp_path, GROUP_MAP).read(document("补正", **{f"x{index}": "1" for index in range(500)}))

    assert isinstance(refusal, Refusal)
    assert len(refusal.violations) == 100


EARLIER_MAP = (
    HEAD
    + """carrier: messages
formats: {moment: "YYYY-MM-DD hh:mm", day: YYYYMMDD}
messages:
  cn.gov.special.ended:1:
    name: End
    direction: write
    earlier: {start: "cn.gov.special.started:1"}
    fields:
      no: case_no
      name: {path: start:kind_name, required: true}
      began: start:started_at
      result: result
      ended: ended_at
    dropped: [region_code, item_code, department_code, level_code, record_version, special_no, kind, opinion, handler,
      department_name]
"""
)
ENDED = {"case_no": CASE, "special_no": "1", "result": "通过", "ended_at": "2026-03-09T17:00:00+08:00"}


def test_an_earlier_record_says_what_this_one_does_not(tmp_path: Path) -> None:
    told, ends = site_map(tmp_path, EARLIER_MAP), contract("special.ended")
    start = contract("special.started")
    context = Context(earlier={start.type: {"kind_name": "专家评审", "started_at": "2026-03-05T09:00:00+08:00"}})

    out = written(told.write(ends, ENDED, context))

    assert told.earlier(ends) == (start,)
    assert out.document.fields["name"] == "专家评审"
    assert out.document.fields["began"] == "2026-03-05 09:00"
    assert refused(told.write(ends, ENDED)) == [("E_V_MISSING", "$.earlier.start.kind_name")]


def test_the_record_is_not_changed(tmp_path: Path) -> None:
    before = {**REQUEST, "materials": [dict(one) for one in REQUEST["materials"]]}

    site_map(tmp_path, GROUP_MAP).write(REQUESTS, REQUEST)

    assert before == REQUEST
