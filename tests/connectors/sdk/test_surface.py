# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The public surface is written down, names and signatures: a change here is a change for every third party."""

from connectors import sdk
from tests.connectors.sdk.surface import WRITTEN, surface


def test_the_surface_is_what_is_written_down() -> None:
    assert surface() == WRITTEN.read_text("utf-8")


def test_every_name_is_there_and_said_once() -> None:
    assert sorted(set(sdk.__all__)) == sorted(sdk.__all__)
    assert all(hasattr(sdk, name) for name in sdk.__all__)


def test_what_is_not_in_the_list_is_not_exported() -> None:
    exported = {name for name, value in vars(sdk).items() if isinstance(value, type)}

    assert exported <= set(sdk.__all__)
