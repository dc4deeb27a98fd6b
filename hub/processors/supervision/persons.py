# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Notices to the persons who hold the supervised roles (督办到人): who they are, and what they are told. Pure.

A role that nobody holds is told to nobody: its department has the warning and the order all the same. Whoever holds several roles
is told once.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from contracts.cloudevent import CloudEvent
from contracts.codes import NoticeMoment, SupervisedRole
from contracts.families.services import notice_requested
from contracts.notices.filling import filled, read
from contracts.notices.templates import Templates, load_templates
from contracts.supervision.contacts import Contact, Contacts, load_contacts
from hub.ports.journal import Process
from hub.processors.supervision.case_file import CaseFile
from hub.processors.supervision.config import PersonsSettings, Wording

_MOST = 1000


@dataclass(frozen=True, slots=True)
class Persons:
    """Who is told of what. ``settings`` None: nobody."""

    settings: PersonsSettings | None = None
    contacts: Contacts = field(default_factory=Contacts)
    templates: Templates | None = None

    def told_of(self, what: str) -> Wording | None:
        """How a warning (``warned``) or an order (``ordered``) is worded; None: persons are not told of it."""
        if self.settings is None:
            return None
        return self.settings.warned if what == "warned" else self.settings.ordered

    def holders(self, case: CaseFile, roles: Sequence[SupervisedRole]) -> Sequence[Contact]:
        """Whoever holds one of these roles for the case, each once."""
        item = case.about.get("item_code", "")
        found = [one for role in roles for one in self.contacts.of(role, case.department_of(role), item, case.handler)]
        return list({one.ways: one for one in found}.values())[:_MOST]

    def notice(
        self,
        process: Process,
        case: CaseFile,
        roles: Sequence[SupervisedRole],
        name: str,
        told: CloudEvent,
        at: datetime,
    ) -> CloudEvent:
        """The notice of one warning or order. ``told`` is that, ``name`` the emission's."""
        wording = self.told_of(name.split(".")[1])
        assert wording is not None, "it was named"
        assert self.settings is not None, "the same"
        assert self.templates is not None, "the same"
        template = self.templates.by_id[wording.template]
        message: Mapping[str, Any] = told.data if isinstance(told.data, dict) else {}
        data = {
            "matter_no": process.case,
            **{field_: case.about.get(field_) for field_ in ("region_code", "item_code", "department_code")},
            "notice_no": f"{process.id.hex}-{hashlib.sha256(name.encode()).hexdigest()[:12]}",
            "notice_class": "case",
            "moment": NoticeMoment.OTHER.value,
            "template_id": wording.template,
            "parameters": [
                {
                    "name": place,
                    "value": filled(template, place, read({"message": message}, source), self.settings.absent),
                }
                for place, source in wording.values.items()
            ]
            or None,
            "recipients": [
                {
                    "recipient_no": str(number),
                    "ways": [{"channel": way.channel.value, "address": way.address} for way in one.ways],
                }
                for number, one in enumerate(self.holders(case, roles), start=1)
            ],
            "requested_at": at.isoformat(),
        }
        contract = notice_requested.CONTRACT
        return CloudEvent(
            id="",
            source="",
            type=contract.type,
            dataschema=contract.schema_uri,
            subject=process.case,
            data={field_: value for field_, value in data.items() if value is not None},
        )


def persons_of(settings: PersonsSettings | None, home: Path) -> Persons:
    """As the settings say it, whose faults were told; files are beside the deployment's."""
    if settings is None:
        return Persons()
    contacts, templates = load_contacts(home / settings.contacts), load_templates(home / settings.templates)
    assert isinstance(contacts, Contacts), "its faults were told"
    assert isinstance(templates, Templates), "the same"
    return Persons(settings, contacts, templates)
