# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The master key of a deployment: the file or token that it names, or a file that the hub made beside its data directory."""

import os
from pathlib import Path

from structlog.typing import FilteringBoundLogger

from certs.envelope import Entropy, KeyTrouble, MasterKey, Suite
from certs.key_file import KeyFile
from certs.token import Slot, Token
from contracts.text import Text
from hub.config.load import Loaded, resolve_secret
from hub.journal.data_keys import Sealing

MADE = "master-key"
"""In the data directory: where the key file is that was made for it. With it, one that is gone is missed and not made anew."""

_FIRST = Text(
    "已生成主密钥文件。请移到数据目录与其备份之外并另存一份；遗失则个人信息无法恢复。",
    "A file of the master key was made. Move it away from the data directory and its backups, and keep a copy: without it "
    "what is sealed cannot be had again.",
)


_PLAIN = Text(
    "个人信息以明文存放。请写部署文件的 sealing 一节，见 docs/privacy.zh-CN.md。",
    "Personal data lies plain. Write the section sealing of the deployment file; see docs/privacy.md.",
)


def sealing_of(
    loaded: Loaded, log: FilteringBoundLogger | None = None, *, make: bool = False, entropy: Entropy = os.urandom
) -> Sealing | KeyTrouble | None:
    """By what this deployment seals; None: by nothing. ``make``: where it names no key and has the built-in database, a key file
    may be made, which is told to the log.
    """
    section = loaded.deployment.sealing
    if section is not None:
        return None if section.off else Sealing(_configured(loaded, entropy), section.suite, entropy)
    if loaded.deployment.journal != "embedded":
        if make and log is not None:
            log.warning("personal data is not sealed", note=str(_PLAIN))
        return None
    file, mark = own_key_file(loaded), loaded.path(loaded.deployment.hub.data) / MADE
    if not mark.exists() and not file.exists():
        if not make:
            return None
        made = KeyFile(file, entropy).add(Suite.AES_256_GCM)
        if isinstance(made, KeyTrouble):
            return made
        if log is not None:
            log.warning("master key made", file=str(file), note=str(_FIRST))
    if make and not mark.exists():
        mark.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        mark.write_text(f"{file}\n", encoding="utf-8")
    return Sealing(KeyFile(file, entropy), Suite.AES_256_GCM, entropy)


def own_key_file(loaded: Loaded) -> Path:
    """Where a hub with the built-in database makes its key file: beside its data directory, never in it."""
    data = loaded.path(loaded.deployment.hub.data)
    return data.with_name(f"{data.name}.master.key")


def key_file_of(loaded: Loaded) -> Path | None:
    """The file of the master key; None: it is in a token, or there is none."""
    section = loaded.deployment.sealing
    if section is None:
        return own_key_file(loaded) if loaded.deployment.journal == "embedded" else None
    return None if section.key_file is None else loaded.path(section.key_file)


def _configured(loaded: Loaded, entropy: Entropy) -> MasterKey:
    section = loaded.deployment.sealing
    assert section is not None
    if section.token is None:
        assert section.key_file is not None, "the section was checked"
        return KeyFile(loaded.path(section.key_file), entropy)
    token = section.token

    def pin() -> str:
        """Read at every use: rotation is live."""
        value = resolve_secret(loaded.deployment.secrets[token.pin], os.environ, loaded.home)
        if value is None:
            raise KeyError(token.pin)
        return value

    return Token(Slot(token.module, token.token, (token.key, *token.before), pin), entropy)
