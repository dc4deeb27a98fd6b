# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Fuzzing by coverage: ``python -m tests.fuzz.run TARGET [-max_total_time=60 …]``; ``make fuzz`` runs every target.

What libFuzzer's options are it says itself with ``-help=1``. An input that fails is written to the folder for temporary files
and named on the screen.
"""

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["certs", "contracts", "routing"]):
    from tests.fuzz.targets import TARGETS, seeds


def main() -> None:
    """Runs one target until its time is over or it fails."""
    if len(sys.argv) < 2 or sys.argv[1] not in TARGETS:
        sys.exit(f"usage: python -m tests.fuzz.run {{{','.join(TARGETS)}}} [libFuzzer options]")
    name = sys.argv.pop(1)
    folder = Path(tempfile.mkdtemp(prefix=f"govhub-fuzz-{name}-"))
    for number, seed in enumerate(seeds(name)):
        (folder / f"seed-{number}").write_bytes(seed)
    found = f"-artifact_prefix={tempfile.gettempdir()}/govhub-fuzz-{name}-"
    options = ["-max_len=32768", "-timeout=5", "-rss_limit_mb=2048", found]
    atheris.Setup([sys.argv[0], *options, *sys.argv[1:], str(folder)], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
