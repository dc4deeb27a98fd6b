# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub routes``: check a table before it runs, and ask it what it would do with a message."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import orjson
import typer

from contracts.attributes import Attributes
from contracts.bindings.event_format import read as read_event
from contracts.contract import Checked, Contract
from contracts.located import Fault, read
from contracts.problem import problem
from contracts.publishing.packages import installed
from contracts.refusal import Refusal
from contracts.strict_json import parse
from contracts.text import Text
from hub.cli import routes_activating, routes_checking, routes_diff
from hub.cli.routes_testing import tell_ran
from hub.cli.telling import DEFAULT_CONFIG, FAULTY, AsJson, Config, stop, tell_faults, tell_json
from hub.cli.which_table import Active, Table, said, which
from hub.config.load import Loaded
from routing.case_file import beside
from routing.explain import Explanation, explain
from routing.expressions import Said, language
from routing.index import CompiledTable, compile_table
from routing.programs import compile_expressions
from routing.table import RouteTable, table_of
from routing.trying import run as try_cases
from routing.verdict import verdict

app = typer.Typer(help="路由表：检查、试用例、解释。 The route table: check, test, explain.", no_args_is_help=True)

app.command("check")(routes_checking.check)
app.command("diff")(routes_diff.diff)
app.command("activate")(routes_activating.activate)
app.command("shadow")(routes_activating.shadow)
app.command("unshadow")(routes_activating.unshadow)
app.command("status")(routes_activating.status)
app.command("show")(routes_activating.show)


@app.command("test")
def try_beside(
    table: Annotated[
        Path | None,
        typer.Argument(
            help="路由表文件，不需部署文件；省略则为部署所用的表。 A table by itself; none: that of the deployment."
        ),
    ] = None,
    config: Config = DEFAULT_CONFIG,
    cases: Annotated[
        Path | None,
        typer.Option("--cases", help="用例文件；省略则为路由表旁的 _test.yaml。 Cases; default: _test.yaml beside it."),
    ] = None,
    active: Active = False,
    as_json: AsJson = False,
) -> None:
    """试路由表旁的用例：哪条消息去哪里。 Try the cases beside the table: which message goes where.

    --active 用现用的表试部署所用路由表旁的用例。 --active tries the table in force on the cases beside the deployment's.
    """
    if table is None or active:
        named = "" if table is None else str(table)
        loaded, chosen = asyncio.run(which(config, named, active=active, as_json=as_json))
        file, compiled, registry = loaded.path(loaded.deployment.routes), chosen.table, loaded.registry
        if not as_json:
            typer.echo(said(chosen))
    else:
        file, compiled, registry = table, _alone(table, as_json=as_json), installed().registry
    located = read(cases or beside(file))
    ran = (located,) if isinstance(located, Fault) else try_cases(located, compiled, registry)
    if isinstance(ran, tuple):
        tell_faults(ran, as_json=as_json)
        raise typer.Exit(FAULTY)
    assert not isinstance(located, Fault), "faults were told"
    tell_ran(ran, located.file, as_json=as_json)


@app.command(name="explain")
def explain_message(
    message: Annotated[
        Path,
        typer.Argument(help="CloudEvents JSON 文件，- 为标准输入。 A CloudEvents JSON file; - reads standard input."),
    ],
    active: Active = False,
    table: Table = "",
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """说明一条消息会匹配哪些路由，哪些差一点，为什么。 Which routes take a message, which nearly do, and why not.

    依部署文件所指的路由表；--active 依现用的表，--table 依另一张。 By the deployment's file; or --active, or --table.
    """
    loaded, chosen = asyncio.run(which(config, table, active=active, as_json=as_json))
    try:
        body = sys.stdin.buffer.read() if str(message) == "-" else message.read_bytes()
    except OSError as error:
        stop(
            Text(f"文件读不出来：{message}（{error.strerror}）。", f"Cannot read {message}: {error.strerror}."),
            Text("请检查路径。", "See to the path."),
            as_json=as_json,
            code=FAULTY,
        )
    checked = _checked(loaded, body)
    if isinstance(checked, Refusal):
        _tell_refusal(checked, as_json=as_json)
        raise typer.Exit(1)
    contract, valid, attributes = checked

    def record() -> Said:
        return language(contract).said(orjson.loads(valid.canonical), attributes.source)

    explanation = explain(chosen.table, attributes, record)
    refusal = verdict(chosen.table, attributes, valid.warnings, record).refusal
    if as_json:
        odd = [{"code": warning.code, "path": warning.path} for warning in valid.warnings]
        told = problem(refusal, None) if refusal else None
        tell_json({"table": chosen.as_dict(), **explanation.as_dict(), "warnings": odd, "refusal": told})
        return
    typer.echo(said(chosen))
    _tell_explanation(explanation)
    for warning in valid.warnings:
        typer.echo(f"警告 warning  {warning.code} {warning.path}: {warning.expected.zh} / {warning.expected.en}")
    if refusal:
        typer.echo(f"会被拒收 would be refused  {refusal.code} {refusal.detail.zh} {refusal.detail.en}")


def _alone(file: Path, *, as_json: bool) -> CompiledTable:
    """A table without its deployment."""
    source = read(file)
    table = source if isinstance(source, Fault) else table_of(source)
    faults = (table,) if isinstance(table, Fault) else table
    if isinstance(faults, RouteTable):
        expressions = compile_expressions(faults, installed().registry)
        if not expressions.faults:
            return compile_table(faults, programs=expressions.programs)
        faults = expressions.faults
    tell_faults(faults, as_json=as_json)
    raise typer.Exit(FAULTY)


def _tell_explanation(explanation: Explanation) -> None:
    typer.echo(f"目的地 Destinations: {', '.join(explanation.plan.destinations) or '无 none'}")
    if explanation.plan.fallback:
        typer.echo("没有部门系统接收，由兜底路由送达。 No department's system takes it: it goes by a fallback.")
    for name, carriage in explanation.plan.carriages.items():
        typer.echo(f"到 to {name}: {orjson.dumps(carriage.as_dict()).decode()}")
    for one in explanation.matched:
        kind = f"  as: {one.kind}" if one.kind != "deliver" else ""
        strict = "  identifiers: refuse" if one.strict else ""
        typer.echo(f"匹配 matched  {one.route}  {one.file}:{one.line}{kind}{strict}")
    for one in explanation.nearly:
        typer.echo(f"差一点 nearly  {one.route}  {one.file}:{one.line}")
        if one.miss:
            typer.echo(f"    {one.miss.sentence.zh}\n    {one.miss.sentence.en}")
    typer.echo(
        f"共 {explanation.considered} 条路由，差一点的 {explanation.nearly_count} 条。 "
        f"{explanation.considered} routes, {explanation.nearly_count} of them nearly."
    )


def _checked(loaded: Loaded, body: bytes) -> tuple[Contract, Checked, Attributes] | Refusal:
    value = parse(body)
    if isinstance(value, Refusal):
        return value
    event = read_event(value)
    if isinstance(event, Refusal):
        return event
    contract = loaded.registry.resolve(event.type, event.dataschema)
    if isinstance(contract, Refusal):
        return contract
    checked = contract.check(event.data, event.subject)
    if not isinstance(checked, Checked):
        return contract.invalid(checked)
    return contract, checked, checked.attributes(event.source)


def _tell_refusal(refusal: Refusal, *, as_json: bool) -> None:
    if as_json:
        tell_json(problem(refusal, None))
        return
    typer.echo(f"{refusal.code} {refusal.detail.zh} {refusal.detail.en}", err=True)
    for violation in refusal.violations:
        typer.echo(f"  {violation.path}: {violation.expected.zh}；{violation.remedy.zh}", err=True)
        typer.echo(f"    {violation.expected.en}; {violation.remedy.en}", err=True)
