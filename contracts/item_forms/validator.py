# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The one place that knows the JSON Schema engine: no network, no files, and regular expressions in linear time."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

import jsonschema_rs
from jsonschema_rs import ValidationErrorKind as Kind

from contracts.cloudevent import JsonValue

FORMATS = frozenset({"date", "date-time", "time", "email", "uri", "uuid", "ipv4", "ipv6"})
"""The formats a schema may ask for."""

_LINEAR = jsonschema_rs.RegexOptions(size_limit=1 << 18)
_R = TypeVar("_R")


@dataclass(frozen=True, slots=True)
class Uncompilable:
    """The engine does not take the schema: where, below its root, and the keyword in which."""

    path: tuple[str | int, ...]
    keyword: str


@dataclass(frozen=True, slots=True)
class Breach:
    """One thing wrong with data: where in it, where in the schema, the keyword, and its operands.

    ``names`` are the members that are missing or too many.
    """

    at: tuple[str | int, ...]
    schema_path: tuple[str | int, ...]
    keyword: str
    names: tuple[str, ...] = ()


class EngineError(RuntimeError):
    """The engine panicked: a bug of it. The exception it raises itself would end the process and is never let out."""


class Validator:
    """A compiled schema. Made by :func:`compiled`."""

    __slots__ = ("_engine",)

    def __init__(self, engine: jsonschema_rs.Draft202012Validator) -> None:
        self._engine = engine

    def breaches(self, data: Mapping[str, JsonValue], most: int) -> tuple[Breach, ...]:
        """What is wrong with the data, in the schema's order; at most so many of the engine's errors are told."""
        if guarded(lambda: self._engine.is_valid(data)):
            return ()
        return guarded(lambda: tuple(_breach(error) for error in islice(self._engine.iter_errors(data), most)))


def compiled(schema: dict[str, Any]) -> Validator | Uncompilable:
    """The schema ready for use. It refers to nothing outside itself and its references do not run in circles."""
    try:
        engine = guarded(
            lambda: jsonschema_rs.Draft202012Validator(
                schema, validate_formats=True, ignore_unknown_formats=False, offline=True, pattern_options=_LINEAR
            )
        )
    except jsonschema_rs.ValidationError as error:
        return Uncompilable(tuple(error.instance_path), error.kind.name)
    except (ValueError, EngineError):
        return Uncompilable((), "")
    return Validator(engine)


def guarded(work: Callable[[], _R]) -> _R:
    """What the engine gives. A panic of it is raised as an :class:`EngineError`; other exceptions pass."""
    try:
        return work()
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise EngineError(str(error)) from None


def _breach(error: jsonschema_rs.ValidationError) -> Breach:
    return Breach(tuple(error.instance_path), tuple(error.schema_path), error.kind.name, tuple(_names(error.kind)))


def _names(kind: Kind) -> Iterator[str]:
    match kind:
        case Kind.Required(property=name):
            yield name
        case Kind.AdditionalProperties(unexpected=names):
            yield from names
        case _:
            pass
