# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub cases find``: cases by the number of a person or body, read from the keyboard or a pipe, and written nowhere."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from contracts.person_keys import NumberKind, normalised
from contracts.text import Text
from hub.cli.consulting import away, consulted
from hub.cli.telling import DEFAULT_CONFIG, FAULTY, AsJson, Config, stop, tell_json
from hub.ports.journal import JournalDown

_KINDS = {"id-number": NumberKind.ID_NUMBER, "phone": NumberKind.PHONE, "credit-code": NumberKind.CREDIT_CODE}


def find(
    kind: Annotated[str, typer.Option("--by", help="id-number、phone 或 credit-code。 One of these.")] = "id-number",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="最多多少件。 At most so many.")] = 100,
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """按证件号、电话或信用代码查办件；号码由键盘或管道输入，不写在命令行上。

    Cases by a document number, telephone or credit code; it is asked for, or read from a pipe, and never stands in the command.
    """
    if kind not in _KINDS:
        stop(
            Text(f"没有这种号码：{kind}。", f"There is no such kind of number: {kind}."),
            Text("请写 id-number、phone 或 credit-code。", "Write id-number, phone or credit-code."),
            as_json=as_json,
            code=FAULTY,
        )
    number = (
        typer.prompt("号码 Number", hide_input=True, err=True) if sys.stdin.isatty() else sys.stdin.readline().strip()
    )
    asyncio.run(_find(_KINDS[kind], number, limit, config, as_json=as_json))


async def _find(kind: NumberKind, number: str, limit: int, config: Path, *, as_json: bool) -> None:
    if not normalised(kind, number):
        stop(
            Text("没有输入号码。", "No number was given."),
            Text("请由键盘或管道输入。", "Give it by keyboard or pipe."),
            as_json=as_json,
            code=FAULTY,
        )
    async with consulted(config, as_json=as_json) as (_, journal):
        cases = await journal.persons.cases(kind, number, "", limit)
        if isinstance(cases, JournalDown):
            away(cases, as_json=as_json)
        if cases is None:
            stop(
                Text("本部署不加密个人信息，也就没有索引。", "This deployment seals nothing and keeps no index."),
                Text("请写部署文件的 sealing 一节。", "Write the section sealing of the deployment file."),
                as_json=as_json,
                code=FAULTY,
            )
        if as_json:
            tell_json({"cases": list(cases)})
        else:
            typer.echo("\n".join(cases) if cases else "没有这样的办件。 There is no such case.")
