# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub connectors ask``: one question to a lookup of the deployment, past its memory."""

import asyncio
import sys
from typing import Annotated

import structlog
import typer
from rich.console import Console
from rich.table import Table

from connectors.sdk import Finding, Found, NotFound, Rejected, Unavailable
from contracts.text import Text
from hub.cli.telling import DEFAULT_CONFIG, FAULTY, AsJson, Config, stop, tell_faults, tell_json
from hub.config.credentials import secrets_of
from hub.config.load import Loaded, load_deployment
from hub.config.lookups import Askable
from hub.lookups.desk import open_window
from hub.ports.clock import SystemClock
from hub.ports.journal import JournalDown


def ask(
    name: Annotated[str, typer.Argument(help="查询的名称。 The lookup's name.")],
    criteria: Annotated[list[str], typer.Argument(help="条件：名称=值。 Criteria, as name=value.")],
    purpose: Annotated[str, typer.Option(help="查询事由，记入日志。 Why; it is logged.")] = "operator",
    config: Config = DEFAULT_CONFIG,
    as_json: AsJson = False,
) -> None:
    """向一个查询提问，用于试配置。 Ask a lookup once, to try its settings."""
    loaded = load_deployment(config)
    if isinstance(loaded, tuple):
        tell_faults(loaded, as_json=as_json)
        raise typer.Exit(FAULTY)
    askable = loaded.lookups.get(name)
    if askable is None:
        known = "、".join(loaded.lookups) or "–"
        stop(
            Text(f"没有名为 {name} 的查询。", f"There is no lookup {name}."),
            Text(f"已配置：{known}", f"There are: {known}"),
            as_json=as_json,
            code=FAULTY,
        )
    given = {before: value for before, _, value in (one.partition("=") for one in criteria)}
    finding = asyncio.run(_ask(loaded, askable, given, purpose))
    _tell(finding, as_json=as_json)


async def _ask(loaded: Loaded, askable: Askable, criteria: dict[str, str], purpose: str) -> Finding:
    secret = secrets_of(loaded, askable.section.settings)
    # Standard output is for the answer, which a program may read.
    log = structlog.wrap_logger(structlog.PrintLogger(sys.stderr))
    async with open_window(askable, secret, SystemClock(), log) as window:
        told = await window.ask(criteria, system="", purpose=purpose)
        assert not isinstance(told, JournalDown), "without a ledger nothing is recorded"
        return told.finding


def _tell(finding: Finding, *, as_json: bool) -> None:
    match finding:
        case Found(records=records, complete=complete):
            if as_json:
                tell_json({"found": True, "records": [dict(one) for one in records], "complete": complete})
            else:
                table = Table(*map(str, records[0]))
                for record in records:
                    table.add_row(*("" if value is None else str(value) for value in record.values()))
                Console().print(table)
        case NotFound():
            if as_json:
                tell_json({"found": False, "records": [], "complete": True})
            else:
                Console().print("无此记录 / nothing of the kind")
        case Rejected(code=code, detail=detail, violations=violations):
            told = "; ".join((detail, *violations))
            stop(
                Text(f"查询被拒绝：{code} {told}", f"The question was refused: {code} {told}"),
                Text("请改正条件或该查询的配置。", "Mend the criteria, or the lookup's settings."),
                as_json=as_json,
            )
        case Unavailable(reason=reason):
            stop(
                Text(f"暂时查询不到：{reason}", f"It cannot be asked now: {reason}"),
                Text("请检查对方是否可达、账号与密钥。", "See to the far side, the account and its secret."),
                as_json=as_json,
            )
