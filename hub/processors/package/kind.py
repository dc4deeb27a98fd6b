# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The kind ``package``."""

from collections.abc import Callable, Sequence
from pathlib import Path

from connectors.sdk import Idempotency, Manifest, Rendering
from contracts.families.handling import application_submitted, package_divided, package_progressed
from contracts.fault import Fault
from contracts.located import Located
from contracts.text import Text
from hub.legal_clock import LegalClock
from hub.processors.package.config import PackageConfig
from hub.processors.package.divider import Divider
from hub.processors.package.parts import circles
from hub.processors.processor import Known, Processor


class PackageKind:
    """See :class:`hub.processors.processor.ProcessorKind`."""

    manifest = Manifest(
        kind="package",
        title=Text("套餐拆分与汇总", "Divider of packages"),
        summary=Text(
            "把套餐申请拆分为各部门的办件，按先后送出；部门结果汇总为套餐进度与结果。",
            "Divides a package among departments, in the order that it asks for, and puts their results together again.",
        ),
        idempotency=Idempotency.NATIVE,
        ordered=True,
        rendering=Rendering.DATA,
        receipts=True,
    )
    config = PackageConfig
    expiries = frozenset[str]()
    emits = frozenset(
        {application_submitted.CONTRACT.type, package_divided.CONTRACT.type, package_progressed.CONTRACT.type}
    )

    def faults(self, settings: PackageConfig, source: Located, _known: Known, /) -> Sequence[Fault]:
        """Items that wait for what is not configured, or for themselves."""
        unknown = [
            Fault(
                "ITEM_UNKNOWN",
                f"items.{code}.after",
                source.at(("items", code, "after")),
                Text(f"前置事项 {before} 不在 items 中。", f"The item {before} that it waits for is not under items."),
                Text("请在 items 中登记该事项，或删去此前置。", "Name that item under items, or do not wait for it."),
            )
            for code, item in settings.items.items()
            for before in item.after
            if before not in settings.items
        ]
        circular = [
            Fault(
                "ITEM_CIRCLE",
                f"items.{code}.after",
                source.at(("items", code, "after")),
                Text("前置事项循环等待。", "It waits for itself, by way of the items that it waits for."),
                Text("请删去其中一个前置事项。", "Leave one of them out."),
            )
            for code in circles(settings.items)
        ]
        return [*unknown, *circular]

    def reckons(self, settings: PackageConfig, /) -> bool:
        """Where parts have periods in working days."""
        return any(one.promised_days or one.statutory_days for one in settings.items.values())

    def processor(
        self, settings: PackageConfig, _home: Path, _secret: Callable[[str], str], clock: LegalClock, /
    ) -> Processor:
        """With the departments as they are configured now."""
        return Divider(settings, clock)


KIND = PackageKind()
