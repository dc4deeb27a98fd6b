# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Master keys in a token or HSM, by PKCS#11: the key never leaves it, data keys go in and come out wrapped (AES-GCM)."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from certs.envelope import Entropy, KeyTrouble
from contracts.text import Text

T = TypeVar("T")

_NONCE = 12


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a key lies: the library of the token's maker, the token's label, those of the keys, and what gives the PIN."""

    module: str
    token: str
    keys: Sequence[str]
    pin: Callable[[], str]


class Token:
    """The port :class:`certs.envelope.MasterKey` on a token. The first of its keys wraps, the others unwrap what they wrapped.

    A session is opened for each use, which is rare: a token that was away and is back is used again.
    """

    def __init__(self, slot: Slot, entropy: Entropy) -> None:
        self._slot = slot
        self._entropy = entropy
        self._alone = threading.Lock()

    def current(self) -> str | KeyTrouble:
        label = self._slot.keys[0]
        found = self._using(label, lambda _: label)
        return found if isinstance(found, KeyTrouble) else f"token:{found}"

    def wrap(self, key: bytes, about: bytes) -> tuple[str, bytes] | KeyTrouble:
        nonce, label = self._entropy(_NONCE), self._slot.keys[0]

        def wrapped(master: Any) -> bytes:
            return nonce + bytes(master.encrypt(key, **_gcm(nonce, about)))

        found = self._using(label, wrapped)
        return found if isinstance(found, KeyTrouble) else (f"token:{label}", found)

    def unwrap(self, master: str, wrapped: bytes, about: bytes) -> bytes | KeyTrouble:
        label = master.removeprefix("token:")
        if label == master or label not in self._slot.keys:
            return self._trouble("E_MASTER_KEY_UNKNOWN", _unknown(master))

        def unwrapped(key: Any) -> bytes:
            return bytes(key.decrypt(wrapped[_NONCE:], **_gcm(wrapped[:_NONCE], about)))

        return self._using(label, unwrapped, damaged=True)

    def _using(self, label: str, work: Callable[[Any], T], *, damaged: bool = False) -> T | KeyTrouble:
        """What comes of work with one key of the token."""
        try:
            import pkcs11  # noqa: PLC0415  # because only deployments with a token have it
        except ImportError:
            return self._trouble("E_TOKEN_SUPPORT", _NO_SUPPORT)
        try:
            with self._alone:
                return self._worked(pkcs11, label, work)
        except (pkcs11.EncryptedDataInvalid, pkcs11.EncryptedDataLenRange):
            return self._trouble("E_DATA_KEY_DAMAGED", _DAMAGED)
        except (pkcs11.PinIncorrect, pkcs11.PinLocked, pkcs11.PinLenRange, KeyError):
            return self._trouble("E_TOKEN_PIN", _PIN)
        except pkcs11.NoSuchKey:
            return self._trouble("E_TOKEN_KEY_MISSING", _key_missing(label))
        except (pkcs11.PKCS11Error, RuntimeError, OSError) as error:
            if damaged and isinstance(error, pkcs11.GeneralError | pkcs11.FunctionFailed):
                return self._trouble("E_DATA_KEY_DAMAGED", _DAMAGED)  # as SoftHSM says it
            return self._trouble("E_TOKEN_AWAY", _away(type(error).__name__))

    def _worked(self, library: Any, label: str, work: Callable[[Any], T]) -> T:
        token = library.lib(self._slot.module).get_token(token_label=self._slot.token)
        with token.open(user_pin=self._slot.pin()) as session:
            key = session.get_key(object_class=library.ObjectClass.SECRET_KEY, label=label)
            return work(key)

    def _trouble(self, code: str, texts: tuple[Text, Text]) -> KeyTrouble:
        return KeyTrouble(code, f"{self._slot.module} ({self._slot.token})", *texts)


def _gcm(nonce: bytes, about: bytes) -> dict[str, Any]:
    from pkcs11 import GCMParams, Mechanism  # noqa: PLC0415  # because only deployments with a token have it

    return {"mechanism": Mechanism.AES_GCM, "mechanism_param": GCMParams(nonce, about, 128)}


_NO_SUPPORT = (
    Text("未安装 PKCS#11 支持。", "There is no support for PKCS#11 installed."),
    Text("请运行 pip install 'govhub[pkcs11]'。", "Run pip install 'govhub[pkcs11]'."),
)
_DAMAGED = (
    Text("有数据密钥无法用主密钥解开。", "A data key does not unwrap, although its master key is there."),
    Text("表 data_key 被改动，请由备份恢复。", "The table data_key was changed: restore it from a backup."),
)
_PIN = (
    Text("令牌口令不对或已锁定。", "The PIN of the token is wrong, missing or locked."),
    Text("请改正 sealing.token.pin 所指的密钥。", "Correct the secret that sealing.token.pin names."),
)


def _unknown(master: str) -> tuple[Text, Text]:
    return (
        Text(
            f"主密钥不符：数据由 {master} 保护。",
            f"This is not the master key: data are under the one called {master}.",
        ),
        Text(
            "请把它写进 sealing.token.before，或换回当时的密钥文件。",
            "Name it under sealing.token.before, or go back to the key file of that time.",
        ),
    )


def _key_missing(label: str) -> tuple[Text, Text]:
    return (
        Text(f"令牌里没有名为 {label} 的密钥。", f"The token has no key called {label}."),
        Text("请改正标签，或在令牌里生成 AES-256 密钥。", "Correct the label, or make an AES-256 key in the token."),
    )


def _away(name: str) -> tuple[Text, Text]:
    return (
        Text(f"令牌不可用（{name}）。", f"The token cannot be used ({name})."),
        Text("请检查库文件、令牌标签与设备。", "See to the library, the token's label and the device."),
    )
