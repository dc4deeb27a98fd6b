# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Route tables for a deployment: the file that it names, or what is to be activated, held against everything it knows."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from contracts.located import Fault, Located
from contracts.registry import Registry
from contracts.text import Text
from hub.config.circles import circles
from hub.config.deployment import Deployment
from hub.config.fills import unfit
from hub.config.lookups import Askable
from hub.config.purposes import unasked, unpurposed
from hub.config.receiving import unreceivable
from hub.config.terms import Agreed, unserved
from routing.ambiguity import ambiguous
from routing.check import Known, check
from routing.check_purposes import check_purposes
from routing.index import CompiledTable, compile_table
from routing.programs import compile_expressions
from routing.table import RouteTable, load


@dataclass(frozen=True, slots=True)
class TableMaker:
    """What tables of this deployment are held against. ``retired``: what each retired region code has become."""

    deployment: Deployment
    registry: Registry
    retired: Mapping[str, str]
    agreed: Agreed
    lookups: Mapping[str, Askable]

    def made(self, text: str, file: str) -> tuple[CompiledTable | None, list[Fault]]:
        """The table in ``text`` and everything suspicious about it. It may be used only if no fault is an error; None: it
        cannot even be read.
        """
        table = load(text, file)
        if isinstance(table, tuple):
            return None, list(table)
        return self.held(table)

    def held(self, table: RouteTable) -> tuple[CompiledTable, list[Fault]]:
        """The same of a table that was read."""
        versions: dict[str, frozenset[int]] = {}
        for contract in self.registry.all():
            versions[contract.type] = versions.get(contract.type, frozenset()) | {contract.version}
        names = Known(
            destinations=frozenset(self.deployment.destinations),
            systems=frozenset(self.deployment.systems),
            contracts=versions,
        )
        expressions = compile_expressions(table, self.registry)
        compiled = compile_table(table, self.retired, expressions.programs)
        faults = [
            *check(table, names),
            *expressions.faults,
            *check_purposes(table, self.registry),
            *unfit(self.deployment, table, self.registry, self.agreed),
            *ambiguous(compiled),
            *circles(self.deployment, table),
            *unserved(self.deployment, table, self.registry, self.agreed),
            *unreceivable(self.deployment, table, self.registry),
            *unasked(self.deployment, table, self.registry, self.lookups),
        ]
        if not any(fault.severity == "error" for fault in faults):
            faults += unpurposed(self.deployment, table, self.registry)
        return compiled, faults

    def usable(self, text: str, file: str) -> CompiledTable | tuple[Fault, ...]:
        """The table, or the errors that forbid using it."""
        compiled, faults = self.made(text, file)
        errors = tuple(fault for fault in faults if fault.severity == "error")
        return errors if errors or compiled is None else compiled


def text_of(file: Path, source: Located) -> str | Fault:
    """The text of the table that a deployment names."""
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, ValueError):  # ValueError: not UTF-8, or a NUL in the path
        return Fault(
            "ROUTES_UNREADABLE",
            "routes",
            source.at(("routes",)),
            Text("路由表不存在或不可读。", "The route table is missing or unreadable."),
            Text(f"请检查文件：{file}", f"See to the file: {file}"),
        )
