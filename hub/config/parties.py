# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The parties with an identity: systems and operators, and by what they are known: keys, certificates, signatures."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
)

from certs.api_key import KeyTerms, Scope
from contracts.fault import Fault, UnsuitableError
from contracts.text import Text
from contracts.yaml_source import Located
from hub.config.granting import Granted, contracts_of
from hub.config.own_number import BesideSection, CaseNumbersSection
from hub.operators import Right, Role, rights_of
from hub.operators import Scope as ForWhom

SystemId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
"""A system's id is also its CloudEvents ``source``."""

KeyDigest = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]

_FINGERPRINT = re.compile(r"sha256:[0-9a-f]{64}")
_SUBJECT = re.compile(r"[A-Za-z0-9.]{1,40}=.+")


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class KeySection(_Section):
    """A key with terms: until when, and for what. Two keys of one system may serve at once, so that one replaces the other."""

    digest: KeyDigest = Field(description="API 密钥的 SHA-256。The digest of the key.")
    not_before: AwareDatetime | None = Field(default=None, description="生效时间。From when it is good.")
    not_after: AwareDatetime | None = Field(
        default=None,
        description="失效时间；换钥时两个密钥可同时有效。Until when; while one replaces another, both are good.",
    )
    scopes: tuple[Scope, ...] = Field(
        default=(), description="可用于哪些接口；省略为全部。What it may be used for; everything, unless said."
    )


def _form_of_key(value: object) -> str:
    return "terms" if isinstance(value, dict | KeySection) else "digest"


KeyEntry = Annotated[
    Annotated[KeyDigest, Tag("digest")] | Annotated[KeySection, Tag("terms")], Discriminator(_form_of_key)
]
"""A key is written as its digest, or with its terms."""


def _name_of_certificate(value: str) -> str:
    if _FINGERPRINT.fullmatch(value) is None and _SUBJECT.fullmatch(value) is None:
        raise UnsuitableError(
            Text("既不是证书指纹，也不是证书主题。", "This is neither a fingerprint nor a subject of a certificate."),
            Text(
                "请写 sha256: 加 64 位小写十六进制，或 RFC 4514 主题如 CN=portal,O=区政务办；用 govhub certs check 查看。",
                "Write sha256: and 64 hexadecimal digits, or a subject as in CN=portal,O=Bureau; govhub certs check shows both.",
            ),
        )
    return value


class SignaturePolicy(StrEnum):
    """What becomes of a message with or without its sender's signature."""

    NONE = "none"
    OPTIONAL = "optional"
    REQUIRED = "required"


class SignatureSection(_Section):
    """How a system signs what it sends."""

    policy: SignaturePolicy = Field(
        default=SignaturePolicy.OPTIONAL,
        description="required 必须签名，optional 有签名即验，none 不收签名。"
        "Whether its messages must be signed, may be, or must not be.",
    )
    contracts: dict[str, SignaturePolicy] = Field(
        default_factory=dict, description="个别契约的不同规定。What differs for single contracts."
    )
    certificates: tuple[str, ...] = Field(
        default=(),
        max_length=8,
        description="登记的签名证书文件（PEM/DER），相对于本文件；密钥决定算法套件，换证时新旧并存。"
        "Its registered signing certificates, files relative to this one. The key decides the suite; old and new overlap.",
    )


class SpeaksSection(_Section):
    """What a system understands: the hub gives it the best of that."""

    contracts: dict[str, Annotated[tuple[Annotated[int, Field(ge=1)], ...], Field(min_length=1)]] = Field(
        default_factory=dict,
        description="按契约列出它懂的版本，* 指其余全部；未列出的按原版本投递。"
        "Versions it understands, by contract, * for all others; what is not named comes as sent.",
    )
    forms: dict[str, Annotated[tuple[Annotated[int, Field(ge=1)], ...], Field(min_length=1)]] = Field(
        default_factory=dict,
        description="按事项编码列出它懂的表单版本；未列出的按原版本投递。"
        "Versions of item forms it understands, by item code; others come as sent.",
    )
    dialects: Annotated[tuple[str, ...], Field(min_length=1)] = Field(
        default=("canonical",), description="它用的方言，最合适的在前。Its dialects, the best liked first."
    )


class SystemSection(_Section):
    """A party with an identity."""

    title: str = Field(default="", max_length=100, description="名称。Its name for people.")
    keys: tuple[KeyEntry, ...] = Field(
        default=(),
        description="API 密钥的 SHA-256，可附期限与范围。Digests of its API keys, with terms where they have some.",
    )
    certificates: tuple[Annotated[str, AfterValidator(_name_of_certificate)], ...] = Field(
        default=(),
        max_length=16,
        description="双向 TLS 的客户端证书：指纹 sha256:… 或主题（RFC 4514），逐字相符。"
        "Its client certificates for mutual TLS: fingerprints or subjects, matched exactly.",
    )
    signature: SignatureSection | None = Field(
        default=None, description="报文签名；省略为不收签名。Signatures of its messages; none are taken, if left out."
    )
    sends: tuple[Granted, ...] = Field(
        default=(),
        description="可发送的契约，可限区划与事项。Contracts it may send, for certain regions or items where it says so; "
        "`*` for all.",
    )
    receives: tuple[Granted, ...] | None = Field(
        default=None,
        description="可接收的契约；省略时为路由表送来的。Contracts it may receive; what the route table brings, if left out.",
    )
    queries: tuple[Granted, ...] | None = Field(
        default=None,
        description="可查询的契约；省略时为本系统收发过的。"
        "Contracts it may ask about, of its own cases; whatever it sent or was to receive, if left out.",
    )
    speaks: SpeaksSection = Field(default_factory=SpeaksSection)
    case_numbers: CaseNumbersSection | None = Field(
        default=None, description="其 subject 是自有编号。Its subjects are numbers of its own."
    )
    own_numbers: tuple[BesideSection, ...] = Field(
        default=(),
        max_length=20,
        description="其消息在统一办件编号之外另带的自有编号。Where its messages carry its own number beside the case number.",
    )
    any_case: bool = Field(
        default=False, description="可就任何办件发言（如上级平台）。It may speak of any case (a superior platform)."
    )

    @property
    def contracts_sent(self) -> frozenset[str]:
        """The contracts that it may send at all, whatever the limits; `*` stands for itself."""
        return contracts_of(self.sends)


class OperatorSection(_Section):
    """A person or a tool that looks after the hub."""

    title: str = Field(default="", max_length=100, description="名称或岗位。A name or post, for people.")
    keys: tuple[KeyEntry, ...] = Field(
        default=(),
        description="API 密钥的 SHA-256，可附期限。Digests of the API keys, with terms where they have some.",
    )
    may: tuple[Right, ...] = Field(
        default=(),
        description="权限：read 查看，act 查看并操作。没有 may 与 roles 时可查看。"
        "What it may do: `read`, or `act`, which includes reading. With neither this nor roles it may read.",
    )
    roles: tuple[Role, ...] = Field(
        default=(), description="角色，与 may 相加。Its roles; what they may is added to `may`."
    )
    regions: tuple[Annotated[str, StringConstraints(pattern=r"^[0-9]{2,12}$")], ...] = Field(
        default=(), max_length=100, description="只负责这些区划，含其下各级。For these regions only, with all below."
    )
    organisations: tuple[str, ...] = Field(
        default=(), max_length=200, description="只负责这些系统的目的地与办件。For these systems only."
    )

    @property
    def rights(self) -> frozenset[Right]:
        """What it may do, altogether."""
        return frozenset(self.may) | rights_of(self.roles) or frozenset({Right.READ})

    @property
    def scope(self) -> ForWhom:
        """For whom it is there."""
        return ForWhom(self.regions, frozenset(self.organisations))


def digest_in(key: str | KeySection) -> str:
    """The digest of a key, however it was written."""
    return key if isinstance(key, str) else key.digest


def terms_of(key: str | KeySection) -> KeyTerms:
    """What a key is good for."""
    if isinstance(key, str):
        return KeyTerms(key)
    return KeyTerms(key.digest, key.not_before, key.not_after, frozenset(key.scopes))


def shared_keys(
    systems: Mapping[str, SystemSection], operators: Mapping[str, OperatorSection], source: Located
) -> list[Fault]:
    """A key has one holder, system or operator, and stands in the file once."""
    faults = []
    seen: set[str] = set()
    holders = (("systems", systems), ("operators", operators))
    for section, name, n, digest in (
        (section, name, n, digest_in(key))
        for section, members in holders
        for name, holder in members.items()
        for n, key in enumerate(holder.keys)
    ):
        if digest in seen:
            faults.append(
                Fault(
                    "KEY_SHARED",
                    f"{section}.{name}.keys[{n}]",
                    source.at((section, name, "keys", n)),
                    Text("此密钥前面已经登记过。", "This key stands further up already."),
                    Text("一个密钥只登记一次；请另行生成：govhub keys new。", "Make each its own: govhub keys new."),
                )
            )
        seen.add(digest)
    return faults
