# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Forms on the path: held against what is registered, by the declared policy, and registered anew without a restart."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from contracts.cloudevent import CloudEvent
from contracts.dialects.canonical import Canonical
from contracts.item_forms.load import LoadedForms, load_folder
from contracts.item_forms.policy import FormPolicy
from contracts.negotiation import Spoken, negotiate
from contracts.refusal import Refusal
from hub.item_forms import ItemForms
from hub.path import accept
from hub.ports.journal import State
from tests.contracts.item_forms.desk import GOOD
from tests.support.hubs import WITHIN, Destination, Rig, at_work, bearer, event, hub_on, received
from tests.support.sinks import ScriptedSink

pytestmark = pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")

SECOND = (
    GOOD.replace("version: 1", "version: 2").replace("area", "size")
    + "from_previous:\n  - renamed: {from: area, to: size}\n"
)
STRICT = FormPolicy("refuse", "refuse", "refuse")


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text, encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "forms"
    folder.mkdir()
    write(folder, "shop.yaml", GOOD)
    return folder


@asynccontextmanager
async def rig_with(dsn: str, folder: Path, policy: FormPolicy = STRICT, **policies: FormPolicy) -> AsyncIterator[Rig]:
    loaded = load_folder(folder)
    assert isinstance(loaded, LoadedForms), loaded
    forms = ItemForms(
        registry=loaded.registry,
        policy=policy,
        policies=policies,
        folder=folder,
        check_seconds=0.05,
        digest=loaded.digest,
    )
    sink = ScriptedSink()
    async with hub_on(dsn, {"housing": Destination(sink=sink)}, systems=("portal", "terminal")) as rig:
        yield replace(rig, hub=replace(rig.hub, rules=replace(rig.hub.rules, forms=forms)))


def application(
    case: str, form: Any = None, *, source: str = "portal", item: str = "TESTSHOP1", **data: Any
) -> CloudEvent:
    one = event(case, source=source)
    assert isinstance(one.data, dict)
    whole = {**one.data, "item_code": item, **data, **({} if form is None else {"form": form})}
    return replace(one, data=whole)


def form(data: Any, version: int = 1, item: str = "TESTSHOP1") -> dict[str, Any]:
    return {"item_code": item, "form_version": version, "data": data}


async def send(rig: Rig, one: CloudEvent) -> bytes | list[tuple[str, str]]:
    """The receipt, or code and path of every violation."""
    answer = await accept(rig.hub, bearer(one.source), one, received(one))
    if isinstance(answer, bytes):
        return answer
    assert isinstance(answer, Refusal)
    assert answer.code == "E_CONTRACT_INVALID"
    return sorted((violation.code, violation.path) for violation in answer.violations)


async def reading(rig: Rig, happened: Callable[[ItemForms], bool]) -> ItemForms:
    """Wait until the folder has been read with this result."""
    forms = rig.hub.rules.forms
    async with asyncio.timeout(WITHIN), forms.read:
        await forms.read.wait_for(lambda: happened(forms))
    return forms


async def test_a_form_goes_its_way_exactly_as_it_was_filled_in(dsn: str, folder: Path) -> None:
    async with rig_with(dsn, folder) as rig, at_work(rig.hub):
        filled = {"kind": "food", "owner": "测试店主·甲"}
        message = await rig.accept(application("a", form(filled)))
        await rig.until_state(State.DELIVERED)

        view = await rig.view(message)

        assert [delivery.state for delivery in view.deliveries] == [State.DELIVERED]
        sink = rig.hub.outlets["housing"].sink
        assert isinstance(sink, ScriptedSink)
        assert [orjson.loads(parcel.body)["data"]["form"]["data"] for parcel in sink.arrived] == [filled]


async def test_a_form_is_refused_with_everything_that_is_wrong_in_record_and_form(dsn: str, folder: Path) -> None:
    async with rig_with(dsn, folder) as rig:
        wrong = application("a", form({"area": 0, "owner": "", "x": 1}), case_type="7", materials=[{}])

        assert await send(rig, wrong) == [
            ("E_V_CODE", "$.data.case_type"),
            ("E_V_LENGTH", "$.data.form.data.owner"),
            ("E_V_MISSING", "$.data.form.data.kind"),
            ("E_V_MISSING", "$.data.materials[0].name"),
            ("E_V_RANGE", "$.data.form.data.area"),
            ("E_V_UNKNOWN_FIELD", "$.data.form.data.x"),
        ]
        assert isinstance(await send(rig, application("a", form({"kind": "food"}))), bytes)


async def test_the_policy_decides_about_what_is_not_registered(dsn: str, folder: Path) -> None:
    other = form({"anything": None}, item="TESTOTHER")
    unregistered = application("a", other, item="TESTOTHER")
    newer, without = application("b", form({}, 9)), application("c")
    async with rig_with(dsn, folder) as rig:
        assert await send(rig, unregistered) == [("E_V_FORM_UNKNOWN", "$.data.form.item_code")]
        assert await send(rig, newer) == [("E_V_FORM_VERSION", "$.data.form.form_version")]
        assert await send(rig, without) == [("E_V_MISSING", "$.data.form")]
    async with rig_with(dsn, folder, FormPolicy("accept", "accept", "accept")) as rig:
        for one in (unregistered, newer, without):
            assert isinstance(await send(rig, one), bytes)


async def test_a_system_may_have_a_policy_of_its_own(dsn: str, folder: Path) -> None:
    async with rig_with(dsn, folder, terminal=FormPolicy(missing="accept")) as rig:
        assert await send(rig, application("a")) == [("E_V_MISSING", "$.data.form")]
        assert isinstance(await send(rig, application("b", source="terminal")), bytes)


async def test_a_form_that_is_added_takes_effect_while_the_hub_runs(dsn: str, folder: Path) -> None:
    newer = application("a", form({"kind": "food", "size": 9}, 2))
    async with rig_with(dsn, folder) as rig, at_work(rig.hub):
        assert await send(rig, newer) == [("E_V_FORM_VERSION", "$.data.form.form_version")]

        write(folder, "shop.2.yaml", SECOND)
        forms = await reading(rig, lambda now: len(now.registry.all()) == 2)

        assert forms.unread is None
        assert isinstance(await send(rig, newer), bytes)
        assert isinstance(await send(rig, application("b", form({"kind": "food", "area": 9}))), bytes)
        assert rig.logged("forms")[0]["forms"] == 2

        (folder / "shop.2.yaml").unlink()
        await reading(rig, lambda now: len(now.registry.all()) == 1)
        assert await send(rig, replace(newer, id="again")) == [("E_V_FORM_VERSION", "$.data.form.form_version")]


async def test_a_folder_with_a_fault_leaves_the_old_forms_in_use_until_it_is_mended(dsn: str, folder: Path) -> None:
    async with rig_with(dsn, folder) as rig, at_work(rig.hub):
        write(folder, "shop.2.yaml", SECOND.replace("renamed", "renaned"))
        forms = await reading(rig, lambda now: now.unread is not None)

        assert forms.unread is not None
        assert {Path(fault.at.file).name for fault in forms.unread.faults} == {"shop.2.yaml"}
        [line] = rig.logged("forms not usable")
        assert line["log_level"] == "error"
        assert "shop.2.yaml:" in str(line["first"])
        assert isinstance(await send(rig, application("a", form({"kind": "food"}))), bytes)
        assert await send(rig, application("b", form({}))) == [("E_V_MISSING", "$.data.form.data.kind")]

        write(folder, "shop.2.yaml", SECOND)
        forms = await reading(rig, lambda now: now.unread is None)
        assert isinstance(await send(rig, application("c", form({"kind": "food", "size": 9}, 2))), bytes)


async def test_a_folder_that_vanishes_leaves_the_old_forms_in_use(dsn: str, folder: Path) -> None:
    async with rig_with(dsn, folder) as rig, at_work(rig.hub):
        folder.rename(folder.with_name("elsewhere"))
        forms = await reading(rig, lambda now: now.unread is not None)

        assert forms.unread is not None
        assert [fault.code for fault in forms.unread.faults] == ["FORM_FOLDER"]
        assert isinstance(await send(rig, application("a", form({"kind": "food"}))), bytes)


async def test_a_department_gets_a_form_in_the_version_it_speaks(dsn: str, folder: Path) -> None:
    write(folder, "shop2.yaml", SECOND)
    filled = {"kind": "food", "owner": "测试店主甲", "size": 40}
    async with rig_with(dsn, folder) as rig:
        outlet = rig.hub.outlets["housing"]
        spoken = replace(
            outlet.form,
            registry=rig.hub.rules.registry,
            terms=negotiate(rig.hub.rules.registry, Spoken({}, (Canonical(rig.hub.rules.registry),))),
            items=rig.hub.rules.forms,
            item_versions={"TESTSHOP1": frozenset({1})},
        )
        hub = replace(rig.hub, outlets={"housing": replace(outlet, form=spoken)})
        async with at_work(hub):
            await replace(rig, hub=hub).accept(application("a", form(filled, 2)))
            await rig.until_state(State.DELIVERED)

        assert isinstance(outlet.sink, ScriptedSink)
        (parcel,) = outlet.sink.arrived
        assert orjson.loads(parcel.body)["data"]["form"] == form({"kind": "food", "owner": "测试店主甲", "area": 40}, 1)
