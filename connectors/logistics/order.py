# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A message as an order (寄递订单), or why nobody may have it carried.

The person at the applicant's end must be the applicant or the agent: a result that goes to anybody else is refused here, with the
place, whatever the carrier would do.
"""

from dataclasses import dataclass
from datetime import datetime

from connectors.logistics.config import LogisticsConfig, PartyMap
from connectors.sdk import Parcel, Rejected
from connectors.sdk.http.place import Document
from connectors.sdk.http.template import BEIJING, Missing, Template, filled

LONGEST_NUMBER = 64
_MOST_THINGS = 100
_SIDES = {"applicant": "applicant", "agent": "agent"}


@dataclass(frozen=True, slots=True)
class End:
    """One end of a shipment."""

    name: str
    phone: str
    address: str
    unit: str


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that is sent."""

    name: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a carrier is asked. ``pickup`` is in Beijing time, empty: at once."""

    number: str
    cancels: bool
    consignor: End
    consignee: End
    prepaid: bool
    pickup: str
    note: str
    things: tuple[Thing, ...]


class _Reading:
    """Fills templates, and remembers what could not be filled."""

    def __init__(self, parcel: Parcel) -> None:
        self._parcel = parcel
        self.document = Document(parcel.body)
        self.missing: list[str] = []

    def __call__(self, template: Template) -> str:
        """What must be there."""
        found = filled(template, self._resolve)
        if isinstance(found, Missing) or not found.strip():
            self.missing.append(found.name if isinstance(found, Missing) else template)
            return ""
        return found

    def maybe(self, template: Template) -> str:
        """What may be left out."""
        found = filled(template, self._resolve)
        return "" if isinstance(found, Missing) else found

    def _resolve(self, name: str) -> str | None:
        if name == "key":
            return self._parcel.idempotency_key
        if name.startswith("ce."):
            return self._parcel.attributes.get(name.removeprefix("ce."))
        return self.document.text(name) if name.startswith("/") else None


def order_of(config: LogisticsConfig, parcel: Parcel) -> Order | Rejected:
    """The order that a message is."""
    reading, known = _Reading(parcel), config.order
    number, status = reading(known.number), reading(known.status)
    consignor, consignee = _end(reading, known.consignor), _end(reading, known.consignee)
    direction, side = reading(known.direction), reading(known.side)
    payer = reading(known.payer)
    if reading.missing:
        places = tuple(f"$.data{name.replace('/', '.')}" for name in reading.missing)
        return Rejected("ORDER_INCOMPLETE", "The order lacks what a carrier needs.", places)
    if len(number) > LONGEST_NUMBER:
        most = f"{LONGEST_NUMBER - 1}"
        told = (f"$.data.order_no: 与办件编号合计至多 {most} 字 / with the case number at most {most} characters",)
        return Rejected("ORDER_NUMBER_TOO_LONG", "Order number and case number are too long together.", told)
    stranger = _stranger(config, reading, direction, side, consignor, consignee)
    if stranger is not None:
        return stranger
    pickup = _pickup(reading.maybe(known.pickup))
    if pickup is None:
        return Rejected("PICKUP_INVALID", "The time of pick-up is none.", ("$.data.pickup_at: RFC 3339",))
    return Order(
        number=number,
        cancels=status == "cancelled",
        consignor=consignor,
        consignee=consignee,
        prepaid=payer != "consignee",
        pickup=pickup,
        note=reading.maybe(known.note),
        things=_things(config, reading.document),
    )


def _end(reading: _Reading, known: PartyMap) -> End:
    return End(reading(known.name), reading(known.phone), reading(known.address), reading.maybe(known.unit))


def _stranger(
    config: LogisticsConfig, reading: _Reading, direction: str, side: str, consignor: End, consignee: End
) -> Rejected | None:
    """Why the person at the applicant's end is not believed to be the applicant or the agent."""
    if direction not in {"to_applicant", "to_hall"} or side not in _SIDES:
        return Rejected("ORDER_UNCLEAR", "Direction or side is none.", ("$.data.direction", "$.data.applicant_side"))
    meant = reading.maybe(config.order.applicant if side == "applicant" else config.order.agent).strip()
    if not meant:
        place = f"$.data.{side}_name: 订单须写明申请人或代理人 / the order must name the applicant or the agent"
        return Rejected("PARTY_UNKNOWN", "Nobody says who the applicant or the agent is.", (place,))
    end, where = (consignee, "consignee") if direction == "to_applicant" else (consignor, "consignor")
    if end.name.strip() == meant:
        return None
    place = f"$.data.{where}.name: 须为申请人或其代理人 / it must be the applicant or the agent"
    return Rejected("RECIPIENT_NOT_PARTY", "It would go to or come from somebody who is not a party.", (place,))


def _pickup(text: str) -> str | None:
    """Beijing time as carriers write it; None for what is no moment."""
    if not text:
        return ""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if moment.tzinfo is None else moment.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def _things(config: LogisticsConfig, document: Document) -> tuple[Thing, ...]:
    listed = document.at(config.order.things)
    things = [
        Thing(name, copies if isinstance(copies := one.get("copies"), int) and copies > 0 else 1)
        for one in (listed if isinstance(listed, list) else [])[:_MOST_THINGS]
        if isinstance(one, dict) and isinstance(name := one.get("name"), str)
    ]
    return tuple(things) or (Thing(config.goods, 1),)
