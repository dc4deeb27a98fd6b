# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""How a route has a message carried, on the path with a real journal: purposes, taps, delays, expiry, urgency, what is added."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Self, cast

import orjson
import pytest

from connectors.sdk import (
    Criteria,
    Delivered,
    Finding,
    Found,
    Manifest,
    NotFound,
    Outcome,
    Question,
    Rejected,
    Role,
    Unavailable,
)
from connectors.sdk.fencing.fence import OPEN
from contracts.catalogue import builtin
from contracts.cloudevent import CloudEvent
from contracts.contract import Checked
from contracts.refusal import Refusal
from contracts.text import Text
from hub.config.lookups import Askable, LookupSection
from hub.logging import configure
from hub.lookups.desk import Window
from hub.path import accept
from hub.ports.journal import State
from hub.workers.relaying import fill_once
from tests.support.hubs import APPLICATION, Destination, Rig, bearer, by_hand, event, hub_on, received, table
from tests.support.journals import SteppedClock
from tests.support.sinks import ScriptedSink

pytestmark = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")

AWAY = Unavailable("HTTP_503: away")


def document(routes: str) -> str:
    return (
        "version: 1\n"
        "purposes:\n"
        "  handling: {fields: all}\n"
        "  statistics: {fields: {'*': impersonal}}\n"
        "destinations: {housing: handling}\n"
        f"routes:\n{routes}"
    )


def route(name: str, to: str, more: str = "") -> str:
    return f"  - {{name: {name}, when: {{contract: {APPLICATION}}}, to: [{to}]{more}}}\n"


def telephoned(case: str) -> CloudEvent:
    """An application that says more of its applicant than it must."""
    data = cast("dict[str, Any]", event(case).data)
    return event(case, data={**data, "applicant": {**data["applicant"], "phone": "13900000000"}})


def data_of(sink: ScriptedSink, n: int = 0) -> dict[str, Any]:
    return cast("dict[str, Any]", orjson.loads(sink.arrived[n].body)["data"])


async def refill(rig: Rig, **elapsed: float) -> None:
    rig.clock.step(**elapsed)
    await fill_once(rig.hub)


async def test_a_destination_gets_what_its_purpose_needs_and_the_evidence_stays_that_of_the_original(dsn: str) -> None:
    whole, part = ScriptedSink(), ScriptedSink()
    routes = document(route("all", "housing, {destination: statistics, purpose: statistics}"))
    places = {"housing": Destination(sink=whole), "statistics": Destination(sink=part)}
    async with hub_on(dsn, places, routes=routes) as rig, by_hand(rig.hub):
        one = telephoned("a")
        message = await rig.accept(one)
        await rig.until_state(State.DELIVERED, 2)
        view = await rig.view(message)
        again = await accept(rig.hub, bearer("portal"), one, received(one))

    assert isinstance(one.data, Mapping)
    assert data_of(whole)["applicant"] == one.data["applicant"]
    assert data_of(part)["applicant"].keys() == {"type", "name", "id_type", "id_number"}  # which the contract requires
    contract = builtin().versions(APPLICATION)[0]
    assert isinstance(contract.check(data_of(part), "a"), Checked)
    details = {delivery.destination: delivery.detail for delivery in view.deliveries}
    assert details["housing"] == ""
    assert details["statistics"].startswith("LEFT_OUT: $.data.applicant.phone")
    assert again == view.receipt


async def test_a_purpose_that_was_narrowed_holds_for_what_still_waits_and_one_that_went_sends_nothing(dsn: str) -> None:
    sink = ScriptedSink({"a": [AWAY, Delivered()], "b": [AWAY, Delivered()]})
    wide = document(route("all", "{destination: statistics, purpose: handling}"))
    async with hub_on(dsn, {"statistics": Destination(sink=sink)}, routes=wide) as rig, by_hand(rig.hub):
        await rig.accept(telephoned("a"))
        await rig.until_settled(1)
        rig.hub.routes.active = table(wide.replace("handling: {fields: all}", "handling: {fields: required}"))
        await refill(rig, seconds=1)
        await rig.until_state(State.DELIVERED)
        rig.hub.routes.active = table(wide)
        gone = await rig.accept(telephoned("b"))
        await rig.until_settled(3)
        rig.hub.routes.active = table(f"version: 1\nroutes:\n{route('all', 'statistics')}")
        await refill(rig, seconds=1)
        await rig.until_state(State.DEAD)
        view = await rig.view(gone)

    assert "phone" in data_of(sink, 0)["applicant"]
    assert "phone" not in data_of(sink, 1)["applicant"]
    assert len(sink.of("b")) == 1
    assert view.deliveries[0].code == "E_PURPOSE_UNKNOWN"


async def test_a_tap_that_fails_touches_neither_the_delivery_nor_its_lane_and_ends_by_itself(dsn: str) -> None:
    main, tap = ScriptedSink(), ScriptedSink({"a": [Rejected("NO"), AWAY, AWAY, AWAY]})
    routes = document(route("main", "housing") + route("ear", "ear", ", as: tap"))
    places = {"housing": Destination(sink=main), "ear": Destination(sink=tap)}
    async with hub_on(dsn, places, routes=routes) as rig, by_hand(rig.hub):
        messages = [await rig.accept(event("a", f"m{n}")) for n in range(4)]
        await rig.until_state(State.DELIVERED, 4)
        await rig.until_state(State.DEAD)
        await tap.until_arrived(4)  # none of them waited for the dead one
        parties = await rig.hub.journal.lookups.case("a")
        rig.clock.step(days=1, seconds=1)
        await fill_once(rig.hub)
        await rig.until_state(State.EXPIRED, 3)
        view = await rig.view(messages[0])

    assert main.of("a") == ["m0", "m1", "m2", "m3"]
    assert sorted(tap.of("a"))[:4] == ["m0", "m1", "m2", "m3"]
    assert {one.destination: one.state for one in view.deliveries}["housing"] is State.DELIVERED
    assert parties is not None
    assert cast("Any", parties).parties == {"portal", "housing"}


async def test_a_message_only_for_taps_is_refused_as_one_that_nobody_wants(dsn: str) -> None:
    routes = document(route("ear", "ear", ", as: tap"))
    async with hub_on(dsn, {"ear": Destination(sink=ScriptedSink())}, routes=routes) as rig:
        one = event("a")
        answer = await accept(rig.hub, bearer("portal"), one, received(one))

    assert isinstance(answer, Refusal)
    assert answer.code == "E_UNROUTABLE"


async def test_what_is_delayed_waits_and_what_is_behind_it_in_its_case_too(dsn: str) -> None:
    sink = ScriptedSink()
    step = "cn.gov.process.step"
    routes = document(
        route("later", "{destination: housing, delay: 30m}")
        + f"  - {{name: now, when: {{contract: {step}}}, to: housing}}\n"
    )
    async with hub_on(dsn, {"housing": Destination(sink=sink)}, routes=routes) as rig, by_hand(rig.hub):
        await rig.accept(event("a", "first"))
        await rig.accept(event("a", "second", contract=step))
        await rig.accept(event("b", "other", contract=step))
        await rig.until_state(State.DELIVERED)
        await refill(rig, minutes=29)
        assert (sink.of("a"), sink.of("b")) == ([], ["other"])
        await refill(rig, minutes=2)
        await rig.until_state(State.DELIVERED, 3)

    assert sink.of("a") == ["first", "second"]


async def test_until_says_a_moment_of_the_record(dsn: str) -> None:
    sink = ScriptedSink()
    routes = document(route("later", "{destination: housing, until: data.applied_at}"))
    async with hub_on(dsn, {"housing": Destination(sink=sink)}, routes=routes) as rig, by_hand(rig.hub):
        now = rig.clock.now()
        data = cast("dict[str, Any]", event("a").data)
        later = {**data, "applied_at": now.replace(microsecond=0).isoformat(), "case_no": "a"}
        await rig.accept(event("a", data=later))
        await rig.until_state(State.DELIVERED)

        message = await rig.accept(event("b", data={**data, "case_no": "b", "applied_at": "2199-01-01T00:00:00+08:00"}))
        delivery = (await rig.view(message)).deliveries[0]

    assert delivery.state is State.WAITING
    assert delivery.due_at is not None
    assert delivery.due_at.isoformat() == "2198-12-31T16:00:00+00:00"


async def test_what_has_expired_is_not_sent(dsn: str) -> None:
    sink = ScriptedSink({"a": [AWAY]})
    routes = document(route("all", "{destination: housing, expires: 2h}"))
    async with hub_on(dsn, {"housing": Destination(sink=sink)}, routes=routes) as rig, by_hand(rig.hub):
        await rig.accept(event("a"))
        await rig.until_settled(1)
        await refill(rig, hours=2)
        (*_, last) = await rig.until_state(State.EXPIRED)

    assert last.state is State.EXPIRED
    assert len(sink.arrived) == 1


class _Offices:
    """A register of offices that answers what it is given, in turn; the last answer for ever."""

    manifest = Manifest(kind="register", title=Text("库", "register"), roles=frozenset({Role.LOOKUP}))

    def __init__(self, *findings: Finding) -> None:
        self.findings = list(findings)
        self.asked: list[Question] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Nothing is open."""

    async def ask(self, question: Question) -> Finding:
        self.asked.append(question)
        return self.findings.pop(0) if len(self.findings) > 1 else self.findings[0]

    async def check(self) -> Outcome:
        return Delivered()


def window(register: _Offices, clock: SteppedClock, *systems: str) -> Window:
    section = LookupSection.model_validate({"connector": "register", "systems": list(systems)})
    criteria = Criteria(required=frozenset({"code"}))
    askable = Askable("offices", section, None, "", None, register.manifest, criteria, OPEN)
    return Window(askable, register, clock, configure("error"))


ASK = "ask: [{attribute: office, lookup: offices, by: {code: item_code}, take: name, otherwise: %s}]"


@pytest.mark.parametrize(
    ("findings", "otherwise", "office", "asked"),
    [
        ([Found(({"name": "示例局"},))], "wait", "示例局", 1),
        ([NotFound()], "wait", None, 1),
        ([Unavailable("AWAY: it is"), Found(({"name": "示例局"},))], "wait", "示例局", 2),
        ([Unavailable("AWAY: it is"), Found(({"name": "示例局"},))], "leave", None, 1),
    ],
)
async def test_attributes_are_added_by_expression_and_by_lookup(
    dsn: str, findings: list[Finding], otherwise: str, office: str | None, asked: int
) -> None:
    sink, register = ScriptedSink(), _Offices(*findings)
    add = "add: {stage: '\"first\"', where: 'data.region_code', none: '\"\"'}"
    routes = document(route("all", f"{{destination: housing, {add}, {ASK % otherwise}}}"))
    clock = SteppedClock()
    lookups = {"offices": window(register, clock, "housing")}
    places = {"housing": Destination(sink=sink)}
    async with hub_on(dsn, places, routes=routes, lookups=lookups, clock=clock) as rig, by_hand(rig.hub):
        await rig.accept(event("a"))
        if asked > 1:
            await rig.until_state(State.WAITING)
            await refill(rig, seconds=16)
        await rig.until_state(State.DELIVERED)

    attributes = sink.arrived[0].attributes
    data = cast("dict[str, Any]", event("a").data)
    assert (attributes["stage"], attributes["where"]) == ("first", data["region_code"])
    assert "none" not in attributes
    assert attributes.get("office") == office
    assert [one.criteria for one in register.asked] == [{"code": data["item_code"]}] * asked


async def test_nobody_is_asked_for_a_system_that_may_not_ask(dsn: str) -> None:
    sink, register = ScriptedSink(), _Offices(Found(({"name": "示例局"},)))
    routes = document(route("all", f"{{destination: housing, {ASK % 'leave'}}}"))
    clock = SteppedClock()
    lookups = {"offices": window(register, clock, "portal")}
    places = {"housing": Destination(sink=sink)}
    async with hub_on(dsn, places, routes=routes, lookups=lookups, clock=clock) as rig, by_hand(rig.hub):
        await rig.accept(event("a"))
        await rig.until_state(State.DELIVERED)

    assert register.asked == []
    assert "office" not in sink.arrived[0].attributes


async def test_a_route_that_cannot_be_decided_refuses_the_message_and_a_tap_only_itself(dsn: str) -> None:
    condition = ", if: 'data.form.data.n == 1'"
    form = {"item_code": "11510502000000051G4000117010001", "form_version": 1, "data": {"m": 1}}
    one = event("a", data={**cast("dict[str, Any]", event("a").data), "item_code": form["item_code"], "form": form})
    places = {"housing": Destination(sink=ScriptedSink()), "ear": Destination(sink=ScriptedSink())}
    routes = document(route("main", "housing") + route("ear", "ear", f", as: tap{condition}"))
    async with hub_on(dsn, places, routes=routes) as rig:
        tapped = await rig.view(await rig.accept(one))
        rig.hub.routes.active = table(document(route("main", "housing", condition)))
        refused = await accept(rig.hub, bearer("portal"), other := replace(one, id="other"), received(other))

    assert [delivery.destination for delivery in tapped.deliveries] == ["housing"]
    assert isinstance(refused, Refusal)
    assert refused.code == "E_ROUTE_UNDECIDED"
    assert "main" in refused.detail.en


FILLED = "{destination: housing, fill: {summary: '\"办理\" + data.item_name'}, unfilled: leave}"
ASKED = (
    "{destination: housing, unfilled: %s, "
    "ask: [{field: %s, lookup: offices, by: {code: item_code}, take: name, otherwise: %s}]}"
)


async def test_a_field_that_its_sender_left_out_is_filled_in_and_what_was_said_is_never_changed(dsn: str) -> None:
    sink, plain = ScriptedSink(), ScriptedSink()
    routes = document(route("all", FILLED) + route("beside", "plain"))
    places = {"housing": Destination(sink=sink), "plain": Destination(sink=plain)}
    async with hub_on(dsn, places, routes=routes) as rig, by_hand(rig.hub):
        one = event("a")
        message = await rig.accept(one)
        said = {**cast("dict[str, Any]", event("b").data), "summary": "自己说的摘要"}
        await rig.accept(event("b", data=said))
        await rig.until_state(State.DELIVERED, 4)
        view = await rig.view(message)
        again = await accept(rig.hub, bearer("portal"), one, received(one))

    by_case = {orjson.loads(one.body)["data"]["case_no"]: orjson.loads(one.body)["data"] for one in sink.arrived}
    assert by_case["a"]["summary"] == f"办理{by_case['a']['item_name']}"
    assert by_case["b"]["summary"] == "自己说的摘要"
    assert isinstance(builtin().versions(APPLICATION)[0].check(by_case["a"], "a"), Checked)
    assert all("办理" not in one.body.decode() for one in plain.arrived), "only that destination's copy"
    details = {delivery.destination: delivery.detail for delivery in view.deliveries}
    assert details == {"housing": "FILLED: $.data.summary", "plain": ""}
    assert again == view.receipt, "the evidence stays that of what was sent"


@pytest.mark.parametrize(
    ("findings", "otherwise", "unfilled", "name", "state"),
    [
        ([Found(({"name": "示例局"},))], "wait", "dead", "示例局", State.DELIVERED),
        ([Unavailable("AWAY: it is"), Found(({"name": "示例局"},))], "wait", "dead", "示例局", State.DELIVERED),
        ([NotFound()], "wait", "leave", None, State.DELIVERED),
        ([NotFound()], "wait", "dead", None, State.DEAD),
        ([Unavailable("AWAY: it is")], "leave", "leave", None, State.DELIVERED),
        ([Unavailable("AWAY: it is")], "leave", "dead", None, State.DEAD),
    ],
)
async def test_a_field_is_filled_in_by_a_lookup_or_its_route_says_what_becomes_of_the_copy(
    dsn: str, findings: list[Finding], otherwise: str, unfilled: str, name: str | None, state: State
) -> None:
    sink = ScriptedSink()
    routes = document(route("all", ASKED % (unfilled, "summary", otherwise)))
    clock = SteppedClock()
    lookups = {"offices": window(_Offices(*findings), clock, "housing")}
    places = {"housing": Destination(sink=sink)}
    async with hub_on(dsn, places, routes=routes, lookups=lookups, clock=clock) as rig, by_hand(rig.hub):
        message = await rig.accept(event("a"))
        if isinstance(findings[0], Unavailable) and otherwise == "wait":
            await rig.until_settled(1)
            await refill(rig, minutes=1)
        await rig.until_state(state)
        delivery = (await rig.view(message)).deliveries[0]

    if state is State.DEAD:
        assert (delivery.code, sink.arrived) == ("E_UNFILLED", [])
    else:
        assert data_of(sink).get("summary") == name


@pytest.mark.parametrize(("unfilled", "state"), [("leave", State.DELIVERED), ("dead", State.DEAD)])
async def test_what_the_contract_does_not_take_is_not_filled_in(dsn: str, unfilled: str, state: State) -> None:
    sink = ScriptedSink()
    routes = document(route("all", ASKED % (unfilled, "level_code", "wait")))
    clock = SteppedClock()
    lookups = {"offices": window(_Offices(Found(({"name": "不是层级代码" * 30},))), clock, "housing")}
    places = {"housing": Destination(sink=sink)}
    async with hub_on(dsn, places, routes=routes, lookups=lookups, clock=clock) as rig, by_hand(rig.hub):
        await rig.accept(event("a"))
        await rig.until_state(state)

    assert [data_of(sink, n).get("level_code") for n in range(len(sink.arrived))] == (
        [None] if unfilled == "leave" else []
    )
