# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A far side of one's own, which behaves as a script says: what a kind of connector ships so that it can be rehearsed.

It is found, not listed: the module ``simulator`` beside the connector has a ``SIMULATOR``. ``govhub simulate KIND`` starts it.
A far side that several kinds speak to, and that is none itself, is an entry point of the group ``govhub.simulators``.
"""

import importlib
import importlib.util
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import EntryPoint, entry_points
from itertools import chain, repeat
from typing import Any, Protocol, Self, TypeVar

from pydantic import BaseModel

from connectors.sdk.discovery import Broken, offered
from contracts.text import Text

GROUP = "govhub.simulators"
"""The entry point group of far sides that belong to no kind: name, and the package with the module ``simulator``."""


class Word(StrEnum):
    """One word of a script, with what it means: members are written ``OK = "ok", "办好", "done"``."""

    meaning: Text

    def __new__(cls, value: str, zh: str = "", en: str = "") -> Self:
        """A text that carries its meaning."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.meaning = Text(zh, en)
        return member


W = TypeVar("W", bound=Word)


class Running(Protocol):
    """A far side that has been started."""

    @property
    def address(self) -> str:
        """Where it is, as a connector's settings or a browser would have it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulator:
    """How one is started.

    ``name`` is the kind's. ``about`` is a sentence or two for whoever starts it. ``words`` are all a script can hold: one for
    each thing that reaches it; when the script is at its end, what follows is taken as if all were well. ``options`` is a
    frozen model of what else can be said, or None. ``start(script, host, port, options)`` makes it, unentered; port 0 is any
    free one. Entering it raises ``OSError`` where it cannot listen; leaving it releases everything.
    """

    name: str
    about: Text
    words: type[Word]
    start: Callable[[Sequence[Any], str, int, Any], AbstractAsyncContextManager[Running]]
    options: type[BaseModel] | None = None


def steps(script: Iterable[W], afterwards: W) -> Iterator[W]:
    """The words of a script in turn, and the last one for ever."""
    return chain(script, repeat(afterwards))


def script_of(words: type[W], text: str) -> tuple[W, ...] | str:
    """The words of a written script, separated by commas; ``word*3`` stands for three of them. The first that is none, else."""
    script: list[W] = []
    for one in filter(None, map(str.strip, text.split(","))):
        word, _, times = one.partition("*")
        known = word in {str(member) for member in words}
        if not known or (times and not (times.isdecimal() and int(times) <= _MOST_TIMES)):
            return one
        script += [words(word)] * int(times or 1)
    return tuple(script)


def simulators() -> Mapping[str, Simulator | Broken]:
    """Every installed kind that has a simulator, and what belongs to none. Looking imports their packages; raises nothing."""
    places = {entry.name: entry.module for entry in entry_points(group=GROUP)}
    places |= {name: entry.module for name, entry in offered().items() if isinstance(entry, EntryPoint)}
    found = {name: one for name, package in places.items() if (one := _beside(name, package)) is not None}
    return dict(sorted(found.items()))


def _beside(name: str, package: str) -> Simulator | Broken | None:
    module = f"{package}.simulator"
    try:
        if importlib.util.find_spec(module) is None:
            return None
        found = getattr(importlib.import_module(module), "SIMULATOR", None)
    except ModuleNotFoundError:
        # The connector is a single module: nothing can lie below it.
        return None
    except (Exception, SystemExit) as error:  # noqa: BLE001  # because a stranger's module may do anything
        return Broken(name, f"{module} cannot be loaded: {type(error).__name__}")
    if found is None:
        return None
    return found if isinstance(found, Simulator) else Broken(name, f"{module}:SIMULATOR is no simulator")


_MOST_TIMES = 1_000_000
