# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Finding the contract an envelope names, or saying why there is none."""

import dataclasses

import pytest

from contracts.catalogue import builtin, resolve
from contracts.contract import Contract
from contracts.refusal import Refusal
from contracts.registry import Registry

STEP = "cn.gov.process.step"
STEP_1 = "urn:govhub:contract:cn.gov.process.step:1"


def refused(type_: str, dataschema: str | None) -> Refusal:
    found = resolve(type_, dataschema)
    assert isinstance(found, Refusal)
    return found


def test_the_life_of_a_case_comes_first_in_its_order() -> None:
    life = [
        "cn.gov.application.submitted",
        "cn.gov.prereview.decided",
        "cn.gov.correction.requested",
        "cn.gov.correction.supplied",
        "cn.gov.acceptance.decided",
        "cn.gov.process.step",
        "cn.gov.special.started",
        "cn.gov.special.ended",
        "cn.gov.completion.decided",
        "cn.gov.licence.issued",
        "cn.gov.collection.recorded",
    ]
    types = list(dict.fromkeys(contract.type for contract in builtin().all()))

    assert [type_ for type_ in types if type_ in life] == life
    assert types[0] == life[0]


@pytest.mark.parametrize("contract", builtin().all(), ids=lambda contract: contract.schema_uri)
def test_every_contract_is_found_by_its_name_and_repeats_a_required_string(contract: Contract) -> None:
    subject = contract.model.model_fields[contract.subject]

    assert resolve(contract.type, contract.schema_uri) is contract
    assert (subject.annotation, subject.is_required()) == (str, True)


@pytest.mark.parametrize("type_", sorted({contract.type for contract in builtin().all()}))
def test_versions_count_from_one_and_have_a_way_back(type_: str) -> None:
    versions = builtin().versions(type_)

    assert [contract.version for contract in versions] == list(range(1, len(versions) + 1))
    assert [contract.conversion is None for contract in versions] == [True, *[False] * (len(versions) - 1)]


def test_resolves_type_and_schema() -> None:
    found = resolve(STEP, STEP_1)

    assert isinstance(found, Contract)
    assert (found.type, found.version) == (STEP, 1)
    assert builtin().by_schema(STEP_1) is found
    assert builtin().by_schema("urn:other") is None


def test_an_unknown_type_is_refused() -> None:
    refusal = refused("cn.gov.nothing", STEP_1)

    assert refusal.code == "E_CONTRACT_UNKNOWN"
    assert refusal.violations[0].path == "$.type"


def test_a_missing_schema_is_refused_naming_those_there_are() -> None:
    refusal = refused(STEP, None)

    assert refusal.code == "E_ATTRIBUTE_MISSING"
    assert STEP_1 in refusal.violations[0].expected.zh


@pytest.mark.parametrize(
    "schema",
    [
        "urn:govhub:contract:cn.gov.process.step:99",
        "urn:govhub:contract:cn.gov.special.ended:1",
        "https://example.org/schema.json",
    ],
)
def test_another_version_or_schema_is_refused_naming_those_there_are(schema: str) -> None:
    refusal = refused(STEP, schema)

    assert refusal.code == "E_CONTRACT_VERSION"
    assert refusal.violations[0].path == "$.dataschema"
    assert STEP_1 in refusal.detail.en
    assert schema not in refusal.detail.en


def test_versions_stand_oldest_first() -> None:
    first = builtin().versions(STEP)[0]
    second = dataclasses.replace(first, version=2)

    registry = Registry([second, first])

    assert [contract.version for contract in registry.versions(STEP)] == [1, 2]
    assert registry.resolve(STEP, "urn:govhub:contract:cn.gov.process.step:2") is second
    assert registry.versions("other") == ()


def test_two_contracts_of_one_name_are_a_mistake_of_ours() -> None:
    first = builtin().all()[0]

    with pytest.raises(ValueError, match="two contracts"):
        Registry([first, first])
