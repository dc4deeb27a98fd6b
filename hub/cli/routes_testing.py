# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub routes test``: how the cases of a route table went."""

import typer

from hub.cli.telling import tell_json
from routing.trying import CaseResult, Ran

_ABOUT = {"to": "目的地 destinations", "routes": "路由 routes", "refused": "拒收 refused"}


def tell_ran(ran: Ran, file: str, *, as_json: bool) -> None:
    """Say it, and end with 1 where a case failed."""
    if as_json:
        tell_json(ran_as_dict(ran))
    else:
        for result in ran.failed:
            typer.echo(f"{file}:{result.line}: 未通过 failed  {result.name}", err=True)
            for one in result.differences:
                wanted, found = ", ".join(one.wanted) or "—", ", ".join(one.found) or "—"
                typer.echo(
                    f"    {_ABOUT.get(one.about, one.about)}：应为 wanted {wanted}；实为 found {found}", err=True
                )
        passed = len(ran.results) - len(ran.failed)
        typer.echo(f"用例 {len(ran.results)} 个，通过 {passed} 个。 {passed} of {len(ran.results)} cases passed.")
        if ran.untried:
            named = ", ".join(ran.untried)
            typer.echo(f"没有用例经过的路由 routes that no case takes: {named}")
    if ran.failed:
        raise typer.Exit(1)


def ran_as_dict(ran: Ran) -> dict[str, object]:
    """For programs."""
    return {
        "ok": not ran.failed,
        "untried": list(ran.untried),
        "cases": [_case(result) for result in ran.results],
    }


def _case(result: CaseResult) -> dict[str, object]:
    return {
        "case": result.name,
        "line": result.line,
        "passed": not result.differences,
        "differences": [
            {"about": one.about, "wanted": list(one.wanted), "found": list(one.found)} for one in result.differences
        ],
    }
