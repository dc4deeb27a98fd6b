# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""JSON to XML to JSON, ours beside pydantic-xml: ``python -m tests.benchmarks.xml_round_trip [--json] [--rounds N]``.

Both sides do the same with the same application of about 2 KB: bytes of JSON, checked; bytes of XML; read and checked
again; bytes of JSON. What is checked is more on our side (rules between fields, identifiers, strictness of JSON and XML).
``dialect`` is the part that is XML alone, from a record to bytes and back, without the JSON and its check.
Rounds alternate, so that a busy machine burdens both alike; a ratio is the median of the rounds' ratios.
"""

import argparse
import functools
import gc
import json
import operator
import statistics
import sys
import time
from collections.abc import Callable
from typing import Annotated, Any, get_args, get_origin

import orjson
from pydantic import BaseModel, Strict, create_model
from pydantic.fields import FieldInfo
from pydantic_xml import BaseXmlModel, element

from contracts import strict_json
from contracts.catalogue import builtin
from contracts.contract import Checked, Contract
from contracts.xml.canonical import canonical_xml, from_canonical_xml

TYPE = "cn.gov.application.submitted"


def application() -> tuple[Contract, bytes]:
    """A company's application in its newest version, as JSON of about 2 KB."""
    contract = builtin().versions(TYPE)[-1]
    fullest = max((one.data for one in contract.examples if one.valid), key=lambda data: len(orjson.dumps(data)))
    assert isinstance(fullest, dict)
    data = {name: value for name, value in fullest.items() if name != "form"}  # pydantic-xml knows no open JSON
    while len(orjson.dumps(data)) < 2000:
        data["materials"] = [*data["materials"], data["materials"][0]]
    return contract, strict_json.canonical(data)


def xml_model(contract: Contract) -> type[BaseXmlModel]:
    """The contract's model for pydantic-xml: the same fields with the same constraints, in the same namespace."""
    return _twin(contract.model, contract.type, {"": contract.schema_uri})


def _twin(model: type[BaseModel], tag: str, nsmap: dict[str, str]) -> type[BaseXmlModel]:
    fields: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        if name == "form":
            continue
        annotation = _lax(Annotated[info.annotation, *info.metadata] if info.metadata else info.annotation, name, nsmap)
        default = {} if info.is_required() else {"default": info.default}
        fields[name] = (annotation, element(tag=name, ns="", nsmap=nsmap, **default))
    return create_model(
        f"{model.__name__}Xml", __base__=BaseXmlModel, __cls_kwargs__={"tag": tag, "ns": "", "nsmap": nsmap}, **fields
    )


def _lax(annotation: Any, name: str, nsmap: dict[str, str]) -> Any:
    """The annotation with nested models exchanged, and without strictness: pydantic-xml gives every value as text."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _twin(annotation, name, nsmap)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        bounds = [one for mark in arguments[1:] for one in (mark.metadata if isinstance(mark, FieldInfo) else (mark,))]
        kept = [bound for bound in bounds if not isinstance(bound, Strict)]
        inner = _lax(arguments[0], name, nsmap)
        return Annotated[inner, *kept] if kept else inner
    if origin is tuple:
        return tuple[_lax(arguments[0], name, nsmap), ...]  # type: ignore[misc]  # because it is made at run time
    if arguments:
        return functools.reduce(operator.or_, (_lax(one, name, nsmap) for one in arguments))
    return annotation


def ours(contract: Contract) -> Callable[[bytes], bytes]:
    """The whole way with the hub's own parts."""

    def checked(data: Any) -> Checked:
        found = contract.check(data, data[contract.subject])
        assert isinstance(found, Checked)
        return found

    def run(body: bytes) -> bytes:
        written = canonical_xml(contract, orjson.loads(checked(strict_json.parse(body)).canonical))
        assert isinstance(written, bytes)
        return checked(from_canonical_xml(contract, written)).canonical

    return run


def theirs(model: type[BaseXmlModel]) -> Callable[[bytes], bytes]:
    """The whole way with pydantic-xml, on lxml."""

    def run(body: bytes) -> bytes:
        written = model.model_validate_json(body).to_xml(skip_empty=True, encoding="UTF-8", xml_declaration=True)
        assert isinstance(written, bytes)
        return model.from_xml(written).model_dump_json(exclude_none=True).encode()

    return run


def seconds(run: Callable[[], object], times: int) -> float:
    """CPU seconds of one run."""
    start = time.process_time()
    for _ in range(times):
        run()
    return (time.process_time() - start) / times


def compared(our: Callable[[], object], their: Callable[[], object], rounds: int, times: int) -> dict[str, float]:
    """Both sides in turn."""
    pairs = [(seconds(our, times), seconds(their, times)) for _ in range(rounds)]
    return {
        "ours_us": round(statistics.median(mine for mine, _ in pairs) * 1e6, 1),
        "pydantic_xml_us": round(statistics.median(other for _, other in pairs) * 1e6, 1),
        "ratio": round(statistics.median(other / mine for mine, other in pairs), 2),
    }


def measured(rounds: int, times: int) -> dict[str, object]:
    """The whole way and the dialect alone, of one application."""
    contract, body = application()
    model = xml_model(contract)
    our, their = ours(contract), theirs(model)
    if orjson.loads(our(body)) != orjson.loads(their(body)):
        sys.exit("the two sides do not give the same record")
    record, instance = orjson.loads(our(body)), model.model_validate_json(body)

    def our_dialect() -> object:
        written = canonical_xml(contract, record)
        assert isinstance(written, bytes)
        return from_canonical_xml(contract, written)

    def their_dialect() -> object:
        return model.from_xml(instance.to_xml(skip_empty=True, encoding="UTF-8", xml_declaration=True))

    return {
        "json_bytes": len(body),
        "whole": compared(lambda: our(body), lambda: their(body), rounds, times),
        "dialect": compared(our_dialect, their_dialect, rounds, times),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--times", type=int, default=100, help="trips in a round")
    wanted = parser.parse_args()
    gc.freeze()  # as the hub itself collects garbage, for both sides
    gc.set_threshold(50_000, 20, 100)
    figures = measured(wanted.rounds, wanted.times)
    if wanted.json:
        sys.stdout.write(json.dumps({"benchmark": "xml_round_trip", **figures}, indent=2) + "\n")
        return
    for name, figure in figures.items():
        sys.stdout.write(f"{name:>12}  {figure}\n")


if __name__ == "__main__":
    main()
