# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""对账分桶清单: what one side has of one day, as a tree of sums that is opened only where two sides part.

How lines, buckets and nodes are computed is written in :mod:`contracts.reconciling.agreed` and
:mod:`contracts.reconciling.tree`, and for implementers in ``docs/reconciliation.md``.
"""

from typing import Annotated

from pydantic import BaseModel, Field

from contracts import forms
from contracts.codes import ReconcilingSide
from contracts.contract import Contract
from contracts.example import Example, but
from contracts.families.case_record import STRICT
from contracts.families.fields import Day, Line50, Line200, Moment, says
from contracts.families.oversight.measures import ContractType, ContractVersion, Count, SystemId
from contracts.families.record import Record
from contracts.reconciling.agreed import Agreed
from contracts.reconciling.tree import NOTHING, grown, sum_of_lines
from contracts.rules import Distinct, Together
from contracts.text import Text

MOST_NODES = 4096
MOST_ROWS = 4000
"""Of one bucket, and of one message."""

Sm3 = Annotated[str, Field(strict=True, pattern=forms.SM3)]
NodeName = Annotated[str, Field(strict=True, pattern=forms.NODE)]
ChildName = Annotated[str, Field(strict=True, pattern=forms.BELOW_ROOT)]
"""Never empty: a root has its own fields, and an empty element of XML would say that nothing was told."""
BucketName = Annotated[str, Field(strict=True, pattern=forms.BUCKET)]
AgreementName = Annotated[str, Field(strict=True, pattern=forms.AGREEMENT)]
RecordName = Annotated[str, Field(strict=True, min_length=1, max_length=200)]


class NodeSum(BaseModel):
    """One node that is not a root."""

    model_config = STRICT

    name: Annotated[ChildName, says("节点名", "Name of the node, ~ before those of what came late")]
    count: Annotated[Count, says("记录数", "Number of records below it")]
    digest: Annotated[Sm3, says("摘要", "SM3 of what hangs from it")]


class CountedRow(BaseModel):
    """One record of a bucket."""

    model_config = STRICT

    case_no: Annotated[Line50, says("统一办件编号", "Case number")]
    record: Annotated[
        RecordName | None, says("记录名", "What tells it from other records of its case; absent where nothing does")
    ] = None
    version: Annotated[ContractVersion, says("契约版本", "Version of the contract that the content is of")]
    content: Annotated[Sm3, says("内容摘要", "SM3 of the content text")]


class OpenedBucket(BaseModel):
    """A bucket with all its records."""

    model_config = STRICT

    name: Annotated[BucketName, says("桶名", "Name of the bucket")]
    rows: Annotated[tuple[CountedRow, ...], Field(max_length=MOST_ROWS), says("记录", "All its records, in any order")]


class ReconciliationCounted(Record):
    """A root, with as much of the tree as is wanted. Several about one day add up, as long as their roots are the same."""

    manifest_no: Annotated[
        Line50, says("对账清单编号", "DZ-AGREEMENT-YYYYMMDD on both sides; equal to the envelope's subject")
    ]
    agreement: Annotated[AgreementName, says("对账约定", "Name of what was agreed to compare")]
    rule: Annotated[Sm3, says("对账口径摘要", "SM3 of what was agreed: fields, record, contract and version")]
    from_system: Annotated[SystemId, says("发送系统", "System that sent the messages")]
    to_system: Annotated[SystemId, says("接收系统", "System that received them")]
    declared_by: Annotated[ReconcilingSide, says("制表方", "Which of the two counted")]
    contract_type: Annotated[ContractType, says("契约类型", "Contract of the messages")]
    contract_version: Annotated[ContractVersion, says("契约版本", "Version in which they are compared")]
    day: Annotated[Day, says("对账日", "Day in Beijing on which the hub accepted the messages")]
    counted_at: Annotated[Moment, says("统计时间", "When it was counted; a later count replaces an earlier one")]
    count: Annotated[Count, says("记录数", "Number of records; without the late ones where those are told apart")]
    digest: Annotated[Sm3, says("摘要", "SM3 of the root")]
    late_count: Annotated[
        Count | None, says("迟到记录数", "Number of records that came after the day was closed, if told apart")
    ] = None
    late_digest: Annotated[Sm3 | None, says("迟到摘要", "SM3 of their root")] = None
    nodes: Annotated[
        tuple[NodeSum, ...],
        Field(max_length=MOST_NODES),
        says("节点", "Children that are not empty: of a node all or none"),
    ] = ()
    opened: Annotated[
        tuple[OpenedBucket, ...], Field(max_length=1000), says("展开的桶", "Buckets with their records")
    ] = ()
    wanted: Annotated[
        tuple[NodeName, ...],
        Field(max_length=MOST_NODES),
        says("请展开", "Nodes of the other side's tree that it is asked to open"),
    ] = ()
    note: Annotated[Line200 | None, says("说明", "Remarks; nothing personal")] = None


_AGREED = Agreed("cn.gov.acceptance.decided", 2)
_LINES = tuple(
    _AGREED.key(case, {}) + _AGREED.rest(2, digit * 64)
    for case, digit in (("510500-20260302-000001", "a"), ("510500-20260302-000002", "b"))
)
_TREE = grown({"6f1": sum_of_lines(_LINES[:1]), "c02": sum_of_lines(_LINES[1:])})
_SUMMARY = {
    "manifest_no": "DZ-shengpingtai-20260302",
    "agreement": "shengpingtai",
    "rule": _AGREED.rule,
    "from_system": "hub",
    "to_system": "province",
    "declared_by": "receiver",
    "contract_type": _AGREED.contract,
    "contract_version": 2,
    "day": "2026-03-02",
    "counted_at": "2026-03-03T02:10:00+08:00",
    "count": 2,
    "digest": _TREE.at("").digest,
}
_NODES = but(
    _SUMMARY,
    late_count=0,
    late_digest=NOTHING.digest,
    nodes=[{"name": name, "count": one.records, "digest": one.digest} for name, one in _TREE.below("").items()],
    wanted=["6f"],
    note="示例：请展开 6f",
)
_OPENED = but(
    _SUMMARY,
    opened=[
        {"name": "6f1", "rows": [{"case_no": "510500-20260302-000001", "version": 2, "content": "a" * 64}]},
    ],
)

CONTRACT = Contract(
    type="cn.gov.reconciliation.counted",
    version=1,
    title=Text("对账分桶清单", "Reconciliation counted"),
    meaning=Text(
        "一方对某日、某契约往来记录的统计：按办件编号散列分桶，逐层汇总为 SM3 摘要树；一致时只交换根，"
        "不一致时只展开不同的节点，直至具体办件。",
        "One side's sums of one day and contract: a tree of SM3 digests over buckets of case numbers. Where two sides agree only "
        "roots are exchanged; where they do not, only the nodes that differ are opened, down to the cases.",
    ),
    model=ReconciliationCounted,
    subject="manifest_no",
    rules=(
        Together(("late_count", "late_digest")),
        Distinct("nodes", "name"),
        Distinct("opened", "name"),
    ),
    examples=(
        Example("只有根 / the root alone", _SUMMARY),
        Example("一层节点，并请对方展开 / one level, and a node that is wanted", _NODES),
        Example("展开一个桶 / a bucket that is opened", _OPENED),
        Example(
            "迟到记录只有数量 / how many are late, without their digest",
            but(_SUMMARY, late_count=1),
            valid=False,
            expect=(("E_V_RULE", "$.data.late_digest"),),
        ),
        Example(
            "节点名不是十六进制，同一节点两次 / a node of no such name, one told twice",
            but(_NODES, wanted=["xyz"], nodes=[_NODES["nodes"][0], _NODES["nodes"][0]]),
            valid=False,
            expect=(("E_V_FORMAT", "$.data.wanted[0]"), ("E_V_RULE", "$.data.nodes[1].name")),
        ),
        Example(
            "大写摘要，展开的不是桶 / a digest in capitals, opened what is no bucket",
            but(_SUMMARY, digest="A" * 64, opened=[{"name": "6f", "rows": []}]),
            valid=False,
            expect=(("E_V_FORMAT", "$.data.digest"), ("E_V_FORMAT", "$.data.opened[0].name")),
        ),
        Example(
            "没有对账日 / of no day",
            but(_SUMMARY, drop=("day",)),
            valid=False,
            expect=(("E_V_MISSING", "$.data.day"),),
        ),
    ),
)
