# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub certs``: issue, renew, revoke, list and check, for people and for programs."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner

from hub.cli.main import app

runner = CliRunner()


def run(*words: str | Path, code: int = 0) -> Any:
    done = runner.invoke(app, ["certs", *map(str, words), "--json"])
    assert done.exit_code == code, done.output
    return orjson.loads(done.stdout)


@pytest.mark.parametrize("suite", ["intl-1", "gm-1"])
def test_the_life_of_a_certificate(tmp_path: Path, suite: str) -> None:
    ca = ("--ca", tmp_path / "ca")
    first = run("issue", "portal", "--use", "signing", "--suite", suite, "--org", "某局", *ca)
    anchor, crl = ("--anchor", first["ca"]), ("--crl", tmp_path / "ca/crl.pem")
    (told,) = run("check", first["certificate"], *anchor, *crl)["certificates"]

    assert (told["suite"], told["verdict"], told["serial"]) == (suite, "trusted", first["serial"])
    assert told["subject"] == "CN=portal,O=某局,C=CN"
    assert told["fingerprint"].startswith("sha256:")

    second = run("renew", "portal", *ca)
    assert [one["serial"] for one in run("list", *ca)["issued"]] == [first["serial"], second["serial"]]
    assert run("revoke", first["serial"][:12], *ca)["revoked"][0]["serial"] == first["serial"]
    verdicts = [
        run("check", one["certificate"], *anchor, *crl, code=code)["certificates"][0]["verdict"]
        for one, code in ((first, 3), (second, 0))
    ]
    assert verdicts == ["E_CERT_REVOKED", "trusted"]
    assert run("renew", *ca)["crl"].endswith("crl.pem")


def test_what_cannot_be_done_says_why(tmp_path: Path) -> None:
    ca = ("--ca", tmp_path / "ca")
    assert "error" in run("list", *ca, code=1)
    assert "error" in run("issue", "no good/name", *ca, code=1)
    assert "error" in run("issue", "portal", "--suite", "rsa", *ca, code=1)
    run("issue", "portal", *ca)
    assert "error" in run("revoke", "nobody", *ca, code=1)
    assert "error" in run("renew", "nobody", *ca, code=1)
    assert "error" in run("check", tmp_path / "missing.pem", code=1)
    (tmp_path / "junk.pem").write_text("junk")
    assert "error" in run("check", tmp_path / "junk.pem", code=1)


def test_people_are_told_where_everything_is(tmp_path: Path) -> None:
    done = runner.invoke(app, ["certs", "issue", "portal", "--ca", str(tmp_path / "ca")])
    assert done.exit_code == 0
    assert str(tmp_path / "ca/issued/portal-") in done.stdout
    assert "PRIVATE" not in done.stdout
    assert "portal" in runner.invoke(app, ["certs", "list", "--ca", str(tmp_path / "ca")]).stdout
    assert "已吊销" in runner.invoke(app, ["certs", "revoke", "portal", "--ca", str(tmp_path / "ca")]).stdout


DEPLOYMENT = """\
secrets: {tls-key: "file:hub.key"}
tls: {certificate: hub.pem, key: tls-key, client_auth: required}
trust: {anchors: [ca.pem]}
systems:
  portal:
    sends: ["*"]
    keys: [{digest: "sha256:DIGEST", not_after: "2030-01-01T00:00:00+08:00", scopes: [intake]}]
    certificates: ["CN=portal,C=CN"]
    signature: {policy: required, certificates: [portal.pem]}
  housing: {}
destinations:
  housing: {system: housing, connector: mailbox}
"""
ROUTES = """\
version: 1
routes:
  - name: all
    when: {contract: cn.gov.application.submitted}
    to: [{destination: housing, purpose: handling}]
purposes: {handling: {fields: all}}
"""


def test_a_deployment_is_looked_through(tmp_path: Path) -> None:
    ca = ("--ca", tmp_path / "ca")
    hub = run("issue", "hub", "--use", "server", "--host", "127.0.0.1", "--days", "10", *ca)
    portal = run("issue", "portal", "--use", "signing", *ca)
    for name, file in (("hub.pem", hub["certificate"]), ("hub.key", hub["key"]), ("ca.pem", hub["ca"])):
        (tmp_path / name).write_bytes(Path(file).read_bytes())
    (tmp_path / "portal.pem").write_bytes(Path(portal["certificate"]).read_bytes())
    (tmp_path / "govhub.yaml").write_text(DEPLOYMENT.replace("DIGEST", "0a" * 32), encoding="utf-8")
    (tmp_path / "routes.yaml").write_text(ROUTES, encoding="utf-8")
    config = ("-c", tmp_path / "govhub.yaml")
    found = run("check", *config, "--days", "30", code=3)["identities"]

    assert (found[0]["holder"], found[0]["kind"]) == ("hub", "tls")
    assert {"api_key", "signing", "anchor", "tls"} == {one["kind"] for one in found}
    run("check", *config, "--days", "5")
    (tmp_path / "portal.pem").write_text("junk")
    (fault,) = run("check", *config, code=2)["faults"]
    assert (fault["code"], fault["path"]) == ("CERT_UNREADABLE", "systems.portal.signature.certificates[0]")
