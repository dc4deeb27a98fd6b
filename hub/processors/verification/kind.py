# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The kind ``verification``."""

from collections.abc import Callable, Sequence
from pathlib import Path

from connectors.sdk import Idempotency, Manifest, Rendering
from contracts.fault import Fault
from contracts.located import Located
from contracts.text import Text
from hub.legal_clock import LegalClock
from hub.processors.processor import Known, Processor
from hub.processors.verification.config import VerificationConfig
from hub.processors.verification.verifier import APPLICATION, Verifier


class VerificationKind:
    """See :class:`hub.processors.processor.ProcessorKind`."""

    manifest = Manifest(
        kind="verification",
        title=Text("申请核验", "Verification of applications"),
        summary=Text(
            "申请所述身份与证照先与数据共享平台核对，再带结果标记往下送；数据源不可用时按设置继续或等待。",
            "An application's identity and licences are compared with registers first; it goes on marked with what they said, "
            "and waits or goes on where they are away.",
        ),
        idempotency=Idempotency.NATIVE,
        ordered=True,
        rendering=Rendering.DATA,
        receipts=True,
    )
    config = VerificationConfig
    expiries = frozenset[str]()
    emits = frozenset({APPLICATION})

    def faults(self, settings: VerificationConfig, source: Located, known: Known) -> Sequence[Fault]:
        """Lookups that are not there, or that its system may not ask."""
        there = ", ".join(sorted(known.lookups)) or "–"
        return [
            Fault(
                "LOOKUP_UNKNOWN",
                f"checks.{name}.lookup",
                source.at(("checks", name, "lookup")),
                Text(
                    f"没有这个查询，或本系统无权使用：{check.lookup}。",
                    f"No lookup '{check.lookup}' that its system may ask.",
                ),
                Text(
                    f"可用：{there}；授权写在该查询的 systems。",
                    f"There are: {there}; who may ask stands under its systems.",
                ),
            )
            for name, check in settings.checks.items()
            if check.lookup not in known.lookups
        ]

    def reckons(self, _settings: VerificationConfig, /) -> bool:
        """It has no limits of its own."""
        return False

    def processor(
        self, settings: VerificationConfig, _home: Path, _secret: Callable[[str], str], _clock: LegalClock, /
    ) -> Processor:
        """With these checks."""
        return Verifier(settings)


KIND = VerificationKind()
