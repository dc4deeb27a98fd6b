# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What FTP servers say, in the terms of the port: lines of MLSD and LIST, and codes of refusals."""

from datetime import UTC, datetime

import aioftp

from connectors.file_drop.file_system import Entry, Fault, Kind, Trouble

WIRE = "latin-1"
"""The encoding that carries any bytes through a library that wants texts."""
_KINDS = {"file": Kind.FILE, "dir": Kind.FOLDER}


def entry_of(line: bytes) -> Entry | None:
    """One line of MLSD: ``type=file;size=3;modify=20260302010203; name``. None for what it tells of the folder itself."""
    facts, space, name = line.rstrip(b"\r\n").partition(b" ")
    known = {
        key.lower(): value
        for key, _, value in (fact.partition("=") for fact in facts.decode("ascii", "replace").split(";"))
    }
    kind = known.get("type", "").lower()
    if not space or kind in {"cdir", "pdir"}:
        return None
    size = known.get("size", "")
    return Entry(
        name, _KINDS.get(kind, Kind.OTHER), int(size) if size.isdecimal() else -1, seconds_of(known.get("modify", ""))
    )


def old_entry_of(client: aioftp.Client, line: bytes) -> Entry | None:
    """One line of LIST, in one of the forms that servers write; None for what is none."""
    try:
        path, told = client.parse_list_line(line)
    except ValueError:
        return None
    size = str(told.get("size", ""))
    return Entry(
        str(path).encode(WIRE),
        Kind.OTHER if "link_dst" in told else _KINDS.get(told["type"], Kind.OTHER),
        int(size) if size.isdecimal() else -1,
        seconds_of(str(told.get("modify", ""))),
    )


def seconds_of(modify: str) -> float:
    try:
        return datetime.strptime(modify[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return -1.0


def is_unknown(error: aioftp.StatusCodeError) -> bool:
    """Whether the server does not know the command, rather than what stood behind it."""
    return any(error.received_codes[-1].matches(code) for code in ("500", "502"))


def fault_of(error: aioftp.StatusCodeError) -> Fault | None:
    """What an answer of the server means; None: it speaks with us no longer."""
    code = error.received_codes[-1]
    if code.matches("421") or code.matches("530"):
        return None
    if code.matches("452") or code.matches("552"):
        return Fault(Trouble.FULL, str(code))
    if code.matches("501"):
        return Fault(Trouble.BAD_NAME, str(code))
    if code.matches("550") or code.matches("553"):  # servers say this for whatever they do not do
        return Fault(Trouble.DENIED, str(code))
    return Fault(Trouble.BROKEN, str(code))
