# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""A process that drives pycmpp (of other makers) as its users do: it logs in, submits, answers tests of the line wrongly.

It is run with the package on its path, and prints a line for each thing that it is told to print.
"""

import sys
import threading

from pycmpp.cmpp import Cmpp  # type: ignore[import-not-found]  # because it is there only in this process


def main(port: str) -> None:
    """Log in at that port; then one line of standard input is one message."""
    client = Cmpp("127.0.0.1", int(port), "900001", "simulated", "106900001", delivery=1, client_heartbeat=False)
    client.connect()
    client.auth()
    threading.Thread(target=client.receive, daemon=True).start()
    print("started", flush=True)
    for line in sys.stdin:
        client.submit(line.rstrip("\n"), ["13900000000"])
        print("submitted", flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
