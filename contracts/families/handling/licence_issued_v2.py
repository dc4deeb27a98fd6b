# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""证照, version 2: several holders, and whether the licence ends, after the national licence directory (up_lic_data).

Version 1 leaves the last day out both when a licence does not end and when nobody said. The directory's holder fields
are wide enough for many holders, as of a property that two people own.
"""

from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, Field

from contracts.codes import ApplicantType, Validity
from contracts.contract import Contract
from contracts.conversion import Conversion, Finding, Record
from contracts.example import Example, but
from contracts.families.case_record import STRICT, CaseRecord
from contracts.families.fields import (
    Day,
    Department,
    IdNumber,
    IdType,
    LicenceId,
    Line50,
    Line100,
    Line200,
    MediaType,
    Sha256,
    Size,
    says,
)
from contracts.families.material import FILE
from contracts.families.validity import VALIDITY_RULES
from contracts.personal import PersonalClass
from contracts.reshaping import FirstOfMany
from contracts.rules import Together
from contracts.steps import Added, lost
from contracts.text import Text


class LicenceHolder(BaseModel):
    """持证者."""

    model_config = STRICT

    type: Annotated[ApplicantType | None, says("持证者类型", "What kind of person or body holds it")] = None
    name: Annotated[Line200, says("持证者名称", "Name of the holder"), PersonalClass.NAME]
    id_type: Annotated[IdType | None, says("持证者证件类型代码", "Document type of the holder, 3 digits")] = None
    id_number: Annotated[
        IdNumber | None, says("持证者证件号码", "Document number of the holder"), PersonalClass.ID_NUMBER
    ] = None


class LicenceIssuedV2(CaseRecord):
    """One licence. The file, when there is one, is fetched by its digest."""

    licence_name: Annotated[Line200, says("证照名称", "Name of the licence")]
    licence_type: Annotated[Line200 | None, says("证照类型名称", "Kind of licence (certificate_type)")] = None
    licence_type_code: Annotated[Line50 | None, says("证照类型代码", "Code of the kind of licence")] = None
    licence_no: Annotated[Line100, says("证照编号", "Number of the licence")]
    licence_id: Annotated[
        LicenceId | None, says("电子证照标识", "Identifier of the electronic licence (GB/T 36904)")
    ] = None
    source_id: Annotated[
        Line100 | None, says("证照源标识", "The issuer's own key of the licence (certificate_source_id)")
    ] = None
    holders: Annotated[
        tuple[LicenceHolder, ...],
        Field(min_length=1, max_length=100),
        says("持证者", "Who holds it, the one named first on the licence first"),
    ]
    issuer_name: Annotated[Line200, says("颁证单位", "Body that issued it")]
    issuer_code: Annotated[Department | None, says("颁证单位代码", "Code of the body that issued it")] = None
    issued_on: Annotated[Day, says("颁证日期", "Day of issue")]
    validity: Annotated[
        Validity | None, says("有效期类别", "Whether the licence ends; absent when it is not known")
    ] = None
    valid_from: Annotated[Day | None, says("有效期起始日期", "First day of validity")] = None
    valid_until: Annotated[Day | None, says("有效期截止日期", "Last day of validity")] = None
    digest: Annotated[Sha256 | None, says("证照文件摘要", "SHA-256 of the file: sha256: and 64 hexadecimal digits")] = (
        None
    )
    size: Annotated[Size | None, says("证照文件大小", "Size of the file in bytes")] = None
    media_type: Annotated[MediaType | None, says("证照文件媒体类型", "Media type of the file")] = None


_END_UNTOLD = Text("旧版本不区分长期与未说明", "The older version does not tell no end from nothing said")


@dataclass(frozen=True, slots=True)
class EndTold:
    """Whether a licence ends is stated; the older version says it only by a last day."""

    def up(self, record: Record) -> tuple[Finding, ...]:
        if "valid_until" in record:
            record["validity"] = Validity.UNTIL.value
        return ()

    def down(self, record: Record) -> tuple[Finding, ...]:
        told = record.pop("validity", None)
        if told == (Validity.UNTIL.value if "valid_until" in record else None):
            return ()
        return lost("validity", _END_UNTOLD)

    def text(self) -> Text:
        return Text(
            "validity 说明是否长期有效；旧版本没有 valid_until 时不知是长期还是未说明",
            "validity states whether the licence ends; without valid_until the older version leaves that open",
        )


_VALID = {
    "case_no": "510500-20260302-000001",
    "licence_name": "食品经营许可证",
    "licence_no": "JY00000000000000",
    "holders": [{"name": "示例餐饮有限公司（测试）"}],
    "issuer_name": "示例区市场监督管理局（测试）",
    "issued_on": "2026-03-11",
}
_SHARED = but(
    _VALID,
    licence_name="不动产权证书",
    licence_type="不动产权证书",
    licence_type_code="000000",
    licence_id="1.2.156.3005.2.000000000000000000000.000000000000000000.000001.001.8",
    source_id="ZZ-000001",
    holders=[
        {"type": "1", "name": "测试申请人甲", "id_type": "111", "id_number": "99000019900101005X"},
        {"type": "1", "name": "测试申请人乙", "id_type": "111", "id_number": "990000190001010016"},
    ],
    issuer_code="115105020000000008",
    validity="long_term",
    valid_from="2026-03-11",
    digest="sha256:" + "0c" * 32,
    size=204800,
    media_type="application/ofd",
)
_ENDING = but(_VALID, validity="until", valid_from="2026-03-11", valid_until="2031-03-10")

CONTRACT = Contract(
    type="cn.gov.licence.issued",
    version=2,
    title=Text("证照", "Licence issued"),
    meaning=Text(
        "已颁发证照，可有多个持证者；电子文件按摘要取用。",
        "A licence has been issued, to one holder or several; its file is fetched by digest.",
    ),
    model=LicenceIssuedV2,
    rules=(Together(FILE), *VALIDITY_RULES),
    examples=(
        Example("纸质证照 / on paper", _VALID),
        Example("共同持证，长期有效 / held by two, without an end", _SHARED),
        Example("有期限 / until a day", _ENDING),
        Example(
            "没有持证者 / nobody holds it",
            but(_VALID, holders=[]),
            valid=False,
            expect=(("E_V_LENGTH", "$.data.holders"),),
        ),
        Example(
            "有期限而无截止日期 / until a day that is not said",
            but(_ENDING, drop=("valid_until",)),
            valid=False,
            expect=(("E_V_RULE", "$.data.valid_until"),),
        ),
        Example(
            "沿用第 1 版的持证者，第二人无名称 / the holder of version 1, a second one without a name",
            but(_SHARED, holder_name="测试申请人甲", holders=[{"name": "测试申请人甲"}, {"type": "1"}]),
            valid=False,
            expect=(("E_V_MISSING", "$.data.holders[1].name"), ("E_V_UNKNOWN_FIELD", "$.data.holder_name")),
        ),
    ),
    conversion=Conversion(
        (
            FirstOfMany("holders", {f"holder_{name}": name for name in ("type", "name", "id_type", "id_number")}),
            EndTold(),
            Added("licence_type"),
            Added("source_id"),
        )
    ),
)
