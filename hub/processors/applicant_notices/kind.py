# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The kind ``applicant_notices``."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from connectors.sdk import Idempotency, Manifest, Rendering
from contracts.catalogue import builtin
from contracts.families.services import notice_requested
from contracts.fault import Fault
from contracts.located import Located
from contracts.notices.templates import Templates, load_templates
from contracts.text import Text
from hub.legal_clock import LegalClock
from hub.processors.applicant_notices.config import ApplicantNoticesConfig
from hub.processors.applicant_notices.moments import APPLICATION, MOMENTS_OF
from hub.processors.applicant_notices.notifier import Notifier
from hub.processors.processor import Known, Processor


class ApplicantNoticesKind:
    """See :class:`hub.processors.processor.ProcessorKind`."""

    manifest = Manifest(
        kind="applicant_notices",
        title=Text("告知申请人", "Notices to the applicant"),
        summary=Text(
            "在申请、预审、补正、受理、不予受理、特别程序、办结、领取等时点按模板告知申请人，每个时点一次。",
            "Tells the applicant of an application, a correction, an acceptance, a refusal, a result: by template, once each.",
        ),
        idempotency=Idempotency.NATIVE,
        ordered=True,
        rendering=Rendering.DATA,
        receipts=True,
    )
    config = ApplicantNoticesConfig
    expiries = frozenset[str]()
    emits = frozenset({notice_requested.CONTRACT.type})

    def faults(self, settings: ApplicantNoticesConfig, source: Located, _known: Known, /) -> Sequence[Fault]:
        """Templates that are not there, places that nothing fills, fields that no message of the moment has."""
        loaded = load_templates(Path(source.file).parent / settings.templates)
        return list(_faults(settings, source, loaded)) if isinstance(loaded, Templates) else loaded

    def reckons(self, _settings: ApplicantNoticesConfig, /) -> bool:
        """It has no limits of its own."""
        return False

    def processor(
        self, settings: ApplicantNoticesConfig, home: Path, _secret: Callable[[str], str], _clock: LegalClock, /
    ) -> Processor:
        """With its templates as they are now."""
        templates = load_templates(home / settings.templates)
        assert isinstance(templates, Templates), "its faults were told"
        return Notifier(settings, templates)


def _faults(settings: ApplicantNoticesConfig, source: Located, templates: Templates) -> Iterator[Fault]:
    for moment, one in settings.moments.items():
        path = f"moments.{moment.value}"
        at = ("moments", moment.value)
        contracts = [contract for contract, moments in MOMENTS_OF.items() if moment in moments]
        template = templates.by_id.get(one.template)
        if template is None:
            there = ", ".join(sorted(templates.by_id))
            yield Fault(
                "TEMPLATE_UNKNOWN",
                f"{path}.template",
                source.at((*at, "template")),
                Text("模板文件中没有这个模板。", "The file of templates has no such template."),
                Text(f"现有：{there}", f"There are: {there}"),
            )
            continue
        if unfilled := sorted(set(template.places) ^ set(one.values)):
            yield Fault(
                "TEMPLATE_PLACES",
                f"{path}.values",
                source.at((*at, "values")),
                Text("取值与模板参数不一致。", "The values are not those that the template has places for."),
                Text(f"请核对：{'、'.join(unfilled)}", f"Compare: {', '.join(unfilled)}"),
            )
        for place, written in one.values.items():
            whose, _, field = written.partition(".")
            if not _has((APPLICATION,) if whose == "application" else contracts, field):
                yield Fault(
                    "FIELD_UNKNOWN",
                    f"{path}.values.{place}",
                    source.at((*at, "values", place)),
                    Text("没有哪个契约有这个字段。", "None of the contracts of this moment has this field."),
                    Text(f"请用 {'、'.join(contracts)} 的字段。", f"Use a field of {', '.join(contracts)}."),
                )


def _has(contracts: Sequence[str], field: str) -> bool:
    return any(
        field in version.model.model_fields for contract in contracts for version in builtin().versions(contract)
    )


KIND = ApplicantNoticesKind()
