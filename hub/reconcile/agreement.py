# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""An agreement (对账约定), ready for use: what counts, of which messages, and when a day of it is closed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from certs.reconciliation_statement import StatementKey, no_key, statement_key
from contracts.contract import Contract
from contracts.families.fields import BEIJING
from contracts.reconciling.agreed import Agreed, AgreedField
from contracts.registry import Registry
from hub.config.deployment import Deployment
from hub.config.reconciliation import AgreementSection, FieldSection, contract_of
from hub.ports.ids import first_of
from hub.ports.journal.reconciling import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """``destination``: what we deliver there; empty: what ``system`` sends. ``system`` is the counterparty either way."""

    name: str
    title: str
    agreed: Agreed
    contract: Contract
    system: str
    destination: str
    latest: bool
    closes: timedelta
    timely: timedelta

    @property
    def sends(self) -> bool:
        """Whether the messages go from us to the counterparty."""
        return bool(self.destination)

    def closing(self, day: date) -> datetime:
        """When the day is closed: what is delivered later is late."""
        return midnight(day + timedelta(days=1)) + self.closes

    def span(self, day: date, until: datetime) -> Span:
        """The messages of the day, as they stood at that moment."""
        return self._span(midnight(day), midnight(day + timedelta(days=1)), until)

    def since(self, day: date, until: datetime) -> Span:
        """The messages accepted after the day, up to that moment."""
        return self._span(midnight(day + timedelta(days=1)), until, until)

    def manifest(self, day: date) -> str:
        """The number that the manifests of both sides have."""
        return f"DZ-{self.name}-{day:%Y%m%d}"

    def _span(self, begin: datetime, end: datetime, until: datetime) -> Span:
        return Span(
            first=first_of(begin),
            end=first_of(end),
            contract=self.agreed.contract,
            until=until,
            destination=self.destination,
            system="" if self.destination else self.system,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreements:
    """All of a deployment. ``speaks_as``: in whose name manifests are sent, empty: they are only fetched. ``key`` reads the
    present key that signs, or raises.
    """

    all: Mapping[str, Agreement] = field(default_factory=dict)
    speaks_as: str = ""
    key: Callable[[], StatementKey] = no_key
    daily: bool = True
    keep: timedelta = timedelta(days=35)


def midnight(day: date) -> datetime:
    """When a day begins in Beijing."""
    return datetime.combine(day, time(), BEIJING)


def agreements_of(deployment: Deployment, registry: Registry, secret: Callable[[str], str]) -> Agreements:
    """The agreements of a deployment that was found to be in order. ``secret`` gives a secret's present value."""
    section = deployment.reconciliation
    if section is None:
        return Agreements()
    name = section.key

    def key() -> StatementKey:
        return no_key() if name is None else statement_key(secret(name))

    return Agreements(
        all={name: _agreement(deployment, registry, name, one) for name, one in section.agreements.items()},
        speaks_as=section.speaks_as or "",
        key=key,
        daily=section.daily,
        keep=timedelta(days=section.keep_days),
    )


def _agreement(deployment: Deployment, registry: Registry, name: str, one: AgreementSection) -> Agreement:
    contract = contract_of(registry, one)
    assert contract is not None, "the deployment was checked"
    system = deployment.destinations[one.destination].system if one.destination else one.system
    return Agreement(
        name=name,
        title=one.title or name,
        agreed=Agreed(
            contract.type,
            contract.version,
            tuple(_field(label, field) for label, field in one.fields.items()),
            tuple(_field(path, path) for path in one.record),
        ),
        contract=contract,
        system=system or "",
        destination=one.destination or "",
        latest=one.keeps == "latest",
        closes=timedelta(hours=one.closes_hours),
        timely=timedelta(hours=one.timely_hours),
    )


def _field(name: str, field: str | FieldSection) -> AgreedField:
    if isinstance(field, str):
        return AgreedField(name, tuple(field.split(".")))
    return AgreedField(name, tuple(field.at.split(".")), dict(field.codes))
