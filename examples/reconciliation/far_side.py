#!/usr/bin/env python3
# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The other side of reconciling with govhub, whole, on nothing but Python's standard library. 对账的对方一侧参考实现

    psql … -f rows.postgresql.sql | far_side.py count DIR --agreement A --contract C --version N --day D \
                                              --from hub --to province --declared-by receiver --field NAME …
    far_side.py manifest DIR [--open NODE …]        print a manifest
    far_side.py talk DIR --hub https://hub --key KEY    talk with the hub until both know what differs

``count`` reads CSV with a header from standard input: ``case_no``, one column for each agreed field under its name, and, if
wanted, ``record`` (what tells records of one case apart), ``late`` (1: came after the day was closed) and ``version``. It leaves
one file for each first digit of the buckets in DIR, so memory holds a sixteenth of a day at most.
"""

import argparse
import csv
import hashlib
import json
import sys
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path

DIGITS = "0123456789abcdef"
BEIJING = timezone(timedelta(hours=8))
FIXED = {"case_no", "record", "late", "version"}
MOST_ROWS = 4000
ROUNDS = 20

Sums = dict[str, list]


def sm3(octets: bytes) -> str:
    """SM3 in hexadecimal; hashlib has it where OpenSSL has it, which is nearly everywhere."""
    return hashlib.new("sm3", octets).hexdigest()


def escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def rule(contract: str, version: int, fields: Iterable[str], record: Iterable[str]) -> str:
    told = ["govhub-reconciliation-1", contract, str(version)]
    told += [f"record {name}" for name in record] + [f"field {name}" for name in sorted(fields)]
    return sm3("".join(f"{line}\n" for line in told).encode())


def line_of(row: dict[str, str], fields: Sequence[str], contract: str, version: int) -> str:
    """``case TAB record TAB contract TAB version TAB content LF``."""
    content = sm3("".join(f"{name}\t{escaped(row[name])}\n" for name in fields if row[name]).encode())
    case, record = escaped(row["case_no"]), escaped(row.get("record") or "")
    return f"{case}\t{record}\t{contract}\t{row.get('version') or version}\t{content}\n"


def bucket_of(row: dict[str, str]) -> str:
    """Three digits, with ``~`` before them where the record came late."""
    late = "~" if row.get("late") in {"1", "t", "true"} else ""
    return late + sm3(row["case_no"].encode())[:3]


def count(options: argparse.Namespace) -> None:
    """Standard input into buckets, buckets into a tree."""
    folder: Path = options.folder
    folder.mkdir(parents=True, exist_ok=True)
    fields = sorted(options.field, key=str.encode)
    reader = csv.DictReader(sys.stdin)
    missing = {"case_no", *fields} - set(reader.fieldnames or ())
    if missing:
        sys.exit(f"missing columns: {', '.join(sorted(missing))}")
    prefixes = [late + digit for late in ("", "~") for digit in DIGITS]
    spills = {prefix: (folder / f"{prefix}.lines").open("w", encoding="utf-8", newline="") for prefix in prefixes}
    tells_late = "late" in (reader.fieldnames or ())
    for row in reader:
        bucket = bucket_of(row)
        spills[bucket[:-2]].write(f"{bucket}\t{line_of(row, fields, options.contract, options.version)}")
    for spill in spills.values():
        spill.close()
    sums: Sums = {}
    for prefix in prefixes:
        for bucket, lines in buckets_in(folder, prefix).items():
            sums[bucket] = [len(lines), sm3(b"".join(sorted(lines)))]
    grow(sums)
    number = f"DZ-{options.agreement}-{options.day.replace('-', '')}"
    head = {
        "manifest_no": number,
        "agreement": options.agreement,
        "rule": rule(options.contract, options.version, fields, options.record),
        "from_system": options.sender,
        "to_system": options.receiver,
        "declared_by": options.declared_by,
        "contract_type": options.contract,
        "contract_version": options.version,
        "day": options.day,
        "counted_at": datetime.now(BEIJING).isoformat(),  # noqa: TID251  # because this is a program of its own
    }
    state = {"head": head, "sums": sums, "tells_late": tells_late}
    (folder / "state.json").write_text(json.dumps(state), encoding="utf-8")


def buckets_in(folder: Path, prefix: str) -> dict[str, list[bytes]]:
    found: defaultdict[str, list[bytes]] = defaultdict(list)
    with (folder / f"{prefix}.lines").open("rb") as spill:
        for told in spill:
            bucket, _, line = told.partition(b"\t")
            found[bucket.decode()].append(line)
    return found


def grow(sums: Sums) -> None:
    """Three levels of nodes over the buckets."""
    level = dict(sums)
    for _ in range(3):
        families: defaultdict[str, list[str]] = defaultdict(list)
        for name in sorted(level):
            families[name[:-1]].append(name)
        level = {
            name: [
                sum(sums[child][0] for child in children),
                sm3("".join(f"{child}\t{sums[child][0]}\t{sums[child][1]}\n" for child in children).encode()),
            ]
            for name, children in families.items()
        }
        sums.update(level)


def manifest(folder: Path, opened: Iterable[str]) -> dict:
    """What is sent to the hub: the roots, the children of the nodes that are opened, the rows of the buckets."""
    state = json.loads((folder / "state.json").read_text(encoding="utf-8"))
    sums: Sums = state["sums"]
    nothing = [0, sm3(b"")]
    root, late = sums.get("", nothing), sums.get("~", nothing)
    told = {**state["head"], "count": root[0], "digest": root[1]}
    if state["tells_late"]:
        told |= {"late_count": late[0], "late_digest": late[1]}
    nodes, chosen, room = [], [], MOST_ROWS
    for name in opened:
        if len(name.lstrip("~")) < 3:
            children = [name + digit for digit in DIGITS if name + digit in sums]
            nodes += [{"name": child, "count": sums[child][0], "digest": sums[child][1]} for child in children]
        elif (size := sums.get(name, nothing)[0]) <= room:
            room -= size
            chosen.append(name)
    buckets = [{"name": name, "rows": [as_row(line) for line in lines]} for name, lines in lines_of(folder, chosen)]
    return told | ({"nodes": nodes} if nodes else {}) | ({"opened": buckets} if buckets else {})


def lines_of(folder: Path, buckets: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    """The lines of these buckets; each file is read once."""
    by_file: defaultdict[str, list[str]] = defaultdict(list)
    for bucket in buckets:
        by_file[bucket[:-2]].append(bucket)
    for prefix, names in by_file.items():
        found = buckets_in(folder, prefix)
        yield from ((name, [line.decode() for line in found.get(name, ())]) for name in names)


def as_row(line: str) -> dict:
    case, record, _, version, content = line.rstrip("\n").split("\t")
    plain = {"case_no": read_back(case), "version": int(version), "content": content}
    return plain | ({"record": read_back(record)} if record else {})


def read_back(text: str) -> str:
    marks = iter(text)
    return "".join(
        {"t": "\t", "n": "\n", "r": "\r"}.get(n := next(marks), n) if mark == "\\" else mark for mark in marks
    )


def talk(options: argparse.Namespace) -> None:
    """Root first; then whatever the hub wants to see, until it has seen enough."""
    wanted: list[str] = []
    for _ in range(ROUNDS):
        answer = posted(options, manifest(options.folder, wanted))
        wanted = answer["wanted"]
        if answer["verdict"] != "list_wanted":
            break
    json.dump(answer, sys.stdout, ensure_ascii=False, indent=2)
    sys.exit(0 if answer["verdict"] == "agreed" else 1)


def posted(options: argparse.Namespace, told: dict) -> dict:
    request = urllib.request.Request(  # noqa: S310  # because whoever runs this gives the address
        f"{options.hub}/v1/manifests",
        data=json.dumps(told).encode(),
        headers={"Content-Type": "application/json", "Authorization": f"Bearer {options.key}"},
    )
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310  # because of the same
            return json.load(answer)
    except urllib.error.HTTPError as refused:
        sys.exit(refused.read().decode())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    counting = commands.add_parser("count")
    counting.add_argument("folder", type=Path)
    for name in ("agreement", "contract", "day"):
        counting.add_argument(f"--{name}", required=True)
    counting.add_argument("--version", type=int, required=True)
    counting.add_argument("--from", dest="sender", required=True)
    counting.add_argument("--to", dest="receiver", required=True)
    counting.add_argument("--declared-by", choices=("sender", "receiver"), default="receiver")
    counting.add_argument("--field", action="append", default=[])
    counting.add_argument("--record", action="append", default=[])
    counting.set_defaults(work=count)
    telling = commands.add_parser("manifest")
    telling.add_argument("folder", type=Path)
    telling.add_argument("--open", action="append", default=[])
    telling.set_defaults(work=lambda o: json.dump(manifest(o.folder, o.open), sys.stdout, ensure_ascii=False))
    talking = commands.add_parser("talk")
    talking.add_argument("folder", type=Path)
    talking.add_argument("--hub", required=True)
    talking.add_argument("--key", required=True)
    talking.set_defaults(work=talk)
    options = parser.parse_args()
    options.work(options)


if __name__ == "__main__":
    main()
