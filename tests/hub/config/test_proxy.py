# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Callers known by a certificate: the reverse proxy tells it, and without one such a source is refused."""

from pathlib import Path

import pytest

from contracts.fault import Fault
from hub.config.load import Loaded, load_deployment
from hub.config.proxy import ProxySection

_FILE = """
hub: {hub}
systems: {{portal: {{}}}}
destinations: {{portal: {{system: portal, connector: mailbox}}}}
sources:
  hook:
    system: portal
    connector: soap
    settings:
      namespace: urn:t
      client_subject: CN=housing
      operations:
        go:
          {{parameters: [lsh, nr], type: cn.gov.process.step, id: "{{f.lsh}}", data: nr, subject: "{{f.lsh}}",
            content_type: application/json}}
"""


def load(folder: Path, hub: str) -> Loaded | tuple[Fault, ...]:
    (folder / "routes.yaml").write_text("version: 1\nroutes:\n  - {name: all, when: {}, to: portal}\n")
    file = folder / "govhub.yaml"
    file.write_text(_FILE.format(hub=hub), encoding="utf-8")
    return load_deployment(file, {})


def test_without_a_proxy_nobody_could_come_in(tmp_path: Path) -> None:
    faults = load(tmp_path, "{}")

    assert isinstance(faults, tuple)
    assert [(one.code, one.at.line, one.path) for one in faults] == [
        ("CLIENT_SUBJECT_UNSEEN", 11, "sources.hook.settings.client_subject")
    ]


def test_with_one_they_can(tmp_path: Path) -> None:
    loaded = load(tmp_path, "{proxy: {addresses: [127.0.0.1], subject_header: X-Client-Subject}}")

    assert isinstance(loaded, Loaded), loaded


@pytest.mark.parametrize("proxy", ["{addresses: [], subject_header: A}", "{addresses: [x], subject_header: A}"])
def test_a_proxy_is_written_with_addresses(tmp_path: Path, proxy: str) -> None:
    faults = load(tmp_path, f"{{proxy: {proxy}}}")

    assert isinstance(faults, tuple)
    assert faults[0].path.startswith("hub.proxy.addresses")


@pytest.mark.parametrize(
    ("address", "believed"),
    [
        ("127.0.0.1", True),
        ("::ffff:127.0.0.1", True),
        ("10.1.0.15", True),
        ("10.1.0.16", False),
        ("fe80::1%eth0", True),
        ("::1", False),
        (None, False),
        ("somebody", False),
    ],
)
def test_whom_it_believes(address: str | None, believed: bool) -> None:  # noqa: FBT001  # because it is a table
    proxy = ProxySection(addresses=("127.0.0.1", "10.1.0.0/28", "fe80::/10"), subject_header="X")

    assert proxy.believes(address) is believed
