# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Schemas and data that mean harm: refused or survived within a second, and the process lives."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given, settings

from contracts.item_forms.load import LoadedForms, load_texts
from contracts.item_forms.validator import EngineError, Uncompilable, compiled, guarded
from tests.contracts.events import JSON_VALUES
from tests.contracts.item_forms.desk import GOOD, closed, faults, loaded, of_schema


@contextmanager
def soon(seconds: float = 5.0) -> Iterator[None]:
    """Well beyond what is needed on a busy machine, and far below what the attack would take."""
    began = time.monotonic()
    yield
    assert time.monotonic() - began < seconds


def test_references_that_double_at_every_step_are_refused() -> None:
    definitions = "".join(
        f"\n  d{n}: {{allOf: [{{$ref: '#/$defs/d{n + 1}'}}, {{$ref: '#/$defs/d{n + 1}'}}]}}" for n in range(40)
    )
    schema = closed("a: {title: 甲, $ref: '#/$defs/d0'}") + f"\n$defs:{definitions}\n  d40: {{type: boolean}}"

    with soon():
        assert "FORM_SCHEMA_SIZE" in [code for code, _ in faults(of_schema(schema))]


@pytest.mark.parametrize("backwards", [False, True])
def test_a_long_chain_of_references_is_refused(backwards: bool) -> None:  # noqa: FBT001  # because pytest gives it
    chain = [f"\n  d{n}: {{$ref: '#/$defs/d{n + 1}'}}" for n in range(5000)]
    rest = "".join(reversed(chain) if backwards else chain)
    schema = closed("a: {title: 甲, $ref: '#/$defs/d0'}") + f"\n$defs:{rest}\n  d5000: {{type: boolean}}"

    with soon():
        assert "FORM_SCHEMA_SIZE" in [code for code, _ in faults(of_schema(schema))]


def test_a_chain_that_is_measured_in_pieces_is_refused() -> None:
    """Each property reaches a little further into the same chain, so that no single way is long when it is walked."""
    chain = "".join(f"\n  d{n}: {{$ref: '#/$defs/d{n - 1}'}}" for n in range(1, 2000))
    fields = "\n".join(f"a{n}: {{title: 甲, $ref: '#/$defs/d{n}'}}" for n in range(1, 2000, 50))

    with soon():
        found = faults(of_schema(closed(fields) + f"\n$defs:{chain}\n  d0: {{type: boolean}}"))
        assert "FORM_SCHEMA_SIZE" in [code for code, _ in found]


def test_a_flood_of_faults_is_cut() -> None:
    fields = "\n".join(f"a{n}: {{tilte: 甲, tpye: string}}" for n in range(20_000))

    with soon(20.0):
        assert len(faults(of_schema(closed(fields)))) == 100


@pytest.mark.parametrize(
    "pattern",
    ["^(a+)+$", "^(a|a)*$", "^(.*)*b$", "(x+x+)+y", "^([a-zA-Z0-9])(([.-]|[_]+)?([a-zA-Z0-9]+))*(@){1}b$"],
)
def test_a_regular_expression_takes_linear_time(pattern: str) -> None:
    schema = closed(f"a: {{title: 甲, type: string, maxLength: 1000000, pattern: '{pattern}'}}")
    form = loaded(of_schema(schema)).registry.all()[0]

    with soon():
        form.check({"a": "a" * 100_000 + "!"})
        form.check({"a": "x" * 100_000})


@pytest.mark.parametrize(
    "reference", ["https://example.gov.cn/s.json", "file:///etc/hostname", "/etc/hostname", "x.json"]
)
def test_the_engine_itself_fetches_nothing(reference: str) -> None:
    assert isinstance(compiled({"properties": {"a": {"$ref": reference}}}), Uncompilable)


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#"},
        {"allOf": [{"$ref": "#"}, {"$ref": "#"}], "properties": {"a": {"$ref": "#"}}, "items": {"$ref": "#"}},
    ],
)
def test_the_engine_survives_circles_and_depth_that_the_loader_would_refuse(schema: dict[str, Any]) -> None:
    engine = compiled(schema)
    assert not isinstance(engine, Uncompilable)
    data: Any = {}
    for _ in range(60):
        data = {"a": [data]}

    with soon():
        engine.breaches(data, 100)


class PanicException(BaseException):  # because the engine's bindings call theirs so
    """As the engine's bindings raise it: no Exception, so that ordinary handlers would let it end the process."""


def panicking() -> None:
    raise PanicException("a bug of the engine")


def test_a_panic_of_the_engine_becomes_an_ordinary_error() -> None:
    with pytest.raises(EngineError):
        guarded(panicking)


def interrupted() -> None:
    raise KeyboardInterrupt


def test_an_interruption_stays_one() -> None:
    with pytest.raises(KeyboardInterrupt):
        guarded(interrupted)


SHOP = loaded(GOOD).registry.all()[0]


@given(JSON_VALUES)
@settings(deadline=None, max_examples=80)
def test_no_data_makes_a_check_raise(value: Any) -> None:
    SHOP.check({"kind": value, "area": value, "owner": value})
    if isinstance(value, dict):
        SHOP.check(value)


@given(JSON_VALUES, JSON_VALUES)
@settings(deadline=None, max_examples=80)
def test_no_schema_makes_the_loader_raise(one: Any, other: Any) -> None:
    import orjson  # noqa: PLC0415  # because only this test writes files so

    document = {
        "name": "shop", "items": ["X1"], "version": 1, "title": {"zh": "店", "en": "s"},
        "schema": {"type": "object", "additionalProperties": one, "properties": {"a": one, "b": {"items": other}},
                   "required": other, "$defs": one, "allOf": other, "if": one, "enum": one, "x-rule": other,
                   "oneOf": other, "$ref": one, "prefixItems": [one], "x-personal": one, "format": other, "pattern": one},
        "from_previous": other, "examples": one,
    }  # fmt: skip
    for value in (document, {**document, "schema": one}, one):
        told = load_texts({"a.json": orjson.dumps(value).decode()})

        assert isinstance(told, LoadedForms) or told
