# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Master keys for tests, made anew in every run."""

import os
from dataclasses import dataclass, field

from certs.envelope import KeyTrouble, Suite, fingerprint, unwrap, wrap
from contracts.text import Text
from hub.journal.data_keys import Sealing

_NOBODY = Text("没有。", "There is none.")


@dataclass
class MasterInMemory:
    """A master key that lies nowhere."""

    key: bytes = field(default_factory=lambda: os.urandom(32))
    away: bool = False

    def current(self) -> str:
        return fingerprint(self.key)

    def wrap(self, key: bytes, about: bytes) -> tuple[str, bytes] | KeyTrouble:
        if self.away:
            return KeyTrouble("E_TOKEN_AWAY", "memory", _NOBODY, _NOBODY)
        return self.current(), wrap(Suite.AES_256_GCM, self.key, os.urandom(12), key, about)

    def unwrap(self, master: str, wrapped: bytes, about: bytes) -> bytes | KeyTrouble:
        found = unwrap(Suite.AES_256_GCM, self.key, wrapped, about) if master == self.current() else None
        return found or KeyTrouble("E_MASTER_KEY_UNKNOWN", master, _NOBODY, _NOBODY)


SEALING = Sealing(MasterInMemory(), Suite.AES_256_GCM, os.urandom)
"""By what the journals of this run are sealed: all by one key, since several hubs share a database."""
