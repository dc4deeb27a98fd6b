# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The town of the model: who is connected, how their deliveries are judged, and which route tables there are.

A table is kept here as plain values, from which both its YAML and, apart from the hub, the destinations that a message must have
are made.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import yaml

from connectors.sdk import Idempotency, Rendering
from contracts.catalogue import builtin
from contracts.located import Fault
from contracts.registry import Registry
from contracts.text import Text
from hub.breakers import BreakerPolicy
from hub.config.lifecycle import LifecycleSection
from hub.policy import Learns, Policy
from hub.processors.consultation.config import ConsultationConfig
from hub.processors.consultation.gatherer import Gatherer
from hub.processors.package.config import PackageConfig
from hub.processors.package.divider import Divider
from routing.index import CompiledTable, compile_table
from routing.programs import compile_expressions
from routing.table import RouteTable, load
from tests.support.hubs import POLICY, Destination

APPLIED, ACCEPTED = "cn.gov.application.submitted", "cn.gov.acceptance.decided"
STEP, CLOSED, LICENCE = "cn.gov.process.step", "cn.gov.completion.decided", "cn.gov.licence.issued"
PACKAGE, DIVIDED, PROGRESSED = "cn.gov.package.submitted", "cn.gov.package.divided", "cn.gov.package.progressed"
CONSULTED, ASKED = "cn.gov.consultation.requested", "cn.gov.opinion.requested"
OPINION, GATHERED = "cn.gov.opinion.given", "cn.gov.opinions.gathered"

SYSTEMS = ("portal", "housing", "bureau")
"""Who sends about cases. Housing's messages are held to the lives of their cases; the bureau writes numbers of its own."""
FOOD_ITEM, FIRE_ITEM = "1151050200000000084000131014000", "1151050200000002704000000000000"
FIRE_CODE, WATER_CODE = "115105020000000270", "11510502000000035T"
PACKAGES, GATHERING = "packages", "gathering"
PROCESSORS = (PACKAGES, GATHERING)
RECIPIENTS = ("housing", "post", "registry", "bureau", "archive", "portal", "food", "fire", "water", "lead")
TROUBLED = ("housing", "post", "registry", "bureau", "portal", "fire", "lead", "food")
"""Those whose far sides have moods."""
BLIND, ASKABLE = frozenset({"post"}), frozenset({"registry"})
"""Far sides that know no idempotency key; of these the registry can be asked."""
CONTINUING = frozenset(PROCESSORS)
"""Where a dead letter does not stop its lane, so that what is replayed is late."""
PARKING_HOURS = 4

_NATIVE = replace(POLICY, ask_first=1.0, ask_longest=60.0)
_LEARNS = Learns("bureau", re.compile(r"no=(\S+)"), frozenset({APPLIED}))
_POLICIES: Mapping[str, Policy] = {
    "post": replace(_NATIVE, idempotency=Idempotency.NONE),
    "registry": replace(_NATIVE, idempotency=Idempotency.QUERYABLE),
    "bureau": replace(_NATIVE, learns=_LEARNS),
    "archive": replace(_NATIVE, immediate=2),
}
_ENFORCED = {"systems": ["housing"], "policy": "enforce", "wait_hours": PARKING_HOURS}
LIFECYCLE = LifecycleSection.model_validate({"policy": "observe", "rules": [_ENFORCED]})
OWN_WAIT = timedelta(hours=PARKING_HOURS)
PACKAGE_SETTINGS = {
    "items": {
        FOOD_ITEM: {"department_code": "115105020000000008", "promised_days": 8},
        FIRE_ITEM: {"department_code": FIRE_CODE, "after": [FOOD_ITEM]},
    }
}


def destinations(sinks: Mapping[str, object]) -> dict[str, Destination]:
    """Every destination of the town, with these sinks."""
    ordinary = {
        name: Destination(
            sink=sinks[name],  # type: ignore[arg-type]  # each is one
            policy=_POLICIES.get(name, _NATIVE),
            timeout=600.0,
            breaker=BreakerPolicy(4, 5.0, 60.0) if name in {"housing", "registry"} else None,
        )
        for name in RECIPIENTS
    }
    continuing = replace(_NATIVE, dead_continues=True)
    divider = Divider(PackageConfig.model_validate(PACKAGE_SETTINGS))
    gatherer = Gatherer(ConsultationConfig())
    inside = {
        name: Destination(
            sink=sinks["lead"],  # type: ignore[arg-type]  # never used: the processor's own takes its place
            processor=processor,
            rendering=Rendering.DATA,
            policy=continuing,
        )
        for name, processor in ((PACKAGES, divider), (GATHERING, gatherer))
    }
    return ordinary | inside


@dataclass(frozen=True, slots=True)
class Way:
    """One route: messages of these contracts, of this source, item or department if they are named, go to these."""

    name: str
    contracts: tuple[str, ...]
    to: tuple[str, ...]
    source: str = ""
    item: str = ""
    department: str = ""

    def takes(self, contract: str, system: str, data: Mapping[str, object]) -> bool:
        """Whether a message goes this way."""
        return (
            contract in self.contracts
            and self.source in {"", system}
            and self.item in {"", data.get("item_code")}
            and self.department in {"", data.get("department_code")}
        )


_PROCESSED = (
    Way("packages", (PACKAGE,), (PACKAGES,)),
    Way("food", (APPLIED,), ("food",), source=PACKAGES, item=FOOD_ITEM),
    Way("fire", (APPLIED,), ("fire",), source=PACKAGES, item=FIRE_ITEM),
    Way("told", (DIVIDED, PROGRESSED), ("portal",)),
    Way("consulted", (CONSULTED, OPINION), (GATHERING,)),
    Way("asked-fire", (ASKED,), ("fire",), department=FIRE_CODE),
    Way("asked-water", (ASKED,), ("water",), department=WATER_CODE),
    Way("gathered", (GATHERED,), ("lead",)),
)
TABLES: tuple[tuple[Way, ...], ...] = (
    (
        Way("applications", (APPLIED,), ("housing", "post", "registry", "bureau"), source="portal"),
        Way("results", (ACCEPTED, CLOSED), (PACKAGES, "portal")),
        Way("steps", (STEP, LICENCE), ("portal",)),
        *_PROCESSED,
    ),
    (
        Way("applications", (APPLIED,), ("housing", "archive", "registry", "bureau"), source="portal"),
        Way("results", (ACCEPTED, CLOSED), (PACKAGES, "portal", "archive")),
        Way("steps", (STEP, LICENCE), ("portal", "archive")),
        *_PROCESSED,
    ),
    (
        Way("applications", (APPLIED,), ("post", "bureau"), source="portal"),
        Way("applied-again", (APPLIED,), ("housing",), source="portal"),
        Way("results", (ACCEPTED, CLOSED), (PACKAGES, "portal")),
        Way("licences", (LICENCE,), ("portal", "post")),
        Way("steps", (STEP,), ("portal",), source="housing"),
        Way("own-steps", (STEP,), ("archive", "portal"), source="bureau"),
        *_PROCESSED,
    ),
)
BAD_TABLES = (
    "version: 1\nroutes:\n  - {name: nowhere, when: {}, to: [nobody]}\n",
    "version: 1\nroutes:\n  - {name: torn, when: {contract: [",
    "version: 1\nroutes:\n  - {name: odd, when: {}, if: 'data.', to: [portal]}\n",
)


def text_of(ways: Sequence[Way]) -> str:
    """The table as it is written."""
    routes = [
        {
            "name": one.name,
            "when": {
                name: value
                for name, value in (
                    ("contract", list(one.contracts)),
                    ("source", one.source),
                    ("item", one.item),
                    ("department", one.department),
                )
                if value
            },
            "to": list(one.to),
        }
        for one in ways
    ]
    return str(yaml.safe_dump({"version": 1, "routes": routes}, allow_unicode=True, sort_keys=False))


TEXTS = tuple(map(text_of, TABLES))


def wanted(ways: Sequence[Way], contract: str, system: str, data: Mapping[str, object]) -> frozenset[str]:
    """Where a table sends a message."""
    return frozenset(place for one in ways if one.takes(contract, system, data) for place in one.to)


@dataclass(slots=True)
class TownTables:
    """See :class:`hub.tables.Tables`; what was compiled once is kept."""

    compiled: dict[str, CompiledTable | tuple[Fault, ...]]

    @property
    def registry(self) -> Registry:
        return builtin()

    def usable(self, text: str, file: str) -> CompiledTable | tuple[Fault, ...]:
        if text not in self.compiled:
            self.compiled[text] = self._compile(text, file)
        return self.compiled[text]

    def _compile(self, text: str, file: str) -> CompiledTable | tuple[Fault, ...]:
        table = load(text, file)
        if not isinstance(table, RouteTable):
            return table
        known = {*RECIPIENTS, *PROCESSORS}
        wrong = [
            Fault("E_ROUTE_DESTINATION_UNKNOWN", "", table.at(n), Text("没有", "none"), Text("改正", "mend it"))
            for n, route in enumerate(table.routes)
            for target in route.to
            if target.destination not in known
        ]
        programs = compile_expressions(table, builtin())
        return (*wrong, *programs.faults) or compile_table(table, programs=programs.programs)


MAKER = TownTables({})


def _version(text: str) -> str:
    table = MAKER.usable(text, "routes.yaml")
    assert isinstance(table, CompiledTable), table
    return table.table.version_id


VERSIONS: Mapping[str, tuple[Way, ...]] = {_version(text): ways for text, ways in zip(TEXTS, TABLES, strict=True)}
