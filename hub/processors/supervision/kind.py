# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The kind ``supervising``."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from connectors.sdk import Idempotency, Manifest, Rendering
from contracts.families.oversight import supervision_ordered, supervision_warned
from contracts.fault import Fault
from contracts.located import Located, read
from contracts.supervision.calendar import Calendar
from contracts.supervision.rules import Rules, load_rules
from contracts.text import Text
from hub.legal_clock import LegalClock
from hub.processors.processor import Known, Processor
from hub.processors.supervision.config import SupervisionConfig
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
    emits = frozenset({supervision_warned.CONTRACT.type, supervision_ordered.CONTRACT.type})

    def faults(self, settings: SupervisionConfig, source: Located, known: Known, /) -> Sequence[Fault]:
        """The file of rules, and where its calendar says otherwise than the deployment's, which counts."""
        file = Path(source.file).parent / settings.rules
        loaded = load_rules(file)
        return tuple(_disagreeing(loaded, file, known.clock)) if isinstance(loaded, Rules) else loaded

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
        return Supervisor(settings, replace(rules, calendar=calendar), replace(clock, calendar=calendar))


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
