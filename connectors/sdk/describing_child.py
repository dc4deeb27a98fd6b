# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The other side of :mod:`connectors.sdk.describing`: a process behind a fence that loads the connectors of one package, says
what they are, and holds settings against their models.

Run as ``python -m connectors.sdk.describing_child SOCKET MEMORY_BYTES PARENT_PID FENCE``; not for people. It is told one
thing after the other, and says after each what came of it; so whoever asks knows over what it hung or died.
"""

import os
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from connectors.sdk.describing_wire import fault_dict, hear, located_of, say
from connectors.sdk.discovery import Broken, load
from connectors.sdk.documents import model_of, roles_of, schema_of
from connectors.sdk.fencing.confinement import confine
from connectors.sdk.lookup import LookupConnector
from connectors.sdk.manifest import Role
from connectors.sdk.sink import Connector
from connectors.sdk.wire import MAX_BODY_BYTES, manifest_head
from contracts.located import build


def _answer(head: Mapping[str, Any], body: bytes, loaded: dict[str, Connector]) -> Mapping[str, object]:
    match head:
        case {"is": "load", "kind": str(kind), "reference": str(reference)}:
            connector = load(reference, kind)
            if isinstance(connector, Broken):
                return {"is": "broken", "reason": connector.reason}
            loaded[kind] = connector
            return {"is": "loaded", "manifest": manifest_head(connector.manifest)}
        case {"is": "schemas", "kind": str(kind)}:
            connector = loaded[kind]
            return {
                "is": "schemas",
                "schemas": {role.value: schema_of(connector, role) for role in roles_of(connector)},
            }
        case {"is": "fit", "kind": str(kind), "role": str(role)}:
            return _fit(loaded[kind], Role(role), body)
        case _:
            return {"is": "nonsense"}


def _fit(connector: Connector, role: Role, written: bytes) -> Mapping[str, object]:
    settings = build(located_of(written), model_of(connector, role))
    if isinstance(settings, tuple):
        return {"is": "unfit", "faults": [fault_dict(one) for one in settings]}
    promises = connector.promises(settings) if role is Role.SINK else connector.manifest
    fit: dict[str, object] = {"is": "fits", "manifest": manifest_head(promises)}
    if role is Role.LOOKUP:
        asking: LookupConnector = connector  # type: ignore[assignment]  # loading has seen that it has the methods
        criteria = asking.criteria(settings)
        fit["criteria"] = [sorted(criteria.required), sorted(criteria.optional)]
    return fit


def _serve(link: socket.socket) -> None:
    loaded: dict[str, Connector] = {}
    while (told := hear(link, MAX_BODY_BYTES)) is not None:
        try:
            answer = _answer(*told, loaded)
        except (Exception, SystemExit) as error:  # noqa: BLE001  # because a stranger's code may raise anything
            answer = {"is": "raised", "reason": type(error).__name__}
        if not say(link, answer):
            say(link, {"is": "raised", "reason": "its description is too large"})


def _run(numbers: Sequence[int], fence: str) -> NoReturn:
    link, memory, parent = numbers
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    confine(memory, parent, fence)
    os.set_inheritable(link, False)  # noqa: FBT003  # because os has it so
    try:
        _serve(socket.socket(fileno=link))
    finally:
        os._exit(0)


if __name__ == "__main__":
    _run([int(one) for one in sys.argv[1:4]], sys.argv[4])
