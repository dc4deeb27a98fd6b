# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The kind ``supplementing``."""

from collections.abc import Callable, Sequence
from pathlib import Path

from connectors.sdk import Idempotency, Manifest, Rendering
from contracts.families.handling import supplement_progressed
from contracts.fault import Fault
from contracts.located import Located
from contracts.text import Text
from hub.legal_clock import LegalClock
from hub.processors.processor import Known, Processor
from hub.processors.supplementing.config import SupplementingConfig
from hub.processors.supplementing.tracker import Tracker


class SupplementingKind:
    """See :class:`hub.processors.processor.ProcessorKind`."""

    manifest = Manifest(
        kind="supplementing",
        title=Text("容缺补齐", "Materials to follow"),
        summary=Text(
            "跟踪容缺受理的办件所缺材料：一次性告知清单与期限，补交、逾期、补齐各告知一次；逾期如何处理由配置说明。",
            "Follows what a case lacks that was accepted without it: tells the list and its time once, and when something has "
            "come, all has come, or time is up.",
        ),
        idempotency=Idempotency.NATIVE,
        ordered=True,
        rendering=Rendering.DATA,
        receipts=True,
    )
    config = SupplementingConfig
    expiries = frozenset[str]()
    emits = frozenset({supplement_progressed.CONTRACT.type})

    def faults(self, _settings: SupplementingConfig, _source: Located, _known: Known, /) -> Sequence[Fault]:
        """Its form says all."""
        return ()

    def reckons(self, _settings: SupplementingConfig, /) -> bool:
        """Always: by when materials are wanted."""
        return True

    def processor(
        self, settings: SupplementingConfig, _home: Path, _secret: Callable[[str], str], clock: LegalClock, /
    ) -> Processor:
        """With these limits."""
        return Tracker(settings, clock)


KIND = SupplementingKind()
