# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: INP001  # because it is a script, run by its path
"""Says what pip-audit found, from its JSON on standard input: known holes, and what could not be looked up.

Exit codes: 1 there are known holes; 0 there are none that could be looked up. A database that could not be had is said in so many
words, for it is no clean bill: with ``--strict`` that is exit code 3.
"""

import json
import sys
from typing import Any


def told(written: str) -> tuple[list[str], int]:
    """The lines to print, and the exit code; 3: nothing, or not everything, could be looked up."""
    try:
        found = json.loads(written)["dependencies"]
    except (ValueError, KeyError, TypeError):
        found = []
    looked_up = [one for one in found if "skip_reason" not in one]
    holes = [_hole(one, hole) for one in looked_up for hole in one.get("vulns", [])]
    passed_over = [str(one["name"]) for one in found if "skip_reason" in one]
    if holes:
        return [f"{len(holes)} 个已知漏洞 / known holes:", *holes, *_not_audited(passed_over, bool(looked_up))], 1
    if not looked_up:
        return _not_audited(passed_over, any_at_all=False), 3
    lines = [f"{len(looked_up)} 个包无已知漏洞 / packages without known holes."]
    return [*lines, *_not_audited(passed_over, any_at_all=True)], 3 if passed_over else 0


def _hole(package: dict[str, Any], hole: dict[str, Any]) -> str:
    fixed = ", ".join(hole.get("fix_versions", [])) or "无 / none yet"
    return f"  {package['name']} {package.get('version', '')}: {hole.get('id', '?')}; 修复版本 / fixed in: {fixed}"


def _not_audited(names: list[str], any_at_all: bool) -> list[str]:  # noqa: FBT001  # because it is called by its name where it matters
    if not any_at_all:
        return [
            "未审计：漏洞库不可用（网络不通，或所用镜像没有漏洞数据）。这不表示没有漏洞。",
            "NOT AUDITED: no vulnerability database could be had (no network, or a mirror without one). This is no clean bill.",
        ]
    return [f"未审计 / not audited: {', '.join(names)}"] if names else []


def main() -> int:
    """What is on standard input."""
    lines, code = told(sys.stdin.read())
    print("\n".join(lines), file=sys.stderr if code else sys.stdout)
    return 0 if code == 3 and "--strict" not in sys.argv[1:] else code


if __name__ == "__main__":
    sys.exit(main())
