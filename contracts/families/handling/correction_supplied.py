# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""补正受理: the applicant has handed in what was asked for."""

from typing import Annotated

from pydantic import Field

from contracts.contract import Contract
from contracts.example import Example, but
from contracts.families.case_record import CaseRecord
from contracts.families.fields import Line30, Line50, Line100, Moment, Prose1000, says
from contracts.families.material import Material, whole_files
from contracts.personal import PersonalClass
from contracts.text import Text


class CorrectionSupplied(CaseRecord):
    """One correction as taken in."""

    correction_no: Annotated[Line50 | None, says("补正编号", "Number of the notice this answers")] = None
    materials: Annotated[
        tuple[Material, ...], Field(min_length=1, max_length=200), says("补正材料", "Materials handed in")
    ]
    note: Annotated[Prose1000 | None, says("补正说明", "Remarks"), PersonalClass.FREE_TEXT] = None
    handler: Annotated[Line30 | None, says("补正受理办理人", "Officer who took it in"), PersonalClass.NAME] = None
    place: Annotated[Line100 | None, says("补正受理具体地点", "Where it was taken in")] = None
    supplied_at: Annotated[Moment, says("补正时间", "When the correction was handed in")]


_FILE = {"digest": "sha256:" + "0b" * 32, "size": 80211, "media_type": "image/png"}
_VALID = {
    "case_no": "510500-20260302-000001",
    "materials": [{"name": "平面图", **_FILE}],
    "supplied_at": "2026-03-03T09:20:00+08:00",
}
_FULL = but(
    _VALID,
    correction_no="BZ-0001",
    materials=[{"name": "平面图", **_FILE}, {"name": "从业人员健康证明", "copies": 1, "collected": True}],
    note="已标注尺寸",
    handler="测试经办人丁",
    place="示例区政务服务中心 0 号窗口",
)

CONTRACT = Contract(
    type="cn.gov.correction.supplied",
    version=1,
    title=Text("补正受理", "Correction supplied"),
    meaning=Text("申请人按补正告知交来材料。", "The applicant has handed in what the notice of correction asked for."),
    model=CorrectionSupplied,
    rules=(whole_files("materials"),),
    examples=(
        Example("网上补正 / online", _VALID),
        Example("窗口补正 / at the window", _FULL),
        Example(
            "没有材料 / no material",
            but(_VALID, drop=("materials",)),
            valid=False,
            expect=(("E_V_MISSING", "$.data.materials"),),
        ),
        Example(
            "摘要格式错误 / a digest of another form",
            but(_VALID, materials=[{"name": "平面图", **_FILE, "digest": "0B" * 32}]),
            valid=False,
            expect=(("E_V_FORMAT", "$.data.materials[0].digest"),),
        ),
        Example(
            "大小不是整数，份数过多 / a size that is no integer, too many copies",
            but(_VALID, materials=[{"name": "平面图", **_FILE, "size": "80211", "copies": 100}]),
            valid=False,
            expect=(("E_V_TYPE", "$.data.materials[0].size"), ("E_V_RANGE", "$.data.materials[0].copies")),
        ),
    ),
)
