# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a deployment says about sealing personal data at rest: the master key, and the cipher."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from certs.envelope import Suite
from contracts.fault import UnsuitableError
from contracts.located import Fault, Located
from contracts.text import Text
from hub.config.unknown import unknown


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


_Label = Annotated[str, StringConstraints(min_length=1, max_length=32, pattern=r"^[!-~]([ -~]*[!-~])?$")]


class TokenSection(_Section):
    """A token or HSM, reached by PKCS#11. It needs ``pip install govhub[pkcs11]``."""

    module: str = Field(
        description="PKCS#11 库文件（绝对路径）。The PKCS#11 library of its maker, by its absolute path."
    )
    token: _Label = Field(description="令牌标签。The label of the token.")
    key: _Label = Field(description="AES-256 主密钥的标签。The label of the master key in it, an AES-256 key.")
    pin: str = Field(description="口令在 secrets 中的名称。The PIN, by its name in secrets.")
    before: tuple[_Label, ...] = Field(
        default=(), description="更换之前的主密钥标签。Labels of master keys of before, until nothing is under them."
    )


class SealingSection(_Section):
    """How personal data is sealed at rest. Without this section a hub with the built-in database makes a key file of its own."""

    suite: Suite = Field(
        default=Suite.AES_256_GCM, description="算法：aes-256-gcm 或 sm4-gcm。The cipher of new data keys."
    )
    key_file: str | None = Field(
        default=None,
        description="主密钥文件，相对于本文件，只许中枢读写。The file of the master key, for the hub alone (0600).",
    )
    token: TokenSection | None = Field(default=None, description="改用密码机（PKCS#11）。A token instead.")
    off: bool = Field(
        default=False, description="不加密，仅供试验。Nothing is sealed: for trials with made-up data only."
    )

    @model_validator(mode="after")
    def _one_key(self) -> Self:
        if sum((self.key_file is not None, self.token is not None, self.off)) != 1:
            raise UnsuitableError(
                Text(
                    "key_file、token、off: true 须写其一，只写其一。",
                    "Exactly one of key_file, token, off: true is wanted.",
                ),
                Text("例如 key_file: keys/master.key。", "For example key_file: keys/master.key."),
            )
        return self


def missealed(section: SealingSection | None, secrets: Mapping[str, str], source: Located) -> list[Fault]:
    """What the section names and does not exist."""
    if section is None or section.token is None:
        return []
    path = ("sealing", "token")
    faults = []
    if section.token.pin not in secrets:
        faults.append(unknown(source, (*path, "pin"), Text("密钥", "secret"), section.token.pin, secrets))
    if not Path(section.token.module).is_file():
        faults.append(
            Fault(
                "FILE_UNREADABLE",
                "sealing.token.module",
                source.at((*path, "module")),
                Text("文件不存在或不可读。", "The file is missing or unreadable."),
                Text("请写密码机厂商提供的库文件。", "Name the library that came with the token."),
            )
        )
    return faults
