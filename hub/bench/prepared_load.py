# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The benchmark's sender with its requests written, and signed, before the clock starts: what signing costs is the sender's.

    python -m hub.bench.prepared_load [CERTIFICATE KEY]      otherwise as hub.bench.load

``{… "stock"}`` says how many to prepare. What is sent beyond that is written and signed on the way, and counted as late.
"""

import base64
import sys
import time
from pathlib import Path

from certs.suites.choosing import Unfit, signer_of
from certs.suites.detached import DetachedSigner
from hub.bench.load import Order, Sender, obey
from hub.bench.plain_http import request

HEADER = "Govhub-Signature"


class PreparedSender(Sender):
    """With a stock of whole requests."""

    def __init__(self, order: Order, signer: DetachedSigner | None) -> None:
        super().__init__(order)
        self._signer = signer
        self._head = {
            "Host": f"{self._host}:{self._port}",
            "Authorization": f"Bearer {order['key']}",
            "Content-Type": "application/cloudevents+json",
        }
        now = time.monotonic()
        self._stock = [self._made(self._number + n, now) for n in range(int(str(order["stock"])))][::-1]

    def _written(self, number: int, due: float) -> bytes:
        if self._stock:
            return self._stock.pop()
        self._result.late += 1
        return self._made(number, due)

    def _made(self, number: int, due: float) -> bytes:
        body = self._payload.body(number, due)
        if self._signer is None:
            return request("/v1/messages", self._head)(body)
        signature = base64.b64encode(self._signer.over(body)).decode("ascii")
        return request("/v1/messages", self._head | {HEADER: signature})(body)


def signer_by(files: list[str]) -> DetachedSigner | None:
    """Whoever signs by the files of a certificate and a key; None: nobody."""
    if not files:
        return None
    certificate, key = (Path(file).read_bytes() for file in files)
    found = signer_of(certificate, key)
    if isinstance(found, Unfit):
        raise SystemExit(str(found.reason))
    return DetachedSigner(found)


if __name__ == "__main__":
    import uvloop

    mine = signer_by(sys.argv[1:])
    uvloop.run(obey(lambda order: PreparedSender(order, mine)))
