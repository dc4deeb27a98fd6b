# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""同步告知: something about a case can be fetched. The notice carries keys and no content (notify and claim check)."""

from typing import Annotated

from pydantic import BaseModel, Field

from contracts.contract import Contract
from contracts.example import Example, but
from contracts.families.case_record import STRICT, CaseRecord
from contracts.families.fields import Line50, Line100, Moment, Sha256, says
from contracts.families.oversight.measures import (
    ContractType,
    ContractVersion,
    FetchAddress,
    MessageId,
    SystemId,
)
from contracts.rules import Distinct, NotBefore, OneOf
from contracts.text import Text


class RecordKey(BaseModel):
    """One part of the key under which the record is found at the place where it lies."""

    model_config = STRICT

    name: Annotated[Line50, says("主键名称", "Name of the key, such as row_guid")]
    value: Annotated[Line100, says("主键值", "Value of the key; never a document number or another personal value")]


class RecordAvailable(CaseRecord):
    """One record that waits to be fetched."""

    contract_type: Annotated[ContractType, says("契约类型", "Contract type of the record")]
    contract_version: Annotated[ContractVersion, says("契约版本", "Major version of that contract")]
    record_source: Annotated[SystemId, says("记录来源系统", "System the record comes from (CloudEvents source)")]
    record_id: Annotated[MessageId | None, says("记录消息标识", "Message id of the record (CloudEvents id)")] = None
    keys: Annotated[
        tuple[RecordKey, ...] | None,
        Field(min_length=1, max_length=10),
        says("记录主键", "Key of the record where it is no message"),
    ] = None
    digest: Annotated[Sha256, says("记录摘要", "SHA-256 of the bytes that are fetched")]
    materials: Annotated[
        tuple[Sha256, ...], Field(max_length=200), says("材料摘要", "Digests of the materials that belong to it")
    ] = ()
    fetch_from: Annotated[FetchAddress, says("取用地址", "Where the record is fetched")]
    available_at: Annotated[Moment, says("可取用时间", "Since when it can be fetched")]
    available_until: Annotated[Moment | None, says("取用截止时间", "Until when it is kept there")] = None


_VALID = {
    "case_no": "510500-20260302-000001",
    "contract_type": "cn.gov.application.submitted",
    "contract_version": 1,
    "record_source": "portal",
    "record_id": "0000000000000000000000001A",
    "digest": "sha256:" + "0d" * 32,
    "fetch_from": "https://sharing.example.invalid/records/0000000000000000000000001A",
    "available_at": "2026-03-02T09:06:00+08:00",
}
_KEYED = but(
    _VALID,
    drop=("record_id",),
    contract_type="cn.gov.acceptance.decided",
    record_source="sharing-platform",
    keys=[{"name": "row_guid", "value": "00000000-0000-0000-0000-000000000001"}, {"name": "cd_batch", "value": "1"}],
    materials=["sha256:" + "0a" * 32, "sha256:" + "0b" * 32],
    fetch_from="/front/up_pro_accept?row_guid=00000000-0000-0000-0000-000000000001",
    available_until="2026-04-02T09:06:00+08:00",
    department_code="115105020000000008",
)

CONTRACT = Contract(
    type="cn.gov.record.available",
    version=1,
    title=Text("同步告知", "Record available"),
    meaning=Text(
        "告知一条记录可以取用：只带主键、摘要与地址，不带内容。",
        "A record can be fetched: the notice has its keys, digest and address, and nothing of its content.",
    ),
    model=RecordAvailable,
    rules=(
        OneOf(("record_id", "keys")),
        Distinct("keys", "name"),
        NotBefore("available_until", "available_at"),
    ),
    examples=(
        Example("申请可取用 / an application can be fetched", _VALID),
        Example("前置库记录可取用 / a front-database row can be fetched", _KEYED),
        Example(
            "夹带内容 / content carried along",
            but(_VALID, record={"item_name": "食品经营许可（新办）"}),
            valid=False,
            expect=(("E_V_UNKNOWN_FIELD", "$.data.record"),),
        ),
        Example(
            "没有主键 / no key",
            but(_VALID, drop=("record_id",)),
            valid=False,
            expect=(("E_V_RULE", "$.data.record_id"),),
        ),
        Example(
            "地址含口令，摘要不是 SHA-256 / an address with a password, a digest of another kind",
            but(_VALID, fetch_from="https://user:none@sharing.example.invalid/records/1", digest="md5:" + "0" * 32),
            valid=False,
            expect=(("E_V_FORMAT", "$.data.digest"), ("E_V_FORMAT", "$.data.fetch_from")),
        ),
        Example(
            "版本为文字，主键为空 / a version in words, no key among the keys",
            but(_KEYED, contract_version="1", keys=[]),
            valid=False,
            expect=(("E_V_TYPE", "$.data.contract_version"), ("E_V_LENGTH", "$.data.keys")),
        ),
    ),
)
