# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Departments' accounts on our own broker, as definitions that RabbitMQ imports: each sees its own queues and nothing else.

A department publishes to an exchange of its own and not to the default one: whoever may write to the default exchange reaches
every queue of the virtual host by its name. It may declare, bind and delete nothing. The format is RabbitMQ's definitions file
(https://www.rabbitmq.com/docs/definitions), its password hash that of ``rabbit_password_hashing_sha256``.
"""

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

_NOTHING = "^$"
_QUORUM = {"x-queue-type": "quorum"}
SALT_BYTES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One department. ``reads``: queues that the hub fills for it; ``speaks``: queues that the hub reads, each behind an
    exchange of the same name; ``refused``: where the hub sets aside what it refuses. ``rules``: by queue, what lets it have that.
    """

    user: str
    reads: tuple[str, ...]
    speaks: tuple[str, ...]
    refused: tuple[str, ...]
    rules: Mapping[str, str] = field(default_factory=dict)

    @property
    def may_read(self) -> tuple[str, ...]:
        """The queues it may consume."""
        return tuple(dict.fromkeys((*self.reads, *self.refused)))


def password_hash(password: str, salt: bytes) -> str:
    """The salted hash that the broker stores; ``salt`` are four random bytes."""
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


def definitions(
    vhost: str, accounts: Sequence[Account], hashes: dict[str, str], hub: str | None = None
) -> dict[str, Any]:
    """The definitions of this virtual host. ``hashes`` by user; a user that has none is there already and keeps its password.

    ``hub``: the hub's own user, which may fill and read every queue here and make none.
    """
    queues = sorted({name for one in accounts for name in (*one.reads, *one.speaks, *one.refused)})
    exchanges = sorted({name for one in accounts for name in one.speaks})
    permissions = [_permission(vhost, one.user, one.speaks, one.may_read) for one in accounts]
    if hub is not None:
        permissions.append(_permission(vhost, hub, ("amq.default",), queues))
    return {
        "vhosts": [{"name": vhost}],
        "users": [
            {
                "name": user,
                "password_hash": hashed,
                "hashing_algorithm": "rabbit_password_hashing_sha256",
                "tags": [],
                "limits": {},
            }
            for user, hashed in hashes.items()
        ],
        "permissions": permissions,
        "queues": [
            {"name": name, "vhost": vhost, "durable": True, "auto_delete": False, "arguments": _QUORUM}
            for name in queues
        ],
        "exchanges": [
            {
                "name": name,
                "vhost": vhost,
                "type": "fanout",
                "durable": True,
                "auto_delete": False,
                "internal": False,
                "arguments": {},
            }
            for name in exchanges
        ],
        "bindings": [
            {
                "source": name,
                "vhost": vhost,
                "destination": name,
                "destination_type": "queue",
                "routing_key": "",
                "arguments": {},
            }
            for name in exchanges
        ],
    }


def _permission(vhost: str, user: str, writes: Iterable[str], reads: Iterable[str]) -> dict[str, str]:
    return {"user": user, "vhost": vhost, "configure": _NOTHING, "write": _exactly(writes), "read": _exactly(reads)}


def _exactly(names: Iterable[str]) -> str:
    """A pattern that these names match and no other."""
    escaped = [re.escape(name) for name in names]
    return f"^({'|'.join(escaped)})$" if escaped else _NOTHING
