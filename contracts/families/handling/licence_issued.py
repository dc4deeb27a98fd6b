# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""证照: a licence or certificate has been issued, after the national licence directory (证照目录)."""

from typing import Annotated

from contracts.codes import ApplicantType
from contracts.contract import Contract
from contracts.example import Example, but
from contracts.families.case_record import CaseRecord
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
from contracts.personal import PersonalClass
from contracts.rules import Together
from contracts.text import Text


class LicenceIssued(CaseRecord):
    """One licence. The file, when there is one, is fetched by its digest."""

    licence_name: Annotated[Line200, says("证照名称", "Name of the licence")]
    licence_type_code: Annotated[Line50 | None, says("证照类型代码", "Code of the kind of licence")] = None
    licence_no: Annotated[Line100, says("证照编号", "Number of the licence")]
    licence_id: Annotated[
        LicenceId | None, says("电子证照标识", "Identifier of the electronic licence (GB/T 36904)")
    ] = None
    holder_type: Annotated[ApplicantType | None, says("持证者类型", "What kind of person or body holds it")] = None
    holder_name: Annotated[Line200, says("持证者名称", "Name of the holder"), PersonalClass.NAME]
    holder_id_type: Annotated[IdType | None, says("持证者证件类型代码", "Document type of the holder, 3 digits")] = None
    holder_id_number: Annotated[
        IdNumber | None, says("持证者证件号码", "Document number of the holder"), PersonalClass.ID_NUMBER
    ] = None
    issuer_name: Annotated[Line200, says("颁证单位", "Body that issued it")]
    issuer_code: Annotated[Department | None, says("颁证单位代码", "Code of the body that issued it")] = None
    issued_on: Annotated[Day, says("颁证日期", "Day of issue")]
    valid_from: Annotated[Day | None, says("有效期起始日期", "First day of validity")] = None
    valid_until: Annotated[Day | None, says("有效期截止日期", "Last day of validity; absent when it does not end")] = (
        None
    )
    digest: Annotated[Sha256 | None, says("证照文件摘要", "SHA-256 of the file: sha256: and 64 hexadecimal digits")] = (
        None
    )
    size: Annotated[Size | None, says("证照文件大小", "Size of the file in bytes")] = None
    media_type: Annotated[MediaType | None, says("证照文件媒体类型", "Media type of the file")] = None


_VALID = {
    "case_no": "510500-20260302-000001",
    "licence_name": "食品经营许可证",
    "licence_no": "JY00000000000000",
    "holder_name": "示例餐饮有限公司（测试）",
    "issuer_name": "示例区市场监督管理局（测试）",
    "issued_on": "2026-03-11",
}
_FULL = but(
    _VALID,
    licence_type_code="000000",
    licence_id="1.2.156.3005.2.000000000000000000000.000000000000000000.000001.001.8",
    holder_type="2",
    holder_id_type="001",
    holder_id_number="919900000000000005",
    issuer_code="115105020000000008",
    valid_from="2026-03-11",
    valid_until="2031-03-10",
    digest="sha256:" + "0c" * 32,
    size=204800,
    media_type="application/ofd",
)

CONTRACT = Contract(
    type="cn.gov.licence.issued",
    version=1,
    title=Text("证照", "Licence issued"),
    meaning=Text("已颁发证照；电子文件按摘要取用。", "A licence has been issued; its file is fetched by digest."),
    model=LicenceIssued,
    rules=(Together(FILE),),
    examples=(
        Example("纸质证照 / on paper", _VALID),
        Example("电子证照 / electronic", _FULL),
        Example(
            "文件信息不全 / an incomplete file",
            but(_FULL, drop=("size", "media_type")),
            valid=False,
            expect=(("E_V_RULE", "$.data.size"),),
        ),
        Example(
            "缺少持证者与编号 / holder and number missing",
            but(_VALID, drop=("holder_name", "licence_no")),
            valid=False,
            expect=(("E_V_MISSING", "$.data.holder_name"), ("E_V_MISSING", "$.data.licence_no")),
        ),
        Example(
            "日期为数字，证件类型为两位 / a date as a number, a document type of two digits",
            but(_FULL, issued_on=20260311, holder_id_type="11"),
            valid=False,
            expect=(("E_V_TYPE", "$.data.issued_on"), ("E_V_FORMAT", "$.data.holder_id_type")),
        ),
    ),
)
