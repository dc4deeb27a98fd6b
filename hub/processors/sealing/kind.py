# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The kind ``sealing``."""

from collections.abc import Callable, Sequence
from pathlib import Path

from connectors.sdk import Idempotency, Manifest, Rendering
from contracts.families.services import seal_requested
from contracts.fault import Fault
from contracts.located import Located
from contracts.text import Text
from hub.legal_clock import LegalClock
from hub.processors.processor import Known, Processor
from hub.processors.sealing.config import SealingConfig
from hub.processors.sealing.sealer import LICENCE, Sealer


class SealingKind:
    """See :class:`hub.processors.processor.ProcessorKind`."""

    manifest = Manifest(
        kind="sealing",
        title=Text("先用印后交付", "Sealing before delivery"),
        summary=Text(
            "证照文件先送签章平台用印，核验之后以已用印的文件交付；未用印的不会交付。",
            "A licence's file is sealed by the seal service first; the licence goes on with the sealed file, and not without.",
        ),
        idempotency=Idempotency.NATIVE,
        ordered=True,
        rendering=Rendering.DATA,
        receipts=True,
    )
    config = SealingConfig
    expiries = frozenset[str]()
    emits = frozenset({seal_requested.CONTRACT.type, LICENCE})

    def faults(self, _settings: SealingConfig, _source: Located, _known: Known, /) -> Sequence[Fault]:
        """Its form says all."""
        return ()

    def reckons(self, _settings: SealingConfig, /) -> bool:
        """It has no limits of its own."""
        return False

    def processor(
        self, settings: SealingConfig, _home: Path, _secret: Callable[[str], str], _clock: LegalClock, /
    ) -> Processor:
        """With these seals."""
        return Sealer(settings)


KIND = SealingKind()
