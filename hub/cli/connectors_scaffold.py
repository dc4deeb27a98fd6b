# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub connectors new``: a repository for a connector of one's own, which passes its suite as it is."""

from pathlib import Path
from typing import Annotated

import typer

from connectors.sdk.discovery import offered
from connectors.sdk.scaffold import fits, scaffold
from contracts.text import Text
from hub.cli.telling import FAULTY, AsJson, stop, tell_json


def new(
    name: Annotated[str, typer.Argument(help="种类的名称，如 fax。 The kind's name, such as fax.")],
    title: Annotated[str, typer.Option(help="中文名称。 Its Chinese title.")] = "新连接器",
    into: Annotated[Path, typer.Option(help="新仓库放在哪个目录。 Where the repository goes.")] = Path(),
    as_json: AsJson = False,
) -> None:
    """新建一个连接器仓库：连接器、对端模拟、测试、说明，建成即可通过测试。 A repository for a connector that passes at once."""
    if not fits(name) or name in offered():
        stop(
            Text(f"名称 {name} 不合规或已被占用。", f"The name {name} does not do, or is taken."),
            Text("请用小写字母、数字与下划线，如 fax_gateway。", "Lower-case words joined by _, such as fax_gateway."),
            as_json=as_json,
            code=FAULTY,
        )
    root = into / f"govhub-{name.replace('_', '-')}"
    if root.exists():
        stop(
            Text(f"{root} 已存在。", f"{root} exists already."),
            Text("请另取名称，或先移走。", "Take another name, or move it away first."),
            as_json=as_json,
        )
    made = scaffold(name, title, name.replace("_", " ").capitalize())
    for path, text in made.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    if as_json:
        tell_json({"written": [str(root / path) for path in made]})
        return
    typer.echo("\n".join(str(root / path) for path in made))
    typer.echo(
        f"接下来：cd {root}，pip install -e .，govhub connectors test {name}。 "
        f"Next: cd {root}, pip install -e ., govhub connectors test {name}."
    )
