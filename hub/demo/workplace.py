# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Where a morning takes place: a directory with the hub's data, which stays, and a folder of its own for each run."""

import fcntl
import os
import re
import secrets
import shutil
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Final

import orjson

from certs.api_key import digest_of, new_key
from certs.sm2 import available as sm2_available
from contracts.text import Text
from hub.demo.far.fate import Morning
from hub.demo.far.services import HALL
from hub.demo.scenario import PARTIES, SYSTEMS
from hub.ports.clock import Clock

_RUN: Final = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{6}")
_KEPT: Final = 5
_USUAL_PORT: Final = 8480
_MODES: Final = {
    "portal": "structured",
    "housing": "binary",
    "civil": "batch",
    "municipal": "structured",
    "hall": "structured",
}
_FILES: Final = (
    "routes.yaml",
    "templates.yaml",
    "forms/care-home.yaml",
    "forms/mortgage.yaml",
    "province/mapping.yaml",
    "province/profile.yaml",
)
_TOKENS: Final = ("platform", "platform-secret", "numbers", "sms", "seal", "sf-word", "sf-push")


@dataclass(frozen=True, slots=True)
class Unusable:
    """The directory cannot be worked in, and what to do about it."""

    reason: Text
    remedy: Text


@dataclass(frozen=True, slots=True)
class Workplace:
    """``keys`` open the hub to each system, ``tokens`` each far side to the hub. ``lock`` is held while this lives."""

    folder: Path
    keys: Mapping[str, str]
    tokens: Mapping[str, str]
    lock: int
    hub: str
    """Where the hub is going to be: others have to know before it runs."""
    platform: list[str] = field(default_factory=list)
    """Where the sharing platform is, once it runs."""

    @property
    def platform_root(self) -> str:
        """The address of the sharing platform; nowhere, before it runs."""
        return self.platform[-1] if self.platform else "http://127.0.0.1:9"

    @property
    def config(self) -> Path:
        """The hub's configuration."""
        return self.folder / "govhub.yaml"

    @property
    def ledgers(self) -> Path:
        """The far sides' books."""
        return self.folder / "ledgers"

    @property
    def sealed(self) -> Path:
        """The sealed documents, as the hall fetched them from the hub."""
        return self.folder / "sealed"

    @property
    def anchors(self) -> Path:
        """The certificates of those who may vouch for seals."""
        return self.folder / "anchors"

    def log(self, name: str) -> Path:
        """What a process says."""
        return self.folder / "logs" / f"{name}.log"

    def part(self, system: str, morning: Morning, speed: float) -> Path:
        """Write what a far side has to know, and return where."""
        path = self.folder / "parts" / f"{system}.json"
        part = {
            "system": system,
            "ledger": str(self.ledgers / f"{system}.jsonl"),
            "key": self.keys[system],
            "token": self.tokens[system],
            "mode": _MODES[system],
            "mailbox": system == "civil",
            "moody": system == "housing",
            "seed": morning.seed,
            "run": morning.run,
            "cases": morning.cases,
            "speed": speed,
            "platform": self.platform_root if system == "housing" else "",
            "platform_secret": self.tokens["platform-secret"] if system == "housing" else "",
            "folder": str(self.sealed),
            "ofd": sm2_available(),
        }
        _write_secret(path, orjson.dumps(part).decode())
        return path

    def providers_part(self) -> Path:
        """Write what the providers have to know, and return where."""
        part = {
            "book": str(self.ledgers / "providers.json"),
            "hub": self.hub,
            "anchors": str(self.anchors),
            "sms": self.tokens["sms"],
            "seal": self.tokens["seal"],
            "word": self.tokens["sf-word"],
            "push": self.tokens["sf-push"],
            "run": self.folder.name.rpartition("-")[2],
        }
        path = self.folder / "parts" / "providers.json"
        _write_secret(path, orjson.dumps(part).decode())
        return path

    def province_part(self) -> Path:
        """Write what the province has to know, and return where. Its database stays, like the hub's."""
        secret = self.folder / "secrets" / "province"
        _write_secret(secret, "")
        part = {
            "book": str(self.ledgers / "province.json"),
            "directory": str(self.folder.parents[1] / "province"),
            "secret": str(secret),
            "key": self.keys["province"],
        }
        path = self.folder / "parts" / "province.json"
        _write_secret(path, orjson.dumps(part).decode())
        return path

    def configure(
        self, ports: Mapping[str, int], beside: Mapping[str, object], bus: str | None, journal: str | None
    ) -> None:
        """Write the hub's configuration for far sides at these ports, and others as they say where they are.

        Addresses may hold passwords: they stand apart.
        """
        values = {
            "listen": self.hub.removeprefix("http://"),
            "hub_url": self.hub,
            "folder": str(self.folder),
            "bus": self._apart("bus", bus, "memory"),
            "journal": self._apart("journal", journal, "embedded"),
        }
        values |= {f"{system}_key_digest": digest_of(key) for system, key in self.keys.items()}
        values |= {f"{system}_url": f"http://127.0.0.1:{port}/events" for system, port in ports.items()}
        values |= {f"{system}_root": f"http://127.0.0.1:{port}" for system, port in ports.items()}
        values["platform_root"] = self.platform_root
        values |= {name: str(value) for name, value in beside.items()}
        templates = files("hub.demo") / "template"
        text = (templates / "govhub.yaml").read_text(encoding="utf-8")
        self.config.write_text(Template(text).substitute(values), encoding="utf-8")
        for name in _FILES:
            file = self.folder / name
            file.parent.mkdir(exist_ok=True)
            file.write_text((templates / name).read_text(encoding="utf-8"), encoding="utf-8")
        for name, token in {**self.tokens, "seals-key": self.keys["seals"]}.items():
            _write_secret(self.folder / "secrets" / name, token)

    def _apart(self, name: str, address: str | None, otherwise: str) -> str:
        if address is None:
            return otherwise
        _write_secret(self.folder / "secrets" / name, address)
        return f"file:secrets/{name}"


def open_workplace(directory: Path, run: str, clock: Clock) -> Workplace | Unusable:
    """Make the folder of this run; folders of earlier runs beyond a few are removed."""
    runs = directory / "runs"
    folder = runs / f"{clock.now():%Y%m%dT%H%M%SZ}-{run}"
    try:
        runs.mkdir(parents=True, exist_ok=True)
        lock = os.open(directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            return Unusable(
                Text(f"{directory} 中已有一场演示在运行。", f"A demonstration is running in {directory} already."),
                Text("请先结束它，或用 --directory 另选目录。", "End it, or choose another place with --directory."),
            )
        for old in sorted(path for path in runs.iterdir() if _RUN.fullmatch(path.name))[: 1 - _KEPT]:
            shutil.rmtree(old, ignore_errors=True)
        for part in ("", "secrets", "parts", "ledgers", "logs", "sealed", "anchors", "refused-sms"):
            (folder / part).mkdir(mode=0o700)
    except OSError as error:
        return Unusable(
            Text(f"无法使用目录 {directory}：{error.strerror}。", f"{directory} cannot be used: {error.strerror}."),
            Text("请用 --directory 另选可写的目录。", "Choose a place that can be written to with --directory."),
        )
    keys = {system: new_key(secrets.token_bytes) for system in PARTIES}
    tokens = {name: secrets.token_urlsafe(24) for name in (*SYSTEMS, HALL, *_TOKENS)}
    return Workplace(folder, keys, tokens, lock, f"http://127.0.0.1:{_free_port()}")


def _write_secret(path: Path, text: str) -> None:
    path.touch(mode=0o600, exist_ok=False)
    path.write_text(text, encoding="utf-8")


def _free_port() -> int:
    """The usual one if nobody has it."""
    for port in (_USUAL_PORT, 0):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    return 0
