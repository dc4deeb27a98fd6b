# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub keys``: API keys for systems."""

import secrets
import sys
from typing import Annotated

import typer

from certs.api_key import digest_of, new_key
from hub.cli.telling import AsJson, tell_json

app = typer.Typer(help="系统的 API 密钥。 API keys of systems.", no_args_is_help=True)


@app.command()
def new(
    system: Annotated[str, typer.Argument(help="系统编号。 The system's id.")],
    as_json: AsJson = False,
) -> None:
    """生成一个新密钥；只显示一次，部署文件里只写摘要。 Make a new key; shown once, only its digest is configured."""
    key = new_key(secrets.token_bytes)
    if as_json:
        tell_json({"system": system, "key": key, "digest": digest_of(key)})
        return
    typer.echo(f"密钥（交给 {system}，只显示这一次） Key (give it to {system}; shown only now):\n  {key}")
    typer.echo(f"部署文件 In the deployment file:\n  systems:\n    {system}:\n      keys: ['{digest_of(key)}']")


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
