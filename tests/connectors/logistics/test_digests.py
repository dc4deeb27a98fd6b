# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The digests, beside those that Java makes: the carriers' interfaces are written in it."""

import shutil
import subprocess
from pathlib import Path

from connectors.logistics.digests import ems_order_digest, ems_trace_digest, sf_digest
from tests.support.missing import missing

HERE = Path(__file__).parent
TEXTS = (
    "",
    "a b+c*d-e.f_g~h",
    '{"orderId":"JD-1@510500","remark":"请勿折叠 100%"}1600000000000word',
    "𠮷·生僻字\r\n\t\"'<>&=/?#[]@!$,;:()",
    "".join(map(chr, range(32, 127))),
)


def test_java_makes_the_same(tmp_path: Path) -> None:
    if shutil.which("javac") is None:
        missing("install a JDK, or run `make test`")
    subprocess.run(["javac", "-d", str(tmp_path), str(HERE / "Digests.java")], check=True, timeout=90)
    lines = "".join(f"{text.encode().hex()}\n" for text in TEXTS)
    told = subprocess.run(
        ["java", "-cp", str(tmp_path), "Digests"], input=lines, check=True, capture_output=True, text=True, timeout=60
    ).stdout

    assert [line.split() for line in told.splitlines()] == [
        [sf_digest(text, "", ""), ems_order_digest(text, ""), ems_trace_digest(text, "")] for text in TEXTS
    ]


def test_what_is_put_together() -> None:
    assert sf_digest("m", "1", "w") == sf_digest("m1w", "", "")
    assert ems_order_digest("b", "w") == ems_order_digest("bw", "")
    assert len({sf_digest("~", "", ""), ems_order_digest("~", ""), ems_trace_digest("~", "")}) == 3
