# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The clients to copy, each against a hub as operators run it: the whole round trip, on a good line and on bad ones."""

import asyncio
import hashlib
import itertools
import json
import os
import shutil
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from certs.api_key import digest_of
from certs.authority import Use
from contracts.catalogue import builtin
from tests.examples.bad_line import BadLine, Fate, bad_line
from tests.house.tree import ROOT, run
from tests.support.authority import Ca
from tests.support.hub_process import HubProcess, write_deployment
from tests.support.missing import missing
from tests.support.postgres import PrivatePostgres, find_postgres

CLIENTS = ROOT / "examples/clients"
COMMANDS = {
    "python": ("python3", str(CLIENTS / "client.py")),
    "java": ("java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
    "shell": ("sh", str(CLIENTS / "client.sh")),
}
REFUSED, UNREACHED = 65, 69
_numbers = itertools.count(1)

ODD = '𠮷"delivery":"x"\\'
"""What must come through as it is: a rare character, and what a careless reader takes for a member of the answer."""

TAKES = "import os, sys; sys.stdin.buffer.read(); print('R-' + os.environ['GOVHUB_DELIVERY'][:8])"
READS = f"import json, sys; assert json.load(sys.stdin)['data']['item_name'] == {ODD!r}; print('R-7')"
REFUSES = "import sys; sys.stdin.read(); print('NOT_OURS 不属于本单位 \"\\\\'); sys.exit(65)"
LATER = "import sys; sys.exit(1)"


def key_of(system: str) -> str:
    return f"ghk_made-up-key-of-{system}"


@dataclass(frozen=True, slots=True)
class Ran:
    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Town:
    """A running hub behind a line that may be bad, and one of the clients."""

    line: BadLine
    command: tuple[str, ...]
    folder: Path

    async def run(
        self, system: str, *words: str | Path, patience: int = 60, url: str = "", more: Mapping[str, str] | None = None
    ) -> Ran:
        """One command of the client; ``more`` of its environment."""
        environment = {
            **os.environ,
            "GOVHUB_URL": url or self.line.url,
            "GOVHUB_KEY": key_of(system),
            "GOVHUB_PATIENCE": str(patience),
            **(more or {}),
        }
        process = await asyncio.create_subprocess_exec(
            *self.command, *words, env=environment, cwd=self.folder,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, err = await process.communicate()
        assert process.returncode is not None
        return Ran(process.returncode, out.decode(), err.decode())

    async def done(self, system: str, *words: str | Path) -> str:
        """The same, where nothing may go wrong."""
        ran = await self.run(system, *words)
        assert ran.code == 0, ran
        return ran.out

    async def fetch(self, handler: str) -> list[list[str]]:
        """Fetch for the department with a handler; for each message what was said and what became of it."""
        out = await self.done("department", "fetch", "department", "python3", "-c", handler)
        return [line.split() for line in out.splitlines()]

    def event(self, **changes: Any) -> Path:
        """A file with a new application, a case of its own, with a quotation mark and a rare character in it."""
        (contract, *_) = builtin().versions("cn.gov.application.submitted")
        number = next(_numbers)
        case = f"510500-20260302-{number:06}"
        said = {
            "specversion": "1.0", "id": f"c-{number}", "source": "portal", "type": contract.type, "subject": case,
            "dataschema": contract.schema_uri,
            "data": {**contract.examples[0].data, "case_no": case, "item_name": ODD},
            **changes,
        }  # fmt: skip
        file = self.folder / f"{number}.json"
        file.write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
        return file

    async def receipt(self, event: Path) -> tuple[Path, Mapping[str, Any]]:
        """The receipt of an event that is sent and taken: its file and what it says."""
        receipt = await self.done("portal", "send", event)
        file = event.with_suffix(".receipt")
        file.write_text(receipt, encoding="utf-8")
        return file, json.loads(receipt)


@pytest.fixture(scope="module")
def signing(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """What a system that signs has in its environment."""
    ca = Ca(tmp_path_factory.mktemp("signing") / "ca")
    certificate, key = ca.pair(ca.issue("careful", Use.SIGNING))
    return {"GOVHUB_SIGN_CERTIFICATE": str(certificate), "GOVHUB_SIGN_KEY": str(key)}


@pytest.fixture(scope="module")
async def line(tmp_path_factory: pytest.TempPathFactory, signing: Mapping[str, str]) -> AsyncIterator[BadLine]:
    folder = tmp_path_factory.mktemp("clients")
    async with PrivatePostgres(find_postgres(15)) as postgres:
        config = write_deployment(
            folder,
            {
                "hub": {"listen": "127.0.0.1:0"},
                "journal": await postgres.fresh_database(),
                "systems": {
                    name: {"keys": [digest_of(key_of(name))], "sends": ["cn.gov.application.submitted"]}
                    for name in ("portal", "department")
                }
                | {
                    "careful": {
                        "keys": [digest_of(key_of("careful"))],
                        "sends": ["cn.gov.application.submitted"],
                        "signature": {"policy": "required", "certificates": [signing["GOVHUB_SIGN_CERTIFICATE"]]},
                    }
                },
                "trust": {"anchors": [str(Path(signing["GOVHUB_SIGN_CERTIFICATE"]).parents[1] / "ca.pem")]},
                "destinations": {
                    "department": {"system": "department", "connector": "mailbox", "settings": {"lease_seconds": 60}}
                },
                "limits": {"material_bytes": 64 * 1024 * 1024},
            },
            [{"name": "all", "when": {}, "to": ["department"]}],
        )
        hub = HubProcess(config)
        await hub.start()
        try:
            port = urlsplit(hub.url).port
            assert port is not None
            async with bad_line(port) as line:
                yield line
        finally:
            assert await hub.stop() == 0, hub.log()


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The classes of the Java client: to compile it for each of its commands, as ``java Client.java`` does, takes a while."""
    needed("javac")
    folder = tmp_path_factory.mktemp("classes")
    outcome = run("javac", "-Xlint:all", "-Werror", "--release", "11", "-d", folder, CLIENTS / "Client.java")
    assert outcome.returncode == 0, outcome.stderr
    return folder


@pytest.fixture(params=list(COMMANDS))
def town(request: pytest.FixtureRequest, line: BadLine, tmp_path: Path) -> Town:
    command = COMMANDS[request.param]
    needed(command[0])
    if command[0] == "java":
        command = (*command, "-cp", str(request.getfixturevalue("compiled")), "Client")
    line.fates.clear()
    return Town(line, command, tmp_path)


def needed(program: str) -> None:
    """Skip where it is missing; in CI, fail."""
    if shutil.which(program) is None:
        missing(f"install {program}, or run `make test`")


async def test_the_whole_round_trip(town: Town) -> None:
    file, receipt = await town.receipt(town.event())
    assert (receipt["type"], receipt["system"]) == ("accepted", "portal")

    [[delivery, outcome, status]] = await town.fetch(READS)
    assert (outcome, status) == ("delivered", "settled")
    told = await town.done("portal", "check", file)
    assert told.split()[:2] == ["department", "delivered"]

    file, _ = await town.receipt(town.event())
    [[_, outcome, status]] = await town.fetch(REFUSES)
    assert (outcome, status) == ("rejected", "settled")
    assert (await town.done("portal", "check", file)).split()[:2] == ["department", "dead"]

    file, _ = await town.receipt(town.event())
    [[delivery, outcome, status]] = await town.fetch(LATER)
    assert (outcome, status) == ("retry", "settled")
    while not (again := await town.fetch(TAKES)):  # the hub waits for some seconds before it gives it again
        pass
    assert again == [[delivery, "delivered", "settled"]]


@pytest.mark.parametrize("fate", Fate)
async def test_on_a_bad_line_the_same_is_sent_again_and_taken_once(town: Town, fate: Fate) -> None:
    town.line.meet([fate, fate])
    event = town.event()
    _, receipt = await town.receipt(event)
    assert town.line.met == [fate, fate]
    assert json.loads(await town.done("portal", "send", event)) == receipt

    town.line.meet([Fate.BUSY])  # a fetch whose answer is lost comes again only after the lease
    [[delivery, outcome, _]] = await town.fetch(TAKES)
    assert town.line.met == [Fate.BUSY]
    assert outcome == "delivered"
    assert await town.done("portal", "check", event.with_suffix(".receipt")) != ""
    assert delivery


async def test_a_lost_answer_to_an_acknowledgement_settles_once(town: Town) -> None:
    file, _ = await town.receipt(town.event())
    # The handler runs between the fetch and the acknowledgement. It tells by one pipe, and waits for word by another.
    here, there = town.folder / "here", town.folder / "there"
    os.mkfifo(here)
    os.mkfifo(there)
    handler = (
        f"import sys; sys.stdin.read(); open({str(here)!r}, 'w').close(); open({str(there)!r}).read(); print('R-9')"
    )
    fetching = asyncio.create_task(town.fetch(handler))
    await asyncio.to_thread(here.read_bytes)
    town.line.meet([Fate.EATEN])
    town.line.cut()
    await asyncio.to_thread(there.write_bytes, b"")
    [[_, outcome, status]] = await fetching
    assert town.line.met == [Fate.EATEN]
    assert (outcome, status) == ("delivered", "stale"), "the second asking finds nothing lent"
    assert (await town.done("portal", "check", file)).split()[:2] == ["department", "delivered"]


async def test_materials_go_up_whole_and_again(town: Town) -> None:
    file = town.folder / "材料 1.bin"
    content = os.urandom(1 << 16) * 160  # 10 MB
    file.write_bytes(content)
    town.line.meet([Fate.BUSY, Fate.EATEN])
    stored = json.loads(await town.done("portal", "upload", file))
    assert stored == {"digest": f"sha256:{hashlib.sha256(content).hexdigest()}", "size": len(content)}
    assert town.line.met == [Fate.BUSY, Fate.EATEN]
    assert json.loads(await town.done("portal", "upload", file)) == stored


async def test_what_is_refused_is_told_and_not_repeated(town: Town) -> None:
    event = town.event()
    await town.receipt(event)
    await town.fetch(TAKES)
    said = json.loads(event.read_text(encoding="utf-8"))
    event.write_text(json.dumps({**said, "data": {**said["data"], "item_name": "other"}}), encoding="utf-8")
    ran = await town.run("portal", "send", event)
    assert (ran.code, json.loads(ran.err)["code"]) == (REFUSED, "E_ID_REUSE"), ran

    bad = town.event()
    said = json.loads(bad.read_text(encoding="utf-8"))
    bad.write_text(json.dumps({**said, "data": {**said["data"], "case_type": "x"}}), encoding="utf-8")
    ran = await town.run("portal", "send", bad)
    problem = json.loads(ran.err)
    assert (ran.code, problem["code"]) == (REFUSED, "E_CONTRACT_INVALID"), ran
    assert [v["path"] for v in problem["violations"]] == ["$.data.case_type"]

    ran = await town.run("nobody", "send", bad)
    assert (ran.code, json.loads(ran.err)["code"]) == (REFUSED, "E_KEY_UNKNOWN")


async def test_a_hub_that_is_away_is_told_after_the_patience(town: Town) -> None:
    ran = await town.run("portal", "send", town.event(), patience=2, url="http://127.0.0.1:9")
    assert ran.code == UNREACHED, ran
    assert "稍后" in ran.err


async def test_a_receipt_that_was_touched_is_seen(town: Town) -> None:
    file, _ = await town.receipt(town.event())
    file.write_text(file.read_text(encoding="utf-8").replace("510500-", "510501-"), encoding="utf-8")
    ran = await town.run("portal", "check", file)
    assert ran.code == REFUSED, ran
    await town.fetch(TAKES)


async def test_wrong_use_is_explained(town: Town) -> None:
    ran = await town.run("portal", "eat")
    assert ran.code == 64
    assert "upload" in ran.err


async def test_the_java_client_starts_from_its_source(line: BadLine, tmp_path: Path) -> None:
    needed("javac")
    town = Town(line, (*COMMANDS["java"], str(CLIENTS / "Client.java")), tmp_path)
    event = town.event()
    ran = await town.run("nobody", "send", event)
    assert (ran.code, json.loads(ran.err)["code"]) == (REFUSED, "E_KEY_UNKNOWN"), ran


async def test_what_the_shell_reads_of_a_fetch_stands_where_it_looks(line: BadLine, tmp_path: Path) -> None:
    """The shell client finds its members by their places; what it hands on is the event, byte for byte."""
    town = Town(line, COMMANDS["shell"], tmp_path)
    event = town.event()
    await town.receipt(event)
    copy = tmp_path / "copy.json"
    await town.done("department", "fetch", "department", "cp", "/dev/stdin", copy)
    assert json.loads(copy.read_text(encoding="utf-8"))["id"] == json.loads(event.read_text(encoding="utf-8"))["id"]


async def test_what_must_be_signed_is_signed(town: Town, signing: Mapping[str, str]) -> None:
    event = town.event(source="careful")
    unsigned = await town.run("careful", "send", event)
    assert (unsigned.code, json.loads(unsigned.err)["code"]) == (REFUSED, "E_SIGNATURE_MISSING"), unsigned
    signed = await town.run("careful", "send", event, more=signing)
    assert signed.code == 0, signed
    assert json.loads(signed.out)["system"] == "careful"
    other = await town.run("careful", "send", event, more={**signing, "GOVHUB_SIGN_KEY": "/nowhere"})
    assert other.code != 0, "what cannot be signed is not sent without"


async def test_a_system_asks_about_itself(town: Town) -> None:
    me = json.loads(await town.done("portal", "me"))
    assert (me["system"], [one["presented"] for one in me["credentials"]]) == ("portal", [True])
    bad = town.event(subject="")
    assert (await town.run("portal", "send", bad)).code == REFUSED
    newest = json.loads(await town.done("portal", "me", "refusals"))["refusals"][0]
    assert (newest["code"], newest["paths"]) == ("E_ATTRIBUTE_INVALID", ["$.subject"])

    event = town.event()
    case = json.loads(event.read_text(encoding="utf-8"))["subject"]
    await town.receipt(event)
    waiting = json.loads(await town.done("department", "me", "waiting"))["waiting"]
    [mine] = [one["delivery"] for one in waiting if one["case"] == case]
    assert mine in [delivery for delivery, *_ in await town.fetch(TAKES)]
