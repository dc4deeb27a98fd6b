# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Reading a deployment and everything it names; all that is wrong is told at once, with file, line and remedy."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from pydantic import BaseModel

from connectors.sdk import Connector, Manifest
from connectors.sdk.fencing.fence import OPEN, OURS, Fence
from contracts.families.fields import BEIJING
from contracts.item_forms.load import LoadedForms
from contracts.located import Fault, Located, build, read
from contracts.publishing.packages import installed
from contracts.registry import Registry
from contracts.text import Text
from hub.access.decision import Access
from hub.config.answering import misdirected
from hub.config.catalogue import miscatalogued
from hub.config.contract_packages import unusable_packages
from hub.config.deployment import Deployment, DestinationSection
from hub.config.evidence import misevidenced
from hub.config.fencing import Isolation, account_of, fence_of, idle_fences, isolation_of
from hub.config.fitting import Fitted, Told, Use, fit
from hub.config.forms import item_forms, load_forms
from hub.config.granting import access_of, misgranted
from hub.config.intake import Intake, intakes_of
from hub.config.keeping import misfits
from hub.config.legal_clock import mistimed
from hub.config.lifecycle import misruled
from hub.config.lookups import Askable, askable
from hub.config.naming import misnumbered
from hub.config.operating import misoperated
from hub.config.parties import shared_keys
from hub.config.performance import misreported
from hub.config.precedence import misordered
from hub.config.proxy import unseen_subjects
from hub.config.reconciliation import misagreed
from hub.config.regions import retired_codes
from hub.config.sealing import missealed
from hub.config.signatures import unsignable
from hub.config.tables import TableMaker, text_of
from hub.config.telemetry import telemetry_faults
from hub.config.terms import Agreed, agree, undeclared
from hub.config.trust import distrusted
from hub.config.unknown import unknown
from hub.item_forms import ItemForms
from hub.legal_clock import LegalClock
from hub.passage import Place
from hub.ports.clock import SystemClock
from hub.processors.kinds import emitted, final, processor_kinds
from hub.processors.processor import Known as Names
from hub.processors.processor import ProcessorKind
from routing.index import CompiledTable


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One destination, ready to open: its section, connector, checked settings and what they promise.

    ``reference`` is the connector's ``package.module:ATTRIBUTE``, by which a child process finds it; ``fence`` is what that
    process stays behind. ``connector`` and ``settings`` are None for a third party's that runs apart: nothing of it is here.
    ``processor`` is what works there if the destination is inside the hub; then there is no connector.
    """

    name: str
    section: DestinationSection
    connector: Connector | None
    reference: str
    settings: BaseModel | None
    promises: Manifest
    fence: Fence
    processor: ProcessorKind | None = None

    @property
    def concurrency(self) -> int:
        """The most sends at a time."""
        return self.section.concurrency or self.promises.concurrency

    @property
    def ours(self) -> bool:
        """Whether the connector comes with govhub: audited, so it may run in the hub's own process."""
        return self.reference.startswith(OURS)

    @property
    def isolation(self) -> Isolation:
        """Where it runs."""
        return "hub" if self.processor is not None else isolation_of(self.section.isolation, self.reference)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A deployment that can be run. ``warnings`` do not stop it."""

    deployment: Deployment
    home: Path
    endpoints: Mapping[str, Endpoint]
    table: CompiledTable
    registry: Registry
    warnings: tuple[Fault, ...]
    forms: LoadedForms | None
    agreed: Agreed
    intakes: Mapping[str, Intake]
    lookups: Mapping[str, Askable]
    tables: TableMaker
    routes_text: str
    access: Access

    def path(self, relative: str) -> Path:
        """A path of the file, relative to where the file stands."""
        return (self.home / relative).resolve()

    def places(self) -> dict[str, Place]:
        """What planning knows of each destination."""
        return {
            name: Place(
                endpoint.section.system,
                endpoint.section.group,
                endpoint.promises.ordered,
                endpoint.section.priority,
                final(endpoint.processor, endpoint.settings),
            )
            for name, endpoint in self.endpoints.items()
        }

    def legal_clock(self) -> LegalClock:
        """The deployment's, with its green channel."""
        return LegalClock.of(self.deployment.legal_clock, self.deployment.green_channel)

    def item_forms(self) -> ItemForms:
        """The registered forms and their policy, for one hub."""
        return item_forms(self.deployment.forms, self.forms, self.home)


def load_deployment(
    file: Path, environment: Mapping[str, str] = os.environ, today: date | None = None
) -> Loaded | tuple[Fault, ...]:
    """Everything the file says, or everything that is wrong with it. Region codes are those in use today, in Beijing."""
    source = read(file)
    if isinstance(source, Fault):
        return (source,)
    deployment = build(source, Deployment)
    if isinstance(deployment, tuple):
        return deployment
    contracts = installed()
    registry = contracts.registry
    faults = [
        *unusable_packages(contracts, source),
        *misgranted(deployment, source, registry),
        *misoperated(deployment, source),
        *shared_keys(deployment.systems, deployment.operators, source),
        *_sources(deployment, source, environment),
        *telemetry_faults(deployment, source),
        *misevidenced(deployment.evidence, source),
        *missealed(deployment.sealing, deployment.secrets, source),
        *distrusted(deployment.tls, deployment.trust, deployment.systems, deployment.secrets, source),
        *misfits(
            deployment.materials,
            deployment.retention,
            deployment.secrets,
            past_days=deployment.limits.past_days,
            future_seconds=deployment.limits.future_seconds,
            source=source,
        ),
    ]
    account, wrong = account_of(deployment.hub.connectors_run_as, source)
    faults += wrong
    told, wrong = fit(_uses(deployment), source, account)
    faults += wrong
    endpoints, wrong = _endpoints(deployment, source, told, account)
    faults += wrong
    intakes, wrong = intakes_of(deployment, source, told, account)
    faults += wrong
    faults += misdirected(deployment, source, intakes)
    faults += unseen_subjects(intakes, deployment.hub.proxy, deployment.tls, source)
    faults += unsignable(intakes, deployment.systems, source)
    lookups, wrong = askable(deployment, source, told, account)
    faults += wrong
    faults += idle_fences(
        {
            (section, one.name): (one.section.fence, one.isolation)
            for section, members in (("destinations", endpoints), ("sources", intakes), ("lookups", lookups))
            for one in members.values()
        },
        source,
    )
    day = today or SystemClock().now().astimezone(BEIJING).date()
    retired, region_faults = retired_codes(file.parent, source, deployment, day)
    faults += region_faults
    agreed = agree(deployment, source, registry)
    faults += agreed.faults
    tables = TableMaker(deployment, registry, retired, agreed, lookups)
    text = text_of(file.parent / deployment.routes, source)
    table, table_faults = (
        (None, [text]) if isinstance(text, Fault) else tables.made(text, str(file.parent / deployment.routes))
    )
    faults += table_faults
    if table is not None:
        faults += undeclared(deployment, table.table, registry, source)
    faults += misordered(deployment, source)
    faults += misagreed(deployment, source, registry)
    faults += miscatalogued(deployment, source)
    reckoning = any(one.processor is not None and one.processor.reckons(one.settings) for one in endpoints.values())
    faults += mistimed(deployment, source, day, reckoning=reckoning)
    faults += misruled(deployment, source)
    faults += misreported(deployment, source)
    faults += misnumbered(deployment, source, registry)
    forms, form_faults = load_forms(deployment, source)
    faults += form_faults
    errors = tuple(f for f in faults if f.severity == "error")
    if errors or table is None:
        return errors
    warnings = tuple(faults)
    return Loaded(
        deployment,
        file.parent,
        endpoints,
        table,
        registry,
        warnings,
        forms,
        agreed,
        intakes,
        lookups,
        tables,
        str(text),
        access_of(deployment, retired),
    )


def resolve_secret(reference: str, environment: Mapping[str, str], home: Path) -> str | None:
    """``env:NAME`` and ``file:PATH`` read where they point; anything else stands for itself. None: nothing is there."""
    kind, _, where = reference.partition(":")
    try:
        if kind == "env":
            return environment.get(where)
        if kind == "file":
            return (home / where).read_text(encoding="utf-8").strip()
    except (OSError, ValueError):  # ValueError: not UTF-8, or a NUL in the path
        return None
    return reference


def _sources(deployment: Deployment, source: Located, environment: Mapping[str, str]) -> list[Fault]:
    faults = []
    home = Path(source.file).parent
    named: dict[tuple[str, ...], str] = {("journal",): deployment.journal, ("bus",): deployment.bus}
    named |= {("secrets", name): reference for name, reference in deployment.secrets.items()}
    for path, reference in named.items():
        if resolve_secret(reference, environment, home) is None:
            faults.append(
                Fault(
                    "SECRET_MISSING",
                    ".".join(path),
                    source.at(path),
                    Text(
                        "所指的环境变量或文件不存在或不可读。",
                        "The variable or file it points to is missing or unreadable.",
                    ),
                    Text("请设置该变量，或改正路径。", "Set the variable, or correct the path."),
                )
            )
    for path, reference, kinds in (
        (("journal",), deployment.journal, ("embedded", "postgresql://", "postgres://")),
        (("bus",), deployment.bus, ("memory", "amqp://", "amqps://")),
    ):
        value = resolve_secret(reference, environment, home)
        if value is not None and value != kinds[0] and not value.startswith(kinds[1:]):
            faults.append(
                Fault(
                    "ADDRESS_KIND",
                    path[0],
                    source.at(path),
                    Text("不是可用的地址。", "This is not a usable address."),
                    Text(f"可写：{'、'.join(kinds)}", f"One of: {', '.join(kinds)}"),
                )
            )
    return faults


def _uses(deployment: Deployment) -> list[Use]:
    """Every place that names a connector, and no processor."""
    processors = processor_kinds()
    return [
        Use(section, name, one.connector, one.isolation, one.settings)
        for section, members in (
            ("destinations", deployment.destinations),
            ("sources", deployment.sources),
            ("lookups", deployment.lookups),
        )
        for name, one in members.items()
        if section != "destinations" or one.connector not in processors
    ]


def _endpoints(
    deployment: Deployment, source: Located, told: Told, account: tuple[int, int] | None
) -> tuple[dict[str, Endpoint], list[Fault]]:
    endpoints: dict[str, Endpoint] = {}
    processors = processor_kinds()
    faults: list[Fault] = []
    for name, section in deployment.destinations.items():
        if section.system not in deployment.systems:
            known = set(deployment.systems)
            path = ("destinations", name, "system")
            faults.append(unknown(source, path, Text("系统", "system"), section.system, known))
        if (kind := processors.get(section.connector)) is not None:
            endpoint, wrong = _processor(deployment, source, name, kind)
            faults += wrong
            if endpoint is not None:
                endpoints[name] = endpoint
            continue
        match told.get(("destinations", name)):
            case Fitted(reference=reference, manifest=promises, connector=connector, settings=settings):
                fence = fence_of(section.fence, reference, Path(source.file).parent, account)
                endpoints[name] = Endpoint(name, section, connector, reference, settings, promises, fence)
            case None:
                pass
    return endpoints, faults


def _processor(
    deployment: Deployment, source: Located, name: str, kind: ProcessorKind
) -> tuple[Endpoint | None, list[Fault]]:
    section, path = deployment.destinations[name], ("destinations", name)
    within = f"destinations.{name}.settings"
    below = source.below((*path, "settings"), section.settings)
    settings = build(below, kind.config)
    names = Names(
        frozenset(deployment.destinations),
        frozenset(deployment.secrets),
        frozenset(one for one, lookup in deployment.lookups.items() if section.system in lookup.systems),
        LegalClock.of(deployment.legal_clock, deployment.green_channel),
    )
    found = settings if isinstance(settings, tuple) else kind.faults(settings, below, names)
    faults = [
        replace(one, path=f"{within}.{one.path}" if one.path else within) if one.at.file == source.file else one
        for one in found
    ]
    if section.isolation == "process":
        faults.append(
            Fault(
                "PROCESSOR_INSIDE",
                f"destinations.{name}.isolation",
                source.at((*path, "isolation")),
                Text("处理器在中枢之内运行。", "A processor runs inside the hub."),
                Text("请删去 isolation。", "Take isolation out."),
            )
        )
    sends = deployment.systems[section.system].contracts_sent if section.system in deployment.systems else {"*"}
    if "*" not in sends and (unsaid := sorted(emitted(kind, section.settings) - sends)):
        faults.append(
            Fault(
                "PROCESSOR_MUTE",
                f"systems.{section.system}.sends",
                source.at(("systems", section.system)),
                Text(
                    f"处理器“{name}”会发出这些契约，而其系统无权发送：{'、'.join(unsaid)}。",
                    f"The processor '{name}' emits what its system may not send: {', '.join(unsaid)}.",
                ),
                Text("请写入该系统的 sends。", "Add them to the system's sends."),
            )
        )
    if isinstance(settings, tuple):
        return None, faults
    return Endpoint(name, section, None, "", settings, kind.manifest, OPEN, kind), faults
