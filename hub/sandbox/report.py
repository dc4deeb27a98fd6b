# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The certification report of a department's connection, as data, as Markdown and as a table. 联调认证报告"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rich.table import Table

from contracts.text import Text
from hub.sandbox.plan import Reach
from hub.sandbox.stage import Finding

_MARKS = {
    "passed": Text("通过", "passed"),
    "failed": Text("未通过", "failed"),
    "skipped": Text("不适用", "does not apply"),
    "untried": Text("未试，不认证", "not tried, not certified"),
}
_LEVELS = {"error": Text("错误", "error"), "warning": Text("警告", "warning"), "info": Text("提示", "note")}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one scenario went. ``result``: ``passed``, ``failed``, ``skipped`` (it does not apply) or ``untried``."""

    name: str
    title: Text
    result: str
    case: str
    seconds: float
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All of a trial."""

    department: str
    title: str
    connector: str
    idempotency: str
    dialect: str
    govhub: str
    held_at: datetime
    contracts: tuple[str, ...]
    outcomes: tuple[Outcome, ...]
    general: tuple[Finding, ...]
    reach: Reach

    @property
    def complete(self) -> bool:
        """Whether the connection itself was tried with a department's system that the sandbox played."""
        return self.reach is Reach.PLAYED

    @property
    def verdict(self) -> Text:
        """In a few words, and only of what was tried."""
        if not self.passed:
            return Text("未通过", "failed")
        return {
            Reach.PLAYED: Text("通过", "passed"),
            Reach.REAL: Text(
                "部分通过，只认证标为通过的各项", "passed in part: certified is only what is marked as passed"
            ),
            Reach.ALONE: Text("部分通过，对接本身未认证", "passed in part: the connection itself is not certified"),
        }[self.reach]

    @property
    def passed(self) -> bool:
        """Whether no scenario failed."""
        return all(one.result != "failed" for one in self.outcomes)

    def as_dict(self) -> dict[str, Any]:
        """For programs."""
        return {
            "passed": self.passed,
            "complete": self.complete,
            "reach": self.reach.value,
            "department": self.department,
            "title": self.title,
            "connector": self.connector,
            "idempotency": self.idempotency,
            "dialect": self.dialect,
            "govhub": self.govhub,
            "heldAt": self.held_at.isoformat(timespec="seconds"),
            "contracts": list(self.contracts),
            "scenarios": [
                {
                    "name": one.name,
                    "title": one.title._asdict(),
                    "result": one.result,
                    "case": one.case,
                    "seconds": round(one.seconds, 2),
                    "findings": [_finding(finding) for finding in one.findings],
                }
                for one in self.outcomes
            ],
            "findings": [_finding(finding) for finding in self.general],
        }

    def markdown(self) -> str:
        """The report file, Chinese first."""
        lines = [
            "# 联调认证报告 / Certification report",
            "",
            f"**结论 / verdict: {self.verdict.zh} {self.verdict.en}**",
            "",
            "| 项目 / item | 内容 / content |",
            "|---|---|",
            f"| 部门系统 / system | {_cell(self.title or self.department)} (`{self.department}`) |",
            f"| 时间 / time | {self.held_at.isoformat(timespec='seconds')} |",
            f"| govhub | {self.govhub} |",
            f"| 连接器 / connector | `{self.connector}` ({self.idempotency}) |",
            f"| 方言 / dialect | `{self.dialect}` |",
            f"| 契约版本 / contract versions | {'<br>'.join(f'`{one}`' for one in self.contracts)} |",
            "",
            "## 场景 / scenarios",
            "",
            "| 场景 / scenario | 结果 / result | 秒 / s | 办件 / case |",
            "|---|---|---|---|",
            *(
                f"| {one.title.zh} {one.title.en} | {_MARKS[one.result].zh} {_MARKS[one.result].en} | {one.seconds:.1f} "
                f"| `{one.case}` |"
                for one in self.outcomes
            ),
            "",
            "## 发现与改正办法 / findings and remedies",
            "",
        ]
        found = self.found()
        for finding, where in found.items():
            lines += _paragraph("、".join(where), finding)
        if not found:
            lines += ["无 / none", ""]
        return "\n".join(lines)

    def found(self) -> Mapping[Finding, Sequence[str]]:
        """What was found, the worst first, each once, and in which scenarios."""
        found: dict[Finding, list[str]] = {finding: ["全部 all"] for finding in self.general}
        for one in self.outcomes:
            for finding in one.findings:
                found.setdefault(finding, []).append(one.title.zh)
        return dict(sorted(found.items(), key=lambda entry: tuple(_LEVELS).index(entry[0].severity)))

    def table(self) -> Table:
        """For a terminal."""
        table = Table(title=f"联调认证 Certification: {self.title or self.department}")
        for heading in ("场景 scenario", "结果 result", "秒 s", "发现 findings"):
            table.add_column(heading, overflow="fold")
        for one in self.outcomes:
            mark, style = _MARKS[one.result], {"passed": "green", "failed": "red"}.get(one.result, "dim")
            table.add_row(
                f"{one.title.zh} {one.title.en}",
                f"[{style}]{mark.zh} {mark.en}[/]",
                f"{one.seconds:.1f}",
                "\n".join(f"{_LEVELS[f.severity].zh} {f.code}" for f in one.findings),
            )
        return table


def told(finding: Finding) -> str:
    """A finding in two lines for people."""
    level = _LEVELS[finding.severity]
    where = f" ({', '.join(finding.paths[:5])})" if finding.paths else ""
    return (
        f"{level.zh} {level.en} {finding.code}{where}\n  {finding.text.zh} {finding.remedy.zh}\n"
        f"  {finding.text.en} {finding.remedy.en}"
    )


def _paragraph(where: str, finding: Finding) -> list[str]:
    level = _LEVELS[finding.severity]
    paths = f" {', '.join(f'`{path}`' for path in finding.paths)}" if finding.paths else ""
    return [
        f"- **{level.zh} {level.en}** `{finding.code}` · {where}{paths}",
        f"  - {finding.text.zh} {finding.remedy.zh}",
        f"  - {finding.text.en} {finding.remedy.en}",
        "",
    ]


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "severity": finding.severity,
        "code": finding.code,
        "text": finding.text._asdict(),
        "remedy": finding.remedy._asdict(),
        "paths": list(finding.paths),
    }


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
