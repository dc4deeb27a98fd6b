# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a trial will try, and what it cannot; known before anything runs."""

from dataclasses import dataclass
from enum import StrEnum

from contracts.text import Text
from hub.sandbox.alone import ALONE, REAL
from hub.sandbox.far_sides import FAR_SIDES
from hub.sandbox.scenarios import SCENARIOS, Scenario
from hub.sandbox.script import Folder
from hub.start_failures import Failure


class Reach(StrEnum):
    """Who is at the other end of the connection."""

    PLAYED = "played"
    """The sandbox plays the department's system."""
    REAL = "real"
    """The department's own test system."""
    ALONE = "alone"
    """Nobody: nothing is sent."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """``journal``: ``embedded``, or the URL of an empty database. ``seconds``: how long anything may take to come. ``broker``:
    the URL of a RabbitMQ for queues, or ``env:NAME``. ``real``: reach the department's test system.
    """

    journal: str = "embedded"
    seconds: float = 30.0
    only: tuple[str, ...] = ()
    broker: str | None = None
    real: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """``run`` in their order; ``left`` need a far side that the sandbox plays, and are not certified by this trial."""

    kind: str
    reach: Reach
    run: tuple[Scenario, ...]
    left: tuple[Scenario, ...]

    def told(self) -> Text | None:
        """What must be known beforehand; None when the far side is played."""
        names = "、".join(one.name for one in self.run)
        left = "、".join(one.name for one in self.left)
        if self.reach is Reach.REAL:
            return Text(
                f"部门系统由其测试系统担任：合成的申请将真的送去。本次只演练并认证 {names}；不认证 {left}。",
                f"The department's own test system is reached for real; made-up applications go there. "
                f"Tried and certified: {names}. Not certified: {left}.",
            )
        if self.reach is Reach.ALONE:
            return Text(
                f"沙箱不会模拟 {self.kind} 的对方。本次只认证 {names}，不发送任何东西；不认证 {left}。部门有测试系统的，在 "
                "sandbox.yaml 写 test_system 并加 --real，可再试检查与送达。",
                f"The sandbox cannot play the far side of {self.kind}. Certified are only {names}, and nothing is "
                f"sent; not certified: {left}. With the department's test system under test_system in sandbox.yaml, --real "
                "tries check and delivery too.",
            )
        return None


def plan(folder: Folder, wishes: Wishes) -> Plan | Failure:
    """What this trial will be. Touches nothing."""
    kind = _kind(folder)
    if wishes.real and folder.script.test_system is None:
        return Failure(
            Text("sandbox.yaml 没有写 test_system。", "sandbox.yaml has no test_system."),
            Text(
                "写明测试系统与目的地设置的不同之处；设置本身即测试系统的写 test_system: {}。切勿指向生产系统。",
                "Write what its settings are where they differ from the destination's; test_system: {} if they are the test "
                "system's already. Never name the system in production.",
            ),
        )
    reach = Reach.REAL if wishes.real else Reach.PLAYED if kind in FAR_SIDES else Reach.ALONE
    there = {Reach.PLAYED: SCENARIOS, Reach.REAL: (*ALONE, *REAL), Reach.ALONE: ALONE}[reach]
    wanted = wishes.only or (folder.script.scenarios if reach is Reach.PLAYED else None)
    unknown = [
        name
        for name in (*wishes.only, *(folder.script.scenarios or ()))
        if name not in {one.name for one in (*SCENARIOS, *there)}
    ]
    if unknown:
        return Failure(
            Text(f"没有场景 {'、'.join(unknown)}。", f"There is no scenario {', '.join(unknown)}."), _available(there)
        )
    if away := [name for name in wishes.only if name not in {one.name for one in there}]:
        return Failure(
            Text(
                f"{'、'.join(away)} 需要沙箱模拟的对方，本次没有（{kind}）。",
                f"{', '.join(away)} need a far side that the sandbox plays, and here is none ({kind}).",
            ),
            _available(there),
        )
    run = tuple(one for one in there if wanted is None or one.name in wanted)
    return Plan(kind, reach, run, () if reach is Reach.PLAYED else SCENARIOS)


def _available(scenarios: tuple[Scenario, ...]) -> Text:
    names = "、".join(scenario.name for scenario in scenarios)
    return Text(f"可用：{names}。", f"There are: {names}.")


def _kind(folder: Folder) -> str:
    """The connector's kind as it is written; what is wrong with the deployment is told by loading it."""
    destinations = folder.raw.get("destinations")
    section = destinations.get(folder.script.destination) if isinstance(destinations, dict) else None
    return str(section.get("connector")) if isinstance(section, dict) else "?"
