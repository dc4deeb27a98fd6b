# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What every contract package must satisfy, ours and others: one function for a package's own tests and for its gate.

def test_the_package_keeps_the_conventions() -> None:
    assert problems(PACKAGE) == ()
"""

from collections.abc import Iterator

from contracts.contract import Checked, Contract
from contracts.conversion import Converted
from contracts.example import Example
from contracts.publishing.lock import compare
from contracts.publishing.package import ContractPackage
from contracts.registry import Registry
from contracts.strict_json import parse


def problems(package: ContractPackage) -> tuple[str, ...]:
    """Everything against the conventions, in English sentences for the developer; empty when all is well."""
    found = [problem for contract in package.contracts for problem in _of_contract(contract)]
    registry = Registry(package.contracts)
    found += [problem for contract in package.contracts for problem in _of_conversion(registry, contract)]
    found += [f"{one.type}@{one.version} breaks what was published" for one in compare(package) if one.breaks]
    return tuple(found)


def _of_contract(contract: Contract) -> Iterator[str]:
    name = contract.schema_uri
    valid = [example for example in contract.examples if example.valid]
    invalid = [example for example in contract.examples if not example.valid]
    if len(valid) < 2 or len(invalid) < 3:
        yield f"{name} needs two valid and three invalid examples"
    subject = contract.model.model_fields.get(contract.subject)
    if subject is None or not subject.is_required():
        yield f"{name}: its subject {contract.subject} must be a required field"
    for example in contract.examples:
        yield from _of_example(contract, example)
    for path, field in _fields(contract.json_schema()):
        if field.get("title", "").isascii() or not field.get("description"):
            yield f"{name}: {path} needs a Chinese title and an English description"


def _of_example(contract: Contract, example: Example) -> Iterator[str]:
    data = example.data
    subject = data.get(contract.subject) if isinstance(data, dict) else None
    checked = contract.check(data, subject if isinstance(subject, str) else "-")
    if isinstance(checked, Checked):
        if not example.valid:
            yield f"{contract.schema_uri}: the invalid example {example.name} is taken"
        return
    told = sorted((violation.code, violation.path) for violation in checked)
    if example.valid or told != sorted(example.expect):
        yield f"{contract.schema_uri}: the example {example.name} is refused for {told}"


def _fields(schema: dict[str, object]) -> Iterator[tuple[str, dict[str, str]]]:
    definitions = schema.get("$defs", {})
    assert isinstance(definitions, dict), "JSON Schema has an object there"
    for owner in (schema, *definitions.values()):
        yield from owner.get("properties", {}).items()


def _of_conversion(registry: Registry, contract: Contract) -> Iterator[str]:
    """Valid examples go to the neighbouring versions and satisfy them."""
    for other in registry.versions(contract.type):
        if abs(other.version - contract.version) != 1:
            continue
        for example in (example for example in contract.examples if example.valid):
            subject = example.data[contract.subject]
            checked = contract.check(example.data, subject)
            if not isinstance(checked, Checked):
                continue  # told already
            data = parse(checked.canonical)
            assert isinstance(data, dict), "a contract's canonical form is an object"
            converted = registry.convert(data, contract, other.version)
            if isinstance(converted, Converted) and not isinstance(other.check(converted.data, subject), Checked):
                yield f"{contract.schema_uri}: the example {example.name} is refused in version {other.version}"
