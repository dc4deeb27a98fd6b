# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A third party's connector as it would be installed, one that does harm: found by its entry point by whatever hub is started
with :func:`environment`. What it delivers it writes down, one line each, in a file of its own.
"""

import os
import sys
from pathlib import Path

CONNECTOR = """\
import asyncio, os, signal, time
from pydantic import BaseModel, ConfigDict, Field
from connectors.sdk import Delivered, Idempotency, Manifest
from contracts.text import Text

class Config(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    ledger: str = Field(description="file", examples=["/x"])
    harm: str = Field(default="kill", description="harm", examples=["kill"])

def write(path, line):
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(descriptor, (line + "\\n").encode())
    os.fsync(descriptor)
    os.close(descriptor)

class Sink:
    def __init__(self, config):
        self.config = config
    async def __aenter__(self):
        return self
    async def __aexit__(self, *exc):
        pass
    async def send(self, parcel):
        case = parcel.attributes["subject"]
        if case.startswith("poison"):
            write(self.config.ledger, f"harm {case} {parcel.idempotency_key}")
            match self.config.harm:
                case "kill":
                    os.kill(os.getpid(), signal.SIGKILL)
                case "exit":
                    os._exit(3)
                case "block":
                    time.sleep(3600)
                case "hang":
                    await asyncio.Event().wait()
        write(self.config.ledger, f"done {case} {parcel.idempotency_key}")
        return Delivered("R")
    async def query(self, key):
        return Delivered("R")
    async def check(self):
        return Delivered()

class Connector:
    manifest = Manifest(kind="saboteur", title=Text("破坏者", "Saboteur"), idempotency=Idempotency.NATIVE)
    config = Config
    def promises(self, config):
        return self.manifest
    def sink(self, config, context):
        return Sink(config)

CONNECTOR = Connector()
"""


def environment(directory: Path) -> dict[str, str]:
    """Install it into a directory; what a hub's environment needs to find it there."""
    directory.mkdir(exist_ok=True)
    (directory / "govhub_saboteur.py").write_text(CONNECTOR, encoding="utf-8")
    info = directory / "govhub_saboteur-1.0.dist-info"
    info.mkdir(exist_ok=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: govhub-saboteur\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(
        "[govhub.connectors]\nsaboteur = govhub_saboteur:CONNECTOR\n", encoding="utf-8"
    )
    return {"PYTHONPATH": os.pathsep.join([str(directory), *filter(None, sys.path)])}


def ledger(path: Path) -> list[list[str]]:
    """What the connector did, in order: harm or done, the case, the key."""
    return [line.split() for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []
