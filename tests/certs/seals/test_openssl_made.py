# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Seals and signatures that OpenSSL made from end to end: keys, certificates, structures (``asn1parse -genconf``) and signatures.

No line of ours takes part in the making, so what is read here is no echo of our own encoder. The descriptions are written after
GB/T 38540-2020 (version 4) and GM/T 0031-2014 (version 1), with the liberties that makers in the field take.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from certs.seals.check import Aspect, Examined, Kind
from certs.seals.verify import verify
from certs.x509.anchors import Trust, brought
from tests.certs.seals.town import failures
from tests.support.openssl import DISTID, openssl

DOCUMENT = "一份文件".encode()
_SM2, _SM3 = "1.2.156.10197.1.501", "1.2.156.10197.1.401"


def done(*words: str | Path) -> bytes:
    said = openssl(*words)
    assert said.returncode == 0, said.stderr.decode()
    return said.stdout


@dataclass
class Maker:
    """Works in a folder."""

    folder: Path
    moment: datetime = datetime(2000, 1, 1, tzinfo=UTC)
    """When seals are made and used: once there are certificates."""

    def key(self, name: str) -> Path:
        key = self.folder / f"{name}.key"
        done("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:SM2", "-out", key)
        return key

    def root(self) -> None:
        subject = ("-subj", "/C=CN/O=Test/CN=root", "-days", "30", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
        done(
            "req",
            "-x509",
            "-new",
            "-key",
            self.key("root"),
            "-sm3",
            "-sigopt",
            DISTID,
            *subject,
            "-out",
            self.folder / "root.pem",
        )

    def issue(self, name: str) -> None:
        asked, extensions = self.folder / f"{name}.csr", self.folder / "extensions"
        extensions.write_text("keyUsage=critical,digitalSignature,nonRepudiation\n")
        subject = ("-subj", f"/C=CN/O=Test/CN={name}")
        done("req", "-new", "-key", self.key(name), "-sm3", "-sigopt", DISTID, *subject, "-out", asked)
        done(
            *("x509", "-req", "-in", asked, "-CA", self.folder / "root.pem", "-CAkey", self.folder / "root.key"),
            *("-CAcreateserial", "-sm3", "-sigopt", DISTID, "-vfyopt", DISTID, "-days", "20"),
            *("-extfile", extensions, "-outform", "DER", "-out", self.folder / f"{name}.cer"),
        )

    def certificate(self, name: str) -> str:
        return (self.folder / f"{name}.cer").read_bytes().hex()

    def structure(self, described: str) -> bytes:
        (self.folder / "described").write_text(described)
        made = self.folder / "made.der"
        done("asn1parse", "-genconf", self.folder / "described", "-noout", "-out", made)
        return made.read_bytes()

    def signature(self, name: str, content: bytes) -> str:
        (self.folder / "content").write_bytes(content)
        return done(
            "dgst", "-sm3", "-sign", self.folder / f"{name}.key", "-sigopt", DISTID, self.folder / "content"
        ).hex()

    def trust(self) -> Trust:
        return Trust(brought({"root": (self.folder / "root.pem").read_bytes()}).certificates)


@pytest.fixture
def maker(tmp_path: Path) -> Maker:
    maker = Maker(tmp_path)
    maker.root()
    for name in ("maker", "signer"):
        maker.issue(name)
    maker.moment = datetime.now(UTC).replace(microsecond=0)  # noqa: TID251  # because openssl makes certificates of now
    return maker


def general(moment: datetime) -> str:
    return f"GENERALIZEDTIME:{moment:%Y%m%d%H%M%SZ}"


def utc(moment: datetime) -> str:
    return f"UTCTIME:{moment:%y%m%d%H%M%SZ}"


def info(maker: Maker, version: int, *, digests: bool) -> str:
    """The sections of SES_SealInfo, the first of them ``info``."""
    time = utc if version == 1 else general
    signer = bytes.fromhex(maker.certificate("signer"))
    digest = hashlib.new("sm3", signer).hexdigest()
    listed = f"c=FORMAT:HEX,OCTETSTRING:{signer.hex()}\n"
    if digests:
        listed = f"d=SEQUENCE:digest\n[digest]\nt=PRINTABLESTRING:{_SM3}\nv=FORMAT:HEX,OCTETSTRING:{digest}\n"
    kind = "" if version == 1 else f"k=INTEGER:{2 if digests else 1}\n"
    return (
        "[info]\nh=SEQUENCE:header\ni=IA5STRING:SEAL-0001\np=SEQUENCE:property\nq=SEQUENCE:picture\n"
        f"[header]\ni=IA5STRING:ES\nv=INTEGER:{version}\nm=IA5STRING:openssl\n"
        "[property]\nt=INTEGER:1\nn=FORMAT:UTF8,UTF8String:测试公章\n"
        f"{kind}l=SEQUENCE:listed\n"
        f"m={time(maker.moment)}\nb={time(maker.moment)}\ne={time(maker.moment + timedelta(days=9))}\n"
        "[picture]\nt=IA5STRING:PNG\nd=FORMAT:HEX,OCTETSTRING:89504e47\nw=INTEGER:40\nh=INTEGER:40\n"
        f"[listed]\n{listed}"
    )


def version_4(maker: Maker, document: bytes, *, digests: bool = False) -> bytes:
    sections = info(maker, 4, digests=digests)
    value = maker.signature("maker", maker.structure(f"asn1=SEQUENCE:info\n{sections}"))
    seal = (
        f"[seal]\ni=SEQUENCE:info\nc=FORMAT:HEX,OCTETSTRING:{maker.certificate('maker')}\na=OID:{_SM2}\n"
        f"v=FORMAT:HEX,BITSTRING:{value}\n"
    )
    sign = (
        f"[sign]\nv=INTEGER:4\ns=SEQUENCE:seal\nt={general(maker.moment)}\n"
        f"d=FORMAT:HEX,BITSTRING:{hashlib.new('sm3', document).hexdigest()}\np=IA5STRING:/Doc_0/Signs/Sign_0/Signature.xml\n"
    )
    said = maker.signature("signer", maker.structure(f"asn1=SEQUENCE:sign\n{sign}{seal}{sections}"))
    whole = (
        f"[whole]\nt=SEQUENCE:sign\nc=FORMAT:HEX,OCTETSTRING:{maker.certificate('signer')}\na=OID:{_SM2}\n"
        f"s=FORMAT:HEX,BITSTRING:{said}\n"
    )
    return maker.structure(f"asn1=SEQUENCE:whole\n{whole}{sign}{seal}{sections}")


def version_1(maker: Maker, document: bytes) -> bytes:
    """The maker signs certificate and algorithm too; times and digest stand in bit strings."""
    sections = info(maker, 1, digests=False)
    by = f"c=FORMAT:HEX,OCTETSTRING:{maker.certificate('maker')}\na=OID:{_SM2}\n"
    value = maker.signature("maker", maker.structure(f"asn1=SEQUENCE:bound\n[bound]\ni=SEQUENCE:info\n{by}{sections}"))
    seal = f"[seal]\ni=SEQUENCE:info\ns=SEQUENCE:made\n[made]\n{by}v=FORMAT:HEX,BITSTRING:{value}\n"
    moment = f"{maker.moment:%Y%m%d%H%M%SZ}".encode().hex()
    sign = (
        f"[sign]\nv=INTEGER:1\ns=SEQUENCE:seal\nt=FORMAT:HEX,BITSTRING:{moment}\n"
        f"d=FORMAT:HEX,BITSTRING:{hashlib.new('sm3', document).hexdigest()}\np=IA5STRING:/Doc_0/Signs/Sign_0/Signature.xml\n"
        f"c=FORMAT:HEX,OCTETSTRING:{maker.certificate('signer')}\na=OID:{_SM2}\n"
    )
    said = maker.signature("signer", maker.structure(f"asn1=SEQUENCE:sign\n{sign}{seal}{sections}"))
    whole = f"[whole]\nt=SEQUENCE:sign\ns=FORMAT:HEX,BITSTRING:{said}\n"
    return maker.structure(f"asn1=SEQUENCE:whole\n{whole}{sign}{seal}{sections}")


def examined(maker: Maker, made: bytes, document: bytes = DOCUMENT) -> Examined:
    return verify(made, maker.trust(), maker.moment + timedelta(minutes=1), document)


MAKES = {
    "version 4, certificates": version_4,
    "version 4, digests": lambda maker, document: version_4(maker, document, digests=True),
    "version 1": version_1,
}


@pytest.mark.parametrize("make", MAKES.values(), ids=list(MAKES))
def test_what_openssl_made_holds(maker: Maker, make: Callable[[Maker, bytes], bytes]) -> None:
    found = examined(maker, make(maker, DOCUMENT))

    assert found.kind is Kind.SIGNATURE
    assert failures(found) == set()
    # No revocation list was made: that, and nothing else, cannot be told.
    assert {one.aspect for one in found.faults} == {Aspect.REVOCATION}
    [impression] = found.impressions
    assert (impression.facts.seal_id, impression.facts.seal_name) == ("SEAL-0001", "测试公章")
    assert impression.facts.sealed_at == maker.moment


@pytest.mark.parametrize("make", MAKES.values(), ids=list(MAKES))
def test_another_document_is_seen(maker: Maker, make: Callable[[Maker, bytes], bytes]) -> None:
    assert failures(examined(maker, make(maker, DOCUMENT), DOCUMENT + b".")) == {"DOCUMENT_CHANGED"}


@pytest.mark.parametrize("make", MAKES.values(), ids=list(MAKES))
def test_a_changed_bit_is_seen(maker: Maker, make: Callable[[Maker, bytes], bytes]) -> None:
    made = make(maker, DOCUMENT)
    name = "测试公章".encode()
    assert made.count(name) == 1

    assert failures(examined(maker, made.replace(name, "测试私章".encode()))) >= {"SIGNATURE"}
