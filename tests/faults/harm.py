# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A third party's connector that does harm to cases that ask for it, and delivers all others into a book.

The settings name the harm; a case whose number begins with ``poison-`` suffers it, which is written down beforehand.
"""

import os
import signal
import time
from asyncio import Event
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, Self

import orjson
from pydantic import BaseModel, ConfigDict, Field

from connectors.sdk import Context, Delivered, Idempotency, InDoubt, Manifest, Outcome, Parcel, Sink, Unavailable
from contracts.text import Text

Harm = Literal["crash", "raise", "hang", "nack", "block"]


class HarmConfig(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    harm: Harm = Field(description="What happens to a poisoned case.", examples=["crash"])
    book: str = Field(description="The file into which everything else is delivered.", examples=["/tmp/book"])
    block_seconds: float = Field(default=5.0, description="How long the loop is blocked.", examples=[5])


class HarmSink:
    def __init__(self, config: HarmConfig) -> None:
        self._config = config

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Nothing is open."""

    async def send(self, parcel: Parcel) -> Outcome:
        if parcel.attributes["subject"].startswith("poison-"):
            self._write(parcel, ".poisoned")
            match self._config.harm:
                case "crash":
                    os.kill(os.getpid(), signal.SIGKILL)
                case "raise":
                    raise RuntimeError("in send")
                case "hang":
                    await Event().wait()
                case "nack":
                    return Unavailable("not now")
                case "block":
                    hold(self._config.block_seconds)
        self._write(parcel)
        return Delivered(parcel.idempotency_key)

    async def query(self, idempotency_key: str) -> Outcome:
        return InDoubt("cannot be asked")

    async def check(self) -> Outcome:
        return Delivered()

    def _write(self, parcel: Parcel, suffix: str = "") -> None:
        line = {"case": parcel.attributes["subject"], "key": parcel.idempotency_key, "t": time.monotonic()}
        with Path(self._config.book + suffix).open("ab") as book:
            book.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))


def hold(seconds: float) -> None:
    """Block the loop, as a connector does that waits for an answer the wrong way."""
    time.sleep(seconds)


class HarmConnector:
    manifest = Manifest(kind="harm", title=Text("有害连接器", "A harmful connector"), idempotency=Idempotency.NATIVE)
    config = HarmConfig

    def promises(self, config: HarmConfig) -> Manifest:
        return self.manifest

    def sink(self, config: HarmConfig, context: Context) -> Sink:
        return HarmSink(config)


CONNECTOR = HarmConnector()


@contextmanager
def installed() -> Iterator[dict[str, str]]:
    """The environment of a hub in which this connector is installed, as a distribution of its own."""
    with TemporaryDirectory(prefix="govhub-harm-") as folder:
        about = Path(folder) / "govhub_harm-0.dist-info"
        about.mkdir()
        (about / "METADATA").write_text("Metadata-Version: 2.1\nName: govhub-harm\nVersion: 0\n", encoding="utf-8")
        (about / "entry_points.txt").write_text(
            "[govhub.connectors]\nharm = tests.faults.harm:CONNECTOR\n", encoding="utf-8"
        )
        here = str(Path(__file__).resolve().parents[2])
        yield {"PYTHONPATH": os.pathsep.join([folder, here])}
