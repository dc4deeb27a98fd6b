# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub contracts``: what may be said, what a change breaks, and what is in use on a real journal."""

import asyncio
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner, Result

from contracts.catalogue import builtin
from contracts.registry import Registry
from hub.cli.main import app
from tests.support.hubs import Destination, at_work, event, hub_on
from tests.support.sinks import ScriptedSink

TYPE = "cn.example.housing.step"
PACKAGE = "example-housing"
FIRST = f"urn:govhub:contract:{TYPE}:1"
STEP = builtin().versions("cn.gov.process.step")[0]
OURS = replace(STEP, type=TYPE)

MODULE = """\
from dataclasses import replace
from pathlib import Path

from contracts.catalogue import builtin
from contracts.conversion import Conversion
from contracts.publishing.package import ContractPackage
from contracts.rules import RequiredWhen

FIRST = replace(builtin().versions("cn.gov.process.step")[0], type="cn.example.housing.step")
CONTRACTS = (FIRST,)
PACKAGE = ContractPackage(
    name="example-housing",
    namespace="cn.example.housing.",
    contracts=CONTRACTS,
    published=Path(__file__).parent / "published",
)
"""
STRICTER = 'CONTRACTS = (replace(FIRST, rules=(*FIRST.rules, RequiredWhen("opinion", "status", ("1",)))),)'
SECOND = "CONTRACTS = (FIRST, replace(FIRST, version=2, conversion=Conversion(())))"

runner = CliRunner()


def contracts(*arguments: str) -> Result:
    return runner.invoke(app, ["contracts", *arguments])


def as_json(*arguments: str) -> Any:
    return orjson.loads(contracts(*arguments, "--json").stdout)


class Package:
    """A contract package that is installed beside the hub, and can be changed."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self.name = f"made_up_{folder.name.replace('-', '_')}"
        self.file = folder / self.name / "__init__.py"
        self.file.parent.mkdir()
        metadata = folder / f"{self.name}-0.1.0.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {PACKAGE}\nVersion: 0.1.0\n", "utf-8")
        (metadata / "entry_points.txt").write_text(f"[govhub.contracts]\nhousing = {self.name}:PACKAGE\n", "utf-8")
        monkeypatch.setattr(sys, "dont_write_bytecode", True)
        monkeypatch.syspath_prepend(folder)
        self.says()

    def says(self, contracts: str = "CONTRACTS = (FIRST,)") -> None:
        """The package as the next command finds it."""
        assert MODULE.count("CONTRACTS = (FIRST,)") == 1
        self.file.write_text(MODULE.replace("CONTRACTS = (FIRST,)", contracts), "utf-8")
        self._monkeypatch.delitem(sys.modules, self.name, raising=False)

    @property
    def lock(self) -> Path:
        return self.file.parent / "published"

    def verdicts(self, told: dict[str, Any]) -> list[tuple[int, str]]:
        """Version and verdict of each of its contracts."""
        return [(one["version"], one["verdict"]) for one in told["contracts"] if one["package"] == PACKAGE]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Package:
    folder = tmp_path / "site-packages"
    folder.mkdir()
    return Package(folder, monkeypatch)


class TestList:
    def test_every_contract_and_version_with_its_title(self) -> None:
        told = contracts("list")

        assert told.exit_code == 0
        assert len(told.stdout.splitlines()) == len(builtin().all())
        assert "cn.gov.application.submitted@2  申请 / Application submitted" in told.stdout

    def test_for_programs(self) -> None:
        listed = as_json("list")["contracts"]

        assert [one["dataschema"] for one in listed] == [one.schema_uri for one in builtin().all()]
        assert listed[0]["title"] == {"zh": "申请", "en": "Application submitted"}
        assert {one["package"] for one in listed} == {"govhub"}

    def test_those_of_a_package_say_whose_they_are(self, package: Package) -> None:
        assert f"{TYPE}@1  {STEP.title}  [{PACKAGE}]" in contracts("list").stdout
        assert as_json("list")["contracts"][-1] == {
            "type": TYPE, "version": 1, "dataschema": FIRST, "title": STEP.title._asdict(), "package": PACKAGE,
        }  # fmt: skip


class TestShow:
    def test_the_newest_version_unless_another_is_wanted(self) -> None:
        newest, first = (
            contracts("show", "cn.gov.application.submitted"),
            contracts("show", "cn.gov.application.submitted@1", "--json"),
        )

        older, newer = builtin().versions("cn.gov.application.submitted")
        assert orjson.loads(newest.stdout) == newer.json_schema()
        assert orjson.loads(first.stdout) == older.json_schema()

    @pytest.mark.parametrize("name", ["cn.gov.nothing", "cn.gov.process.step@7", "cn.gov.process.step@1@1", "", "@1"])
    def test_what_there_is_not(self, name: str) -> None:
        told = contracts("show", name)

        assert told.exit_code == 1
        assert "govhub contracts list" in told.stderr
        assert as_json("show", name)["error"]["zh"] == f"没有契约 {name}。"


class TestCheck:
    def test_what_is_new_may_be_published(self, package: Package) -> None:
        assert package.verdicts(as_json("check")) == [(1, "unpublished")]
        told = contracts("check")
        assert f"{PACKAGE}  {TYPE}@1: 新版本，尚未发布 / new, not published yet" in told.stdout

    def test_what_is_as_published_is_counted_only(self, package: Package) -> None:
        assert contracts("publish", "--package", PACKAGE).exit_code == 0

        assert package.verdicts(as_json("check")) == [(1, "unchanged")]
        assert TYPE not in contracts("check").stdout

    def test_a_break_is_told_with_its_rule_and_whom_it_breaks(self, package: Package) -> None:
        contracts("publish", "--package", PACKAGE)
        package.says(STRICTER)

        told = contracts("check")
        assert told.exit_code == 1
        assert f"{PACKAGE}  {TYPE}@1: 有破坏性改动：请另立新版本 / breaking: make a new version of it" in told.stdout
        assert "RULE_ADDED           $.data  [producers]  新增字段间规则 / A new rule between fields" in told.stdout
        said = as_json("check")
        assert said["ok"] is False
        (broken,) = [one for one in said["contracts"] if one["package"] == PACKAGE]
        assert (broken["verdict"], [change["rule"] for change in broken["changes"]]) == ("breaking", ["RULE_ADDED"])
        assert broken["changes"][0]["breaks"] == "producers"

    def test_a_version_that_vanished_breaks(self, package: Package) -> None:
        package.says(SECOND)
        contracts("publish", "--package", PACKAGE)
        package.says()

        assert package.verdicts(as_json("check")) == [(1, "unchanged"), (2, "vanished")]
        assert contracts("check").exit_code == 1

    def test_a_lock_that_cannot_be_read_breaks(self, package: Package) -> None:
        contracts("publish", "--package", PACKAGE)
        (package.lock / TYPE / "1.json").write_text("<<<<<<< ours", "utf-8")

        assert package.verdicts(as_json("check")) == [(1, "unreadable")]
        assert contracts("check").exit_code == 1

    def test_a_package_that_cannot_be_used_is_named(self, package: Package) -> None:
        package.says("CONTRACTS = (replace(FIRST, type='cn.gov.process.step'),)")

        told, said = contracts("check"), as_json("check")
        assert told.exit_code == 1
        assert "契约包 housing 不可用" in told.stderr
        assert said["ok"] is False
        assert [one["package"] for one in said["unusable"]] == ["housing"]
        assert "cn.gov.process.step" in said["unusable"][0]["reason"]["en"]

    @pytest.mark.parametrize("period", ["7", "0d", "7w", "-7d", "７d", "d", "4000d", "1.5h"])
    def test_a_period_that_is_none(self, period: str) -> None:
        told = contracts("check", f"--against-journal={period}")

        assert told.exit_code == 1
        assert "7d、12h" in told.stderr
        assert as_json("check", f"--against-journal={period}")["error"]["en"] == "This is not a period."


class TestPublish:
    def test_it_writes_a_file_per_version_and_then_nothing_more(self, package: Package) -> None:
        package.says(SECOND)

        assert as_json("publish", "--package", PACKAGE) == {"ok": True, "written": [f"{TYPE}/1.json", f"{TYPE}/2.json"]}
        again = contracts("publish", "--package", PACKAGE)
        assert (again.exit_code, again.stdout) == (0, "已发布 0 个文件。 0 files written.\n")

    def test_a_break_is_refused_and_nothing_is_written(self, package: Package) -> None:
        contracts("publish", "--package", PACKAGE)
        before = (package.lock / TYPE / "1.json").read_bytes()
        package.says(STRICTER)

        told = contracts("publish", "--package", PACKAGE)
        assert told.exit_code == 1
        assert "RULE_ADDED" in told.stdout
        assert as_json("publish", "--package", PACKAGE)["ok"] is False
        assert (package.lock / TYPE / "1.json").read_bytes() == before

    def test_a_package_that_there_is_not(self) -> None:
        told = contracts("publish", "--package", "nobodys")

        assert told.exit_code == 1
        assert "没有可写的契约包 nobodys" in told.stderr
        assert "nobodys" in as_json("publish", "--package", "nobodys")["error"]["en"]


@pytest.fixture
def config(tmp_path: Path, journal_dsn: str) -> Path:
    """A deployment on a database of the test's own."""
    (tmp_path / "routes.yaml").write_text(
        "version: 1\nroutes:\n  - {name: all, when: {}, to: [housing]}\n", encoding="utf-8"
    )
    file = tmp_path / "govhub.yaml"
    file.write_text(
        f"""\
journal: "{journal_dsn}"
systems:
  portal: {{sends: ["*"]}}
  housing: {{speaks: {{contracts: {{"*": [1]}}}}}}
destinations:
  housing: {{system: housing, connector: mailbox}}
""",
        encoding="utf-8",
    )
    return file


async def beside(*arguments: str) -> Result:
    """The command, in a thread of its own as it has a loop of its own."""
    return await asyncio.to_thread(contracts, *arguments)


async def sent(journal_dsn: str, *cases: str, delivered: int = 0, inside: Callable[[], Any] | None = None) -> Any:
    """A hub with our package accepts a step of each case, delivers so many, and is gone; ``inside`` is asked before that."""
    registry = Registry([*builtin().all(), OURS])
    housing = {"housing": Destination(sink=ScriptedSink())}
    async with hub_on(journal_dsn, housing, registry=registry) as rig:
        for case in cases:
            data = {**STEP.examples[0].data, "case_no": case, "opinion": None, "handler": "测试经办人壬"}
            await rig.accept(replace(event(case, contract=STEP.type), type=TYPE, dataschema=FIRST, data=data))
        if delivered:
            async with at_work(rig.hub):
                await rig.until_settled(delivered)
        return await inside() if inside is not None else None


@pytest.mark.parametrize("shared_postgres", ["pg18"], indirect=True, scope="session")
class TestOnAJournal:
    async def test_what_is_in_use(self, config: Path, journal_dsn: str, package: Package) -> None:
        nothing = await beside("active", "-c", str(config))
        assert (nothing.exit_code, nothing.stdout) == (0, "")

        await sent(journal_dsn, "case-1")

        assert (await beside("active", "-c", str(config))).stdout == f"{FIRST}\n"
        told = await beside("active", "-c", str(config), "--json")
        assert orjson.loads(told.stdout) == {"active": [FIRST]}

    async def test_a_version_is_retired_when_nobody_needs_it(
        self, config: Path, journal_dsn: str, package: Package
    ) -> None:
        retire = ("retire", FIRST, "-c", str(config))
        running = await sent(journal_dsn, "case-1", inside=lambda: beside(*retire))
        open_ = await beside(*retire, "--json")
        await sent(journal_dsn, delivered=1)
        retired = await beside(*retire, "--json")

        assert (running.exit_code, open_.exit_code) == (1, 1)
        assert "1 hubs at work, 1 deliveries not finished" in running.stderr
        assert orjson.loads(open_.stdout)["error"]["en"] == "Still in use: 0 hubs at work, 1 deliveries not finished."
        assert (retired.exit_code, orjson.loads(retired.stdout)) == (0, {"retired": FIRST}), retired.stdout
        assert (await beside("active", "-c", str(config))).stdout == ""

    async def test_a_version_that_there_is_not_is_not_retired(self, config: Path) -> None:
        told = await beside("retire", FIRST, "-c", str(config))

        assert told.exit_code == 1
        assert "govhub contracts active" in told.stderr

    async def test_recorded_messages_that_still_fit(self, config: Path, journal_dsn: str, package: Package) -> None:
        await sent(journal_dsn, "case-1", "case-2")

        told = await beside("check", "--against-journal", "7d", "-c", str(config))
        assert told.exit_code == 0, told.stderr
        assert told.stdout.startswith("试用 2 件消息。 2 messages tried.\n")
        assert f"portal  {TYPE}@1: 2 件，拒绝 refused 0\n" in told.stdout
        assert orjson.loads((await beside("check", "--against-journal=7d", "-c", str(config), "--json")).stdout) == {
            "ok": True,
            "messages": 2,
            "senders": [{"system": "portal", "type": TYPE, "version": 1, "messages": 2, "refused": 0, "troubles": []}],
        }

    async def test_recorded_messages_that_a_change_would_refuse(
        self, config: Path, journal_dsn: str, package: Package
    ) -> None:
        await sent(journal_dsn, "case-1", "case-2")
        package.says(STRICTER)

        told = await beside("check", "--against-journal", "1h", "-c", str(config))
        said = await beside("check", "--against-journal", "1h", "-c", str(config), "--json")

        assert (told.exit_code, said.exit_code) == (1, 1)
        assert f"portal  {TYPE}@1: 2 件，拒绝 refused 2\n" in told.stdout
        assert "2 × E_V_RULE $.data.opinion" in told.stdout
        (sender,) = orjson.loads(said.stdout)["senders"]
        (trouble,) = sender["troubles"]
        assert (sender["system"], sender["refused"]) == ("portal", 2)
        assert (trouble["code"], trouble["path"], trouble["count"]) == ("E_V_RULE", "$.data.opinion", 2)
        assert [one["record"]["case_no"] for one in trouble["samples"]] == ["case-1", "case-2"]
        assert trouble["samples"][0]["record"]["handler"] == "测＊＊"
        assert "测试经办人壬" not in told.stdout + said.stdout

    async def test_a_newer_version_is_tried_too(self, config: Path, journal_dsn: str, package: Package) -> None:
        await sent(journal_dsn, "case-1")
        package.says(SECOND)

        told = await beside("check", "--against-journal", "30m", "-c", str(config), "--json")
        assert [(one["version"], one["messages"], one["refused"]) for one in orjson.loads(told.stdout)["senders"]] == [
            (1, 1, 0),
            (2, 1, 0),
        ]


@pytest.mark.parametrize("command", [("active",), ("retire", FIRST), ("check", "--against-journal", "7d")])
def test_a_faulty_deployment_is_told_with_file_and_line(tmp_path: Path, command: tuple[str, ...]) -> None:
    file = tmp_path / "govhub.yaml"
    file.write_text("systems: {}\ndestinations: {}\njournal: embeded\n", encoding="utf-8")
    (tmp_path / "routes.yaml").write_text("version: 1\nroutes: []\n", encoding="utf-8")

    told = contracts(*command, "-c", str(file))
    assert told.exit_code == 2
    assert f"{file}:3:10: ADDRESS_KIND" in told.stderr
    assert [one["code"] for one in as_json(*command, "-c", str(file))["faults"]] == ["ADDRESS_KIND"]
