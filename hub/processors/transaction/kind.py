# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The kind ``transaction``."""

from collections.abc import Callable, Sequence
from pathlib import Path

from connectors.sdk import Idempotency, Manifest, Rendering
from contracts.families.services import transaction_ended
from contracts.fault import Fault
from contracts.located import Located
from contracts.text import Text
from hub.legal_clock import LegalClock
from hub.processors.processor import Known, Processor
from hub.processors.transaction.checks import faults_of
from hub.processors.transaction.config import TransactionConfig
from hub.processors.transaction.coordinator import Coordinator
from hub.processors.transaction.survey import STEP, try_name
from hub.processors.transaction.writing import type_of


class TransactionKind:
    """See :class:`hub.processors.processor.ProcessorKind`."""

    manifest = Manifest(
        kind="transaction",
        title=Text("业务事务与补偿", "Business transactions"),
        summary=Text(
            "一件事分多个步骤办理，前一步办成才发下一步；任何一步失败，已生效的步骤按相反次序撤销；撤销不成的交由人工处理。",
            "Steps at several destinations, one after another; if one fails, what took effect is undone in reverse, and what "
            "cannot be undone goes to a person.",
        ),
        idempotency=Idempotency.NATIVE,
        ordered=True,
        rendering=Rendering.DATA,
        receipts=True,
    )
    config = TransactionConfig
    expiries = frozenset[str]()
    emits = frozenset({transaction_ended.CONTRACT.type})

    def emits_with(self, settings: TransactionConfig, /) -> frozenset[str]:
        """What its steps and their compensations send, too."""
        steps = {type_of(one.contract) for one in settings.steps}
        return self.emits | steps | {type_of(one.compensation.contract) for one in settings.steps if one.compensation}

    def final(self, settings: TransactionConfig, /) -> frozenset[str]:
        """Its irreversible steps."""
        return frozenset(try_name(STEP, one.name, 0) for one in settings.steps if one.irreversible)

    def faults(self, settings: TransactionConfig, source: Located, _known: Known, /) -> Sequence[Fault]:
        """Steps that cannot be undone in order, contracts that are not there, data that no contract takes."""
        return list(faults_of(settings, source))

    def reckons(self, _settings: TransactionConfig, /) -> bool:
        """Its times are seconds."""
        return False

    def processor(
        self, settings: TransactionConfig, _home: Path, _secret: Callable[[str], str], _clock: LegalClock, /
    ) -> Processor:
        """With these steps."""
        return Coordinator(settings)


KIND = TransactionKind()
