# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Every kind that comes with govhub is tried in each of its roles: its folder of tests offers the suites, none is listed."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from connectors.sdk import Role
from connectors.sdk.answer_conformance import AnswerSuite
from connectors.sdk.conformance import ConnectorSuite
from connectors.sdk.discovery import Broken, load, offered
from connectors.sdk.lookup_conformance import LookupSuite
from connectors.sdk.receiver_conformance import ReceiverSuite
from connectors.sdk.source_conformance import SourceSuite

SUITES: dict[Role, type[Any]] = {
    Role.SINK: ConnectorSuite,
    Role.SOURCE: SourceSuite,
    Role.LOOKUP: LookupSuite,
    Role.RECEIVER: ReceiverSuite,
}
OURS = {name: entry.value for name, entry in offered().items() if not isinstance(entry, Broken)}
KINDS = [
    (name, role)
    for name, reference in sorted(OURS.items())
    if reference.startswith("connectors.") and not isinstance(found := load(reference, name), Broken)
    for role in sorted(found.manifest.roles)
]


ANSWERING = [
    name
    for name, reference in sorted(OURS.items())
    if reference.startswith("connectors.")
    and not isinstance(one := load(reference, name), Broken)
    and one.manifest.receipts
]


@pytest.fixture(scope="module")
def tried() -> set[tuple[str, Role]]:
    """The references that the suites of the kinds' own folders try, by role."""
    for file in sorted(Path(__file__).parent.glob("*/test_conformance*.py")):
        import_module(f"tests.connectors.{file.parent.name}.{file.stem}")
    return _tried()


@pytest.fixture(scope="module")
def answering(tried: set[tuple[str, Role]]) -> set[str]:
    """The references that the suites for answers try."""
    assert tried, "the modules are imported"
    return {suite.reference for suite in _below(AnswerSuite)}


def _tried() -> set[tuple[str, Role]]:
    return {
        (suite.reference, role)
        for role, base in SUITES.items()
        for suite in _below(base)
        if suite.__module__.startswith("tests.connectors.") and "hostile" not in suite.__module__
    }


def _below(base: type[Any]) -> Iterator[type[Any]]:
    for suite in base.__subclasses__():
        if hasattr(suite, "reference"):
            yield suite
        yield from _below(suite)


def test_there_are_kinds_and_every_role_has_a_suite() -> None:
    assert {"rest", "mailbox", "amqp"} <= {name for name, _ in KINDS}
    assert SUITES.keys() == set(Role)


@pytest.mark.parametrize(("kind", "role"), KINDS)
def test_it_is_tried(kind: str, role: Role, tried: set[tuple[str, Role]]) -> None:
    assert (OURS[kind], role) in tried


@pytest.mark.parametrize("kind", ANSWERING)
def test_what_promises_receipts_is_tried_with_answers(kind: str, answering: set[str]) -> None:
    assert OURS[kind] in answering
