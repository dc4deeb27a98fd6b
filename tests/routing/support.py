# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Tables and messages for the tests of routing."""

from contracts.attributes import Attributes
from contracts.located import Fault
from routing.index import CompiledTable, compile_table
from routing.table import RouteTable, load

SUBMITTED = "cn.gov.application.submitted"
COMPLETED = "cn.gov.completion"


def table(routes: str) -> RouteTable:
    """The table of these routes, written as list items at the first column."""
    loaded = load(f"version: 1\nroutes:\n{routes}", "routes.yaml")
    assert isinstance(loaded, RouteTable), "\n".join(map(str, loaded))
    return loaded


def compiled(routes: str) -> CompiledTable:
    return compile_table(table(routes))


def faults(text: str) -> list[tuple[int, int, str, str]]:
    """Why a text is no table."""
    loaded = load(text, "routes.yaml")
    assert isinstance(loaded, tuple)
    return [summary(fault) for fault in loaded]


def summary(fault: Fault) -> tuple[int, int, str, str]:
    return fault.at.line, fault.at.column, fault.code, fault.path


def message(contract: str = SUBMITTED, *, version: int = 1, source: str = "portal", **said: str | None) -> Attributes:
    return Attributes(contract=contract, version=version, source=source, **said)
