# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A third party's connectors are described without a line of their code run here, whatever that code does."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.sdk import Role
from connectors.sdk.describing import Bounds, Draft, Fits, Kind, OtherRole, describe_all, fit_all
from connectors.sdk.discovery import Broken
from connectors.sdk.documents import Described
from contracts.fault import Fault
from contracts.yaml_source import Located, parse

GOOD = """
from pydantic import BaseModel, Field, field_validator
from connectors.sdk import STRICT, Idempotency, Manifest, Text
from contracts.fault import UnsuitableError
import os, sys, time

class Config(BaseModel):
    model_config = STRICT
    number: int = Field(default=1, description="a number", examples=[2])
    harm: str = Field(default="", description="harm", examples=["hang"])

    @field_validator("harm")
    @classmethod
    def do(cls, value):
        match value:
            case "hang": time.sleep(3600)
            case "exit": os._exit(3)
            case "leave": raise SystemExit(4)
            case "memory": return "x" * 10**12
            case "raise": raise RuntimeError(value)
            case "own words": raise UnsuitableError(Text("不行", "It will not do"), Text("改", "Mend it"))
            case "colours": raise ValueError("\\x1b[31mred\\nand more")
        return value

class Connector:
    manifest = Manifest(kind="KIND", title=Text("好", "Good"), summary=Text("好", "Good"))
    config = Config
    def promises(self, config):
        if config.number == 7:
            raise ArithmeticError
        if config.number == 8:
            return Manifest(kind="other", title=Text("好", "Good"))
        if config.number == 9:
            return "nonsense"
        from dataclasses import replace
        return replace(self.manifest, concurrency=config.number)
    def sink(self, config, context):
        raise NotImplementedError

CONNECTOR = Connector()
"""

FLOOD = """
import os
for number in range(3, 4096):
    try:
        os.write(number, b"x" * 4096)
    except OSError:
        pass
"""

BOUNDS = Bounds(load_seconds=20, answer_seconds=5, memory_bytes=512 * 1024 * 1024)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    return tmp_path


def module(site: Path, name: str, text: str) -> Kind:
    """A third party's module, installed."""
    (site / f"acme_{name}.py").write_text(text.replace("KIND", name), encoding="utf-8")
    return Kind(name, f"acme_{name}:CONNECTOR", "acme")


def written(text: str) -> Located:
    found = parse(f"destinations:\n  d:\n    settings:\n{text}\n", "govhub.yaml")
    assert isinstance(found, Located)
    return found.below(("destinations", "d", "settings"), found.value["destinations"]["d"]["settings"])


def draft(kind: Kind, text: str = "      number: 1", *roles: Role) -> Draft:
    return Draft(kind, roles or (Role.SINK,), written(text))


def test_settings_that_fit_come_with_their_promises(site: Path) -> None:
    good = module(site, "good", GOOD)
    fits = fit_all([draft(good, "      number: 5")], bounds=BOUNDS)

    assert isinstance(fits[0], Fits)
    assert (fits[0].role, fits[0].manifest.kind, fits[0].manifest.concurrency) == (Role.SINK, "good", 5)
    assert "acme_good" not in sys.modules


def test_every_fault_is_told_at_its_line_as_for_ours(site: Path) -> None:
    good = module(site, "good", GOOD)
    (faults,) = fit_all([draft(good, "      numbre: 5\n      harm: own words")], bounds=BOUNDS)

    assert isinstance(faults, tuple)
    assert [str(one).splitlines()[0] for one in faults] == [
        "govhub.yaml:4:7: E_KEY_UNKNOWN 不认识的键“numbre”。是否应为“number”？",
        "govhub.yaml:5:13: E_VALUE 不行改",
    ]


def test_what_it_says_is_shown_as_one_plain_line(site: Path) -> None:
    good = module(site, "good", GOOD)
    (faults,) = fit_all([draft(good, "      harm: colours")], bounds=BOUNDS)

    assert isinstance(faults, tuple)
    assert isinstance(faults[0], Fault)
    assert "\x1b" not in str(faults[0])
    assert len(str(faults[0]).splitlines()) == 2


def test_a_kind_of_another_role_is_told_apart(site: Path) -> None:
    good = module(site, "good", GOOD)
    (told,) = fit_all([draft(good, "      number: 1", Role.SOURCE, Role.RECEIVER)], bounds=BOUNDS)

    assert isinstance(told, OtherRole)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("import time\ntime.sleep(3600)", "loading it: it did not answer within 2 seconds"),
        ("while True: pass", "loading it: it did not answer within 2 seconds"),
        ("import os\nos._exit(7)", "loading it: its process ended with 7"),
        ("raise SystemExit(5)", "acme_bad:CONNECTOR cannot be loaded: SystemExit"),
        ("import os\nwhile True: os.fork()", "acme_bad:CONNECTOR cannot be loaded: PermissionError"),
        ("hoard = [bytearray(2**26) for _ in range(10_000)]", "acme_bad:CONNECTOR cannot be loaded: MemoryError"),
        ("import ctypes\nctypes.string_at(0)", "loading it: its process ended with -11"),
        ("import os\nos.kill(os.getppid(), 9)", "acme_bad:CONNECTOR cannot be loaded: PermissionError"),
        ("CONNECTOR = None", "acme_bad:CONNECTOR has no manifest"),
        ("import orjson\norjson.dumps = lambda *_: b'[]'\n" + GOOD, "loading it: its process ended with 0"),
        (FLOOD + GOOD, "loading it: its process ended"),
    ],
)  # fmt: skip
def test_a_module_that_does_harm_is_refused_and_its_neighbours_are_not(site: Path, text: str, reason: str) -> None:
    bad, good = module(site, "bad", text), module(site, "good", GOOD)
    bounds = replace(BOUNDS, load_seconds=2) if "within 2" in reason else BOUNDS
    before, harmed, again, after = fit_all([draft(good), draft(bad), draft(bad), draft(good)], bounds=bounds)

    assert isinstance(before, Fits)
    assert isinstance(after, Fits)
    assert isinstance(harmed, Broken)
    assert harmed.reason.startswith(reason)
    assert again == harmed, "it is not tried again"


def test_what_a_module_does_to_python_stays_there(site: Path, capfd: pytest.CaptureFixture[str]) -> None:
    module(site, "bad", "")
    patched = module(
        site,
        "patched",
        "import json, sys, builtins\n"
        "print('on standard output' * 1000)\nsys.stderr.write('on standard error' * 1000)\n"
        "json.dumps = json.loads = None\n" + GOOD,
    )
    (told,) = fit_all([draft(patched)], bounds=BOUNDS)

    assert isinstance(told, Broken | Fits)
    assert json.loads(json.dumps({"a": 1})) == {"a": 1}
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("      harm: hang", "checking its settings: it did not answer within 1 seconds"),
        ("      harm: exit", "checking its settings: its process ended with 3"),
        ("      harm: leave", "checking its settings raises SystemExit"),
        ("      harm: memory", "checking its settings raises MemoryError"),
        ("      harm: raise", "checking its settings raises RuntimeError"),
        ("      number: 7", "checking its settings raises ArithmeticError"),
        ("      number: 8", "checking its settings: what it says cannot be understood"),
        ("      number: 9", "checking its settings"),
    ],
)
def test_settings_over_which_it_stumbles_are_refused_and_the_next_are_not(site: Path, text: str, reason: str) -> None:
    good = module(site, "good", GOOD)
    bounds = replace(BOUNDS, answer_seconds=1)
    harmed, after = fit_all([draft(good, text), draft(good, "      number: 3")], bounds=bounds)

    assert isinstance(harmed, Broken)
    assert harmed.reason.startswith(reason)
    assert isinstance(after, Fits)
    assert after.manifest.concurrency == 3


def test_a_package_has_so_much_time_and_no_more(site: Path) -> None:
    good = module(site, "good", GOOD)
    bounds = replace(BOUNDS, total_seconds=3)
    told = fit_all([draft(good, "      harm: hang")] * 30, bounds=bounds)

    assert all(isinstance(one, Broken) for one in told)
    assert isinstance(told[-1], Broken)
    assert told[-1].reason == "loading it: its package was not done within 3 seconds"


def test_one_process_does_all_of_a_package(site: Path) -> None:
    """However many destinations it has: the process says its number as the concurrency that it promises."""
    counting = module(site, "counting", GOOD.replace("concurrency=config.number", "concurrency=os.getpid()"))
    told = fit_all([draft(counting)] * 40, bounds=BOUNDS)

    assert all(isinstance(one, Fits) for one in told)
    assert len({one.manifest.concurrency for one in told if isinstance(one, Fits)}) == 1


def test_kinds_are_described_with_their_schemas(site: Path) -> None:
    good, bad = module(site, "good", GOOD), module(site, "bad", "raise RuntimeError")
    told, broken = describe_all([good, bad], bounds=BOUNDS)

    assert isinstance(told, Described)
    assert told.schemas[Role.SINK]["properties"]["number"]["type"] == "integer"
    assert broken == Broken("bad", "acme_bad:CONNECTOR cannot be loaded: RuntimeError")
