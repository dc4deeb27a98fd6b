# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The kind ``consultation``."""

from collections.abc import Callable, Sequence
from pathlib import Path

from connectors.sdk import Idempotency, Manifest, Rendering
from contracts.families.handling import opinion_requested, opinions_gathered
from contracts.fault import Fault
from contracts.located import Located
from contracts.text import Text
from hub.legal_clock import LegalClock
from hub.processors.consultation.config import ConsultationConfig
from hub.processors.consultation.gatherer import Gatherer
from hub.processors.processor import Known, Processor


class ConsultationKind:
    """See :class:`hub.processors.processor.ProcessorKind`."""

    manifest = Manifest(
        kind="consultation",
        title=Text("征求意见与并联审批", "Consultation and parallel approval"),
        summary=Text(
            "把征求意见、并联审批、会签分送各部门，限期收集意见，汇总给牵头部门；逾期、迟到与更正均有说法。",
            "Asks each department for its opinion by a time, and gives what they say to the one that leads; silence, late "
            "opinions and corrections are told for what they are.",
        ),
        idempotency=Idempotency.NATIVE,
        ordered=True,
        rendering=Rendering.DATA,
        receipts=True,
    )
    config = ConsultationConfig
    expiries = frozenset[str]()
    emits = frozenset({opinion_requested.CONTRACT.type, opinions_gathered.CONTRACT.type})

    def faults(self, _settings: ConsultationConfig, _source: Located, _known: Known, /) -> Sequence[Fault]:
        """Its form says all."""
        return ()

    def reckons(self, settings: ConsultationConfig, /) -> bool:
        """Where the time of consultations is bounded in working days."""
        return bool(settings.longest_days)

    def processor(
        self, settings: ConsultationConfig, _home: Path, _secret: Callable[[str], str], clock: LegalClock, /
    ) -> Processor:
        """With these limits."""
        return Gatherer(settings, clock)


KIND = ConsultationKind()
