# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""One suite for the port, every adapter: a folder of this machine, OpenSSH's server, an FTP server."""

import os
from pathlib import Path

import pytest

from connectors.file_drop.file_system import AwayError, Content, Entry, Fault, FileSystem, Kind, Trouble, is_sound
from connectors.file_drop.ftp import FtpFileSystem
from connectors.file_drop.local import LocalFileSystem

STRANGE = ["办件 1 .xml", "% &;'$(x)`.xml", "-rf", "生僻字𠮷.xml", "a" * 250]
GB18030 = "住建局-𠮷.xml".encode("gb18030")


async def listed(files: FileSystem, folder: bytes = b"") -> list[Entry]:
    return [entry async for piece in files.entries(folder, details=True) for entry in piece]


async def test_what_was_written_is_read_back_byte_for_byte(files: FileSystem, folder: Path) -> None:
    for name, body in [("all", bytes(range(256))), ("none", b""), ("many", os.urandom(3_000_000))]:
        assert await files.write(name.encode(), body) is None
        assert (folder / name).read_bytes() == body
        assert await files.read([name.encode()], 4_000_000, 1) == [Content(body)]


@pytest.mark.parametrize("name", STRANGE, ids=range(len(STRANGE)))
async def test_names_are_taken_as_they_are(files: FileSystem, folder: Path, name: str) -> None:
    assert await files.write(b".part", b"x") is None
    assert await files.move([(b".part", name.encode())], durable=True) == [None]

    assert [one.name for one in folder.iterdir()] == [name]
    assert [entry.name for entry in await listed(files)] == [name.encode()]
    assert await files.read([name.encode()], 10, 10) == [Content(b"x")]
    assert await files.remove([name.encode()]) == [None]


async def test_names_need_not_be_utf8(files: FileSystem, folder: Path) -> None:
    Path(os.fsdecode(bytes(folder) + b"/" + GB18030)).write_bytes(b"x")

    assert [entry.name for entry in await listed(files)] == [GB18030]
    found = await files.read([GB18030], 10, 10)
    if found == [Fault(Trouble.BAD_NAME, "501")] and isinstance(files, FtpFileSystem):
        return  # this server lists such names, but takes no command that is not UTF-8, and says so
    assert found == [Content(b"x")]
    assert await files.make_folder(b"archive") is None
    assert await files.move([(GB18030, b"archive/" + GB18030)], durable=False) == [None]
    assert os.listdir(bytes(folder) + b"/archive") == [GB18030]  # noqa: PTH208  # because the name is bytes


async def test_nothing_is_ever_replaced(files: FileSystem, folder: Path) -> None:
    (folder / "there").write_bytes(b"older")
    assert await files.write(b".part", b"newer") is None

    [fault] = await files.move([(b".part", b"there")], durable=True)

    assert fault is not None
    assert fault.trouble is Trouble.EXISTS
    assert (folder / "there").read_bytes() == b"older"
    assert (folder / ".part").read_bytes() == b"newer"


async def test_a_temporary_file_is_written_anew_and_never_into(files: FileSystem, folder: Path) -> None:
    (folder / ".part").write_bytes(b"older and longer")
    (folder / "published").hardlink_to(folder / ".part")

    assert await files.write(b".part", b"newer") is None

    assert (folder / "published").read_bytes() == b"older and longer" or not isinstance(files, LocalFileSystem)
    assert (folder / ".part").read_bytes() == b"newer"


async def test_what_is_not_there_is_gone(files: FileSystem) -> None:
    answers = [
        await files.look(b"no"),
        *await files.read([b"no"], 10, 10),
        *await files.move([(b"no", b"new")], durable=False),
    ]
    assert [one.trouble for one in answers if isinstance(one, Fault)] == [Trouble.GONE] * 3
    assert isinstance((await files.remove([b"no"]))[0], Fault)
    assert isinstance(await files.write(b"no/.part", b""), Fault)


async def test_what_is_no_file_is_not_read(files: FileSystem, folder: Path, request: pytest.FixtureRequest) -> None:
    (folder / "sub").mkdir()
    (folder / "secret").write_bytes(b"x")
    assert await files.read([b"sub"], 10, 10) == [Fault(Trouble.NOT_A_FILE)]
    if (
        isinstance(files, LocalFileSystem) or "sftp" in request.node.name
    ):  # FTP does not tell links and pipes from files
        (folder / "link").symlink_to(folder / "secret")
        os.mkfifo(folder / "pipe")
        found = await files.read([b"link", b"pipe"], 10, 10)
        assert [one.trouble for one in found if isinstance(one, Fault)] == [Trouble.NOT_A_FILE] * 2
        kinds = {entry.name: entry.kind for entry in await listed(files)}
        assert kinds == {b"sub": Kind.FOLDER, b"secret": Kind.FILE, b"link": Kind.OTHER, b"pipe": Kind.OTHER}


async def test_a_limit_is_kept_to_the_byte(files: FileSystem, folder: Path) -> None:
    (folder / "a").write_bytes(b"12345")
    assert await files.read([b"a"], 5, 100) == [Content(b"12345")]
    assert await files.read([b"a"], 4, 100) == [Fault(Trouble.TOO_LARGE)]


async def test_a_budget_ends_a_reading(files: FileSystem, folder: Path) -> None:
    for number in range(40):
        (folder / str(number)).write_bytes(b"12345")
    found = await files.read([str(number).encode() for number in range(40)], 5, 1)
    assert 1 <= len(found) < 40


async def test_sizes_and_times_are_told(files: FileSystem, folder: Path) -> None:
    (folder / "a").write_bytes(b"12345")
    os.utime(folder / "a", (1_700_000_000, 1_700_000_000))
    [entry] = await listed(files)
    assert (entry.name, entry.kind, entry.size) == (b"a", Kind.FILE, 5)
    assert 0 <= 1_700_000_000 - entry.modified < 86_400  # LIST tells the day only of what is older than half a year
    assert await files.look(b"a") == Entry(b"a", Kind.FILE, 5, 1_700_000_000.0)


async def test_of_several_who_make_a_folder_one_succeeds(files: FileSystem, folder: Path) -> None:
    answers = [await files.make_folder(b"lease"), await files.make_folder(b"lease")]
    assert answers[0] is None
    assert isinstance(answers[1], Fault)
    assert answers[1].trouble is Trouble.EXISTS
    assert await files.remove_folder(b"lease") is None
    assert not (folder / "lease").exists()


async def test_a_large_folder_comes_in_pieces(files: FileSystem, folder: Path) -> None:
    for number in range(4500):
        (folder / f"{number:05d}").touch()
    pieces = [len(piece) async for piece in files.entries(b"", details=False)]
    assert sum(pieces) == 4500
    assert len(pieces) >= 3


async def test_a_folder_that_is_away_is_away(files: FileSystem, folder: Path) -> None:
    if isinstance(files, LocalFileSystem):
        folder.rename(folder.with_name("other"))
        for request in (files.look(b""), files.write(b"a", b""), files.read([b"a"], 1, 1), files.make_folder(b"a")):
            with pytest.raises(AwayError):
                await request
        assert not folder.exists()
    await files.close()
    with pytest.raises(AwayError):
        await files.look(b"")


async def test_one_guard_at_a_time(files: FileSystem) -> None:
    first, second = files.guard(b".govhub", 30.0), files.guard(b".govhub", 30.0)
    assert await first.held()
    assert not await second.held()
    assert await first.held()
    await first.release()
    assert await second.held()
    assert not await first.held()
    await second.release()


async def test_a_share_that_is_not_mounted_is_away(folder: Path) -> None:
    files = LocalFileSystem(bytes(folder), needs=b".mounted")
    with pytest.raises(AwayError):
        await files.write(b".part", b"x")
    assert list(folder.iterdir()) == []
    (folder / ".mounted").touch()
    assert await files.write(b".part", b"x") is None


async def test_without_hard_links_a_name_is_looked_at_first(
    folder: Path, local: LocalFileSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(1, "no hard links here")

    monkeypatch.setattr(os, "link", refuse)
    (folder / "there").write_bytes(b"older")
    assert await local.write(b".part", b"newer") is None
    [fault] = await local.move([(b".part", b"there")], durable=True)
    assert fault is not None
    assert fault.trouble is Trouble.EXISTS
    assert await local.move([(b".part", b"free")], durable=True) == [None]
    assert {one.name: one.read_bytes() for one in folder.iterdir()} == {"there": b"older", "free": b"newer"}


@pytest.mark.parametrize("name", [b"", b".", b"..", b"a/b", b"../x", b"a\0b", b"a\r\nDELE b"])
def test_names_that_lead_elsewhere_are_unsound(name: bytes) -> None:
    assert not is_sound(name)
