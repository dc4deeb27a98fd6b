# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub keys``: API keys for systems and operators."""

import secrets
import sys
from typing import Annotated

import typer

from certs.api_key import digest_of, new_key
from hub.cli.telling import AsJson, tell_json

app = typer.Typer(help="系统与操作员的 API 密钥。 API keys of systems and operators.", no_args_is_help=True)


@app.command()
def new(
    holder: Annotated[str, typer.Argument(help="系统或操作员的编号。 The id of the system or operator.")],
    operator: Annotated[bool, typer.Option("--operator", help="给操作员。 For an operator.")] = False,
    as_json: AsJson = False,
) -> None:
    """生成一个新密钥；只显示一次，部署文件里只写摘要。 Make a new key; shown once, only its digest is configured."""
    key = new_key(secrets.token_bytes)
    if as_json:
        tell_json({"operator" if operator else "system": holder, "key": key, "digest": digest_of(key)})
        return
    section = f"operators:\n    {holder}:\n      may: [read]" if operator else f"systems:\n    {holder}:"
    typer.echo(f"密钥（交给 {holder}，只显示这一次） Key (give it to {holder}; shown only now):\n  {key}")
    typer.echo(f"部署文件 In the deployment file:\n  {section}\n      keys: ['{digest_of(key)}']")


@app.command()
def digest(
    key: Annotated[str, typer.Argument(help="密钥，- 为标准输入。 The key; - reads standard input.")],
    as_json: AsJson = False,
) -> None:
    """计算一个密钥的摘要。 The digest of a key, as the deployment file wants it."""
    value = sys.stdin.readline().strip() if key == "-" else key
    if as_json:
        tell_json({"digest": digest_of(value)})
    else:
        typer.echo(digest_of(value))
