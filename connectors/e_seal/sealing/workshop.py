# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Whatever comes is sealed: PDFs by PAdES, OFDs by a signature over every file, anything else by a bare signature."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from certs.sm2 import available
from connectors.e_seal.sealing import ofd, pdf
from connectors.e_seal.sealing.authority import Algorithm, Authority, Holder
from connectors.e_seal.sealing.seals import SealPlan, make_seal, make_signature

_VERSIONS = {"ses_v1": 1, "ses_v4": 4, "ses_v5": 5}


@dataclass(frozen=True)
class Bench:
    """One authority, a maker of seals and a signer."""

    authority: Authority
    maker: Holder
    signer: Holder

    @classmethod
    def of(cls, algorithm: Algorithm, now: datetime, name: str = "测试根 CA") -> "Bench":
        """A new one."""
        authority = Authority(algorithm, now, name)
        return cls(authority, authority.issue("测试制章人"), authority.issue("测试签章人"))


class Workshop:
    """Everything a simulated platform seals with."""

    seal_id = "00000000000000"

    def __init__(self, now: datetime, algorithm: Algorithm, pdf_algorithm: Algorithm) -> None:
        self._now = now
        # A system without SM2 still seals whatever is not to be sealed with it.
        can = {one for one in Algorithm if one is not Algorithm.SM2 or available()}
        self._benches = {one: Bench.of(one, now) for one in Algorithm if one in can}
        self._algorithm, self._pdf_algorithm = algorithm, pdf_algorithm

    @cached_property
    def _strangers(self) -> dict[Algorithm, Bench]:
        return {one: Bench.of(one, self._now, "无人信任的根 CA") for one in {self._algorithm, self._pdf_algorithm}}

    def write(self, folder: Path) -> None:
        """Certificates and revocation lists, for whoever verifies."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, bench in self._benches.items():
            (folder / f"{name}.cer").write_bytes(bench.authority.certificate)
            (folder / f"{name}.crl").write_bytes(bench.authority.revocation_list(days=365))

    async def seal(
        self, content: bytes, media_type: str, structure: str, now: datetime, *, trusted: bool = True
    ) -> bytes:
        """The sealed file. Raises what the libraries raise for files that are not what they are said to be."""
        benches = self._benches if trusted else self._strangers
        if media_type == "application/pdf":
            bench = benches[self._pdf_algorithm]
            return await pdf.seal_pdf(content, bench.signer, bench.authority.certificate, self._pdf_algorithm)
        bench = benches[self._algorithm]
        version = _VERSIONS.get(structure, 4)
        seal = make_seal(SealPlan.around(now, version, seal_id=self.seal_id), bench.maker, (bench.signer.certificate,))
        if media_type == "application/ofd":
            return ofd.packed(ofd.seal_ofd(ofd.unpacked(content), version, seal, bench.signer, now))
        return make_signature(version, seal, bench.signer, content, now, "document")

    def another(self, media_type: str) -> bytes:
        """A document that nobody asked to have sealed."""
        match media_type:
            case "application/pdf":
                return pdf.blank(1)
            case "application/ofd":
                return ofd.packed({**ofd.blank(), ofd.PAGE: ofd.blank()[ofd.PAGE].replace(b"100 0", b"100 9")})
            case _:
                return b"another document"

    def damaged(self, sealed: bytes, media_type: str) -> bytes:
        """The same file with a signature that does not hold."""
        match media_type:
            case "application/pdf":
                return sealed.replace(b"% nothing", b"% nowhere", 1)
            case "application/ofd":
                files = ofd.unpacked(sealed)
                return ofd.packed({**files, ofd.VALUE: _turned(files[ofd.VALUE])})
            case _:
                return _turned(sealed)


def _turned(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])
