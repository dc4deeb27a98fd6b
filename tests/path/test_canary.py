# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A made-up person who is in one application with a material: not in the database's files, its log included, not in a dump, not
among the hub's files, not in its log or metrics.
"""

import base64
import contextlib
import gzip
import hashlib
import zlib
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import asyncpg
import zstandard

from connectors.sdk import Rejected
from contracts.cloudevent import CloudEvent
from contracts.person_keys import NumberKind
from contracts.personal import PersonalClass
from hub.observing.exposition import Exposition
from hub.ports.journal import State
from hub.ports.materials import Stored
from tests.support.hubs import Destination, Rig, at_work, event, hub_on
from tests.support.postgres import PrivatePostgres
from tests.support.sinks import ScriptedSink

CANARY: Mapping[PersonalClass, str] = {
    PersonalClass.NAME: "欧阳金丝雀",
    PersonalClass.ID_NUMBER: "997319199012073155",
    PersonalClass.PHONE: "13900007319",
    PersonalClass.ADDRESS: "测试市不存在路七千三百一十九号",
}
"""Nobody's."""

MATERIAL = "欧阳金丝雀的申请书，测试市不存在路七千三百一十九号".encode() * 300


def application(case: str, digest: str) -> CloudEvent:
    """An application of the made-up person, with the material."""
    plain = event(case)
    assert isinstance(plain.data, dict)
    person = {"name": CANARY[PersonalClass.NAME], "id_number": CANARY[PersonalClass.ID_NUMBER]}
    applicant = {"type": "1", "id_type": "111", **person}
    applicant |= {"phone": CANARY[PersonalClass.PHONE], "address": CANARY[PersonalClass.ADDRESS]}
    contact = {**person, "id_type": "111", "mobile": CANARY[PersonalClass.PHONE]}
    material = {"name": "申请书", "digest": digest, "size": len(MATERIAL), "media_type": "text/plain"}
    data = {**plain.data, "applicant": applicant, "contact": contact, "summary": f"{CANARY[PersonalClass.NAME]}申请"}
    return replace(plain, data={**data, "materials": [material]})


def forms(text: str) -> Iterator[bytes]:
    """How it may lie somewhere: as it is, in other encodings, escaped, in base64 at any offset, in hexadecimal."""
    for plain in (text.encode(), text.encode("gb18030"), text.encode("utf-16-le")):
        yield plain
        yield plain.hex().encode()
        for offset in range(3):
            yield base64.b64encode(b"\0" * offset + plain)[4 if offset else 0 : -4]
    if not text.isascii():
        yield text.encode("unicode_escape")


def found_in(content: bytes) -> list[str]:
    """Which of the canary's properties stand in these bytes, or in what is packed in them."""
    contents = [content, *_unpacked(content)]
    return [mark.value for mark, text in CANARY.items() if any(form in one for form in forms(text) for one in contents)]


def _unpacked(content: bytes) -> Iterator[bytes]:
    for magic, unpack in ((b"\x28\xb5\x2f\xfd", _zstd), (b"\x1f\x8b\x08", _gzip), (b"\x78\x9c", _zlib)):
        at = content.find(magic)
        while at >= 0:
            with contextlib.suppress(zstandard.ZstdError, OSError, zlib.error, EOFError):
                yield unpack(content[at : at + 1_000_000])
            at = content.find(magic, at + 1)


def _zstd(packed: bytes) -> bytes:
    return zstandard.ZstdDecompressor().decompressobj().decompress(packed)


def _gzip(packed: bytes) -> bytes:
    return zlib.decompressobj(31).decompress(packed)


def _zlib(packed: bytes) -> bytes:
    return zlib.decompressobj().decompress(packed)


def in_files(*folders: Path) -> dict[str, list[str]]:
    """Files in which the canary is."""
    found = {}
    for folder in folders:
        for file in folder.rglob("*"):
            if file.is_file() and not file.is_symlink() and (marks := found_in(file.read_bytes())):
                found[str(file)] = marks
    return found


def test_the_search_finds_what_is_there() -> None:
    for text in CANARY.values():
        for form in forms(text):
            assert found_in(b"before" + form + b"after"), form
    whole = "|".join(CANARY.values()).encode()
    for packed in (
        zstandard.compress(whole),
        gzip.compress(whole),
        zlib.compress(whole),
        base64.b64encode(b"x" + whole),
    ):
        assert len(found_in(b"before" + packed + b"after")) == len(CANARY)


async def pieces(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def _traffic(rig: Rig) -> None:
    digest = f"sha256:{hashlib.sha256(MATERIAL).hexdigest()}"
    assert isinstance(await rig.hub.materials.put(digest, pieces(MATERIAL), len(MATERIAL), "portal"), Stored)
    await rig.accept(application("case-1", digest))
    await rig.until_state(State.DELIVERED)
    await rig.until_state(State.DEAD)


async def test_the_canary_is_nowhere_on_disk_nor_in_what_is_told(tmp_path: Path) -> None:
    async with PrivatePostgres() as server:
        dsn = await server.fresh_database()
        delivering, refusing = (
            ScriptedSink(),
            ScriptedSink({"case-1": [Rejected("REFUSED", " ".join(["unknown:", *CANARY.values()]))]}),
        )
        places = {"housing": Destination(sink=delivering), "police": Destination(sink=refusing)}
        async with hub_on(dsn, places, data=tmp_path) as rig, at_work(rig.hub):
            await _traffic(rig)
            for kind, mark in (
                (NumberKind.ID_NUMBER, PersonalClass.ID_NUMBER),
                (NumberKind.PHONE, PersonalClass.PHONE),
            ):
                assert await rig.hub.journal.persons.cases(kind, CANARY[mark], "", 10) == ["case-1"]
            told = f"{rig.log.entries}".encode() + Exposition(rig.hub).text()
        connection = await asyncpg.connect(dsn)
        await connection.execute("checkpoint")
        tables = await connection.fetch(
            "select quote_ident(relname) from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
        )
        rows = [f"{await connection.fetch(f'table {name}')}".encode() for (name,) in tables]
        await connection.close()
        assert delivering.arrived, "its department had it"
        assert any(mark for one in delivering.arrived for mark in found_in(one.body))
        assert not found_in(told)
        assert not any(map(found_in, rows))
        assert not in_files(server.socket_directory, tmp_path)
