# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a deployment says about its evidence, and what is wrong with it."""

from pathlib import Path

import pytest

from certs.evidence.development import development_pair
from certs.evidence.roles import Role
from contracts.located import Fault
from hub.config.load import Loaded, load_deployment
from hub.evidence.keys import certificates_of, evidence_of
from hub.logging import configure
from hub.ports.clock import SystemClock
from tests.support.hubs import captured_log

_PLAIN = """\
systems: {portal: {}}
destinations: {portal: {system: portal, connector: mailbox}}
routes: routes.yaml
"""
_KEYS = "receipts: {certificate: receipts.crt, key: receipts.key}, log: {certificate: log.crt, key: log.key}"
_TSA = "timestamps: [{url: 'http://127.0.0.1:9/', anchors: log.crt}]"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for role in Role:
        key, certificate = development_pair("hub-1", role, SystemClock().now())
        (tmp_path / f"{role.name.lower()}.key").write_bytes(key)
        (tmp_path / f"{role.name.lower()}.crt").write_bytes(certificate)
    (tmp_path / "broken").write_text("nothing")
    (tmp_path / "routes.yaml").write_text("version: 1\nroutes: [{name: all, when: {}, to: [portal]}]\n")
    return tmp_path


def loaded(folder: Path, section: str, more: str = "") -> Loaded | tuple[Fault, ...]:
    (folder / "govhub.yaml").write_text(f"{_PLAIN}{more}" + (f"evidence: {{{section}}}\n" if section else ""))
    return load_deployment(folder / "govhub.yaml")


def test_keys_and_authorities_are_read(folder: Path) -> None:
    deployment = loaded(folder, f"{_KEYS}, {_TSA}")
    assert isinstance(deployment, Loaded), deployment
    evidence = evidence_of(deployment, SystemClock(), configure("error"))
    assert evidence.receipts is not None
    assert evidence.notes is not None
    assert [one.url for one in evidence.authorities] == ["http://127.0.0.1:9/"]
    assert certificates_of(deployment)[Role.LOG] == (folder / "log.crt").read_bytes()


@pytest.mark.parametrize(
    ("section", "code", "path"),
    [
        (_KEYS.replace("log.crt", "gone"), "FILE_UNREADABLE", "evidence.log.certificate"),
        (_KEYS.replace("receipts.key", "gone"), "FILE_UNREADABLE", "evidence.receipts.key"),
        (_KEYS.replace("receipts.key", "broken"), "KEY_UNREADABLE", "evidence.receipts"),
        (_KEYS.replace("receipts.crt", "broken"), "CERT_UNREADABLE", "evidence.receipts"),
        (_KEYS.replace("receipts.key", "log.key"), "KEY_FOREIGN", "evidence.receipts"),
        (_KEYS.replace("receipts.", "log."), "KEY_ROLE", "evidence.receipts.certificate"),
        (f"{_KEYS}, {_TSA.replace('log.crt', 'gone')}", "FILE_UNREADABLE", "evidence.timestamps[0].anchors"),
        (f"{_KEYS}, {_TSA.replace('log.crt', 'broken')}", "CERT_UNREADABLE", "evidence.timestamps[0].anchors"),
        ("receipts: {certificate: receipts.crt, key: receipts.key}", "E_KEY_MISSING", "evidence.log"),
    ],
)
def test_what_cannot_be_used_is_told_with_its_place(folder: Path, section: str, code: str, path: str) -> None:
    faults = loaded(folder, section)
    assert isinstance(faults, tuple), faults
    assert (code, path) in {(fault.code, fault.path) for fault in faults}
    assert all(fault.at.line > 3 for fault in faults)


def test_the_built_in_database_comes_with_development_keys_that_stay(folder: Path) -> None:
    deployment = loaded(folder, "")
    assert isinstance(deployment, Loaded)
    first = evidence_of(deployment, SystemClock(), configure("error"))
    again = evidence_of(deployment, SystemClock(), configure("error"))
    assert first.seals is not None
    assert again.seals is not None
    assert first.seals.certificate == again.seals.certificate
    key = folder / "var" / "evidence" / "receipts.key.pem"
    assert key.stat().st_mode & 0o777 == 0o600
    assert key.parent.stat().st_mode & 0o777 == 0o700


def test_another_database_signs_nothing_unless_it_is_told_with_what(folder: Path) -> None:
    deployment = loaded(folder, "", "journal: postgresql://127.0.0.1:9/none\n")
    assert isinstance(deployment, Loaded)
    evidence = evidence_of(deployment, SystemClock(), configure("error"))
    assert (evidence.receipts, evidence.notes) == (None, None)
    assert evidence.kept is not None
    assert certificates_of(deployment) == {}


def test_a_key_that_is_gone_when_the_hub_starts_is_told(folder: Path) -> None:
    deployment = loaded(folder, _KEYS)
    assert isinstance(deployment, Loaded)
    (folder / "log.key").unlink()
    log, capture = captured_log()
    evidence = evidence_of(deployment, SystemClock(), log)
    assert evidence.receipts is None
    assert [one["event"] for one in capture.entries] == ["no evidence is signed"]
