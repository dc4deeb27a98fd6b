# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Materials in an S3-compatible store behind the real HTTP face: the same rights, two hubs on one store, and its outages."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import pytest

from hub.config.deployment import Limits
from hub.config.load import Loaded, load_deployment
from hub.materials.s3_client import Bucket
from tests.hub.api.house import House, application, bearer, open_house, write_config
from tests.support.s3 import KEYS, S3Server, client_of, objects_of

LIMITS = Limits(material_bytes=64 * 1024 * 1024, receive_seconds=10)
CONTENT = "材料".encode() * 3_000_000  # in several parts
DIGEST = f"sha256:{hashlib.sha256(CONTENT).hexdigest()}"


def in_bucket(folder: Path, dsn: str, bucket: Bucket, name: str) -> Loaded:
    """A deployment whose materials lie in the bucket; the keys in files beside it."""
    folder.mkdir(exist_ok=True)
    write_config(folder, dsn)
    for file, key in zip(("access", "secret"), KEYS, strict=True):
        (folder / file).write_text(key)
    config = folder / "govhub.yaml"
    text = config.read_text().replace("name: hub-1", f"name: {name}")
    text = text.replace("secrets: {", "secrets: {s3-access: file:access, s3-secret: file:secret, ")
    config.write_text(
        f"{text}materials: {{s3: {{endpoint: {bucket.endpoint}, bucket: {bucket.name}, timeout_seconds: 1,"
        " access_key: s3-access, secret_key: s3-secret}}\n"
    )
    loaded = load_deployment(config)
    assert isinstance(loaded, Loaded), loaded
    return loaded


async def pieces() -> AsyncIterator[bytes]:
    for at in range(0, len(CONTENT), 100_000):
        yield CONTENT[at : at + 100_000]


async def put(house: House, system: str = "portal") -> int:
    async with house.http.put(f"{house.url}/v1/materials/{DIGEST}", data=pieces(), headers=bearer(system)) as answer:
        return answer.status


async def get(house: House, system: str) -> tuple[int, bytes]:
    async with house.http.get(f"{house.url}/v1/materials/{DIGEST}", headers=bearer(system)) as answer:
        return answer.status, await answer.read()


@pytest.mark.parametrize("shared_postgres", ["pg15"], indirect=True)
async def test_two_hubs_share_a_bucket_and_the_rights_are_those_of_the_case(
    journal_dsn: str, bucket: Bucket, tmp_path: Path
) -> None:
    async with AsyncExitStack() as stack:
        one, other = [
            await stack.enter_async_context(open_house(in_bucket(tmp_path / name, journal_dsn, bucket, name), LIMITS))
            for name in ("hub-1", "hub-2")
        ]
        assert await put(one) == 201
        assert await put(other) == 200
        assert await get(other, "portal") == (200, CONTENT)
        assert (await get(other, "civil-affairs"))[0] == 404
        named = {"name": "图纸", "digest": DIGEST, "size": len(CONTENT), "media_type": "application/pdf"}
        assert (await one.send(application(data_materials=[named])))[0] == 202
        assert await get(other, "civil-affairs") == (200, CONTENT)
        assert (await get(other, "stranger"))[0] == 404
        name = DIGEST.removeprefix("sha256:")
        assert await objects_of(bucket) == {f"govhub/materials/{name}"}

        async with client_of(bucket) as client:
            key = f"govhub/materials/{name}"
            await client.put_object(Bucket=bucket.name, Key=key, Body=CONTENT[:-1] + b"!")
        with pytest.raises(aiohttp.ClientPayloadError):
            await get(one, "portal")
        assert [call.kwargs["event"] for call in one.logged.calls if call.method_name == "error"] == [
            "material corrupt"
        ]


@pytest.mark.parametrize("shared_postgres", ["pg15"], indirect=True)
async def test_a_store_that_is_away_is_503_and_comes_back(journal_dsn: str, tmp_path: Path) -> None:
    server = S3Server()
    try:
        await server.start()
        bucket = await server.new_bucket("away")
        async with open_house(in_bucket(tmp_path / "hub", journal_dsn, bucket, "hub-1"), LIMITS) as house:
            server.freeze()
            async with asyncio.timeout(30):
                assert await put(house) == 503
            server.thaw()
            assert await put(house) == 201
            await server.end()
            assert (await get(house, "portal"))[0] == 503
            status, _, _ = await house.send(application())
            assert status == 202, "messages need no store"
    finally:
        await server.end()
