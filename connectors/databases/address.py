# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Which database, and as whom: the settings that every kind here shares."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from connectors.sdk import STRICT, Secret

_DRIVERS = {
    "postgresql": "postgresql+asyncpg",
    "mysql": "mysql+asyncmy",
    "mariadb": "mysql+asyncmy",
    "oracle": "oracle+oracledb_async",
}


def driven(address: str) -> URL:
    """The address with the driver we use for its make; one that names a driver keeps it. Raises ``ValueError``."""
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        raise ValueError("an address of the form postgresql://host:5432/database is needed") from None
    if not url.host and "host" not in url.query:
        raise ValueError("the host is missing: postgresql://host:5432/database")
    if url.username is not None or url.password is not None:
        raise ValueError("an address holds no user and no password: use user and password_secret")
    if "+" not in url.drivername and url.drivername not in _DRIVERS:
        raise ValueError("postgresql, mysql, mariadb or oracle; or dialect+driver, as SQLAlchemy names them")
    return url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))


def _address(value: str) -> str:
    driven(value)
    return value


Identifier = Annotated[str, Field(pattern=r"^[A-Za-z_\u4e00-\u9fff][A-Za-z0-9_$#\u4e00-\u9fff]{0,127}$")]
"""A name of a table or column, without quotes and dots. It is quoted as its database wants it, never pasted."""


class DatabaseConfig(BaseModel):
    """Nothing in here is secret: the password is named, and asked for at each connection."""

    model_config = STRICT

    url: Annotated[str, Field(max_length=2048), AfterValidator(_address)] = Field(
        title="数据库地址：postgresql://、mysql://、mariadb:// 或 oracle://，加主机、端口、库名，不含用户与密码；"
        "其他数据库写 dialect+driver://，须先装好其 SQLAlchemy 方言。",
        description="The database: postgresql://, mysql://, mariadb:// or oracle://, host, port and database, without user "
        "and password; any other as dialect+driver://, once its SQLAlchemy dialect is installed.",
        examples=["postgresql://front.housing.example.gov.cn:5432/exchange"],
    )
    user: str = Field(title="登录用户。", max_length=128, description="The user to log in as.", examples=["govhub"])
    password_secret: Secret | None = Field(
        title="存放密码的秘密名称。",
        default=None,
        description="The name of the secret that holds the password.",
        examples=["housing-front-db"],
    )
    db_schema: Identifier | None = Field(
        title="表所在的模式（PostgreSQL、Oracle）或库（MySQL）；不写为该用户自己的。",
        default=None,
        alias="schema",
        description="The schema (PostgreSQL, Oracle) or database (MySQL) of the tables, unless it is the user's own.",
        examples=["qzk"],
    )
    tls: bool = Field(
        title="是否必须 TLS，并核对服务器名称。",
        default=False,
        description="Whether the connection must be TLS, with the server's name verified.",
        examples=[True],
    )
    tls_ca_file: str | None = Field(
        title="认可服务器证书的机构证书（PEM 文件）；不写用系统的。",
        default=None,
        min_length=1,
        description="A PEM file of the authorities that may vouch for the server, instead of the system's.",
        examples=["/etc/govhub/trust/city-ca.pem"],
    )
    lock_seconds: int = Field(
        title="一条语句等待他人锁的时限（秒），到时放弃，稍后再试。",
        default=5,
        ge=1,
        le=300,
        description="How long one statement waits for somebody else's lock before it gives up and is tried again later.",
        examples=[5],
    )
