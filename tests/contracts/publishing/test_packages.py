# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Contract packages from outside: found by entry point, kept to their namespace, harmless when broken."""

import sys
from dataclasses import replace
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from contracts.catalogue import BUILTIN
from contracts.conversion import Conversion
from contracts.publishing.package import ContractPackage
from contracts.publishing.packages import GROUP, installed

STEP = next(contract for contract in BUILTIN.contracts if contract.type == "cn.gov.process.step")
OURS = replace(STEP, type="cn.example.housing.step")
NEXT = replace(OURS, version=2, conversion=Conversion(()))


@pytest.fixture
def offer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> "Offer":
    return Offer(monkeypatch, tmp_path)


class Offer:
    """Entry points to made-up modules."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self._monkeypatch = monkeypatch
        self._folder = folder

    def package(self, name: str = "housing", **changes: object) -> EntryPoint:
        plain = ContractPackage(
            name=name, namespace="cn.example.housing.", contracts=(OURS, NEXT), published=self._folder
        )
        return self.value(name, replace(plain, **changes))  # type: ignore[arg-type]

    def value(self, name: str, value: object) -> EntryPoint:
        module = ModuleType(f"made_up_{name}")
        module.PACKAGE = value  # type: ignore[attr-defined]
        self._monkeypatch.setitem(sys.modules, module.__name__, module)
        return EntryPoint(name, f"{module.__name__}:PACKAGE", GROUP)


def test_ours_is_always_there() -> None:
    found = installed([])

    assert [package.name for package in found.packages] == ["govhub"]
    assert list(found.registry.all()) == list(BUILTIN.contracts)


def test_a_package_joins_the_registry(offer: Offer) -> None:
    found = installed([offer.package()])

    assert [package.name for package in found.packages] == ["govhub", "housing"]
    assert found.unusable == []
    assert found.registry.versions("cn.example.housing.step") == (OURS, NEXT)
    assert found.registry.by_schema(STEP.schema_uri) is STEP


@pytest.mark.parametrize(
    "changes",
    [
        {"namespace": "cn.gov."},
        {"namespace": "cn.gov.process."},
        {"namespace": "cn."},
        {"namespace": "cn.example.housing"},
        {"namespace": ""},
        {"namespace": "."},
        {"contracts": (STEP,)},
        {"contracts": (OURS, OURS)},
        {"contracts": (OURS, replace(NEXT, version=3))},
        {"contracts": (OURS, replace(NEXT, conversion=None))},
        {"contracts": ("a",)},
        {"contracts": None},
    ],
)
def test_an_unfit_package_is_left_out_and_told(offer: Offer, changes: dict[str, Any]) -> None:
    found = installed([offer.package(**changes), offer.package("other", namespace="cn.example.", contracts=())])

    assert [package.name for package in found.packages] == ["govhub", "other"]
    (told,) = found.unusable
    assert told.name == "housing"
    assert all(told.reason)


def test_two_packages_of_one_namespace_are_the_first_alone(offer: Offer) -> None:
    found = installed([offer.package("b"), offer.package("a")])

    assert [package.name for package in found.packages] == ["govhub", "a"]
    assert [one.name for one in found.unusable] == ["b"]


@pytest.mark.parametrize("value", [None, 1, BUILTIN.contracts, ContractPackage])
def test_something_else_is_no_package(offer: Offer, value: object) -> None:
    assert [one.name for one in installed([offer.value("odd", value)]).unusable] == ["odd"]


def test_a_module_that_raises_or_is_not_there_is_told(
    offer: Offer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "made_up_bomb.py").write_text("raise SystemExit(3)", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    points = [
        EntryPoint("bomb", "made_up_bomb:PACKAGE", GROUP),
        EntryPoint("gone", "made_up_gone:PACKAGE", GROUP),
        EntryPoint("lacks", "contracts.publishing.package:NOTHING", GROUP),
        offer.package(),
    ]

    found = installed(points)

    assert [package.name for package in found.packages] == ["govhub", "housing"]
    assert [one.name for one in found.unusable] == ["bomb", "gone", "lacks"]
