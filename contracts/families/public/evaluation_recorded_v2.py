# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""好差评 with the facts of the national rating interface, whose numbers run from 1 (worst) to 5 (best).

The numbers themselves stand nowhere in a record: ``rating`` is a word, and version 1 calls its field ``satisfaction``.
So a record of one version is never taken for one of the other.
"""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from contracts.codes import CaseProgress, CaseType, EvaluatorType, Rating, RatingGiver, RatingPlatform, Satisfaction
from contracts.contract import Contract
from contracts.conversion import Conversion, Finding, Loss, Record
from contracts.example import Example, but
from contracts.families.case_record import CaseRecord
from contracts.families.fields import Day, IdNumber, IdType, Item, Line20, Line200, Moment, Prose2000, says
from contracts.families.public.evaluation_recorded import NOBODY, Times
from contracts.families.public.nobody_rated import NobodyRated
from contracts.personal import PersonalClass
from contracts.rules import AbsentWhen
from contracts.steps import Added, Recoded, Removed, Renamed
from contracts.text import Text


class EvaluationRecordedV2(CaseRecord):
    """One rating of one service visit. The hub carries ratings; it never makes one."""

    given_by: Annotated[RatingGiver, says("评价来源", "Whether a person rated or a system filled it in")]
    platform: Annotated[RatingPlatform | None, says("评价渠道", "Where the rating was given (pf)")] = None
    rating: Annotated[
        Rating, says("满意度（文字代码）", "How satisfied (satisfaction); the national interface counts 5 as the best")
    ]
    detail_codes: Annotated[
        Annotated[tuple[Line20, ...], Field(min_length=1, max_length=50)] | None,
        says("评价详情代码", "What in particular was good or bad (evalDetail), codes of the rating platform"),
    ] = None
    comment: Annotated[
        Prose2000 | None, says("文字评价", "The rating in words (writingEvaluation)"), PersonalClass.FREE_TEXT
    ] = None
    evaluated_at: Annotated[Moment, says("评价时间", "When the rating was given (assessTime)")]
    times: Annotated[Times | None, says("评价次数", "Which rating of this service it is (assessNumber), 1 to 99")] = (
        None
    )
    evaluator_type: Annotated[EvaluatorType | None, says("评价人类型", "What kind of person or body rated")] = None
    id_type: Annotated[IdType | None, says("评价人证件类型代码", "Document type of the evaluator, 3 digits")] = None
    cert_key: Annotated[
        IdNumber | None,
        says("评价人身份标识", "National hash of the evaluator's name and document number (certKey)"),
        PersonalClass.ID_NUMBER,
    ] = None
    item_name: Annotated[Line200 | None, says("事项名称", "Name of the item")] = None
    handling_item_code: Annotated[
        Item | None, says("业务办理项编码", "Code of the handling item inside the item (taskHandleItem)")
    ] = None
    case_type: Annotated[CaseType | None, says("办件类型代码", "Whether the case is done at once or by a date")] = None
    promised_days: Annotated[
        Annotated[int, Field(strict=True, ge=0, le=3650)] | None, says("承诺办结天数", "Days promised (promiseDay)")
    ] = None
    progress: Annotated[CaseProgress | None, says("办件状态", "How far the case was when rated (proStatus)")] = None
    accepted_on: Annotated[Day | None, says("受理日期", "Day of acceptance")] = None
    completed_on: Annotated[Day | None, says("办结日期", "Day of completion")] = None
    service_name: Annotated[Line200 | None, says("服务名称", "Name of the service visit that is rated")] = None
    service_number: Annotated[
        Annotated[int, Field(strict=True, ge=1, le=99)] | None,
        says("服务次数", "Which service visit of the case it is, 1 to 99"),
    ] = None
    served_at: Annotated[Moment | None, says("服务时间", "When the service was given")] = None
    data_source: Annotated[Line20 | None, says("数据来源代码", "Which platform collected it (dataSource)")] = None


_SCALE = {
    Satisfaction.VERY_SATISFIED.value: Rating.VERY_SATISFIED.value,
    Satisfaction.SATISFIED.value: Rating.SATISFIED.value,
    Satisfaction.FAIRLY_SATISFIED.value: Rating.FAIRLY_SATISFIED.value,
    Satisfaction.DISSATISFIED.value: Rating.DISSATISFIED.value,
    Satisfaction.VERY_DISSATISFIED.value: Rating.VERY_DISSATISFIED.value,
}

_PLATFORM_OF = {platform.text.zh: platform.value for platform in RatingPlatform}
_NAME_OF = {platform: name for name, platform in _PLATFORM_OF.items()}
_NO_PLATFORM = Text(
    "新版本只有渠道代码，没有与该名称对应的代码", "The newer version has codes only, and none for this name"
)


@dataclass(frozen=True, slots=True)
class ChannelCoded:
    """A channel in words becomes a platform by code; a channel that is no platform's exact name is never guessed at."""

    def up(self, record: Record) -> tuple[Finding, ...]:
        named = record.pop("channel", None)
        if named is None:
            return ()
        platform = _PLATFORM_OF.get(named)
        if platform is None:
            return (Loss("$.data.channel", _NO_PLATFORM),)
        record["platform"] = platform
        return ()

    def down(self, record: Record) -> tuple[Finding, ...]:
        platform = record.pop("platform", None)
        if platform is not None:
            record["channel"] = _NAME_OF[platform]
        return ()

    def text(self) -> Text:
        names = "、".join(f"{name}→{platform}" for name, platform in _PLATFORM_OF.items())
        return Text(
            f"channel（文字）改为 platform（代码）：{names}", f"channel, a text, becomes platform, a code: {names}"
        )


_ADDED = (
    "detail_codes",
    "evaluator_type",
    "id_type",
    "cert_key",
    "item_name",
    "handling_item_code",
    "case_type",
    "promised_days",
    "progress",
    "accepted_on",
    "completed_on",
    "service_name",
    "service_number",
    "served_at",
    "data_source",
)

_VALID = {
    "case_no": "510500-20260302-000001",
    "given_by": "person",
    "platform": "hall",
    "rating": "very_satisfied",
    "evaluated_at": "2026-03-12T09:45:00+08:00",
}
_FULL = but(
    _VALID,
    platform="mobile",
    rating="very_dissatisfied",
    detail_codes=["101", "105"],
    comment="等候时间过长。\n请改进。",
    times=2,
    evaluator_type="natural_person",
    id_type="111",
    cert_key="0d" * 32,
    item_code="1151050200000000084000131014000",
    item_name="食品经营许可（新办）",
    handling_item_code="115105020000000008400013101400001",
    department_code="115105020000000008",
    region_code="510502000000",
    case_type="2",
    promised_days=10,
    progress="completed",
    accepted_on="2026-03-03",
    completed_on="2026-03-11",
    service_name="领取证照",
    service_number=3,
    served_at="2026-03-12T09:40:00+08:00",
    data_source="000",
)
_DEFAULT = but(_VALID, given_by="system_default", platform="system_default")

CONTRACT = Contract(
    type="cn.gov.evaluation.recorded",
    version=2,
    title=Text("好差评（国家接口）", "Evaluation recorded, national rating interface"),
    meaning=Text(
        "办事人对一次服务作出好差评，满意度写成文字代码，不写数字。无人评价而由系统默认的，须如实标明。",
        "The person served has rated a service; the rating is a word and never a number. What a system filled in says so.",
    ),
    model=EvaluationRecordedV2,
    rules=(
        NobodyRated("platform", RatingPlatform.SYSTEM_DEFAULT.value),
        AbsentWhen("comment", "given_by", NOBODY),
        AbsentWhen("detail_codes", "given_by", NOBODY),
        AbsentWhen("cert_key", "given_by", NOBODY),
    ),
    examples=(
        Example("大厅好评 / a good rating in the hall", _VALID),
        Example("手机差评，字段齐全 / a bad rating by phone with every field", _FULL),
        Example("系统默认 / filled in by a system", _DEFAULT),
        Example(
            "按国标的写法填写满意度 / a rating as the standard has it",
            but(_VALID, drop=("rating",), satisfaction="1"),
            valid=False,
            expect=(("E_V_MISSING", "$.data.rating"), ("E_V_UNKNOWN_FIELD", "$.data.satisfaction")),
        ),
        Example(
            "满意度写成数字代码 / the rating as a digit",
            but(_VALID, rating="5"),
            valid=False,
            expect=(("E_V_CODE", "$.data.rating"),),
        ),
        Example(
            "系统默认而称本人评价 / a default that claims a person",
            but(_DEFAULT, given_by="person"),
            valid=False,
            expect=(("E_V_RULE", "$.data.given_by"),),
        ),
        Example(
            "系统默认而有详情与身份 / a default with details and an identity",
            but(_DEFAULT, detail_codes=["101"], cert_key="0d" * 32),
            valid=False,
            expect=(("E_V_RULE", "$.data.detail_codes"), ("E_V_RULE", "$.data.cert_key")),
        ),
        Example(
            "详情为空，次数超出 / details empty, a number out of range",
            but(_FULL, detail_codes=[], service_number=100),
            valid=False,
            expect=(("E_V_LENGTH", "$.data.detail_codes"), ("E_V_RANGE", "$.data.service_number")),
        ),
    ),
    conversion=Conversion(
        (
            Renamed("satisfaction", "rating"),
            Recoded("rating", _SCALE),
            ChannelCoded(),
            Removed("evaluator"),
            *(Added(name) for name in _ADDED),
        )
    ),
)
