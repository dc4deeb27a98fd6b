# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""How fast seals are verified: ``python -m tests.benchmarks.seals [SECONDS]``.

One core. A signature made with a seal (GB/T 38540, SM2) is two SM2 verifications, a digest and all that is read and checked
around them; keys and certificate chains are loaded once, as in a hub. Beside it an OFD of some pages, and a PDF. The time is
the processor's, which other people's load does not change much.
"""

import asyncio
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

from certs.seals.check import Verdict
from certs.seals.verify import verify
from certs.sm2 import PrivateKey, public_key
from certs.x509.anchors import Trust
from certs.x509.certificate import certificate
from certs.x509.revocation import revocation_list
from connectors.e_seal.sealing import ofd, pdf
from connectors.e_seal.sealing.authority import Algorithm
from connectors.e_seal.sealing.seals import SealPlan, make_seal, make_signature
from connectors.e_seal.sealing.workshop import Bench

PAGES = 20
_NOW = datetime.now(UTC)  # noqa: TID251  # because a benchmark is of now
_PICTURE = bytes(20_000)


def per_second(work: Callable[[], bool], seconds: float) -> float:
    """How often in one second of the processor's time; every time it has to hold."""
    assert work(), "it holds"
    done, began = 0, time.process_time()
    while time.process_time() - began < seconds:
        assert work(), "it holds"
        done += 1
    return done / (time.process_time() - began)


def _verification(algorithm: Algorithm, made: Callable[[Bench], bytes]) -> Callable[[], bool]:
    bench = Bench.of(algorithm, _NOW)
    anchor = certificate(bench.authority.certificate)
    listed = revocation_list(bench.authority.revocation_list())
    assert anchor is not None
    assert listed is not None
    trust, data = Trust((anchor,), (), (listed,)), made(bench)
    return lambda: verify(data, trust, _NOW, b"document").verdict is Verdict.HELD


def _signature(bench: Bench) -> bytes:
    plan = SealPlan.around(_NOW, picture=_PICTURE)
    return make_signature(4, make_seal(plan, bench.maker, (bench.signer.certificate,)), bench.signer, b"document", _NOW)


def _ofd(bench: Bench) -> bytes:
    files = ofd.blank() | {f"Doc_0/Pages/Page_{n}/Content.xml": b"<page/>" * 1000 for n in range(1, PAGES)}
    seal = make_seal(SealPlan.around(_NOW, picture=_PICTURE), bench.maker, (bench.signer.certificate,))
    return ofd.packed(ofd.seal_ofd(files, 4, seal, bench.signer, _NOW))


def _pdf(bench: Bench) -> bytes:
    return asyncio.run(pdf.seal_pdf(pdf.blank(200_000), bench.signer, bench.authority.certificate, Algorithm.RSA))


def _sm2() -> Callable[[], bool]:
    key = PrivateKey.generate()
    public, signature = public_key(key.public()), key.sign(_PICTURE)
    assert public is not None
    return lambda: public.verify(_PICTURE, signature)


def main(seconds: float) -> None:
    """Print one line for each."""
    for name, work in (
        ("SM2 signature over 20 KB", _sm2()),
        ("SES signature (V4, SM2, seal of 20 KB)", _verification(Algorithm.SM2, _signature)),
        (f"OFD of {PAGES} pages (V4, SM2)", _verification(Algorithm.SM2, _ofd)),
        ("PDF of 200 KB (PAdES, RSA 2048)", _verification(Algorithm.RSA, _pdf)),
    ):
        print(f"{name:42} {per_second(work, seconds):8.0f} /s")  # because it is its result


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 3.0)
