# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The operator whom the demonstration makes ready for the console: an account as any other, with a new password each time."""

import asyncio
import secrets
import sys
from asyncio.subprocess import PIPE
from dataclasses import dataclass
from pathlib import Path

_NAME = "demo"
_WHY = "demonstration"


@dataclass(frozen=True, slots=True)
class DemoOperator:
    """With what to sign in. The password is made for this run and shown on the terminal alone."""

    account: str
    password: str


async def make_ready(config: Path) -> DemoOperator | str:
    """By the same commands that anybody would use; else what they said."""
    one = DemoOperator(_NAME, secrets.token_urlsafe(9))
    added, said = await _govhub(one, config, "add", "--title", "演示 Demo", "--role", "operator", "--role", "auditor")
    if not added:  # of an earlier morning in the same journal
        known, said = await _govhub(one, config, "passwd")
        if not known:
            return said
    return one


async def _govhub(one: DemoOperator, config: Path, command: str, *more: str) -> tuple[bool, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "hub.cli.main", "operators", command, one.account, *more),
        *("--reason", _WHY, "--config", str(config), "--json"),
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
    )
    try:
        told, complaint = await process.communicate(one.password.encode() + b"\n")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.returncode == 0, (told or complaint).decode(errors="replace")[-500:]
