# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""材料: one material of a case on its own, apart from the application or correction, GB/T 39046-2020 table 5."""

from typing import Annotated

from contracts.codes import MaterialStage
from contracts.contract import Contract
from contracts.example import Example, but
from contracts.families.case_record import CaseRecord
from contracts.families.fields import Flag, Line50, Moment, says
from contracts.families.material import FILE, Material
from contracts.rules import NotBefore, Together
from contracts.text import Text


class MaterialSupplied(Material, CaseRecord):
    """One material, with the fields that a material has inside other records."""

    material_no: Annotated[Line50 | None, says("材料编号", "Number of the material within its case")] = None
    stage: Annotated[MaterialStage | None, says("材料所属阶段", "Part of the case's life it belongs to")] = None
    replaces: Annotated[Line50 | None, says("被替换的材料编号", "Number of the material this one replaces")] = None
    original: Annotated[Flag | None, says("是否原件", "Whether the paper is the original, not a copy")] = None
    supplied_at: Annotated[Moment, says("材料提供时间", "When the material came in")]


_VALID = {
    "case_no": "510500-20260302-000001",
    "name": "平面图",
    "digest": "sha256:" + "0b" * 32,
    "size": 80211,
    "media_type": "image/png",
    "supplied_at": "2026-03-02T09:10:00+08:00",
}
_PAPER = {
    "case_no": "510500-20260302-000001",
    "name": "营业执照副本",
    "collected": True,
    "collected_by": "窗口",
    "copies": 2,
    "collected_at": "2026-03-02T09:12:00+08:00",
    "original": False,
    "stage": "acceptance",
    "supplied_at": "2026-03-02T09:12:00+08:00",
}

CONTRACT = Contract(
    type="cn.gov.material.supplied",
    version=1,
    title=Text("材料", "Material supplied"),
    meaning=Text(
        "一份材料单独送达：电子文件按摘要取用，纸质材料只记收取情况。",
        "A material has come in by itself: a file is fetched by its digest; of paper, only its receipt is recorded.",
    ),
    model=MaterialSupplied,
    rules=(Together(FILE), NotBefore("supplied_at", "collected_at")),
    examples=(
        Example("电子材料 / a file", _VALID),
        Example("纸质材料 / on paper", _PAPER),
        Example(
            "替换前一份材料 / in place of an earlier one",
            but(_VALID, file_name="平面图.png", material_no="CL-0002", replaces="CL-0001", stage="application"),
        ),
        Example(
            "有摘要而无媒体类型 / a digest without a media type",
            but(_VALID, drop=("media_type",)),
            valid=False,
            expect=(("E_V_RULE", "$.data.media_type"),),
        ),
        Example(
            "没有名称，份数为文字 / no name, copies in words",
            but(_PAPER, drop=("name",), copies="两份"),
            valid=False,
            expect=(("E_V_MISSING", "$.data.name"), ("E_V_TYPE", "$.data.copies")),
        ),
        Example(
            "收取晚于提供，阶段为地方代码 / taken in after it came, a site's own code",
            but(_PAPER, supplied_at="2026-03-02T09:00:00+08:00", stage="02"),
            valid=False,
            expect=(("E_V_RULE", "$.data.supplied_at"), ("E_V_CODE", "$.data.stage")),
        ),
    ),
)
