# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The public surface of the SDK in writing: every name with its fields or signatures.

``python -m tests.connectors.sdk.surface > tests/connectors/sdk/surface.txt`` writes it anew, for a change that is meant.
"""

import dataclasses
import enum
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from connectors import sdk

WRITTEN = Path(__file__).with_name("surface.txt")


def surface() -> str:
    """All of it, a line for each thing a third party can depend on."""
    return "".join(f"{line}\n" for name in sorted(sdk.__all__) for line in _lines(name, getattr(sdk, name)))


def _lines(name: str, value: Any) -> Iterator[str]:
    if not isinstance(value, type):
        yield f"{name} = {_plain(str(value))}"
    elif issubclass(value, enum.Enum):
        yield f"{name}: {', '.join(str(one.value) for one in value)}"
    elif dataclasses.is_dataclass(value):
        yield f"{name}{_plain(str(inspect.signature(value)))}"
    else:
        yield f"{name}:"
        for member, what in vars(value).items():
            yield from _member(member, what)


def _member(name: str, what: Any) -> Iterator[str]:
    own = not name.startswith("_") or name in {"__aenter__", "__aexit__"}
    if not own:
        return
    if isinstance(what, property):
        yield f"    {name}: {_plain(str(inspect.signature(what.fget).return_annotation))}"  # type: ignore[arg-type]
    elif inspect.iscoroutinefunction(what):
        yield f"    async {name}{_plain(str(inspect.signature(what)))}"
    elif callable(what):
        yield f"    {name}{_plain(str(inspect.signature(what)))}"


def _plain(text: str) -> str:
    """Without the modules in which things happen to live."""
    return re.sub(r"\b(?:[A-Za-z_]\w*\.)+(?=[A-Za-z_])", "", re.sub(r"<class '([^']*)'>", r"\1", text))


if __name__ == "__main__":
    print(surface(), end="")
