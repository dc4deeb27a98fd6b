# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What the scaffolds write works as it stands: a package is installed beside the hub and its own tests are run."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from contracts.catalogue import builtin
from contracts.publishing.scaffold import family as families
from contracts.publishing.scaffold import package as packages
from contracts.publishing.scaffold.family import listed
from contracts.text import Text

ROOT = Path(__file__).resolve().parents[3]
NAME, NAMESPACE = "example-contracts", "cn.example."


def run(*command: str | Path, folder: Path, path: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": f"{path}{os.pathsep}{ROOT}", "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def govhub(*arguments: str, folder: Path, path: Path) -> subprocess.CompletedProcess[str]:
    return run(sys.executable, "-m", "hub.cli.main", "contracts", *arguments, folder=folder, path=path)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new package repository, and beside it the record of its installation, as an editable install would leave it."""
    folder = tmp_path_factory.mktemp("scaffold")
    made = govhub("new", NAME, "--namespace", NAMESPACE, folder=folder, path=folder)
    assert made.returncode == 0, made.stderr
    root = folder / NAME
    metadata = root / "example_contracts-0.1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {NAME}\nVersion: 0.1.0\n", encoding="utf-8")
    (metadata / "entry_points.txt").write_text(
        f"[govhub.contracts]\n{NAME} = example_contracts:PACKAGE\n", encoding="utf-8"
    )
    return root


def outcome_of_its_tests(root: Path) -> subprocess.CompletedProcess[str]:
    return run(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", folder=root, path=root)


def test_a_new_package_passes_its_own_tests_and_takes_a_family_and_a_version(repository: Path) -> None:
    assert (first := outcome_of_its_tests(repository)).returncode == 0, first.stdout

    published = govhub("publish", "--package", NAME, folder=repository, path=repository)
    assert published.returncode == 0, published.stderr
    assert (repository / "example_contracts/published/cn.example.record.noted/1.json").is_file()

    added = govhub("new", "visit.made", "--package", NAME, "--title", "走访", folder=repository, path=repository)
    assert added.returncode == 0, added.stderr
    version = govhub("version", "cn.example.record.noted", folder=repository, path=repository)
    assert version.returncode == 0, version.stderr
    assert (again := outcome_of_its_tests(repository)).returncode == 0, again.stdout
    listed = govhub("list", folder=repository, path=repository).stdout
    assert "cn.example.visit.made@1" in listed
    assert "cn.example.record.noted@2" in listed

    module = repository / "example_contracts/families/record_noted.py"
    module.write_text(module.read_text(encoding="utf-8").replace("Line200", "Line100"), encoding="utf-8")
    checked = govhub("check", folder=repository, path=repository)
    assert checked.returncode == 1
    assert "NARROWED" in checked.stdout
    refused = outcome_of_its_tests(repository)
    assert refused.returncode == 1
    assert "breaks what was published" in refused.stdout
    assert govhub("publish", "--package", NAME, folder=repository, path=repository).returncode == 1


@pytest.mark.parametrize(
    ("name", "namespace"),
    [("A", "cn.x."), ("x", "cn.gov."), ("x", "cn.gov.y."), ("x", "cn.x"), ("x", ""), ("../x", "cn.x."), ("x", "x.")],
)
def test_a_bad_name_is_refused_and_nothing_written(tmp_path: Path, name: str, namespace: str) -> None:
    made = govhub("new", name, "--namespace", namespace, folder=tmp_path, path=tmp_path)

    assert made.returncode == 1
    assert "命名空间" in made.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_existing_file_is_never_overwritten(tmp_path: Path) -> None:
    arguments = ("new", NAME, "--namespace", NAMESPACE)
    govhub(*arguments, folder=tmp_path, path=tmp_path)
    (tmp_path / NAME / "README.md").write_text("mine", encoding="utf-8")

    again = govhub(*arguments, folder=tmp_path, path=tmp_path)

    assert again.returncode == 1
    assert (tmp_path / NAME / "README.md").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("contract", builtin().all(), ids=lambda contract: contract.schema_uri)
def test_any_of_our_families_can_have_another_version(contract: object) -> None:
    newest = builtin().versions(contract.type)[-1]  # type: ignore[attr-defined]
    file = Path(sys.modules[newest.model.__module__].__file__ or "")
    listing = (file.parent / "__init__.py").read_text(encoding="utf-8")

    scaffold = families.version(newest, folder="f", listing=listing)

    (text,) = scaffold.files.values()
    ast.parse(text)
    ast.parse(scaffold.listed)
    (module,) = (Path(path).stem for path in scaffold.files)
    assert f"    {module}.CONTRACT,\n)" in scaffold.listed
    assert listing.count(".CONTRACT") + 1 == scaffold.listed.count(".CONTRACT")


def test_names_that_fit() -> None:
    assert all(families.fits(name) for name in ("visit.made", "a", "a1.b2.c"))
    assert not any(families.fits(name) for name in ("", ".", "A", "a.", "a..b", "a/b", "a_b", "中", "a" * 200))
    assert packages.fits("a-b", "cn.a.")


def test_a_listing_keeps_its_order_and_everything_in_it() -> None:
    listing = (
        '"""x"""\n\nfrom contracts.contract import Contract\nfrom p.f import b\n\n'
        "CONTRACTS: Sequence[Contract] = (b.CONTRACT,)\n"
    )

    once = listed(listing, "p.f", "c")
    twice = listed(once, "p.f", "a")

    assert "from p.f import a, b, c\n" in twice
    assert twice.endswith("= (\n    b.CONTRACT,\n    c.CONTRACT,\n    a.CONTRACT,\n)\n")


def test_a_family_is_its_titles_and_its_type() -> None:
    scaffold = families.family(
        namespace="cn.example.",
        name="visit.made",
        title=Text("走访", "Visit made"),
        folder="f",
        package="p.f",
        listing='"""x"""\n\nfrom contracts.contract import Contract\n\nCONTRACTS: Sequence[Contract] = ()\n',
    )

    (text,) = scaffold.files.values()
    assert 'type="cn.example.visit.made"' in text
    assert "class VisitMade(CaseRecord)" in text
    assert "from p.f import visit_made" in scaffold.listed
