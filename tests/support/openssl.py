# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The system's openssl, as an independent verifier; OpenSSL 3, since older ones know SM2 by other names."""

import shutil
import subprocess
from pathlib import Path

from tests.support.missing import missing

DISTID = "distid:1234567812345678"


def openssl(*words: str | Path) -> subprocess.CompletedProcess[bytes]:
    """What it says, whatever that is."""
    if shutil.which("openssl") is None:
        missing("install openssl 3 (apt-get install openssl)")
    return subprocess.run(["openssl", *words], capture_output=True, check=False, timeout=30)


def verifies(folder: Path, spki: bytes, message: bytes, signature: bytes, digest: str) -> bool:
    """Whether openssl says that the signature is the key's; ``digest`` sm3 stands for SM2 as well."""
    for name, content in (("key.der", spki), ("message", message), ("signature", signature)):
        (folder / name).write_bytes(content)
    options = ("-pkeyopt", DISTID) if digest == "sm3" else ()
    done = openssl(
        *("pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", folder / "key.der", "-rawin", "-digest", digest),
        *("-in", folder / "message", "-sigfile", folder / "signature", *options),
    )
    return done.returncode == 0
