# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub connectors sandbox``: a department's connection, tried and certified."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from contracts.text import Text
from hub.cli.telling import FAULTY, AsJson, stop, tell_faults, tell_json
from hub.logging import configure
from hub.ports.clock import SystemClock
from hub.sandbox.plan import Plan, Wishes, plan
from hub.sandbox.report import Report, told
from hub.sandbox.script import Folder, read_folder
from hub.sandbox.trial import Trial, hold
from hub.start_failures import Failure

_WIDTH = 120


def sandbox(
    folder: Annotated[
        Path,
        typer.Argument(
            help="部门文件夹，内有 govhub.yaml 与 sandbox.yaml。 A department's folder.", metavar="DEPARTMENT_FOLDER"
        ),
    ],
    report: Annotated[
        Path | None, typer.Option(help="把认证报告写入此 Markdown 文件。 Write the report to this Markdown file.")
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", help="只演练这个场景，可多次给出。 Only this scenario; may be repeated."),
    ] = None,
    seconds: Annotated[
        float, typer.Option(min=1, max=600, help="每一步最多等几秒。 How long anything may take to come.")
    ] = 30.0,
    journal: Annotated[
        str, typer.Option(help="空数据库的地址，默认内置。 The URL of an empty database instead of the embedded one.")
    ] = "embedded",
    broker: Annotated[
        str | None,
        typer.Option(
            help="演练 amqp 用的 RabbitMQ 地址（含用户与口令），或 env:NAME。 A RabbitMQ for amqp, or env:NAME.",
            metavar="URL",
        ),
    ] = None,
    real: Annotated[
        bool,
        typer.Option("--real", help="对部门的测试系统真实演练（sandbox.yaml 的 test_system）。 Reach its test system."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """在自带的中枢上演练部门的对接，出具认证报告；未通过则退出码为 1。 Try and certify a connection."""
    read = read_folder(folder)
    wishes = Wishes(journal, seconds, tuple(only or ()), broker, real)
    held: Trial = read if not isinstance(read, Folder) else _held(read, wishes, as_json=as_json)
    match held:
        case Failure():
            stop(held.reason, held.remedy, as_json=as_json, code=FAULTY)
        case Report():
            _tell(held, report, as_json=as_json)
            raise typer.Exit(0 if held.passed else 1)
        case faults:
            tell_faults(faults, as_json=as_json)
            raise typer.Exit(FAULTY)


def _held(folder: Folder, wishes: Wishes, *, as_json: bool) -> Trial:
    planned = plan(folder, wishes)
    if isinstance(planned, Plan) and (told := planned.told()) is not None and not as_json:
        typer.echo(f"{told.zh}\n{told.en}")  # at once: the rest may take a while
    return asyncio.run(hold(folder, wishes, SystemClock(), configure("critical")))


def _tell(held: Report, report: Path | None, *, as_json: bool) -> None:
    if report is not None:
        try:
            report.write_text(held.markdown(), encoding="utf-8")
        except OSError as error:
            reason = Text(
                f"报告写不进 {report}（{error.strerror}）。", f"The report cannot be written: {error.strerror}."
            )
            stop(reason, Text("请换一个路径。", "Choose another path."), as_json=as_json, code=FAULTY)
    if as_json:
        tell_json(held.as_dict())
        return
    console = Console()
    if not console.is_terminal:
        console = Console(width=_WIDTH)
    console.print(held.table())
    for finding in held.found():
        typer.echo(told(finding))
    typer.echo(f"结论：{held.verdict.zh} Verdict: {held.verdict.en}")
