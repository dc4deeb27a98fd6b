# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The kind ``supervising``."""

from collections.abc import Callable, Sequence
from pathlib import Path

from connectors.sdk import Idempotency, Manifest, Rendering
from contracts.families.oversight import supervision_ordered, supervision_warned
from contracts.fault import Fault
from contracts.located import Located
from contracts.supervision.rules import Rules, load_rules
from contracts.text import Text
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

    def faults(self, settings: SupervisionConfig, source: Located, _known: Known, /) -> Sequence[Fault]:
        """The file of rules."""
        loaded = load_rules(Path(source.file).parent / settings.rules)
        return () if isinstance(loaded, Rules) else loaded

    def processor(self, settings: SupervisionConfig, home: Path, _secret: Callable[[str], str], /) -> Processor:
        """With its rules as they are now."""
        rules = load_rules(home / settings.rules)
        assert isinstance(rules, Rules), "its faults were told"
        return Supervisor(settings, rules)


KIND = SupervisionKind()
