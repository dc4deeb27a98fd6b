# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The stores of a deployment: one for materials (材料), one for the archive (归档), side by side in one folder or bucket."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from hub.config.keeping import MaterialsSection, S3Section
from hub.materials.local import LocalMaterials
from hub.ports.materials import MaterialKeys, Materials


@dataclass(frozen=True, slots=True)
class Stores:
    """Both. They never see each other's contents."""

    materials: Materials
    archive: Materials


@asynccontextmanager
async def open_stores(
    section: MaterialsSection, folder: Path, secret: Callable[[str], str], keys: MaterialKeys | None = None
) -> AsyncIterator[Stores]:
    """For the length of the block. ``folder`` is where they lie unless in S3; ``secret`` gives a secret's present value.

    Materials are sealed by ``keys``. Files of the archive are not once more: the bodies in them are sealed where they come from.
    """
    if section.s3 is None:
        yield Stores(LocalMaterials(folder / "materials", keys), LocalMaterials(folder / "archive"))
        return
    async with _in_s3(section.s3, secret, keys) as stores:
        yield stores


@asynccontextmanager
async def _in_s3(
    section: S3Section, secret: Callable[[str], str], sealing: MaterialKeys | None
) -> AsyncIterator[Stores]:
    # Here, because the library takes 0.4 s and 36 MB, which a hub with a folder need not spend.
    from hub.materials.s3 import S3Materials  # noqa: PLC0415
    from hub.materials.s3_client import Bucket, s3_client  # noqa: PLC0415

    def keys() -> tuple[str, str] | None:
        try:
            return secret(section.access_key), secret(section.secret_key)
        except KeyError:  # the variable or file that one points to is not there now
            return None

    bucket = Bucket(section.endpoint, section.bucket, section.region, section.prefix, section.timeout_seconds)
    async with s3_client(bucket, keys) as client:
        yield Stores(
            S3Materials(client, replace(bucket, prefix=f"{bucket.prefix}materials/"), sealing),
            S3Materials(client, replace(bucket, prefix=f"{bucket.prefix}archive/")),
        )
