# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Fuzzing by coverage: ``python -m tests.fuzz.run TARGET [-max_total_time=60 …]``; ``make fuzz`` runs every target.

With ``--keep`` as the last word what the run has found and is small is put into ``tests/fuzz/corpus``, a few more each time.
What libFuzzer's options are it says itself with ``-help=1``. An input that fails is written to the folder for temporary files
and named on the screen.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["certs", "contracts", "routing"]):
    from tests.fuzz.targets import CORPUS, TARGETS, kept, seeds


_LONGEST = 600
_AT_A_TIME = 12
_FOLDER = "GOVHUB_FUZZ_FOLDER"


def main() -> None:
    """Runs one target until its time is over or it fails."""
    if len(sys.argv) < 2 or sys.argv[1] not in TARGETS:
        sys.exit(f"usage: python -m tests.fuzz.run {{{','.join(TARGETS)}}} [libFuzzer options] [--keep]")
    name, *options = sys.argv[1:]
    if options[-1:] == ["--keep"]:  # libFuzzer ends its process itself, so somebody else must be there afterwards
        with tempfile.TemporaryDirectory(prefix=f"govhub-fuzz-{name}-") as folder:
            ran = subprocess.run(
                [sys.executable, "-m", "tests.fuzz.run", name, *options[:-1]],
                env={**os.environ, _FOLDER: folder},
                check=False,
            )
            _keep(name, Path(folder))
        sys.exit(ran.returncode)
    folder = os.environ.get(_FOLDER) or tempfile.mkdtemp(prefix=f"govhub-fuzz-{name}-")
    for number, seed in enumerate([*seeds(name), *kept(name)]):
        Path(folder, f"seed-{number}").write_bytes(seed)
    found = f"-artifact_prefix={tempfile.gettempdir()}/govhub-fuzz-{name}-"
    limits = ["-max_len=32768", "-timeout=5", "-rss_limit_mb=2048", found]
    atheris.Setup([sys.argv[0], *limits, *options, folder], TARGETS[name])
    atheris.Fuzz()


def _keep(name: str, folder: Path) -> None:
    """A few of what the run has found, short and unlike each other in length; a corpus that grows slowly stays a help."""
    known = {hashlib.sha256(data).hexdigest() for data in (*seeds(name), *kept(name))}
    found = sorted((file.read_bytes() for file in folder.iterdir()), key=len)
    fresh = [data for data in found if len(data) <= _LONGEST and hashlib.sha256(data).hexdigest() not in known]
    (CORPUS / name).mkdir(parents=True, exist_ok=True)
    for data in fresh[:: max(1, len(fresh) // _AT_A_TIME)][:_AT_A_TIME]:
        (CORPUS / name / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)


if __name__ == "__main__":
    main()
