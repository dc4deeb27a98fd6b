# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Third parties' connectors in the deployment file: nothing of them is loaded, and what they may reach is written there."""

import os
import pwd
import sys
import time
from pathlib import Path

import pytest

from connectors.sdk.fencing.fence import OPEN, Fence
from contracts.fault import Fault
from contracts.located import Located, read
from hub.config import fencing
from hub.config.fencing import account_of
from hub.config.load import Loaded, load_deployment
from tests.support.saboteurs import environment

ROUTES = "version: 1\nroutes:\n  - {name: all, when: {}, to: first}\n"
FILE = """\
hub: {{listen: "127.0.0.1:0"{hub}}}
systems: {{portal: {{}}}}
destinations:
  first:
    system: portal
    connector: {connector}
    settings: {settings}
{more}
"""


class Site:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.folder.mkdir()
        (folder / "routes.yaml").write_text(ROUTES, encoding="utf-8")

    def load(
        self, settings: str = "{ledger: /x}", more: str = "", connector: str = "saboteur", hub: str = ""
    ) -> Loaded | tuple[Fault, ...]:
        file = self.folder / "govhub.yaml"
        file.write_text(FILE.format(settings=settings, more=more, connector=connector, hub=hub), encoding="utf-8")
        return load_deployment(file, {})

    def faults(self, *words: str, **named: str) -> list[str]:
        """What a person is told, with the folder's name left out."""
        loaded = self.load(*words, **named)
        assert isinstance(loaded, tuple), "it loads"
        return [str(fault).splitlines()[0].replace(f"{self.folder}/", "") for fault in loaded]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    environment(tmp_path / "installed")
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path / "installed")])
    monkeypatch.delitem(sys.modules, "govhub_saboteur", raising=False)
    return Site(tmp_path / "site")


def test_nothing_of_it_is_loaded_here(site: Site) -> None:
    loaded = site.load()

    assert isinstance(loaded, Loaded), loaded
    first = loaded.endpoints["first"]
    assert (first.connector, first.settings, first.isolation, first.fence) == (None, None, "process", Fence())
    assert (first.promises.kind, first.promises.title.zh) == ("saboteur", "破坏者")
    assert "govhub_saboteur" not in sys.modules


def test_it_is_where_the_deployment_says_so(site: Site) -> None:
    loaded = site.load(more="    isolation: hub")

    assert isinstance(loaded, Loaded), loaded
    assert loaded.endpoints["first"].connector is sys.modules["govhub_saboteur"].CONNECTOR


def test_its_settings_are_refused_with_file_and_line(site: Site) -> None:
    assert site.faults("{ledgr: /x}") == [
        "govhub.yaml:7:5: E_KEY_MISSING 缺少必填的键“ledger”。请在此处加上“ledger: …”。",
        "govhub.yaml:7:16: E_KEY_UNKNOWN 不认识的键“ledgr”。是否应为“ledger”？",
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("raise RuntimeError", "govhub_saboteur:CONNECTOR cannot be loaded: RuntimeError"),
        ("import os; os._exit(3)", "loading it: its process ended with 3"),
        ("import os; os.fork()", "govhub_saboteur:CONNECTOR cannot be loaded: PermissionError"),
    ],
)
def test_a_module_that_does_harm_is_refused_with_file_and_line(site: Site, text: str, reason: str) -> None:
    (site.folder.parent / "installed" / "govhub_saboteur.py").write_text(text, encoding="utf-8")

    assert site.faults() == [f"govhub.yaml:6:16: CONNECTOR_BROKEN 连接器不可用：{reason}请修复或重装该连接器。"]


def test_one_that_nobody_uses_is_not_even_looked_at(site: Site) -> None:
    (site.folder.parent / "installed" / "govhub_saboteur.py").write_text("import time; time.sleep(3600)")

    assert isinstance(site.load("{}", connector="mailbox"), Loaded)


def test_sixty_destinations_take_no_longer_than_one(site: Site) -> None:
    one = "  d{n}: {{system: portal, connector: saboteur, settings: {{ledger: /x}}}}"
    began = time.monotonic()
    loaded = site.load(more="\n".join(one.format(n=n) for n in range(60)))

    assert isinstance(loaded, Loaded), loaded
    assert len(loaded.endpoints) == 61
    assert time.monotonic() - began < 15, "a process each would take half a minute"


class TestFence:
    def test_folders_are_relative_to_the_file(self, site: Site) -> None:
        loaded = site.load(more="    fence: {folders: [exchange, /srv/other], programs: true}")

        assert isinstance(loaded, Loaded), loaded
        assert loaded.endpoints["first"].fence == Fence(
            folders=(str(site.folder / "exchange"), "/srv/other"), programs=True
        )

    def test_ours_keep_their_access_to_files_unless_it_is_said_what_they_need(self, site: Site) -> None:
        apart = site.load("{}", connector="mailbox", more="    isolation: process")
        fenced = site.load("{}", connector="mailbox", more="    isolation: process\n    fence: {folders: [out]}")

        assert isinstance(apart, Loaded)
        assert isinstance(fenced, Loaded)
        assert apart.endpoints["first"].fence == OPEN
        assert fenced.endpoints["first"].fence == Fence(folders=(str(site.folder / "out"),))

    def test_one_round_nothing_is_refused(self, site: Site) -> None:
        assert site.faults("{}", connector="mailbox", more="    fence: {folders: [out]}") == [
            "govhub.yaml:8:12: FENCE_IDLE 在中枢进程内运行的连接器没有隔离。请写 isolation: process，或删去 fence。"
        ]


class TestUser:
    """Each is tried as the user this runs under, and as the other kind of user, of whom only the question is asked."""

    def written(self, site: Site, name: str) -> list[str]:
        return site.faults(hub=f", connectors_run_as: {name}")

    def test_a_hub_that_is_not_root_cannot(self, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(os, "geteuid", lambda: 1000)

        assert "CONNECTORS_USER 中枢不是以 root 运行" in self.written(site, "nobody")[0]

    @pytest.mark.parametrize(("name", "said"), [("no-such-user", "没有用户"), ("root", "不能以 root 运行")])
    def test_no_such_user_and_root(self, site: Site, monkeypatch: pytest.MonkeyPatch, name: str, said: str) -> None:
        monkeypatch.setattr(os, "geteuid", lambda: 0)

        assert said in self.written(site, name)[0]

    def test_one_who_cannot_read_govhub(self, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(os, "geteuid", lambda: 0)
        tmp_path.chmod(0o700)
        monkeypatch.setattr(sys, "path", [str(tmp_path / "installed")])
        monkeypatch.setattr(sys, "prefix", "/usr")
        monkeypatch.setattr(sys, "base_prefix", "/usr")
        file = site.folder / "some.yaml"
        file.write_text("hub: {connectors_run_as: nobody}\n", encoding="utf-8")
        source = read(file)
        assert isinstance(source, Located)
        account, faults = account_of("nobody", source)

        assert account is None
        assert "读不到 govhub 的安装目录" in faults[0].problem.zh

    def test_one_who_can(self, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(os, "geteuid", lambda: 0)
        monkeypatch.setattr(fencing, "_closed_to", lambda *_: None)
        nobody = pwd.getpwnam("nobody")
        file = site.folder / "some.yaml"
        file.write_text("hub: {connectors_run_as: nobody}\n", encoding="utf-8")
        source = read(file)
        assert isinstance(source, Located)
        assert account_of("nobody", source) == ((nobody.pw_uid, nobody.pw_gid), [])
