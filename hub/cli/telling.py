# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""How commands speak: sentences or tables for people, one JSON object for programs, faults with file, line and remedy."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, NoReturn

import orjson
import typer

from contracts.located import Fault
from contracts.text import Text

Config = Annotated[Path, typer.Option("--config", "-c", help="部署文件。 The deployment file.", envvar="GOVHUB_CONFIG")]
AsJson = Annotated[bool, typer.Option("--json", help="输出一个 JSON 对象。 Print one JSON object.")]

DEFAULT_CONFIG = Path("govhub.yaml")

FAULTY = 2
"""Exit code for a configuration that must be mended first."""


def tell_json(value: Mapping[str, object]) -> None:
    """One object on standard output."""
    typer.echo(orjson.dumps(value, default=str, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS).decode())


def fault_as_dict(fault: Fault) -> dict[str, object]:
    """A fault for programs."""
    return {
        **asdict(fault),
        "problem": {"zh": fault.problem.zh, "en": fault.problem.en},
        "remedy": {"zh": fault.remedy.zh, "en": fault.remedy.en},
    }


def tell_faults(faults: Iterable[Fault], *, as_json: bool) -> None:
    """Every fault; for people on standard error, so that output can be piped."""
    if as_json:
        tell_json({"faults": [fault_as_dict(fault) for fault in faults]})
        return
    for fault in faults:
        typer.echo(str(fault), err=True)


def stop(reason: Text, remedy: Text, *, as_json: bool = False, code: int = 1) -> NoReturn:
    """End the command with one reason and one remedy."""
    if as_json:
        tell_json({"error": {"zh": reason.zh, "en": reason.en}, "remedy": {"zh": remedy.zh, "en": remedy.en}})
    else:
        typer.echo(f"{reason.zh} {remedy.zh}\n{reason.en} {remedy.en}", err=True)
    raise typer.Exit(code)
