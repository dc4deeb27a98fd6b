# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The lock, and that what we published still stands."""

from dataclasses import replace
from pathlib import Path

import pytest

from contracts.catalogue import BUILTIN
from contracts.contract import Contract
from contracts.publishing.lock import (
    Changed,
    Compared,
    Unchanged,
    Unpublished,
    Unreadable,
    Vanished,
    compare,
    file_name,
    write,
)
from contracts.publishing.package import ContractPackage
from contracts.rules import RequiredWhen

STEP = next(contract for contract in BUILTIN.contracts if contract.type == "cn.gov.process.step")


def package(folder: Path, *contracts: Contract) -> ContractPackage:
    return replace(BUILTIN, contracts=contracts, published=folder)


def only(folder: Path, *contracts: Contract) -> Compared:
    (compared,) = compare(package(folder, *contracts))
    return compared


@pytest.mark.parametrize("compared", compare(BUILTIN), ids=lambda one: f"{one.type}:{one.version}")
def test_our_own_contracts_are_as_published(compared: Compared) -> None:
    assert isinstance(compared.verdict, Unchanged), "run: govhub contracts check, then govhub contracts publish"


def test_a_version_is_published_once_and_then_unchanged(tmp_path: Path) -> None:
    assert only(tmp_path, STEP) == Compared(STEP.type, 1, Unpublished())
    assert write(package(tmp_path, STEP), tmp_path) == (file_name(STEP.type, 1),)
    assert only(tmp_path, STEP) == Compared(STEP.type, 1, Unchanged())
    assert write(package(tmp_path, STEP), tmp_path) == ()


def test_a_break_is_told_and_refused(tmp_path: Path) -> None:
    write(package(tmp_path, STEP), tmp_path)
    changed = replace(STEP, rules=(*STEP.rules, RequiredWhen("opinion", "status", ("2",))))

    compared = only(tmp_path, changed)

    assert compared.breaks
    assert isinstance(compared.verdict, Changed)
    assert [change.rule for change in compared.verdict.breaking()] == ["RULE_ADDED"]


def test_words_may_change_without_a_break(tmp_path: Path) -> None:
    write(package(tmp_path, STEP), tmp_path)
    compared = only(tmp_path, replace(STEP, meaning=STEP.title))

    assert compared.verdict == Changed(())
    assert not compared.breaks


def test_a_version_that_vanished_is_a_break(tmp_path: Path) -> None:
    write(package(tmp_path, STEP), tmp_path)

    compared = only(tmp_path)

    assert compared == Compared(STEP.type, 1, Vanished())
    assert compared.breaks


@pytest.mark.parametrize("content", ["", "{", "[]", "1", "null", '{"properties": 1}', '{"properties": {"case_no": 7}}'])
def test_a_file_that_is_no_schema_is_told(tmp_path: Path, content: str) -> None:
    file = tmp_path / file_name(STEP.type, 1)
    file.parent.mkdir()
    file.write_text(content, encoding="utf-8")

    compared = only(tmp_path, STEP)

    assert isinstance(compared.verdict, Unreadable | Changed)
    assert compared.breaks


def test_other_files_are_nobodys_business(tmp_path: Path) -> None:
    (tmp_path / "README").write_text("x", encoding="utf-8")
    (tmp_path / "cn.gov.x").mkdir()
    (tmp_path / "cn.gov.x" / "notes.json").write_text("x", encoding="utf-8")

    assert compare(package(tmp_path)) == ()
