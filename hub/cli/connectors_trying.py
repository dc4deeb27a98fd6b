# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""``govhub connectors test`` and ``check``: whether a connector keeps its rules, and whether what is configured is there."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, NoReturn

import structlog
import typer
from rich.console import Console
from rich.table import Table

from connectors.sdk import Accepted, Delivered
from connectors.sdk.fencing.fence import Fence
from connectors.sdk.fencing.privileges import be_unreadable
from connectors.sdk.fencing.trial import attempt
from connectors.sdk.reporting import REFERENCE, REPORT
from contracts.text import Text
from hub.checking import Checked, check_all
from hub.cli.connectors_kinds import Kind, known, reference_of
from hub.cli.telling import DEFAULT_CONFIG, FAULTY, AsJson, Config, stop, tell_faults, tell_json
from hub.config.load import load_deployment

_HERE = Path(__file__).resolve().parents[2]
_MARKS = {"passed": "✓", "failed": "✗", "exempt": "○", "skipped": "–"}


def try_kind(
    kind: Kind,
    suite: Annotated[
        Path | None,
        typer.Option(help="测试所在目录，默认当前目录的 tests。 Where its suite is; tests in this folder unless said."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """按一致性规则测试一种连接器，逐条列出结果。 Try a connector by the conformance rules, and say how each was kept."""
    known(kind, as_json=as_json)
    reference = reference_of(kind)
    where = suite or _suite_of(reference)
    if find_spec("pytest") is None or find_spec("pytest_asyncio") is None:
        stop(
            Text("测试需要 pytest 和 pytest-asyncio。", "The suite needs pytest and pytest-asyncio."),
            Text("请安装：pip install pytest pytest-asyncio", "pip install pytest pytest-asyncio"),
            as_json=as_json,
            code=FAULTY,
        )
    results, ended = _run(reference, where)
    if not results:
        stop(
            Text(f"{where} 中没有 {kind} 的测试。", f"There is no suite of {kind} in {where}."),
            Text(
                "请用 --suite 指明目录；写法见连接器 SDK 的说明。" + ended,
                "Name its folder with --suite; the SDK's page says how to write one.",
            ),
            as_json=as_json,
            code=FAULTY,
        )
    broken = sum(one["result"] == "failed" for one in results)
    if as_json:
        tell_json({"kind": kind, "kept": not broken, "broken": broken, "rules": results})
    else:
        _tell_rules(kind, results)
    raise typer.Exit(1 if broken else 0)


def check(config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """检查每个目的地、来源和查询的配置与对端。 Every destination, source and lookup: its settings, and who is there."""
    loaded = load_deployment(config)
    if isinstance(loaded, tuple):
        tell_faults(loaded, as_json=as_json)
        raise typer.Exit(FAULTY)
    silent = structlog.wrap_logger(None, processors=[_drop], wrapper_class=structlog.make_filtering_bound_logger(0))
    found = asyncio.run(check_all(loaded, silent))
    bad = [one for one in found if not _is_there(one)]
    holes = _holes(found)
    if as_json:
        tell_json({"checked": [_as_dict(one) for one in found], "away": len(bad), "not_stopped": holes})
    else:
        _tell_checked(found)
        if holes:
            typer.echo(
                "本机的隔离不完整，详见 govhub connectors doctor。 "
                "The fence has holes on this machine: govhub connectors doctor tells which."
            )
    raise typer.Exit(1 if bad else 0)


def _holes(found: Sequence[Checked]) -> list[str]:
    """What a third party's connector could do on this machine though it should not, where there is one apart."""
    if all(one.isolation == "hub" for one in found):
        return []
    be_unreadable()
    tried = attempt(Fence())
    return [tried] if isinstance(tried, str) else [one.value for one, held in tried.items() if not held]


def _drop(_logger: object, _level: str, _event: object) -> NoReturn:
    raise structlog.DropEvent


def _suite_of(reference: str) -> Path:
    """Ours have their suites beside them in a checkout; others where their author stands."""
    package = reference.partition(":")[0].split(".")
    ours = _HERE / "tests" / "connectors" / package[1] if package[0] == "connectors" else None
    return ours if ours is not None and ours.is_dir() else Path("tests")


def _run(reference: str, where: Path) -> tuple[list[dict[str, str]], str]:
    """Every rule's result, and what was said last when there is none."""
    with TemporaryDirectory() as folder:
        report = Path(folder, "report")
        root = next(
            (one for one in (where.resolve(), *where.resolve().parents) if (one / "pyproject.toml").is_file()),
            Path.cwd(),
        )
        done = subprocess.run(  # noqa: S603  # because it is our own interpreter on the author's own tests
            [
                sys.executable, "-m", "pytest", str(where.resolve()), "-q", "-p", "connectors.sdk.reporting",
                "-p", "no:cacheprovider", "-o", "asyncio_mode=auto",
            ],
            cwd=root, capture_output=True, text=True, check=False,
            env={**os.environ, REFERENCE: reference, REPORT: str(report)},
        )  # fmt: skip
        lines = report.read_text("utf-8").splitlines() if report.is_file() else []
    return [json.loads(line) for line in lines], "" if lines else "\n" + done.stdout[-2000:] + done.stderr[-2000:]


def _tell_rules(kind: str, results: Sequence[Mapping[str, str]]) -> None:
    table = Table(title=f"{kind}", box=None, pad_edge=False, title_justify="left")
    for heading in ("规则 rule", "中枢进程 hub", "单独进程 process", "含义 meaning"):
        table.add_column(heading, overflow="fold")
    by_rule: dict[tuple[str, str], dict[str, Mapping[str, str]]] = {}
    for one in results:
        by_rule.setdefault((one["suite"], one["rule"]), {})[one["isolation"]] = one
    for (_, rule), ways in by_rule.items():
        marks = [_MARKS.get(ways[way]["result"], "?") if way in ways else "" for way in ("none", "process")]
        said = [one["said"] for one in ways.values() if one["result"] in {"failed", "exempt"} and one["said"]]
        table.add_row(rule, *marks, "\n".join([next(iter(ways.values()))["meaning"], *dict.fromkeys(said)]))
    Console().print(table)
    counts = {result: sum(one["result"] == result for one in results) for result in _MARKS}
    typer.echo(
        f"遵守 {counts['passed']}，违反 {counts['failed']}，豁免 {counts['exempt']}。 "
        f"Kept {counts['passed']}, broken {counts['failed']}, exempt {counts['exempt']}."
    )


def _is_there(one: Checked) -> bool:
    return one.outcome is None or isinstance(one.outcome, Delivered | Accepted)


def _as_dict(one: Checked) -> dict[str, object]:
    return {
        "name": one.name,
        "role": one.role,
        "kind": one.kind,
        "isolation": one.isolation,
        "outcome": "not asked" if one.outcome is None else type(one.outcome).__name__,
        "detail": one.detail,
    }


def _tell_checked(found: Sequence[Checked]) -> None:
    table = Table(box=None, pad_edge=False)
    for heading in ("名称 name", "用途 role", "种类 kind", "运行于 runs in", "结果 result"):
        table.add_column(heading, overflow="fold")
    for one in found:
        if one.outcome is None:
            result = "○ 被调用，无需检查 is called, nobody to ask"
        elif _is_there(one):
            result = f"✓ 可达 there {one.detail}"
        else:
            result = f"✗ {type(one.outcome).__name__}: {one.detail}"
        table.add_row(one.name, one.role, one.kind, one.isolation, result)
    Console().print(table)
