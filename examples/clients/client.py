# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A client of govhub to copy: one file, Python 3.9 or newer, its standard library and nothing else.

export GOVHUB_URL=https://hub.example.gov.cn GOVHUB_KEY=ghk_...
python3 client.py send application.json          hand a message over; prints the receipt
python3 client.py check receipt.json             is the receipt sound, and what became of the message?
python3 client.py upload scan.pdf                store a material; prints its digest for the message
python3 client.py fetch civil-affairs ./handle   fetch once; ./handle gets each message on standard input
python3 client.py me [refusals|waiting]          what the hub says about this system

./handle ends with 0: we have it (its first line of output is our own number for it); with 65: we refuse it for good
(first line: CODE and reason, nothing personal); with anything else: give it to us again later. It knows the delivery
from GOVHUB_DELIVERY, which is the same when a message comes twice.

With GOVHUB_SIGN_CERTIFICATE and GOVHUB_SIGN_KEY (PEM files, ECDSA on P-256) what is sent is signed over its exact bytes, by
the openssl command.

Exit codes: 0 done; 64 wrong use; 65 refused, standard error says why; 69 the hub was not reached for GOVHUB_PATIENCE
seconds (300): do the same again later, under the same id.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import os
import re
import secrets
import ssl
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

DONE, USAGE, REFUSED, UNREACHED = 0, 64, 65, 69
EVENT = "application/cloudevents+json"
AGAIN = frozenset({408, 429, 500, 502, 503, 504})
"""Statuses that say nothing about the message: the same bytes may and should be sent again."""

_CODE = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_LONGEST_PAUSE = 30.0
_SILENCE = 90.0  # seconds without a byte; a fetch waits up to 30 for something to come


class Refused(Exception):
    """The hub's answer is no, and stays no until what was sent is mended. Holds the problem document (RFC 9457)."""

    def __init__(self, status: int, body: bytes) -> None:
        self.status = status
        self.body = body
        super().__init__(body.decode("utf-8", "replace"))

    @property
    def code(self) -> str:
        """The stable code, or nothing where something other than the hub answered."""
        try:
            return str(json.loads(self.body)["code"])
        except (ValueError, KeyError, TypeError):
            return ""


class Unreached(Exception):
    """Nobody answered in time. Perhaps the hub has it all the same: repeat the same bytes, the id tells it so."""


@dataclass
class Answer:
    """What the hub answered: 2xx."""

    status: int
    body: bytes
    retry_after: str = ""

    def document(self) -> Any:
        """The JSON it holds."""
        return json.loads(self.body)


@dataclass
class Signer:
    """Signs by openssl, suite intl-1: PEM files of a certificate that the hub has registered, and of its key (P-256)."""

    certificate: str
    key: str

    def over(self, content: bytes) -> str:
        """A detached signature over these bytes, as the hub's header wants it."""
        command = ["openssl", "cms", "-sign", "-binary", "-cades", "-md", "sha256", "-outform", "DER"]
        command += ["-signer", self.certificate, "-inkey", self.key]
        return base64.b64encode(
            subprocess.run(command, input=content, stdout=subprocess.PIPE, check=True).stdout
        ).decode()


@dataclass
class Client:
    """One system's view of the hub. ``patience``: seconds for which a request is repeated before it is given up."""

    url: str
    key: str
    patience: float = 300.0
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    signer: Signer | None = None

    def send(self, event: bytes) -> bytes:
        """Hand over one CloudEvent in JSON, as it is, signed where there is a signer. The receipt, to be kept byte for byte."""
        signed = {} if self.signer is None else {"Govhub-Signature": self.signer.over(event)}
        return self._call("POST", "/v1/messages", body=event, kind=EVENT, more=signed).body

    def message(self, message: str) -> bytes:
        """What became of a message, by the hub's own id for it."""
        return self._call("GET", f"/v1/messages/{quote(message, safe='')}").body

    def upload(self, file: Path, kind: str = "application/octet-stream") -> Any:
        """Store a material, piece by piece however large it is. Its digest, which messages name, and its size."""
        digest = "sha256:" + _sha256_of(file)
        return self._call("PUT", f"/v1/materials/{digest}", file=file, kind=kind).document()

    def fetch(self, mailbox: str, most: int = 50, wait: int = 25) -> Any:
        """A batch of messages, lent until ``expires``; None where none came for ``wait`` seconds."""
        answer = self._call("GET", f"/v1/mailbox/{quote(mailbox, safe='')}?max={most}&wait={wait}")
        return answer.document() if answer.status == 200 else None

    def acknowledge(self, mailbox: str, lease: str, results: list[dict[str, Any]]) -> list[str]:
        """Say what became of lent messages: ``settled`` or ``stale`` for each. All stale: the lease has run out."""
        said = json.dumps({"lease": lease, "results": results}).encode()
        path = f"/v1/mailbox/{quote(mailbox, safe='')}/ack"
        try:
            answer = self._call("POST", path, body=said, kind="application/json").document()
        except Refused as no:
            if no.code != "E_LEASE_LOST":
                raise
            return ["stale" for _ in results]  # or an earlier try of this very request settled it: both end well
        return [str(one["status"]) for one in answer["results"]]

    def me(self, what: str = "") -> bytes:
        """What the hub says about this system: its limits and key, its ``refusals``, what is ``waiting`` for it."""
        return self._call("GET", f"/v1/me/{what}" if what else "/v1/me").body

    def _call(
        self,
        method: str,
        path: str,
        *,
        body: bytes = b"",
        file: Path | None = None,
        kind: str = "",
        more: dict[str, str] | None = None,
    ) -> Answer:
        """Ask until there is an answer that says something. A lost answer is no answer: the same is asked again."""
        until, pause = time.monotonic() + self.patience, 0.5
        while True:
            try:
                answer = self._once(
                    method, path, body, file, {**({"Content-Type": kind} if kind else {}), **(more or {})}
                )
            except (OSError, http.client.HTTPException) as cut:
                wait, why = pause, type(cut).__name__
            else:
                if answer.status not in AGAIN:
                    if answer.status >= 300:
                        raise Refused(answer.status, answer.body)
                    return answer
                wait, why = _seconds(answer.retry_after, pause), str(answer.status)
            wait *= 1 + secrets.randbelow(100) / 400  # not everybody at the same moment
            if time.monotonic() + wait > until:
                raise Unreached(f"{method} {path}: {why}")
            print(f"{why}，{wait:.1f} 秒后重发 / again in {wait:.1f} s", file=sys.stderr)
            time.sleep(wait)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _once(self, method: str, path: str, body: bytes, file: Path | None, more: dict[str, str]) -> Answer:
        at = urlsplit(self.url)
        headers = {"Authorization": f"Bearer {self.key}", **more}
        connection: http.client.HTTPConnection
        if at.scheme == "https":
            connection = http.client.HTTPSConnection(at.netloc, timeout=_SILENCE, context=self.tls)
        else:
            connection = http.client.HTTPConnection(at.netloc, timeout=_SILENCE)
        try:
            # Who refuses a large body answers before it has come whole: then the answer still counts.
            with suppress(BrokenPipeError), ExitStack() as opened:
                content: Any = body or None
                if file is not None:
                    content = opened.enter_context(file.open("rb"))
                    headers["Content-Length"] = str(file.stat().st_size)
                connection.request(method, at.path.rstrip("/") + path, body=content, headers=headers)
            response = connection.getresponse()
            return Answer(response.status, response.read(), response.headers.get("Retry-After", ""))
        finally:
            connection.close()


def sound(receipt: bytes) -> bool:
    """Whether the leaf of a receipt is that of its statement: SHA-256 over 0x00, the kind with its length, the statement."""
    statement, mark, rest = receipt.rpartition(b',"leaf":"sha256:')
    wanted = hashlib.sha256(b"\x00\x08accepted" + statement + b"}").hexdigest()
    return bool(mark) and rest.startswith(wanted.encode() + b'"')


def _seconds(retry_after: str, otherwise: float) -> float:
    return float(retry_after) if retry_after.isdigit() else otherwise


def _sha256_of(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as opened:
        for piece in iter(lambda: opened.read(1 << 20), b""):
            digest.update(piece)
    return digest.hexdigest()


def handled(message: dict[str, Any], handler: list[str]) -> dict[str, Any]:
    """Give one message to the handler; what it makes of it, as an acknowledgement says it. Replace this by your own."""
    delivery = message["delivery"]
    ran = subprocess.run(
        handler,
        input=json.dumps(message["event"], ensure_ascii=False).encode(),
        stdout=subprocess.PIPE,
        check=False,
        env={**os.environ, "GOVHUB_DELIVERY": delivery},
    )
    first = ran.stdout.decode("utf-8", "replace").partition("\n")[0][:500]
    if ran.returncode == 0:
        return {"delivery": delivery, "outcome": "delivered", "receipt": first}
    if ran.returncode == REFUSED:
        code, _, detail = first.partition(" ")
        if not _CODE.fullmatch(code):
            code, detail = "REJECTED", first
        return {"delivery": delivery, "outcome": "rejected", "code": code, "detail": detail}
    return {"delivery": delivery, "outcome": "retry"}


def _fetch(client: Client, mailbox: str, handler: list[str]) -> None:
    lent = client.fetch(mailbox)
    for message in lent["messages"] if lent else ():
        result = handled(message, handler)
        # At once, so that what is done is known to be done; what is not acknowledged comes again after the lease.
        status = client.acknowledge(mailbox, lent["lease"], [result])[0]
        print(f"{message['delivery']} {result['outcome']} {status}", flush=True)
        if status == "stale":
            return


def _check(client: Client, receipt: bytes) -> int:
    if not sound(receipt):
        print("回执与其摘要不符 / the leaf is not that of the receipt", file=sys.stderr)
        return REFUSED
    said = client.message(json.loads(receipt)["message"])
    if b'"receipt":' + receipt not in said:
        print("中枢登记的回执不同 / the hub's own receipt is another", file=sys.stderr)
        return REFUSED
    for delivery in json.loads(said)["deliveries"]:
        print(f"{delivery['destination']} {delivery['state']} {delivery['reference']}".rstrip())
    return DONE


def main(words: list[str]) -> int:
    """One command."""
    client = Client(
        os.environ.get("GOVHUB_URL", "http://127.0.0.1:8480"),
        os.environ.get("GOVHUB_KEY", ""),
        float(os.environ.get("GOVHUB_PATIENCE", "300")),
    )
    if certificate := os.environ.get("GOVHUB_SIGN_CERTIFICATE"):
        client.signer = Signer(certificate, os.environ["GOVHUB_SIGN_KEY"])
    command, rest = (words[0], words[1:]) if words else ("", [])
    if command == "send" and len(rest) == 1:
        sys.stdout.buffer.write(client.send(Path(rest[0]).read_bytes()))
    elif command == "check" and len(rest) == 1:
        return _check(client, Path(rest[0]).read_bytes())
    elif command == "upload" and len(rest) == 1:
        print(json.dumps(client.upload(Path(rest[0]))))
    elif command == "fetch" and len(rest) >= 2:
        _fetch(client, rest[0], rest[1:])
    elif command == "me" and len(rest) <= 1:
        sys.stdout.buffer.write(client.me(*rest))
    else:
        print(__doc__, file=sys.stderr)
        return USAGE
    return DONE


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Refused as no:
        print(no, file=sys.stderr)
        sys.exit(REFUSED)
    except (subprocess.CalledProcessError, FileNotFoundError, KeyError) as wrong:
        print(f"无法签名或读不到文件 / cannot sign, or no such file: {wrong}", file=sys.stderr)
        sys.exit(USAGE)
    except Unreached as away:
        print(f"中枢未答复，请稍后原样重发 / no answer; do the same again later: {away}", file=sys.stderr)
        sys.exit(UNREACHED)
