# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Every kind of processor that is installed has all of its port: they are found by name, so no type checker sees them."""

import pytest

from hub.processors.kinds import processor_kinds
from hub.processors.processor import ProcessorKind

KINDS = processor_kinds()
PORT = [name for name in vars(ProcessorKind) if not name.startswith("_")]


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_has_all_of_its_port(kind: str) -> None:
    assert [name for name in PORT if not hasattr(KINDS[kind], name)] == []
    assert all(isinstance(one, frozenset) for one in (KINDS[kind].emits, KINDS[kind].expiries))
    assert KINDS[kind].manifest.kind == kind
