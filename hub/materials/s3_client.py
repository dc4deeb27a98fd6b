# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The client of an S3-compatible store: how it is reached, and what its errors mean. The one place that knows aiobotocore."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

import aiohttp
from aiobotocore.config import AioConfig
from aiobotocore.credentials import AioCredentialResolver, AioCredentials
from aiobotocore.session import AioSession
from botocore.credentials import CredentialProvider, ReadOnlyCredentials
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

from hub.ports.materials import StoreDown

T = TypeVar("T")

Keys: TypeAlias = Callable[[], tuple[str, str] | None]
"""The present access key and secret key; None while they cannot be had."""

_CONNECTIONS = 32
_TRIES = 3  # the library's own, with pauses of under a second
_ABSENT = frozenset({"404", "NoSuchKey", "NotFound", "NoSuchUpload"})
_TAKEN = frozenset({"412", "PreconditionFailed", "409", "ConditionalRequestConflict"})
_UNKNOWN = frozenset({"501", "NotImplemented"})


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where objects lie. ``prefix`` is empty or ends with a slash; ``timeout`` in seconds, for one answer of the store."""

    endpoint: str
    name: str
    region: str
    prefix: str
    timeout: float


@dataclass(frozen=True, slots=True)
class Absent:
    """There is no such object."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A conditional write found the object there already."""


@dataclass(frozen=True, slots=True)
class NoConditions:
    """The store does not know conditional writes."""


Trouble: TypeAlias = Absent | Taken | NoConditions | StoreDown


class _Rotating(AioCredentials):  # type: ignore[misc]  # because the library ships no types
    """Credentials read anew for every request, so that rotation needs no restart."""

    def __init__(self, keys: Keys) -> None:
        super().__init__("", "")
        self._keys = keys

    async def get_frozen_credentials(self) -> ReadOnlyCredentials:
        keys = self._keys()
        if keys is None:
            raise NoCredentialsError
        return ReadOnlyCredentials(*keys, None, None)


class _Provider(CredentialProvider):  # type: ignore[misc]
    METHOD = "govhub"
    CANONICAL_NAME = "govhub"

    def __init__(self, credentials: _Rotating) -> None:
        super().__init__()
        self._credentials = credentials

    async def load(self) -> _Rotating:
        return self._credentials


@asynccontextmanager
async def s3_client(bucket: Bucket, keys: Keys) -> AsyncIterator[Any]:
    """A client for the length of the block. ``keys`` is asked at every request."""
    session = AioSession()
    session.register_component("credential_provider", AioCredentialResolver([_Provider(_Rotating(keys))]))
    config = AioConfig(
        signature_version="s3v4",
        connect_timeout=min(10.0, bucket.timeout),
        read_timeout=bucket.timeout,
        max_pool_connections=_CONNECTIONS,
        retries={"mode": "standard", "total_max_attempts": _TRIES},
        # What is stored is checked against its digest on every read; most S3-compatible stores do not know the newer checksums.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        s3={"addressing_style": "path"},
    )
    async with session.create_client(
        "s3", endpoint_url=bucket.endpoint, region_name=bucket.region, config=config
    ) as client:
        yield client


async def asked(request: Awaitable[T], seconds: float) -> T | Trouble:
    """The answer of the store within so many seconds, all its tries together, or what was wrong."""
    try:
        async with asyncio.timeout(seconds):
            return await request
    except ClientError as error:
        return _trouble(str(error.response.get("Error", {}).get("Code", "unknown")))
    except (BotoCoreError, aiohttp.ClientError, OSError, TimeoutError) as error:
        return StoreDown(type(error).__name__)


def _trouble(code: str) -> Trouble:
    if code in _ABSENT:
        return Absent()
    if code in _TAKEN:
        return Taken()
    return NoConditions() if code in _UNKNOWN else StoreDown(code)
