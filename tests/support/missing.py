# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a test needs and this machine has not: skipped with what to install, and in CI, where everything runs, failed."""

import os
from typing import NoReturn

import pytest


def missing(remedy: str) -> NoReturn:
    """End the test; ``remedy`` says what to install."""
    if os.environ.get("CI") == "true":
        pytest.fail(remedy)
    pytest.skip(remedy)
