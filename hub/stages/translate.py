# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Into the destination's version, dialect and format. 转换

Translation happens at delivery and not at acceptance, so a mended translation plus a replay is enough.
"""

import base64
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import orjson

from connectors.sdk import Parcel, Rendering
from contracts.contract import Contract
from contracts.conversion import Inexpressible, Loss
from contracts.dialects.dialect import CANONICAL, Encoded
from contracts.item_forms.negotiation import in_spoken_form
from contracts.mapping.context import Context
from contracts.negotiation import Terms, Way
from contracts.refusal import Refusal
from contracts.registry import Registry
from contracts.timestamps import timestamp
from contracts.trace_context import TRACEPARENT, read_traceparent
from hub.filling import Filled, Unfilled, filled
from hub.handling import Enrichment, Handling, handling
from hub.item_forms import ItemForms
from hub.limiting import Limiting, Unlimited, limited, limited_earlier
from hub.ports.journal import Claim

Earlier: TypeAlias = Callable[[tuple[Contract, ...]], Awaitable[Mapping[str, Mapping[str, object]] | None]]
"""The newest record of the claim's case for each of these contracts, in that version; None: not to be had now."""

Asked: TypeAlias = Callable[[Handling], Awaitable[Enrichment | None]]
"""What lookups know; None: one of them is to be waited for."""


def _no_purposes(_purpose: str, _contract: Contract) -> None:
    return None


async def _nobody(_handling: Handling) -> Enrichment:
    return Enrichment()


@dataclass(frozen=True, slots=True)
class Form:
    """How a destination wants its messages. Without ``terms`` it takes them as they were sent.

    ``items`` are the registered item forms, of which it understands the versions in ``item_versions``, by item code. ``limits``
    is asked when a message is sent.
    """

    rendering: Rendering
    timeout: float
    registry: Registry = field(default_factory=lambda: Registry(()))
    terms: Terms | None = None
    items: ItemForms = field(default_factory=ItemForms)
    item_versions: Mapping[str, frozenset[int]] = field(default_factory=dict)
    limits: Limiting = _no_purposes


@dataclass(frozen=True, slots=True)
class Translated:
    """Ready to be sent, with what was lost on the way."""

    parcel: Parcel
    losses: tuple[Loss, ...] = ()


@dataclass(frozen=True, slots=True)
class Untranslatable:
    """The destination cannot be told this. Never a matter of trying again: the terms or the record must change."""

    code: str
    detail: str
    violations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unreadable:
    """This hub does not know the contract, or cannot read what it needs now: another one may, or this one later."""


_STRUCTURED = "application/cloudevents+json; charset=utf-8"
_JSON = "application/json"


@dataclass(frozen=True, slots=True)
class _Said:
    """The data as the destination wants it."""

    schema_uri: str
    content_type: str
    body: bytes
    losses: tuple[Loss, ...] = ()


async def translate(
    claim: Claim, form: Form, earlier: Earlier, asked: Asked = _nobody
) -> Translated | Untranslatable | Unreadable:
    """The claimed message as a parcel. The idempotency key is the delivery's id: the same in every attempt."""
    if claim.damaged:
        return Untranslatable("E_BODY_DAMAGED", "what lies in the journal is not what was sealed")
    attributes: dict[str, str] = {**orjson.loads(claim.attributes), "govhubmessage": str(claim.message_id)}
    how = handling(claim.handling)
    richer = await _enriched(claim, form, how, attributes, asked)
    if not isinstance(richer, tuple):
        return richer
    claim, added = richer
    if claim.late:
        attributes["govhublate"] = "true"
    if claim.early:
        attributes["govhubearly"] = claim.early
    said = await _say(claim, form, attributes, earlier, how.purpose)
    if not isinstance(said, _Said):
        return said
    said = replace(said, losses=added + said.losses)
    if form.terms is not None:
        attributes |= {"dataschema": said.schema_uri, "datacontenttype": said.content_type}
    match form.rendering:
        case Rendering.DATA:
            content_type, body = said.content_type, said.body
        case Rendering.STRUCTURED:
            content_type, body = _STRUCTURED, _structured(attributes, said)
    parcel = Parcel(
        idempotency_key=str(claim.delivery_id),
        content_type=content_type,
        body=body,
        attributes=attributes,
        traceparent=_believable(attributes.get(TRACEPARENT, "")),
        attempt=claim.attempt,
        timeout=form.timeout,
    )
    return Translated(parcel, said.losses)


async def _enriched(
    claim: Claim, form: Form, how: Handling, attributes: dict[str, str], asked: Asked
) -> tuple[Claim, tuple[Filled, ...]] | Untranslatable | Unreadable:
    """The claim with the fields that its route fills in; the attributes that it adds are added to ``attributes``."""
    fields: dict[str, str | None] = dict(how.fill)
    if how.ask:
        told = await asked(how)
        if told is None:
            return Unreadable()
        attributes |= told.attributes
        fields |= told.fields
    attributes |= how.add
    sent = _sent(claim, form) if fields else None
    if sent is None:
        return Unreadable() if fields else (claim, ())
    wider = filled(claim, sent, fields, needed=how.needed)
    if isinstance(wider, Unfilled):
        return Untranslatable("E_UNFILLED", ", ".join(wider.fields), tuple(f"$.data.{one}" for one in wider.fields))
    return wider


def _sent(claim: Claim, form: Form) -> Contract | None:
    return next((one for one in form.registry.versions(claim.contract) if one.version == claim.version), None)


def left_out(claim: Claim, form: Form) -> tuple[Loss, ...]:
    """What is left out of a claimed message for its destination's purpose: told again, where it was sent long before."""
    purpose = handling(claim.handling).purpose
    sent = _sent(claim, form)
    kept = limited(claim, purpose, sent, form.limits) if purpose and sent is not None else None
    return () if kept is None or isinstance(kept, Unlimited) else kept[1]


def _believable(traceparent: str) -> str:
    """Messages of before there were traces may have brought anything under that name."""
    return "" if read_traceparent(traceparent) is None else traceparent


def _structured(attributes: Mapping[str, str], said: _Said) -> bytes:
    if said.content_type.partition(";")[0].strip().endswith("json"):
        return orjson.dumps({**attributes, "data": orjson.Fragment(said.body)})
    return orjson.dumps({**attributes, "data_base64": base64.b64encode(said.body).decode()})


async def _say(
    claim: Claim, form: Form, attributes: Mapping[str, str], earlier: Earlier, purpose: str
) -> _Said | Untranslatable | Unreadable:
    if not purpose:
        return await _say_all(claim, form, attributes, earlier)
    sent = _sent(claim, form)
    if sent is None:
        return Unreadable()
    kept = limited(claim, purpose, sent, form.limits)
    if isinstance(kept, Unlimited):
        return Untranslatable(kept.code, kept.detail, kept.violations)
    claim, left_out = kept

    async def limited_too(wanted: tuple[Contract, ...]) -> Mapping[str, Mapping[str, object]] | None:
        found = await earlier(wanted)
        return None if found is None else limited_earlier(found, wanted, purpose, form.limits)

    said = await _say_all(claim, form, attributes, limited_too)
    return replace(said, losses=left_out + said.losses) if isinstance(said, _Said) else said


async def _say_all(
    claim: Claim, form: Form, attributes: Mapping[str, str], earlier: Earlier
) -> _Said | Untranslatable | Unreadable:
    as_sent = _Said(attributes.get("dataschema", ""), attributes.get("datacontenttype", _JSON), claim.canonical)
    if form.terms is None:
        return as_sent
    sent = _sent(claim, form)
    if sent is None:
        return Unreadable()
    ways = form.terms.of(sent.schema_uri)
    if ways and ways[0].contract is sent and ways[0].dialect.name == CANONICAL and not form.item_versions:
        return as_sent
    spoken = in_spoken_form(form.items.registry, form.item_versions, sent.type, orjson.loads(claim.canonical))
    if isinstance(spoken, Inexpressible):
        return _inexpressible(spoken)
    failed = Untranslatable("E_CONTRACT_UNSERVED", sent.schema_uri)
    for way in ways:
        match await _in_this_way(claim, form.registry, sent, way, spoken.data, earlier):
            case _Said() as said:
                return replace(said, losses=spoken.losses + said.losses)
            case Unreadable():  # the better way may be open again soon
                return Unreadable()
            case Untranslatable() as failed:
                continue
    return failed


async def _in_this_way(
    claim: Claim, registry: Registry, sent: Contract, way: Way, record: Mapping[str, object], earlier: Earlier
) -> _Said | Untranslatable | Unreadable:
    converted = registry.convert(record, sent, way.contract.version)
    if isinstance(converted, Inexpressible):
        return _inexpressible(converted)
    wanted = way.dialect.earlier(way.contract)
    before = await earlier(wanted) if wanted else {}
    if before is None:
        return Unreadable()
    encoded = way.dialect.encode(way.contract, converted.data, _context(claim, record, before))
    match encoded:
        case Encoded(content_type, body, losses):
            return _Said(way.contract.schema_uri, content_type, body, converted.losses + losses)
        case Refusal(code, detail, violations):
            told = tuple(f"{one.path}: {one.expected}" for one in violations)
            return Untranslatable(code, str(detail), told)


def _inexpressible(found: Inexpressible) -> Untranslatable:
    return Untranslatable("E_VERSION_INEXPRESSIBLE", str(found.text), (f"{found.path}: {found.text}",))


def _context(claim: Claim, record: Mapping[str, object], earlier: Mapping[str, Mapping[str, object]]) -> Context:
    """What a row wants to know of a message beside its content. The row's id is the delivery's, the same in every attempt.

    A record that is sent anew, corrected, has a higher version (SJBBH): its row says that it changes an earlier one.
    """
    version = record.get("record_version")
    values = {
        "row_guid": str(claim.delivery_id),
        "operation": "update" if isinstance(version, int) and version > 1 else "insert",
        "time": timestamp(claim.accepted_at),
        "batch": claim.message_id.hex,
    }
    return Context(values, earlier)
