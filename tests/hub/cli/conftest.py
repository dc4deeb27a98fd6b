# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Commands run inside this process and set up its logs, as a process of their own would: the next test starts afresh."""

from collections.abc import Iterator

import pytest
import structlog


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    yield
    structlog.reset_defaults()


@pytest.fixture(autouse=True)
def _unsealed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands come with deployment files that name no master key, to journals that hubs of these tests wrote."""
    monkeypatch.setattr("tests.support.hubs.SEALING", None)
