# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Is it what the contract says, from whom it claims to be, and of this time? 契约校验"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from contracts.cloudevent import CloudEvent
from contracts.contract import Checked, Contract
from contracts.dialects.dialect import Dialect
from contracts.refusal import Refusal, Violation
from contracts.registry import Registry
from contracts.text import Text
from contracts.timestamps import parse_timestamp
from contracts.violations import MOST
from hub.access.decision import Access, Allowed, Denied, Lacking, Verb
from hub.access.rulings import sending
from hub.item_forms import ItemForms
from hub.passage import Valid


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """How a system speaks, and of which cases. ``dialects``: how it may say it, told apart by their content types, beside
    canonical JSON. What it may say, :class:`hub.access.decision.Access` decides.
    """

    any_case: bool
    dialects: tuple[Dialect, ...] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """What every message is held against."""

    registry: Registry
    speakers: Mapping[str, Speaker]
    future: timedelta
    past: timedelta
    access: Access = field(default_factory=Access)
    forms: ItemForms = field(default_factory=ItemForms)


def validate(rules: Rules, system: str, event: CloudEvent, digest: bytes, now: datetime) -> Valid | Refusal:
    """Hold one event of an identified system against contract, sender and clock. All violations of the data at once.

    ``digest`` is of the event as its sender wrote it, before it was understood.
    """
    speaker = rules.speakers[system]
    contract = _sendable(rules, system, event)
    if isinstance(contract, Refusal):
        return contract
    if not event.subject:
        return _wrong_attribute("E_ATTRIBUTE_MISSING", "$.subject", _CASE_NUMBER)
    if untimely := _untimely(rules, event, now):
        return untimely
    expires_at = _expiry(event, now)
    if isinstance(expires_at, Refusal):
        return expires_at
    checked = contract.check(event.data, event.subject)
    misfits = rules.forms.violations(system, contract.type, event.data)
    if not isinstance(checked, Checked):
        return contract.invalid((*checked, *misfits)[:MOST])
    if misfits:
        return contract.invalid(misfits[:MOST])
    decision = sending(rules.access, system, checked.facts)
    if not isinstance(decision, Allowed):
        return _denied(decision)
    return Valid(event, contract, checked, event.subject, digest, speaker.any_case, expires_at, decision)


def _sendable(rules: Rules, system: str, event: CloudEvent) -> Contract | Refusal:
    """The contract, if the system may send it at all: nothing of it is told to who may not."""
    if event.source != system:
        return _wrong_attribute("E_SOURCE_FOREIGN", "$.source", _OWN_SOURCE)
    contract = rules.registry.resolve(event.type, event.dataschema)
    if isinstance(contract, Refusal):
        return contract
    if not rules.access.conceivable(system, Verb.SEND, contract.type):
        return _denied(Denied(Lacking.CONTRACT))
    return contract


def _untimely(rules: Rules, event: CloudEvent, now: datetime) -> Refusal | None:
    if event.time is None:
        return None
    if event.time > now + rules.future:
        return _wrong_attribute("E_CLOCK_FUTURE", "$.time", _NOT_FUTURE)
    if event.time < now - rules.past:
        return _wrong_attribute("E_TOO_OLD", "$.time", _NOT_PAST)
    return None


def _expiry(event: CloudEvent, now: datetime) -> datetime | Refusal | None:
    text = event.extensions.get("expirytime")
    if text is None:
        return None
    moment = parse_timestamp(text)
    if moment is None:
        return _wrong_attribute("E_ATTRIBUTE_INVALID", "$.expirytime", _TIMESTAMP)
    if moment.astimezone(UTC) <= now:
        return _wrong_attribute("E_EXPIRED", "$.expirytime", _NOT_EXPIRED)
    return moment.astimezone(UTC)


_Pair = tuple[Text, Text]
_OWN_SOURCE: _Pair = (
    Text("与密钥所属系统相同的 source", "a source equal to the system the key belongs to"),
    Text("请把 source 写成本系统的编号。", "Write your own system's id as source."),
)
_REMEDY = Text(
    "请联系平台管理员在 systems.*.sends 中增加该契约。",
    "Ask the platform's operator to add it to your system's sends.",
)
_ALLOWED: Mapping[Lacking, tuple[str, _Pair]] = {
    Lacking.CONTRACT: ("$.type", (Text("本系统获准发送的契约", "a contract this system may send"), _REMEDY)),
    Lacking.REGION: (
        "$.data.region_code",
        (Text("本系统就此契约获准的区划", "a region for which this system may send the contract"), _REMEDY),
    ),
    Lacking.ITEM: (
        "$.data.item_code",
        (Text("本系统就此契约获准的事项", "an item for which this system may send the contract"), _REMEDY),
    ),
}
_CASE_NUMBER: _Pair = (
    Text("统一办件编号", "the case number"),
    Text("请把统一办件编号写入 subject。", "Write the case number as subject."),
)
_NOT_FUTURE: _Pair = (
    Text("不晚于当前时间（容许少量偏差）", "not later than now, give or take a little"),
    Text("请校准发送方时钟。", "Set the sender's clock."),
)
_NOT_PAST: _Pair = (
    Text("在去重期限之内的时间", "a time within the period of duplicate recognition"),
    Text("请以新的 id 和当前 time 重新发送。", "Send it again under a new id with the present time."),
)
_TIMESTAMP: _Pair = (
    Text("RFC 3339 时间，带时区", "an RFC 3339 timestamp with its zone"),
    Text("例如 2026-01-31T09:00:00+08:00。", "For example 2026-01-31T09:00:00+08:00."),
)
_NOT_EXPIRED: _Pair = (
    Text("尚未到来的时间", "a moment still to come"),
    Text("请去掉 expirytime，或给出将来的时间。", "Leave expirytime out, or give a time to come."),
)


def _denied(decision: Denied) -> Refusal:
    path, (expected, remedy) = _ALLOWED[decision.rule]
    return Refusal(
        "E_NOT_ALLOWED",
        Text(f"本系统无权发送（{decision.rule}）。", f"Your system may not send this ({decision.rule})."),
        (Violation("E_NOT_ALLOWED", path, expected, remedy),),
        extra={"rule": decision.rule.value},
    )


def _wrong_attribute(code: str, path: str, pair: _Pair) -> Refusal:
    expected, remedy = pair
    return Refusal(
        code,
        Text(
            f"信封属性 {path.removeprefix('$.')} 不可接受。",
            f"The attribute {path.removeprefix('$.')} is not acceptable.",
        ),
        (Violation(code, path, expected, remedy),),
    )
