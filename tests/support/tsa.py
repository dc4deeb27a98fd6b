# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A time stamping authority: openssl behind HTTP, honest unless it is told otherwise."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web
from aiohttp.test_utils import TestServer

from certs.evidence.timestamping import REPLY_TYPE
from certs.x509.anchors import brought
from certs.x509.certificate import Certificate
from tests.support.openssl import openssl

POLICY = "1.2.3.4.1"
_CONFIG = """
[tsa]
default_tsa = one
[one]
serial = {folder}/serial
crypto_device = builtin
signer_digest = sha256
default_policy = {policy}
other_policies = 1.2.3.4.2
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
"""


@dataclass
class Tsa:
    """One with a CA of its own. ``twist`` may change its answers."""

    folder: Path
    twist: Callable[[bytes], bytes] = lambda reply: reply
    status: int = 200
    asked: list[bytes] = field(default_factory=list)
    url: str = ""

    def prepare(self, usage: str = "critical,timeStamping") -> "Tsa":
        """Make its keys and certificates."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "config").write_text(_CONFIG.format(folder=self.folder, policy=POLICY), encoding="ascii")
        (self.folder / "serial").write_text("01\n", encoding="ascii")
        key = ("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out")
        self._run(*key, self.folder / "ca.key")
        self._run("req", "-x509", "-new", "-key", self.folder / "ca.key", "-days", "3650", "-subj", f"/CN={self.folder.name} CA",
                  "-addext", "keyUsage=critical,keyCertSign", "-out", self.folder / "ca.pem")  # fmt: skip
        self._run(*key, self.folder / "tsa.key")
        self._run(
            "req", "-new", "-key", self.folder / "tsa.key", "-subj", "/CN=stamper", "-out", self.folder / "tsa.csr"
        )
        (self.folder / "ext").write_text(
            f"keyUsage=critical,digitalSignature\nextendedKeyUsage={usage}\nbasicConstraints=critical,CA:FALSE\n",
            encoding="ascii",
        )
        self._run("x509", "-req", "-in", self.folder / "tsa.csr", "-CA", self.folder / "ca.pem", "-CAkey",
                  self.folder / "ca.key", "-CAcreateserial", "-days", "3650", "-extfile", self.folder / "ext", "-out",
                  self.folder / "tsa.pem")  # fmt: skip
        return self

    @property
    def anchors(self) -> tuple[Certificate, ...]:
        return brought({"ca": (self.folder / "ca.pem").read_bytes()}).certificates

    def reply(self, question: bytes) -> bytes:
        """What openssl answers."""
        (self.folder / "question").write_bytes(question)
        self._run("ts", "-reply", "-config", self.folder / "config", "-section", "one", "-queryfile",
                  self.folder / "question", "-signer", self.folder / "tsa.pem", "-inkey", self.folder / "tsa.key", "-out",
                  self.folder / "reply")  # fmt: skip
        return (self.folder / "reply").read_bytes()

    def token(self, question: bytes) -> bytes:
        """The token alone."""
        self.reply(question)
        self._run("ts", "-reply", "-in", self.folder / "reply", "-token_out", "-out", self.folder / "token")
        return (self.folder / "token").read_bytes()

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["Tsa"]:
        """On a port of its own."""

        async def answer(request: web.Request) -> web.Response:
            question = await request.read()
            self.asked.append(question)
            return web.Response(status=self.status, body=self.twist(self.reply(question)), content_type=REPLY_TYPE)

        application = web.Application()
        application.router.add_post("/", answer)
        async with TestServer(application) as server:
            self.url = str(server.make_url("/"))
            yield self

    @staticmethod
    def _run(*words: str | Path) -> None:
        done = openssl(*words)
        assert done.returncode == 0, done.stderr.decode()
