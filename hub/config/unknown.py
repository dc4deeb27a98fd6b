# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A name in the deployment that nothing has, told with the names there are."""

from collections.abc import Collection

from contracts.fault import dotted
from contracts.located import Fault, Located, nearest
from contracts.text import Text


def unknown(
    source: Located, path: tuple[str | int, ...], kind: Text, name: str, known: Collection[str], *, key: bool = False
) -> Fault:
    """The fault, at its place in the file, with the name that was probably meant. ``key``: the name is the key there."""
    guess = nearest(name, known)
    hint = Text(f"是否指“{guess}”？", f"Did you mean '{guess}'?") if guess else Text("", "")
    there_are = ", ".join(sorted(known)) or "-"
    return Fault(
        "NAME_UNKNOWN",
        dotted(path),
        source.key_at(path) if key else source.at(path),
        Text(f"没有这个{kind.zh}：{name}。", f"There is no {kind.en} '{name}'."),
        Text(f"{hint.zh}现有：{there_are}", f"{hint.en} There are: {there_are}"),
    )
