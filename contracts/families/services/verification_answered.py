# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""核验答复: whether the statements are so, fact by fact. There is no place in it for what the register holds."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, Field

from contracts.cloudevent import JsonValue
from contracts.codes import FieldVerdict, VerificationKind, VerificationResult, VerifiedField
from contracts.contract import Contract
from contracts.example import Example, but
from contracts.families.case_record import STRICT
from contracts.families.fields import Department, Line50, Line100, Moment, Prose1000, says
from contracts.families.services.matter_record import MatterRecord
from contracts.personal import PersonalClass
from contracts.refusal import Violation
from contracts.rules import Distinct, NotBefore, RequiredWhen
from contracts.text import Text

_COMPARED = ("matched", "partly_matched", "not_matched")


class Verdict(BaseModel):
    """The finding on one fact."""

    model_config = STRICT

    field: Annotated[VerifiedField, says("核验项", "Which fact was compared")]
    verdict: Annotated[FieldVerdict, says("单项核验结果", "Whether it is as stated")]


class VerificationAnswered(MatterRecord):
    """The answer to one question."""

    request_no: Annotated[Line50, says("核验请求编号", "The number the question carried")]
    kind: Annotated[VerificationKind, says("核验种类", "What was asked about")]
    result: Annotated[VerificationResult, says("核验结果", "The answer as a whole")]
    verdicts: Annotated[
        Annotated[tuple[Verdict, ...], Field(min_length=1, max_length=20)] | None,
        says("单项核验结果", "A verdict on each fact that was asked"),
    ] = None
    reason: Annotated[
        Prose1000 | None, says("无法核验的原因", "Why the register could not be asked"), PersonalClass.FREE_TEXT
    ] = None
    source_name: Annotated[Line100, says("核验源单位名称", "Body whose register answered")]
    source_code: Annotated[Department | None, says("核验源单位代码", "Code of that body")] = None
    source_serial: Annotated[Line100 | None, says("核验源流水号", "The register's own number of this answer")] = None
    answered_at: Annotated[Moment, says("答复时间", "When the register answered")]
    valid_until: Annotated[
        Moment | None, says("结果有效期至", "Until when the answer may be relied on; absent when nobody says")
    ] = None


@dataclass(frozen=True, slots=True)
class AgreesWithVerdicts:
    """The answer as a whole is what its verdicts come to; a fact the register does not hold counts as not matching."""

    def text(self) -> Text:
        return Text(
            "result 与 verdicts 相符：全部一致为 matched，全部不一致为 not_matched，其余为 partly_matched",
            "result is what verdicts come to: matched when all match, not_matched when none does, else partly_matched",
        )

    def broken(self, data: Mapping[str, JsonValue]) -> Iterator[Violation]:
        result, verdicts = data.get("result"), data.get("verdicts")
        if not isinstance(verdicts, list) or not verdicts or result not in _COMPARED:
            return
        given = [verdict.get("verdict") for verdict in verdicts if isinstance(verdict, dict)]
        if len(given) != len(verdicts) or any(verdict not in list(FieldVerdict) for verdict in given):
            return
        matching = given.count("matched")
        come_to = "matched" if matching == len(given) else "partly_matched" if matching else "not_matched"
        if result != come_to:
            remedy = Text("核对 result 与各项 verdict", "Check result and each verdict")
            yield Violation("E_V_RULE", "$.data.result", self.text(), remedy)

    def schema(self) -> dict[str, Any] | None:
        return None


_VALID = {
    "matter_no": "510500-20260302-000001",
    "request_no": "HY-000001",
    "kind": "population",
    "result": "matched",
    "verdicts": [{"field": "name", "verdict": "matched"}],
    "source_name": "示例市数据共享平台（测试）",
    "answered_at": "2026-03-02T09:05:02+08:00",
}
_PARTLY = but(
    _VALID,
    kind="licence",
    result="partly_matched",
    verdicts=[{"field": "licence_holder", "verdict": "matched"}, {"field": "valid_until", "verdict": "not_held"}],
    source_code="11510500000000000B",
    source_serial="CX-000002",
    valid_until="2026-03-03T00:00:00+08:00",
    region_code="510500",
)
_UNAVAILABLE = but(_VALID, drop=("verdicts",), result="unavailable", reason="核验源维护中")

CONTRACT = Contract(
    type="cn.gov.verification.answered",
    version=1,
    title=Text("核验答复", "Verification answered"),
    meaning=Text(
        "核验源逐项答复所述内容是否一致，不返回登记内容；查无记录、无法核验也是答复。",
        "A register says fact by fact whether the statements are true and discloses nothing else; "
        "no record and no access are answers too.",
    ),
    model=VerificationAnswered,
    subject="matter_no",
    rules=(
        RequiredWhen("verdicts", "result", _COMPARED),
        AgreesWithVerdicts(),
        Distinct("verdicts", "field"),
        RequiredWhen("reason", "result", ("unavailable",)),
        NotBefore("valid_until", "answered_at"),
    ),
    examples=(
        Example("一致 / a match", _VALID),
        Example("部分一致 / a match in part", _PARTLY),
        Example("无法核验 / the register cannot be asked", _UNAVAILABLE),
        Example("查无记录 / no such record", but(_VALID, drop=("verdicts",), result="not_found")),
        Example(
            "无法核验而无原因 / no access, and no reason",
            but(_UNAVAILABLE, drop=("reason",)),
            valid=False,
            expect=(("E_V_RULE", "$.data.reason"),),
        ),
        Example(
            "结论与单项不符 / the whole is not what its parts come to",
            but(_PARTLY, result="matched"),
            valid=False,
            expect=(("E_V_RULE", "$.data.result"),),
        ),
        Example(
            "返回了登记内容 / telling what the register holds",
            but(_VALID, verdicts=[{"field": "name", "verdict": "not_matched", "value": "测试人"}]),
            valid=False,
            expect=(("E_V_UNKNOWN_FIELD", "$.data.verdicts[0].value"), ("E_V_RULE", "$.data.result")),
        ),
        Example(
            "有效期早于答复 / valid until before it was answered",
            but(_PARTLY, valid_until="2026-03-02T09:05:01+08:00"),
            valid=False,
            expect=(("E_V_RULE", "$.data.valid_until"),),
        ),
    ),
)
