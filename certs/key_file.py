# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Master keys in a file that only the hub may read.

Each line is a suite and a key in base64; lines with ``#`` are for people. The first key wraps, those behind it unwrap what they
wrapped before a rotation. The file is read at every use, which is rare, so that a rotation needs no restart.
"""

import base64
import binascii
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from certs.envelope import Entropy, KeyTrouble, Suite, fingerprint, unwrap, wrap
from contracts.text import Text

_NONCE = 12
_LARGEST = 64 * 1024
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_HEAD = """# govhub 主密钥。得到本文件者可读全部个人信息；遗失本文件则无人可读。请另存一份，勿与数据库放在一处。
# The master key of a govhub. Whoever has this file can read all personal data; without it nobody can. Keep a copy of it, apart
# from the database.
"""


@dataclass(frozen=True, slots=True)
class _Key:
    suite: Suite
    key: bytes

    @property
    def name(self) -> str:
        return fingerprint(self.key)


class KeyFile:
    """The port :class:`certs.envelope.MasterKey` on a file."""

    def __init__(self, path: Path, entropy: Entropy) -> None:
        self._path = path
        self._entropy = entropy

    def current(self) -> str | KeyTrouble:
        keys = self._read()
        return keys if isinstance(keys, KeyTrouble) else keys[0].name

    def wrap(self, key: bytes, about: bytes) -> tuple[str, bytes] | KeyTrouble:
        keys = self._read()
        if isinstance(keys, KeyTrouble):
            return keys
        first = keys[0]
        return first.name, wrap(first.suite, first.key, self._entropy(_NONCE), key, about)

    def unwrap(self, master: str, wrapped: bytes, about: bytes) -> bytes | KeyTrouble:
        keys = self._read()
        if isinstance(keys, KeyTrouble):
            return keys
        for one in keys:
            if one.name == master:
                return unwrap(one.suite, one.key, wrapped, about) or self._trouble("E_DATA_KEY_DAMAGED", _DAMAGED)
        return self._trouble("E_MASTER_KEY_UNKNOWN", _unknown(master))

    def names(self) -> Sequence[str] | KeyTrouble:
        """Of all keys in the file, the one that wraps first."""
        keys = self._read()
        return keys if isinstance(keys, KeyTrouble) else [one.name for one in keys]

    def add(self, suite: Suite) -> str | KeyTrouble:
        """A new key, which wraps from now on; the name of it."""
        keys = self._read() if self._path.exists() else []
        if isinstance(keys, KeyTrouble):
            return keys
        new = _Key(suite, self._entropy(suite.key_bytes))
        return self._write([new, *keys]) or new.name

    def keep(self, names: frozenset[str]) -> Sequence[str] | KeyTrouble:
        """Leave out all but the first key and those of these names; the names of those that are gone."""
        keys = self._read()
        if isinstance(keys, KeyTrouble):
            return keys
        kept = [one for n, one in enumerate(keys) if n == 0 or one.name in names]
        return self._write(kept) or [one.name for one in keys if one not in kept]

    def _write(self, keys: Sequence[_Key]) -> KeyTrouble | None:
        lines = "".join(f"{one.suite.value} {base64.b64encode(one.key).decode()}\n" for one in keys)
        aside = self._path.with_name(f"{self._path.name}.part")
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            aside.unlink(missing_ok=True)
            with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
                file.write(_HEAD + lines)
                file.flush()
                os.fsync(file.fileno())
            aside.replace(self._path)
        except OSError as error:
            return self._trouble("E_KEY_FILE_UNWRITABLE", _unwritable(error))
        return None

    def _read(self) -> Sequence[_Key] | KeyTrouble:
        try:
            with self._path.open("rb") as file:
                mode = os.fstat(file.fileno()).st_mode
                content = file.read(_LARGEST)
        except FileNotFoundError:
            return self._trouble("E_KEY_FILE_MISSING", _MISSING)
        except OSError as error:
            return self._trouble("E_KEY_FILE_UNREADABLE", _unreadable(error))
        if stat.S_IMODE(mode) & _OTHERS:
            return self._trouble("E_KEY_FILE_MODE", _open_to_others(self._path))
        keys = []
        for number, line in enumerate(content.decode(errors="replace").splitlines(), start=1):
            if line.strip() and not line.startswith("#"):
                if (key := _parsed(line)) is None:
                    return self._trouble("E_KEY_FILE_FORMAT", _malformed(number))
                keys.append(key)
        return keys or self._trouble("E_KEY_FILE_FORMAT", _malformed(1))

    def _trouble(self, code: str, texts: tuple[Text, Text]) -> KeyTrouble:
        return KeyTrouble(code, str(self._path), *texts)


def _parsed(line: str) -> _Key | None:
    suite, _, written = line.strip().partition(" ")
    try:
        key = _Key(Suite(suite), base64.b64decode(written, validate=True))
    except (ValueError, binascii.Error):
        return None
    return key if len(key.key) == key.suite.key_bytes else None


_MISSING = (
    Text("没有主密钥文件。", "There is no file of the master key."),
    Text(
        "请放回主密钥文件的副本；没有它，已加密的内容无法恢复。",
        "Put the copy of it back: without it what is sealed cannot be had again.",
    ),
)
_DAMAGED = (
    Text("有数据密钥无法用主密钥解开。", "A data key does not unwrap, although its master key is there."),
    Text("表 data_key 被改动，请由备份恢复。", "The table data_key was changed: restore it from a backup."),
)


def _unknown(master: str) -> tuple[Text, Text]:
    return (
        Text(
            f"主密钥不符：数据由 {master} 保护。",
            f"This is not the master key: data are under the one called {master}.",
        ),
        Text("请放回当时的主密钥文件。", "Put the key file of that time back."),
    )


def _open_to_others(path: Path) -> tuple[Text, Text]:
    return (
        Text("他人可读写主密钥文件。", "Others may read or write the file of the master key."),
        Text(f"请运行 chmod 600 {path}。", f"Run chmod 600 {path}."),
    )


def _malformed(line: int) -> tuple[Text, Text]:
    return (
        Text(f"第 {line} 行不是主密钥。", f"Line {line} is not a master key."),
        Text(
            "每行应为“算法 密钥（base64）”；请放回副本。",
            "Each line is a suite and a key in base64: put the copy of the file back.",
        ),
    )


def _unreadable(error: OSError) -> tuple[Text, Text]:
    name = type(error).__name__
    return (
        Text(f"主密钥文件不可读（{name}）。", f"The file of the master key cannot be read ({name})."),
        Text("请改正其属主或权限。", "Correct its owner or permissions."),
    )


def _unwritable(error: OSError) -> tuple[Text, Text]:
    name = type(error).__name__
    return (
        Text(f"主密钥文件无法写入（{name}）。", f"The file of the master key cannot be written ({name})."),
        Text("请改正目录的属主或权限。", "Correct owner or permissions of its folder."),
    )
