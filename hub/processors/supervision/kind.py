# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The kind ``supervising``."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from connectors.sdk import Idempotency, Manifest, Rendering
from contracts.contract import Contract
from contracts.families.oversight import supervision_ordered, supervision_warned
from contracts.families.services import notice_requested
from contracts.fault import Fault
from contracts.located import Located, read
from contracts.notices.templates import Templates, load_templates
from contracts.supervision.calendar import Calendar
from contracts.supervision.contacts import Contacts, load_contacts
from contracts.supervision.rules import Rules, load_rules
from contracts.text import Text
from hub.legal_clock import LegalClock
from hub.processors.processor import Known, Processor
from hub.processors.supervision.config import PersonsSettings, SupervisionConfig, Wording
from hub.processors.supervision.persons import persons_of
from hub.processors.supervision.supervisor import Supervisor


class SupervisionKind:
    """See :class:`hub.processors.processor.ProcessorKind`."""

    manifest = Manifest(
        kind="supervising",
        title=Text("电子监察", "Supervision"),
        summary=Text(
            "逐日按监察规则检查在办办件，在预警、承诺、法定时间及其他违规时预警，达到级别的同时督办；每次违规一次。",
            "Holds open cases against the rules every day; warns at the warning, promised and statutory times and of other "
            "breaches, and orders where they are grave: once for each breach.",
        ),
        idempotency=Idempotency.NATIVE,
        ordered=True,
        rendering=Rendering.DATA,
        receipts=True,
    )
    config = SupervisionConfig
    expiries = frozenset[str]()
    emits = frozenset(
        {supervision_warned.CONTRACT.type, supervision_ordered.CONTRACT.type, notice_requested.CONTRACT.type}
    )

    def faults(self, settings: SupervisionConfig, source: Located, known: Known, /) -> Sequence[Fault]:
        """The file of rules, and where its calendar says otherwise than the deployment's, which counts; the files of contacts and
        templates.
        """
        file = Path(source.file).parent / settings.rules
        loaded = load_rules(file)
        wrong = tuple(_disagreeing(loaded, file, known.clock)) if isinstance(loaded, Rules) else loaded
        return (*wrong, *(() if settings.persons is None else _impersonal(settings, settings.persons, source)))

    def reckons(self, _settings: SupervisionConfig, /) -> bool:
        """Always: by its rules about periods."""
        return True

    def processor(
        self, settings: SupervisionConfig, home: Path, _secret: Callable[[str], str], clock: LegalClock, /
    ) -> Processor:
        """With its rules as they are now."""
        rules = load_rules(home / settings.rules)
        assert isinstance(rules, Rules), "its faults were told"
        calendar = _calendar(rules, clock)
        return Supervisor(
            settings,
            replace(rules, calendar=calendar),
            replace(clock, calendar=calendar),
            persons_of(settings.persons, home),
        )


def _impersonal(config: SupervisionConfig, settings: PersonsSettings, source: Located) -> Iterator[Fault]:
    """What keeps persons from being told: their file, the templates, and roles that nobody holds anywhere (a warning)."""
    home = Path(source.file).parent
    contacts, templates = load_contacts(home / settings.contacts), load_templates(home / settings.templates)
    yield from () if isinstance(contacts, Contacts) else contacts
    yield from () if isinstance(templates, Templates) else templates
    if isinstance(contacts, Contacts):
        held = {one.role for one in contacts.all}
        for role in config.addressees:
            if role not in held:
                yield Fault(
                    "CONTACT_MISSING",
                    "persons.contacts",
                    source.at(("persons", "contacts")),
                    Text(
                        f"没有人担任“{role.text.zh}”，只告知部门。",
                        f"Nobody is {role.text.en}: only departments are told.",
                    ),
                    Text(
                        "请在联系人文件中写明，或改 addressees。", "Name somebody in that file, or change addressees."
                    ),
                    "warning",
                )
    if isinstance(templates, Templates):
        for what, contract in (("warned", supervision_warned.CONTRACT), ("ordered", supervision_ordered.CONTRACT)):
            wording: Wording | None = getattr(settings, what)
            if wording is not None:
                yield from _unworded(wording, contract, templates, source, what)


def _unworded(
    wording: Wording, contract: Contract, templates: Templates, source: Located, what: str
) -> Iterator[Fault]:
    path, at = f"persons.{what}", ("persons", what)
    template = templates.by_id.get(wording.template)
    if template is None:
        yield Fault(
            "TEMPLATE_UNKNOWN",
            f"{path}.template",
            source.at((*at, "template")),
            Text("模板文件中没有这个模板。", "The file of templates has no such template."),
            Text(f"现有：{'、'.join(sorted(templates.by_id))}", f"There are: {', '.join(sorted(templates.by_id))}"),
        )
    elif unfilled := sorted(set(template.places) ^ set(wording.values)):
        yield Fault(
            "TEMPLATE_PLACES",
            f"{path}.values",
            source.at((*at, "values")),
            Text("取值与模板参数不一致。", "The values are not those that the template has places for."),
            Text(f"请核对：{'、'.join(unfilled)}", f"Compare: {', '.join(unfilled)}"),
        )
    for place, written in wording.values.items():
        if written.partition(".")[2] not in contract.model.model_fields:
            yield Fault(
                "FIELD_UNKNOWN",
                f"{path}.values.{place}",
                source.at((*at, "values", place)),
                Text("契约没有这个字段。", "The contract has no such field."),
                Text(f"请用 {contract.type} 的字段。", f"Use a field of {contract.type}."),
            )


def _calendar(rules: Rules, clock: LegalClock) -> Calendar:
    """The deployment's; a year that it does not have is taken from the file of rules."""
    return {**rules.calendar, **clock.calendar}


def _disagreeing(rules: Rules, file: Path, clock: LegalClock) -> Iterator[Fault]:
    source = read(file)
    for year, days in rules.calendar.items():
        known = clock.calendar.get(year)
        if known is None or known == days or not isinstance(source, Located):
            continue
        odd = sorted((known.off ^ days.off) | (known.on ^ days.on))
        told = ", ".join(map(str, odd[:5]))
        yield Fault(
            "CALENDAR_DISAGREES",
            f"calendar.{year}",
            source.at(("calendar", year)),
            Text(
                f"与部署的工作日历不一致，以部署为准：{told}。",
                f"The deployment's calendar says otherwise, and counts: {told}.",
            ),
            Text(
                "请改正其一：规则文件的 calendar，或部署的 legal_clock.years。",
                "Correct one of them: calendar in the rules, or legal_clock.years in the deployment.",
            ),
            "warning",
        )


KIND = SupervisionKind()
