# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Contract packages that are installed and cannot be used, told with the deployment's other faults."""

from contracts.located import Fault, Located
from contracts.publishing.packages import Installed
from contracts.text import Text


def unusable_packages(contracts: Installed, source: Located) -> list[Fault]:
    """A contract package that cannot be used is a warning: what needs it is told as an unknown contract."""
    return [
        Fault(
            "CONTRACTS_UNUSABLE",
            "",
            source.at(()),
            Text(f"契约包 {one.name} 不可用：{one.reason.zh}。", f"Contract package {one.name}: {one.reason.en}."),
            Text("请修复或卸载该契约包。", "Mend or uninstall it."),
            "warning",
        )
        for one in contracts.unusable
    ]
