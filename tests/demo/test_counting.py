# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The province counts as the reference of the other side does (examples/reconciliation), which shares no line with it."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from hub.demo.far.counting import Day, Row
from tests.house.tree import ROOT

REFERENCE = ROOT / "examples/reconciliation/far_side.py"
CONTRACT = "cn.gov.completion.decided"
AT = "2026-03-02T09:00:00+08:00"
ROWS = [
    *({"case_no": f"5105-0a0b0c-{n:06d}", "completed_at": AT, "result": "07"[n % 2]} for n in range(300)),
    {"case_no": "5105-0a0b0c-000007", "completed_at": AT, "result": "7"},
    {"case_no": "a\\b\tc", "completed_at": "", "result": "0"},
]
SAID = ("manifest_no", "from_system", "to_system", "agreement", "declared_by", "day", "counted_at")


def reference(folder: Path, opened: list[str]) -> dict[str, Any]:
    text = io.StringIO()
    writer = csv.DictWriter(text, ["case_no", "completed_at", "result"])
    writer.writeheader()
    writer.writerows(ROWS)
    options = [
        "--agreement",
        "a",
        "--contract",
        CONTRACT,
        "--version",
        "1",
        "--day",
        "2026-03-02",
        "--from",
        "h",
        "--to",
        "p",
    ]
    fields = ["--field", "result", "--field", "completed_at"]
    command = [sys.executable, str(REFERENCE)]
    subprocess.run([*command, "count", str(folder), *options, *fields], input=text.getvalue().encode(), check=True)
    asked = [part for name in opened for part in ("--open", name)]
    done = subprocess.run([*command, "manifest", str(folder), *asked], capture_output=True, check=True)
    told: dict[str, Any] = json.loads(done.stdout)
    return {name: value for name, value in told.items() if name not in SAID}


def test_the_same_rows_come_to_the_same_manifest(tmp_path: Path) -> None:
    rows = [Row(row["case_no"], {name: row[name] for name in ("completed_at", "result")}) for row in ROWS]
    ours = Day(CONTRACT, 1, ("completed_at", "result")).count(rows)

    assert ours.manifest({}, []) == reference(tmp_path, [])
    nodes = reference(tmp_path, [""])["nodes"]
    some = [nodes[0]["name"], nodes[-1]["name"]]
    below = [one["name"] for one in reference(tmp_path, some)["nodes"]]
    buckets = [one["name"] for one in reference(tmp_path, below)["nodes"]]
    for opened in ([""], some, below, buckets, [*below, *buckets]):
        told, wanted = ours.manifest({}, opened), reference(tmp_path, opened)
        for one in (told, wanted):
            for bucket in one.get("opened", ()):
                bucket["rows"].sort(key=str)
            one.get("opened", []).sort(key=lambda bucket: bucket["name"])
        assert told == wanted


def test_no_rows_are_a_day_too(tmp_path: Path) -> None:
    assert Day(CONTRACT, 1, ()).count([]).manifest({}, [""])["count"] == 0
