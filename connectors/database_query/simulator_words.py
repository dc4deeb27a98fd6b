# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What can be said to the simulated register: the words of its script, its options, and the records it has."""

from collections.abc import Mapping
from typing import Final

from pydantic import BaseModel, Field

from connectors.sdk import STRICT
from connectors.sdk.simulator import Word

TABLE: Final = "simulated_register"
PREFIX: Final = "SIM-"
"""How every code begins, so that a question can be told from all else that is said to a database."""
RECORDS: Final[tuple[Mapping[str, str | None], ...]] = (
    {"code": "SIM-0001", "name": "示例企业有限公司", "status": "有效", "since": "2026-03-01", "share": "12.50"},
    {"code": "SIM-0002", "name": "样本商贸中心", "status": "注销", "since": "2020-01-15", "share": "100.00"},
    {"code": "SIM-0003", "name": "𠮷祥虚构合作社", "status": "有效", "since": "2021-06-30", "share": "0.00"},
    {"code": "SIM-0004", "name": None, "status": None, "since": None, "share": None},
    *(
        {"code": "SIM-0005", "name": f"虚构分店{n:02}", "status": "有效", "since": None, "share": None}
        for n in range(1, 31)
    ),
)
"""Everything there is: a valid entry, a cancelled one, rare characters, an empty one, and thirty under one code. All made up."""


class Step(Word):
    """What becomes of one question: of whatever brings a code that begins with ``SIM-``."""

    OK = "ok", "按库中记录作答", "answered from the register"
    SLOW = "slow", "迟答", "answered late"
    LOCK = "lock", "表被锁住一会", "the table is locked for a while"
    MISSING = "missing", "表被改名，片刻之后改回", "the table has another name for a while"
    CUT = "cut", "不作答即断开", "the connection is cut without an answer"
    HANG = "hang", "长时间不作答，然后断开", "not answered for a while, and then cut"
    GARBAGE = "garbage", "回答无法读懂", "answered with what nobody can read"
    RESTART = "restart", "全部断开，片刻之后才能再连", "everything is cut, and nothing listens for a while"


class LookupOptions(BaseModel):
    """Which database, and how long things take."""

    model_config = STRICT

    url: str = Field(
        description="数据库地址（PostgreSQL 或 MariaDB/MySQL）。 The database, as postgresql://127.0.0.1:5432/register."
    )
    user: str = Field(description="用户名，须可建表。 The account; it must be allowed to make tables.")
    password_env: str = Field(
        default="PGPASSWORD", description="存放口令的环境变量。 The variable that holds the password."
    )
    slow_seconds: float = Field(default=2.0, gt=0, description="slow 多久才答（秒）。 How late slow answers.")
    away_seconds: float = Field(
        default=10.0,
        gt=0,
        description="lock、missing、hang、restart 多久（秒）。 How long lock, missing, hang and restart take.",
    )
