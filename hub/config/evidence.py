# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a deployment says about its evidence (存证): the keys that sign, and who stamps the time."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from certs.evidence.roles import Role
from certs.suites.choosing import Unfit, signer_of
from certs.suites.suite import Signer
from certs.x509.anchors import brought
from contracts.located import Fault, Located
from contracts.text import Text

_Oid = Annotated[str, StringConstraints(pattern=r"^[0-2](\.(0|[1-9][0-9]{0,38})){1,20}$")]


_UNREADABLE = Text("文件不存在或不可读。", "The file is missing or unreadable.")
_CORRECT = Text("请改正路径或权限。", "Correct the path or its permissions.")


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class KeySection(_Section):
    """One key with its certificate. The certificate decides the suite: P-256 for intl-1, SM2 for gm-1."""

    certificate: str = Field(
        description="证书文件（PEM），相对于本文件。The certificate's file, relative to this file."
    )
    key: str = Field(description="私钥文件（PEM，无口令），相对于本文件。The key's file; PEM without a pass phrase.")


class TimestampSection(_Section):
    """One time stamping authority (RFC 3161)."""

    url: Annotated[str, StringConstraints(pattern=r"^https?://[!-~]+$", max_length=300)] = Field(
        description="时间戳服务地址。Where it answers."
    )
    anchors: str = Field(
        description="信任的 CA 证书文件，相对于本文件。The CA certificates that its chain ends at, relative to this file."
    )
    policy: _Oid | None = Field(default=None, description="要求的策略 OID。The policy that is asked for.")
    timeout_seconds: float = Field(default=10, ge=0.1, le=60, description="等待应答的时限。Longest wait for an answer.")


class EvidenceSection(_Section):
    """The keys of the evidence. Without this section only a hub with the built-in database signs, by keys it made itself."""

    receipts: KeySection = Field(
        description="签发回执与证据包的密钥。The key that signs receipts and exported evidence."
    )
    log: KeySection = Field(description="签发日志检查点的密钥，不作他用。The log's key, which signs nothing else.")
    timestamps: tuple[TimestampSection, ...] = Field(
        default=(),
        description="时间戳服务，依次尝试，建议两家以上。Time stamping authorities, tried in order; two or more are wise.",
    )


def misevidenced(section: EvidenceSection | None, source: Located) -> list[Fault]:
    """What the section names and cannot be used."""
    if section is None:
        return []
    faults = []
    signers = {}
    for role in Role:
        found = _signer(section, role, source)
        if isinstance(found, Fault):
            faults.append(found)
        else:
            signers[role] = found
    if len(signers) == len(Role) and len({one.certificate.spki for one in signers.values()}) == 1:
        faults.append(
            Fault(
                "LOG_KEY_SHARED",
                "evidence.log",
                source.at(("evidence", "log")),
                Text("日志密钥与回执密钥相同。", "The log's key is that of the receipts."),
                Text("日志密钥不作他用，请另行生成。", "The log's key signs nothing else: make one of its own."),
            )
        )
    faults += _strangers(section, source)
    return faults


def _strangers(section: EvidenceSection, source: Located) -> list[Fault]:
    """Authorities whose anchors cannot be read."""
    faults = []
    for n, one in enumerate(section.timestamps):
        path = ("evidence", "timestamps", n, "anchors")
        place = f"evidence.timestamps[{n}].anchors"
        try:
            found = brought({place: (Path(source.file).parent / one.anchors).read_bytes()})
        except (OSError, ValueError):
            faults.append(Fault("FILE_UNREADABLE", place, source.at(path), _UNREADABLE, _CORRECT))
            continue
        if not found.certificates or found.unread:
            faults.append(
                Fault(
                    "CERT_UNREADABLE",
                    place,
                    source.at(path),
                    Text("文件里没有可读的证书。", "There is no readable certificate in the file."),
                    Text("请给出 PEM 或 DER 格式的 CA 证书。", "Give CA certificates, in PEM or DER."),
                )
            )
    return faults


def _signer(section: EvidenceSection, role: Role, source: Located) -> Signer | Fault:
    name = role.name.lower()
    keys: KeySection = getattr(section, name)
    contents = {}
    for part in ("certificate", "key"):
        try:
            contents[part] = (Path(source.file).parent / getattr(keys, part)).read_bytes()
        except (OSError, ValueError):
            return Fault(
                "FILE_UNREADABLE",
                f"evidence.{name}.{part}",
                source.at(("evidence", name, part)),
                _UNREADABLE,
                _CORRECT,
            )
    signer = signer_of(contents["certificate"], contents["key"])
    if isinstance(signer, Unfit):
        return Fault(signer.code, f"evidence.{name}", source.at(("evidence", name)), signer.reason, signer.remedy)
    purposes = signer.certificate.purposes or frozenset()
    if role not in purposes and any(other in purposes for other in Role):
        return Fault(
            "KEY_ROLE",
            f"evidence.{name}.certificate",
            source.at(("evidence", name, "certificate")),
            Text("证书用途与此处不符。", "The certificate says that it is for the other part."),
            Text(f"扩展密钥用法应为 {role.value}。", f"Its extended key usage should be {role.value}."),
        )
    return signer
