# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The shell verifier as two files that go anywhere: ``verify.sh``, and the helper that it pins."""

import hashlib
from importlib import resources

from certs.evidence.container import zipped

_MODULES = (
    "certs/__init__.py",
    "certs/der.py",
    "certs/evidence/__init__.py",
    "certs/evidence/container.py",
    "certs/evidence/findings.py",
    "certs/evidence/note.py",
    "certs/evidence/plain_json.py",
    "certs/evidence/receipt_form.py",
    "certs/evidence/seal.py",
    "certs/evidence/senders.py",
    "certs/evidence/statements.py",
    "certs/evidence/structure.py",
    "certs/evidence/tasks.py",
    "certs/evidence/tree.py",
    "certs/leaf.py",
    "certs/suites/__init__.py",
    "certs/suites/elements.py",
    "certs/suites/names.py",
    "certs/suites/signed_data.py",
)
_START = b"import sys\n\nfrom certs.evidence.tasks import main\n\nsys.exit(main(sys.argv[1:]))\n"
SCRIPT, HELPER = "verify.sh", "verify-helper.pyz"


def shell_verifier() -> dict[str, bytes]:
    """Both files, by name; the same bytes for the same version of this program."""
    root = resources.files("certs")
    sources = {name: root.joinpath(name.removeprefix("certs/")).read_bytes() for name in _MODULES}
    helper = zipped({"__main__.py": _START, **sources})
    text = root.joinpath("evidence/verify.sh").read_bytes()
    return {SCRIPT: text.replace(b"@HELPER_SHA256@", hashlib.sha256(helper).hexdigest().encode()), HELPER: helper}
