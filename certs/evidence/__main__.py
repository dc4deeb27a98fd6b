# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``python -m certs.evidence FILE --anchor anchors.pem``: the verifier without the hub. Needs asn1crypto, cryptography."""

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from certs.evidence.findings import EXIT
from certs.evidence.verify import Result, verify
from certs.x509.anchors import brought


def main() -> int:
    """Verify one file and say what came of it. The exit code is that of the verdict; 64: wrongly asked."""
    asked = argparse.ArgumentParser(
        prog="python -m certs.evidence", description="离线验证证据包 / verify evidence offline"
    )
    asked.add_argument("file", type=Path)
    asked.add_argument(
        "--anchor", type=Path, action="append", default=[], help="证书（锚），PEM / certificates you trust"
    )
    asked.add_argument(
        "--at", type=datetime.fromisoformat, default=None, help="验证时刻 / the moment to verify at, ISO 8601"
    )
    asked.add_argument(
        "--strict", action="store_true", help="只认验证者之锚 / let nothing pass that only the hub vouches for"
    )
    asked.add_argument("--json", action="store_true")
    given = asked.parse_args()
    try:
        data = given.file.read_bytes()
        found = brought({str(file): file.read_bytes() for file in given.anchor})
    except OSError as error:
        print(f"读不到 cannot read: {error.filename}: {error.strerror}", file=sys.stderr)  # noqa: T201
        return 64
    now = given.at or datetime.now(UTC)  # noqa: TID251  # because this runs alone, on a machine of its own
    result = verify(data, found.certificates, now if now.tzinfo else now.replace(tzinfo=UTC), strict=given.strict)
    print(json.dumps(as_dict(result), ensure_ascii=False, indent=2) if given.json else lines(result))  # noqa: T201
    return EXIT[result.verdict]


def as_dict(result: Result) -> dict[str, object]:
    """The result for programs."""
    told = result.structure
    return {
        "verdict": result.verdict.value,
        "case": told.case,
        "hub": told.hub,
        "log": told.log,
        "stamped": result.moment.isoformat() if result.moment else None,
        "statements": [{"index": one.index, "kind": one.kind, **one.fields} for one in told.said],
        "findings": [one.as_dict() for one in result.findings],
    }


def lines(result: Result) -> str:
    """The result for people."""
    told = result.structure
    found = [f"办件 case  {told.case}", f"中枢 hub  {told.hub}    日志 log  {told.log}"] if told.case else []
    for one in told.said:
        fields = one.fields
        about = fields.get("contract") or fields.get("destination") or fields.get("rule") or ""
        by = fields.get("system") or fields.get("code") or fields.get("how") or ""
        found.append(f"  #{one.index:<8} {one.moment[:19]}Z  {one.kind:14} {about}  {by}  {fields['message']}")
    if result.moment is not None:
        found.append(f"时间戳 stamped  {result.moment.isoformat()}")
    found += [one.line() for one in result.findings]
    return "\n".join([*found, result.verdict.value])


if __name__ == "__main__":
    sys.exit(main())
