# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""对账清单: what one side of an exchange has of a period, for the other side to compare with."""

from typing import Annotated

from pydantic import Field

from contracts.codes import DigestScope, ReconcilingClock, ReconcilingSide
from contracts.contract import Contract
from contracts.count_rules import NotMore
from contracts.example import Example, but
from contracts.families.fields import Line50, Moment, Sha256, says
from contracts.families.oversight.manifest import (
    MOST_ENTRIES,
    ContractCount,
    Entry,
    ListAddsUp,
    ManifestEntry,
    NoMessageTwice,
    manifest_digest,
)
from contracts.families.oversight.measures import Count, PageNumber, SystemId
from contracts.families.record import Record
from contracts.rules import Distinct, NotBefore, Together
from contracts.text import Text


class ReconciliationDeclared(Record):
    """One manifest, or one page of it. Every page repeats everything but ``page`` and ``entries``.

    Without ``entries`` it is a summary: enough when both sides agree, which is nearly always.
    """

    manifest_no: Annotated[Line50, says("对账清单编号", "Number of the manifest; equal to the envelope's subject")]
    from_system: Annotated[SystemId, says("发送系统", "System that sent the messages")]
    to_system: Annotated[SystemId, says("接收系统", "System that received them")]
    declared_by: Annotated[ReconcilingSide, says("对账发起方", "Which of the two makes this manifest")]
    period_from: Annotated[Moment, says("对账期起始时间", "Beginning of the period; belongs to it")]
    period_until: Annotated[Moment, says("对账期截止时间", "End of the period; does not belong to it")]
    period_clock: Annotated[ReconcilingClock, says("对账时间依据", "Which time of a message the period is about")]
    digest_scope: Annotated[DigestScope, says("摘要范围", "What each message's digest is over")]
    count: Annotated[Count, says("消息总数", "Number of all messages of the period")]
    digest: Annotated[Sha256, says("总摘要", "SHA-256 over the lines of all messages of the period")]
    contracts: Annotated[
        tuple[ContractCount, ...], Field(max_length=200), says("按契约统计", "Count and digest of each contract")
    ]
    entries: Annotated[
        tuple[ManifestEntry, ...] | None,
        Field(max_length=MOST_ENTRIES),
        says("消息清单", "Every message of the period, or those of this page, in any order"),
    ] = None
    page: Annotated[PageNumber | None, says("页码", "Number of this page, from 1")] = None
    pages: Annotated[PageNumber | None, says("总页数", "Number of pages")] = None
    declared_at: Annotated[Moment, says("清单生成时间", "When the manifest was drawn up")]


def _entry(source: str, id_: str, digits: str) -> Entry:
    return Entry(source, id_, "sha256:" + digits * 32)


_APPLICATIONS = (
    _entry("portal", "00000000000000000000000A01", "1a"),
    _entry("portal", "00000000000000000000000A02", "1b"),
)
_CORRECTIONS = (_entry("portal", "00000000000000000000000A03", "1c"),)
_LISTED = [
    {"contract_type": type_, **entry._asdict()}
    for type_, entries in (
        ("cn.gov.application.submitted", _APPLICATIONS),
        ("cn.gov.correction.supplied", _CORRECTIONS),
    )
    for entry in entries
]
_SUMMARY = {
    "manifest_no": "DZ-20260302-0001",
    "from_system": "portal",
    "to_system": "hub",
    "declared_by": "sender",
    "period_from": "2026-03-02T00:00:00+08:00",
    "period_until": "2026-03-03T00:00:00+08:00",
    "period_clock": "accepted",
    "digest_scope": "content",
    "count": 3,
    "digest": manifest_digest((*_APPLICATIONS, *_CORRECTIONS)),
    "contracts": [
        {"contract_type": "cn.gov.application.submitted", "count": 2, "digest": manifest_digest(_APPLICATIONS)},
        {"contract_type": "cn.gov.correction.supplied", "count": 1, "digest": manifest_digest(_CORRECTIONS)},
    ],
    "declared_at": "2026-03-03T00:10:00+08:00",
}
_WHOLE = but(_SUMMARY, entries=_LISTED)
_EMPTY = but(_SUMMARY, count=0, digest=manifest_digest(()), contracts=[], entries=[], declared_by="receiver")

CONTRACT = Contract(
    type="cn.gov.reconciliation.declared",
    version=1,
    title=Text("对账清单", "Reconciliation declared"),
    meaning=Text(
        "一方声明某一时段内往来消息的数量、摘要与明细，供对方比对；每条消息一行“摘要 制表符 来源 制表符 标识 换行”，"
        "按字节升序排列、去重后计算 SHA-256。",
        "One side declares number, digest and list of the messages exchanged in a period. A digest is SHA-256 over one line "
        "per message, digest TAB source TAB id LF in UTF-8, the lines sorted by their bytes, none twice.",
    ),
    model=ReconciliationDeclared,
    subject="manifest_no",
    rules=(
        NotBefore("period_until", "period_from"),
        NotBefore("declared_at", "period_until"),
        Together(("page", "pages")),
        NotMore("page", "pages"),
        Distinct("contracts", "contract_type"),
        NoMessageTwice("entries"),
        ListAddsUp(),
    ),
    examples=(
        Example("汇总 / a summary", _SUMMARY),
        Example("完整清单 / the whole list", _WHOLE),
        Example("分页清单的一页 / a page of the list", but(_SUMMARY, entries=_LISTED[:2], page=1, pages=2)),
        Example("没有往来 / nothing was exchanged", _EMPTY),
        Example(
            "清单少一条 / the list lacks a message",
            but(_SUMMARY, entries=_LISTED[:2]),
            valid=False,
            expect=(
                ("E_V_RULE", "$.data.count"),
                ("E_V_RULE", "$.data.digest"),
                ("E_V_RULE", "$.data.contracts[1].count"),
                ("E_V_RULE", "$.data.contracts[1].digest"),
            ),
        ),
        Example(
            "有页码而无总页数 / a page of nobody knows how many",
            but(_WHOLE, page=1),
            valid=False,
            expect=(("E_V_RULE", "$.data.pages"),),
        ),
        Example(
            "页码超出总页数，同一消息两次 / a page beyond the last, one message twice",
            but(_WHOLE, page=3, pages=2, entries=[_LISTED[0], _LISTED[0]]),
            valid=False,
            expect=(("E_V_RULE", "$.data.page"), ("E_V_RULE", "$.data.entries[1].id")),
        ),
        Example(
            "对账期颠倒，一方不明 / the period ends before it begins, a side that is none",
            but(_SUMMARY, period_until="2026-03-01T00:00:00+08:00", declared_by="portal"),
            valid=False,
            expect=(("E_V_RULE", "$.data.period_until"), ("E_V_CODE", "$.data.declared_by")),
        ),
    ),
)
