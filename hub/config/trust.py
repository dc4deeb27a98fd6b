# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``tls`` and ``trust`` of a deployment: the hub's own certificate, whose certificates it believes, and how it learns of
revocation. What is wrong with the files is told when the deployment is loaded.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from certs.suites.choosing import SM2_MISSING, suite_of
from certs.suites.gm import GM_1, available
from certs.x509.anchors import Brought, brought
from contracts.located import Fault, Located
from contracts.text import Text
from hub.config.parties import SignaturePolicy, SystemSection
from hub.config.unknown import unknown

ClientAuth = Literal["none", "optional", "required"]
Url = Annotated[str, StringConstraints(pattern=r"^https?://[!-~]+$", max_length=500)]
_MOST_BYTES = 64 * 2**20
"""Of one file: revocation lists of large authorities have tens of megabytes."""


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TlsSection(_Section):
    """The hub serves HTTPS itself. The certificate is read again when its file changes; connections stay."""

    certificate: str = Field(description="证书链文件（PEM），相对于本文件。Its certificate with its chain, a PEM file.")
    key: str = Field(description="私钥（PEM）在 secrets 中的名称。The name of the secret with its private key, PEM.")
    client_auth: ClientAuth = Field(
        default="none",
        description="客户端证书：none 不要，optional 有则验，required 必须。Whether clients show a certificate.",
    )
    minimum: Literal["1.2", "1.3"] = Field(default="1.2", description="最低 TLS 版本。The least version of TLS.")


class RevocationSection(_Section):
    """How the hub learns which certificates are revoked. Everything is fetched in the background, never for a request."""

    crls: tuple[str, ...] = Field(
        default=(), max_length=32, description="吊销列表：文件（相对于本文件）或网址。Revocation lists: files or URLs."
    )
    ocsp: tuple[Url, ...] = Field(
        default=(), max_length=8, description="OCSP 服务网址。Responders that are asked about every certificate in use."
    )
    check_seconds: float = Field(
        default=300, ge=0.1, le=86_400, description="多久查询一次。How often it is looked for, in seconds."
    )
    age_days: float = Field(
        default=7,
        gt=0,
        le=366,
        description="查不到新状态时，最后一次良好状态还可用多久。How long the last good status serves without a fresh one.",
    )
    strict: bool = Field(
        default=False,
        description="查不到新状态即拒绝。Refuse as soon as there is no fresh status: an outage of the CA then closes the hub.",
    )


class TrustSection(_Section):
    """Whose certificates are believed: of clients, and of those who sign messages."""

    anchors: tuple[str, ...] = Field(
        min_length=1, max_length=32, description="信任的 CA 证书文件（PEM/DER），相对于本文件。The trusted CAs, files."
    )
    intermediates: tuple[str, ...] = Field(
        default=(),
        max_length=32,
        description="中间 CA 证书文件，仅用于补全证书链。Issuers in between, which fill chains only.",
    )
    revocation: RevocationSection | None = Field(
        default=None, description="吊销；省略为不查。Revocation; not looked for, if left out."
    )
    check_seconds: float = Field(
        default=5,
        ge=0.05,
        le=3600,
        description="多久查看一次上述文件。How often these files are looked at; no restart.",
    )


def read_certificates(files: Sequence[str], home: Path) -> Brought:
    """What these files hold, by their names as written; ``unread`` are those that cannot be read, or hold something else."""
    contents: dict[str, bytes] = {}
    missing = []
    for name in files:
        try:
            with (home / name).open("rb") as file:
                contents[name] = file.read(_MOST_BYTES)
        except OSError:
            missing.append(name)
    found = brought(contents)
    return Brought(found.certificates, found.revocation, (*missing, *found.unread))


def distrusted(
    tls: TlsSection | None,
    trust: TrustSection | None,
    systems: Mapping[str, SystemSection],
    secrets: Mapping[str, str],
    source: Located,
) -> Iterator[Fault]:
    """What is wrong with certificates, their files, and whoever is known by one."""
    home = Path(source.file).parent
    if tls is not None:
        yield from _unreadable(("tls", "certificate"), (tls.certificate,), home, source)
        if tls.key not in secrets:
            yield unknown(source, ("tls", "key"), Text("密钥", "secret"), tls.key, set(secrets))
        if tls.client_auth != "none" and trust is None:
            yield _untrusting(source, ("tls", "client_auth"))
    if trust is not None:
        yield from _unreadable(("trust", "anchors"), trust.anchors, home, source)
        yield from _unreadable(("trust", "intermediates"), trust.intermediates, home, source)
    names: dict[str, str] = {}
    for name, system in systems.items():
        yield from _of_system(name, system, home, source, trusting=trust is not None)
        for n, one in enumerate(system.certificates):
            if names.setdefault(one, name) != name:
                yield _shared(source, ("systems", name, "certificates", n), names[one])


def _of_system(name: str, system: SystemSection, home: Path, source: Located, *, trusting: bool) -> Iterator[Fault]:
    path = ("systems", name)
    if system.certificates and not trusting:
        yield _untrusting(source, (*path, "certificates"))
    signature = system.signature
    if signature is None:
        return
    if not trusting:
        yield _untrusting(source, (*path, "signature"))
    policies = {signature.policy, *signature.contracts.values()}
    if not signature.certificates and policies != {SignaturePolicy.NONE}:
        yield Fault(
            "SIGNATURE_NO_CERTIFICATE",
            ".".join(path) + ".signature.certificates",
            source.at((*path, "signature")),
            Text(
                "没有登记签名证书，任何签名都验不了。",
                "No signing certificate is registered: no signature could be verified.",
            ),
            Text("请在 certificates 登记其签名证书文件。", "Register its certificate under certificates."),
        )
    yield from _unreadable((*path, "signature", "certificates"), signature.certificates, home, source)
    for n, file in enumerate(signature.certificates):
        for one in read_certificates((file,), home).certificates[:1]:
            suite, at = suite_of(one), (*path, "signature", "certificates", n)
            if suite is None:
                yield Fault(
                    "SUITE_UNKNOWN",
                    f"systems.{name}.signature.certificates[{n}]",
                    source.at(at),
                    Text("证书的密钥不属于任何算法套件。", "The certificate's key belongs to no suite."),
                    Text("intl-1 用 P-256，gm-1 用 SM2。", "Use P-256 for intl-1, SM2 for gm-1."),
                )
            elif suite is GM_1 and not available():
                where = f"systems.{name}.signature.certificates[{n}]"
                yield Fault(SM2_MISSING.code, where, source.at(at), SM2_MISSING.reason, SM2_MISSING.remedy)


def _unreadable(path: tuple[str, ...], files: Sequence[str], home: Path, source: Located) -> Iterator[Fault]:
    for n, file in enumerate(files):
        found = read_certificates((file,), home)
        if found.unread or not found.certificates:
            at: tuple[str | int, ...] = path if path == ("tls", "certificate") else (*path, n)
            yield Fault(
                "CERT_UNREADABLE",
                ".".join(path) if at == path else f"{'.'.join(path)}[{n}]",
                source.at(at),
                Text(
                    "文件不存在、不可读，或其中没有证书。", "The file is missing, unreadable, or holds no certificate."
                ),
                Text("请给出 PEM 或 DER 格式的 X.509 证书。", "Give an X.509 certificate, in PEM or DER."),
            )


def _untrusting(source: Located, path: tuple[str, ...]) -> Fault:
    return Fault(
        "TRUST_MISSING",
        ".".join(path),
        source.at(path),
        Text("没有信任的 CA，任何证书都验不了。", "No CA is trusted, so no certificate could be verified."),
        Text("请在 trust.anchors 写明 CA 证书文件。", "Name the CA's certificate under trust.anchors."),
    )


def _shared(source: Located, path: tuple[str | int, ...], first: str) -> Fault:
    return Fault(
        "CERT_SHARED",
        f"systems.{path[1]}.certificates[{path[3]}]",
        source.at(path),
        Text(f"此证书已登记给 {first}。", f"This certificate is registered for {first} already."),
        Text("一张证书只代表一个系统。", "A certificate stands for one system."),
    )
