# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""PostgreSQL for a machine with nothing on it: the wheel's programs, run by the hub as its own child process.

On a Unix socket in a folder of mode 0700, with a generated password (scram-sha-256), without TCP. It outlives a hub
that is killed; the next start on the same directory adopts it. A second hub on the directory is refused.
"""

from hub.journal.embedded.faults import EmbeddedFault, FaultCode
from hub.journal.embedded.launch import erase, start
from hub.journal.embedded.server import EmbeddedPostgres

__all__ = ["EmbeddedFault", "EmbeddedPostgres", "FaultCode", "erase", "start"]
