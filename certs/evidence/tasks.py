# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The helper of ``verify.sh``: judges what hashing alone can, and lays out for ``openssl`` what is left. Standard library only.

helper FILE ANCHORS FOLDER     writes into the folder:
findings    VERDICT CODE PLACE, a line each; the place "-" for none
tasks       N ROLE SUITE PINNED ROLES AT PLACE, a line each: N.msg, N.sig and N.crt are message, signature and certificate;
            AT is the moment that counts for the certificate, in seconds since 1970, or "-"
stamps      N PLACE, a line each: N.tst is a token over ``note``
latest      the latest moment that the evidence tells of, in seconds since 1970, or nothing
issuers.pem, anchors.pem, manifest, seal.p7s
helper --seconds TEXT          a moment as openssl writes it, in seconds since 1970
"""

import base64
import re
import sys
from calendar import timegm
from collections.abc import Iterable
from pathlib import Path
from time import strptime

from certs.evidence.container import MANIFEST, SEAL, FormError, read
from certs.evidence.findings import CODES
from certs.evidence.structure import Task, judge
from certs.suites.elements import identifier

_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]*)-----END CERTIFICATE-----")
_ROLES = {
    "receipts": "2.25.29366176925917885067327090126230192041",
    "log": "2.25.108232424023430564540565939864064173803",
}
"""As :class:`certs.evidence.roles.Role` has them, which needs more than the standard library; a test compares them."""


def main(arguments: list[str]) -> int:
    """As the module says. 0, whatever came of it; 64: wrongly asked."""
    if arguments[:1] == ["--seconds"] and len(arguments) == 2:
        print(timegm(strptime(arguments[1].strip(), "%b %d %H:%M:%S %Y %Z")))  # noqa: T201
        return 0
    if len(arguments) != 3:
        print(__doc__, file=sys.stderr)  # noqa: T201
        return 64
    file, anchors, folder = map(Path, arguments)
    data, pem = file.read_bytes(), anchors.read_bytes()
    lay_out(data, pem, folder)
    return 0


def lay_out(data: bytes, pem: bytes, folder: Path) -> None:
    """Judge a container and write into the folder what is left to verify."""
    told = judge(data)
    pinned = {base64.b64decode(one) for one in _PEM.findall(pem)}
    if not pinned:
        told.found("NO_ANCHOR")
    _lines(folder / "findings", (f"{CODES[one.code][0]} {one.code} {one.place or '-'}" for one in told.findings))
    _lines(folder / "tasks", (_task(n, one, pinned, folder) for n, one in enumerate(told.tasks)))
    _lines(folder / "stamps", (f"{n} {place}" for n, (place, _) in enumerate(told.stamps)))
    for n, (_, token) in enumerate(told.stamps):
        (folder / f"{n}.tst").write_bytes(token)
    (folder / "note").write_bytes(told.note)
    (folder / "latest").write_text(_seconds(told.latest), encoding="ascii")
    _certificates(folder / "anchors.pem", pinned)
    _certificates(folder / "issuers.pem", told.issuers)
    try:
        files = read(data)
    except FormError:
        return
    for name, content in (("manifest", files.get(MANIFEST)), ("seal.p7s", files.get(SEAL))):
        if content is not None:
            (folder / name).write_bytes(content)


def _task(n: int, task: Task, pinned: set[bytes], folder: Path) -> str:
    for kind, content in (("msg", task.message), ("sig", task.signature), ("crt", task.signer.der)):
        (folder / f"{n}.{kind}").write_bytes(content)
    roles = ",".join(name for name, oid in _ROLES.items() if identifier(oid) in task.signer.der) or "-"
    mine = "pinned" if task.signer.der in pinned else "chained"
    return f"{n} {task.role} {task.signer.suite.name} {mine} {roles} {_seconds(task.at) or '-'} {task.place}"


def _seconds(moment: str) -> str:
    return str(timegm(strptime(moment[:19], "%Y-%m-%dT%H:%M:%S"))) if moment else ""


def _lines(file: Path, lines: Iterable[str]) -> None:
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _certificates(file: Path, found: Iterable[bytes]) -> None:
    blocks = (base64.encodebytes(der).decode() for der in found)
    file.write_text(
        "".join(f"-----BEGIN CERTIFICATE-----\n{one}-----END CERTIFICATE-----\n" for one in blocks), encoding="ascii"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
