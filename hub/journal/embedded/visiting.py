# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""For a command beside a running hub: the address of the database that the hub keeps."""

import os
from pathlib import Path

from hub.journal.embedded.account import account_of
from hub.journal.embedded.home import Home
from hub.journal.embedded.processes import look
from hub.journal.embedded.server import address, recorded


def visit(directory: Path) -> str | None:
    """A DSN for asyncpg, a secret; None when no server runs on this directory or it cannot be read."""
    account = account_of(os.geteuid())
    if account is None:
        return None
    home = Home(directory, directory, account)  # only the record and the password are read, and they are always here
    try:
        record, password = recorded(home), home.password()
    except (OSError, ValueError):  # ValueError: a password that is no text
        return None
    if record is None or password is None or look(record[0].pid) != record[0]:
        return None
    return address(password, record[1])
