# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Master keys, one suite for every adapter: what is wrapped unwraps, and only for what it was wrapped for."""

import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from certs.envelope import KeyTrouble, MasterKey, Suite
from certs.key_file import KeyFile
from certs.token import Slot, Token
from tests.support.missing import missing

_LIBRARIES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
              "/usr/lib64/pkcs11/libsofthsm2.so", "/usr/local/lib/softhsm/libsofthsm2.so")  # fmt: skip
_PIN = "73194628"
_ABOUT = b"portal 2026-11"


@pytest.fixture(scope="module")
def slot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slot]:
    """A token of SoftHSM with two keys."""
    library = next((one for one in _LIBRARIES if Path(one).exists()), None)
    if library is None:
        missing("install softhsm2")
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(folder / "softhsm2.conf"))
        subprocess.run(
            ["softhsm2-util", "--init-token", "--free", "--label", "govhub", "--pin", _PIN, "--so-pin", _PIN],
            check=True,
            capture_output=True,
        )
        import pkcs11  # noqa: PLC0415  # because the library reads its configuration when it is loaded

        token = pkcs11.lib(library).get_token(token_label="govhub")
        with token.open(user_pin=_PIN, rw=True) as session:
            for label in ("master-2", "master-1"):
                session.generate_key(pkcs11.KeyType.AES, 256, label=label, store=True)
        yield Slot(library, "govhub", ("master-2", "master-1"), lambda: _PIN)


@pytest.fixture(params=["file", "file-sm4", "token"])
def master(request: pytest.FixtureRequest, tmp_path: Path) -> MasterKey:
    if request.param == "token":
        return Token(request.getfixturevalue("slot"), os.urandom)
    made = KeyFile(tmp_path / "master.key", os.urandom)
    assert isinstance(made.add(Suite.SM4_GCM if request.param == "file-sm4" else Suite.AES_256_GCM), str)
    return made


def test_what_is_wrapped_unwraps(master: MasterKey) -> None:
    key = os.urandom(32)
    wrapped = master.wrap(key, _ABOUT)
    assert not isinstance(wrapped, KeyTrouble)
    assert wrapped[0] == master.current()
    assert key not in wrapped[1]
    assert master.unwrap(*wrapped, _ABOUT) == key


def test_it_is_wrapped_differently_every_time(master: MasterKey) -> None:
    key = os.urandom(32)
    assert master.wrap(key, _ABOUT) != master.wrap(key, _ABOUT)


@pytest.mark.parametrize(
    "alter", [lambda w: bytes([w[0] ^ 1]) + w[1:], lambda w: w[:-1] + bytes([w[-1] ^ 1]), lambda w: w[:9]]
)
def test_what_was_altered_is_told(master: MasterKey, alter: object) -> None:
    assert callable(alter)
    name, wrapped = _wrapped(master)
    found = master.unwrap(name, alter(wrapped), _ABOUT)
    assert isinstance(found, KeyTrouble)
    assert found.code in {"E_DATA_KEY_DAMAGED", "E_TOKEN_AWAY"}


def test_it_unwraps_for_nothing_else(master: MasterKey) -> None:
    name, wrapped = _wrapped(master)
    assert isinstance(master.unwrap(name, wrapped, b"housing 2026-11"), KeyTrouble)


def test_another_master_key_is_named(master: MasterKey) -> None:
    _, wrapped = _wrapped(master)
    found = master.unwrap("0123456789abcdef", wrapped, _ABOUT)
    assert isinstance(found, KeyTrouble)
    assert found.code == "E_MASTER_KEY_UNKNOWN"
    assert "0123456789abcdef" in found.reason.en


def test_a_token_s_older_keys_unwrap(slot: Slot) -> None:
    name, wrapped = _wrapped(Token(replace(slot, keys=("master-1",)), os.urandom))
    assert name == "token:master-1"
    assert isinstance(Token(slot, os.urandom).unwrap(name, wrapped, _ABOUT), bytes)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"pin": lambda: "wrong-pin"}, "E_TOKEN_PIN"),
        ({"token": "nobody"}, "E_TOKEN_AWAY"),
        ({"keys": ("nothing",)}, "E_TOKEN_KEY_MISSING"),
        ({"module": "/nowhere/library.so"}, "E_TOKEN_AWAY"),
    ],
)
def test_what_is_wrong_with_a_token_is_told(slot: Slot, changed: dict[str, object], code: str) -> None:
    found = Token(replace(slot, **changed), os.urandom).current()  # type: ignore[arg-type]
    assert isinstance(found, KeyTrouble)
    assert found.code == code
    assert slot.pin() not in f"{found}"


def _wrapped(master: MasterKey) -> tuple[str, bytes]:
    wrapped = master.wrap(os.urandom(32), _ABOUT)
    assert not isinstance(wrapped, KeyTrouble)
    return wrapped


@pytest.fixture
def file(tmp_path: Path) -> Path:
    assert isinstance(KeyFile(tmp_path / "keys" / "master.key", os.urandom).add(Suite.AES_256_GCM), str)
    return tmp_path / "keys" / "master.key"


def test_the_file_is_for_its_owner(file: Path) -> None:
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    file.chmod(0o640)
    found = KeyFile(file, os.urandom).current()
    assert isinstance(found, KeyTrouble)
    assert found.code == "E_KEY_FILE_MODE"
    assert found.remedy.en == f"Run chmod 600 {file}."


@pytest.mark.parametrize(
    "content", ["", "# nothing\n", "aes-256-gcm AAAA\n", "des AAAA\n", "aes-256-gcm ***\n", "\0\xff"]
)
def test_a_file_of_another_kind_is_told(file: Path, content: str) -> None:
    file.write_text(content)
    found = KeyFile(file, os.urandom).current()
    assert isinstance(found, KeyTrouble)
    assert (found.code, found.place) == ("E_KEY_FILE_FORMAT", str(file))


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    found = KeyFile(tmp_path / "gone", os.urandom).current()
    assert isinstance(found, KeyTrouble)
    assert (found.code, found.place) == ("E_KEY_FILE_MISSING", str(tmp_path / "gone"))


def test_a_new_key_wraps_and_the_old_one_unwraps_until_it_is_left_out(file: Path) -> None:
    keys = KeyFile(file, os.urandom)
    name, wrapped = _wrapped(keys)
    new = keys.add(Suite.SM4_GCM)
    assert keys.names() == [new, name]
    assert keys.current() == new
    assert isinstance(keys.unwrap(name, wrapped, _ABOUT), bytes)
    assert keys.keep(frozenset({name})) == []
    assert keys.keep(frozenset()) == [name]
    found = keys.unwrap(name, wrapped, _ABOUT)
    assert isinstance(found, KeyTrouble)
    assert found.code == "E_MASTER_KEY_UNKNOWN"
