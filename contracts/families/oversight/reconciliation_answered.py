# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""对账结果: how the other side's records compare with a manifest, message by message."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, Field

from contracts.array_rules import RequiredInEach, elements
from contracts.cloudevent import JsonValue
from contracts.codes import ReconcilingFinding, ReconcilingSide, ReconcilingVerdict
from contracts.contract import Contract
from contracts.count_rules import NotMore, SumOf, whole
from contracts.example import Example, but
from contracts.families.case_record import STRICT
from contracts.families.fields import Line50, Moment, Sha256, says
from contracts.families.oversight.manifest import MOST_ENTRIES, NoMessageTwice
from contracts.families.oversight.measures import ContractType, Count, MessageId, PageNumber, SystemId
from contracts.families.record import Record
from contracts.json_path import member
from contracts.refusal import Violation
from contracts.rules import RequiredWhen, Together
from contracts.text import Text


class FindingOfMessage(BaseModel):
    """What was found about one message. "Here" is the side that answers."""

    model_config = STRICT

    contract_type: Annotated[ContractType | None, says("契约类型", "Contract type of the message")] = None
    source: Annotated[SystemId, says("消息来源", "CloudEvents source of the message")]
    id: Annotated[MessageId, says("消息标识", "CloudEvents id of the message")]
    finding: Annotated[ReconcilingFinding, says("比对结果", "What was found")]
    declared_digest: Annotated[Sha256 | None, says("清单中的摘要", "Its digest in the manifest")] = None
    own_digest: Annotated[Sha256 | None, says("本方的摘要", "Its digest at the side that answers")] = None


class ReconciliationAnswered(Record):
    """One answer, or one page of it. Every page repeats everything but ``page`` and ``findings``."""

    manifest_no: Annotated[Line50, says("对账清单编号", "The manifest this answers; equal to the envelope's subject")]
    manifest_digest: Annotated[Sha256, says("清单总摘要", "The manifest's digest over all its messages, repeated")]
    answered_by: Annotated[ReconcilingSide, says("答复方", "Which end of the exchange answers")]
    verdict: Annotated[ReconcilingVerdict, says("对账结论", "What the comparison came to")]
    declared: Annotated[Count | None, says("清单消息数", "Number of messages in the manifest")] = None
    matched: Annotated[Count | None, says("相符数", "Messages that both sides have alike")] = None
    missing_here: Annotated[Count | None, says("本方缺少数", "Messages only the manifest has")] = None
    missing_there: Annotated[Count | None, says("对方缺少数", "Messages only the side that answers has")] = None
    differs: Annotated[Count | None, says("内容不同数", "Messages whose digests differ")] = None
    findings: Annotated[
        tuple[FindingOfMessage, ...],
        Field(max_length=MOST_ENTRIES),
        says("逐条结果", "Every message that is not matched; those that are may be listed too"),
    ] = ()
    page: Annotated[PageNumber | None, says("页码", "Number of this page, from 1")] = None
    pages: Annotated[PageNumber | None, says("总页数", "Number of pages")] = None
    answered_at: Annotated[Moment, says("答复时间", "When the comparison was made")]


_TOTALS = ("declared", "matched", "missing_here", "missing_there", "differs")
_NOT_MATCHED = ("missing_here", "missing_there", "differs")


@dataclass(frozen=True, slots=True)
class FindingsCounted:
    """Where the answer is whole, the totals of what does not match are the numbers of such findings."""

    def text(self) -> Text:
        names = ", ".join(_NOT_MATCHED)
        return Text(
            f"未分页时，{names} 等于 findings 中相应的条数",
            f"where there are no pages, {names} are the numbers of such findings",
        )

    def broken(self, data: Mapping[str, JsonValue]) -> Iterator[Violation]:
        if data.get("page") is not None:
            return
        found = [element.get("finding") for _, element in elements(data, "findings")]
        for name in _NOT_MATCHED:
            total = whole(data.get(name))
            if total is not None and total != found.count(name):
                remedy = Text("补全 findings 或核对合计", "Complete findings or check the total")
                yield Violation("E_V_RULE", member("$.data", name), self.text(), remedy)

    def schema(self) -> dict[str, Any] | None:
        return None


@dataclass(frozen=True, slots=True)
class VerdictFollows:
    """``verdict`` is ``agreed`` exactly when nothing is missing and nothing differs."""

    def text(self) -> Text:
        return Text(
            "缺少数与不同数全为 0 时 verdict 为 agreed，否则为 differs",
            "verdict is agreed where nothing is missing and nothing differs, and differs otherwise",
        )

    def broken(self, data: Mapping[str, JsonValue]) -> Iterator[Violation]:
        totals = [total for name in _NOT_MATCHED if (total := whole(data.get(name))) is not None]
        if len(totals) < len(_NOT_MATCHED):
            return
        if data.get("verdict") == ("differs" if sum(totals) == 0 else "agreed"):
            yield Violation("E_V_RULE", "$.data.verdict", self.text(), Text("核对 verdict", "Check verdict"))

    def schema(self) -> dict[str, Any] | None:
        return None


_AGREED = {
    "manifest_no": "DZ-20260302-0001",
    "manifest_digest": "sha256:" + "0e" * 32,
    "answered_by": "receiver",
    "verdict": "agreed",
    "declared": 3,
    "matched": 3,
    "missing_here": 0,
    "missing_there": 0,
    "differs": 0,
    "answered_at": "2026-03-03T00:12:00+08:00",
}
_DIFFERS = but(
    _AGREED,
    verdict="differs",
    declared=4,
    matched=2,
    missing_here=1,
    missing_there=1,
    differs=1,
    findings=[
        {
            "contract_type": "cn.gov.application.submitted",
            "source": "portal",
            "id": "00000000000000000000000A01",
            "finding": "missing_here",
            "declared_digest": "sha256:" + "1a" * 32,
        },
        {
            "source": "portal",
            "id": "00000000000000000000000A02",
            "finding": "differs",
            "declared_digest": "sha256:" + "1b" * 32,
            "own_digest": "sha256:" + "2b" * 32,
        },
        {
            "source": "portal",
            "id": "00000000000000000000000A09",
            "finding": "missing_there",
            "own_digest": "sha256:" + "1f" * 32,
        },
    ],
)

CONTRACT = Contract(
    type="cn.gov.reconciliation.answered",
    version=1,
    title=Text("对账结果", "Reconciliation answered"),
    meaning=Text(
        "一方按对账清单逐条比对后的答复：相符、本方缺少、对方缺少、内容不同；只有汇总而不一致时要求明细。",
        "The answer to a manifest, message by message: matched, missing here, missing there, or different; where a summary "
        "does not agree, the list is asked for.",
    ),
    model=ReconciliationAnswered,
    subject="manifest_no",
    rules=(
        RequiredWhen("declared", "verdict", ("agreed", "differs")),
        Together(_TOTALS),
        SumOf("declared", ("matched", "missing_here", "differs")),
        VerdictFollows(),
        FindingsCounted(),
        RequiredInEach("findings", "declared_digest", "finding", ("matched", "missing_here", "differs")),
        RequiredInEach("findings", "own_digest", "finding", ("missing_there", "differs")),
        NoMessageTwice("findings"),
        Together(("page", "pages")),
        NotMore("page", "pages"),
    ),
    examples=(
        Example("一致 / all agree", _AGREED),
        Example("不一致，逐条列出 / differences, one by one", _DIFFERS),
        Example("需要明细 / the list is wanted", but(_AGREED, drop=_TOTALS, verdict="list_wanted")),
        Example(
            "分页答复的一页 / a page of the answer",
            but(_DIFFERS, findings=[_DIFFERS["findings"][0]], page=1, pages=3),
        ),
        Example(
            "不一致却说一致 / agreed, although something is missing",
            but(_DIFFERS, verdict="agreed"),
            valid=False,
            expect=(("E_V_RULE", "$.data.verdict"),),
        ),
        Example(
            "合计不符，明细缺一条 / totals that do not add up, a finding not listed",
            but(_DIFFERS, declared=5, findings=_DIFFERS["findings"][:2]),
            valid=False,
            expect=(("E_V_RULE", "$.data.declared"), ("E_V_RULE", "$.data.missing_there")),
        ),
        Example(
            "内容不同而只有一个摘要 / different, with one digest",
            but(
                _AGREED,
                verdict="differs",
                matched=2,
                differs=1,
                findings=[
                    {"source": "portal", "id": "A02", "finding": "differs", "declared_digest": "sha256:" + "1b" * 32}
                ],
            ),
            valid=False,
            expect=(("E_V_RULE", "$.data.findings[0].own_digest"),),
        ),
        Example(
            "没有结论，合计不全 / no verdict, some totals",
            but(_AGREED, drop=("verdict", "matched")),
            valid=False,
            expect=(("E_V_MISSING", "$.data.verdict"), ("E_V_RULE", "$.data.matched")),
        ),
    ),
)
