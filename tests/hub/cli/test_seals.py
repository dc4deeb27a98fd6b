# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub seals verify``: what it prints for people, what for programs, and how it ends."""

from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner, Result

from connectors.e_seal.sealing.authority import Algorithm
from connectors.e_seal.sealing.ofd import blank, packed, seal_ofd
from hub.cli.main import app
from hub.cli.seals import NOT_RUN
from tests.certs.seals.town import NOW, town

HERE = town(Algorithm.SM2)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "anchors").mkdir()
    (tmp_path / "anchors/root.cer").write_bytes(HERE.authority.certificate)
    (tmp_path / "list.crl").write_bytes(HERE.authority.revocation_list())
    (tmp_path / "sealed.ofd").write_bytes(packed(seal_ofd(blank(), 4, HERE.seal(), HERE.signer, NOW)))
    (tmp_path / "signature.dat").write_bytes(HERE.signature())
    (tmp_path / "document").write_bytes(b"document")
    return tmp_path


def seals(folder: Path, file: str, *words: str | Path) -> Result:
    everything = [str(folder / file), "--anchors", str(folder / "anchors"), "--at", NOW.isoformat(), *map(str, words)]
    return CliRunner().invoke(app, ["seals", "verify", *everything])


def test_a_seal_that_holds(folder: Path) -> None:
    told = seals(folder, "sealed.ofd", "--revocation", folder / "list.crl")

    assert told.exit_code == 0
    assert "有效 / holds" in told.stdout
    assert "ses_v4" in told.stdout


def test_programs_are_told_every_check(folder: Path) -> None:
    told = seals(folder, "sealed.ofd", "--revocation", folder / "list.crl", "--json")
    said = orjson.loads(told.stdout)

    assert told.exit_code == 0
    assert (said["verdict"], said["kind"]) == ("held", "ofd")
    assert said["impressions"][0]["facts"]["seal_id"] == "00000000000000"
    assert {one["verdict"] for one in said["impressions"][0]["checks"]} == {"held"}


def test_what_nobody_brought_word_of_cannot_be_told(folder: Path) -> None:
    told = seals(folder, "sealed.ofd", "--json")
    codes = [one.get("code") for one in orjson.loads(told.stdout)["impressions"][0]["checks"]]

    assert told.exit_code == 2
    assert "SIGNER_REVOCATION_UNKNOWN" in codes


def test_a_bare_signature_and_its_document(folder: Path) -> None:
    known = ("--revocation", folder / "list.crl")

    assert seals(folder, "signature.dat", *known, "--document", folder / "document").exit_code == 0
    assert seals(folder, "signature.dat", *known, "--document", folder / "list.crl").exit_code == 1
    assert seals(folder, "signature.dat", *known).exit_code == 2


def test_what_fails_says_why_and_what_to_do_in_both_languages(folder: Path) -> None:
    told = seals(folder, "document")

    assert told.exit_code == 1
    assert "FORM" in told.stdout
    assert "无效 / does not hold" in told.stdout
    assert "请确认取到的是完整的签章文件" in told.stdout
    assert "Make sure that the sealed file was fetched" in told.stdout


@pytest.mark.parametrize(
    "words",
    [
        ("nowhere",),
        ("sealed.ofd", "--at", "yesterday"),
        ("sealed.ofd", "--anchors", "document"),
        ("sealed.ofd", "--others", "nowhere"),
    ],
    ids=["no file", "no moment", "no anchor", "no such file"],
)
def test_what_cannot_be_run_is_told_apart(
    folder: Path, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    told = seals(folder, *words, "--json")

    assert told.exit_code == NOT_RUN
    assert orjson.loads(told.stdout)["remedy"]["zh"]


def test_anchors_without_a_certificate_are_none(folder: Path) -> None:
    told = CliRunner().invoke(
        app, ["seals", "verify", str(folder / "sealed.ofd"), "--anchors", str(folder / "list.crl")]
    )

    assert told.exit_code == NOT_RUN
    assert "没有任何证书" in told.stderr
