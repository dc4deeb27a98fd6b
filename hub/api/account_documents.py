# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Accounts of operators as they are shown, and what is asked of them: nothing of a password, no token."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from hub.api.dead_documents import Request
from hub.api.documents import Document, says
from hub.operators import Role
from hub.ports.journal import AccountRecord, TokenRecord

# ruff: noqa: N815  # because camelCase names are the wire's

Reason = Annotated[str, Field(min_length=1, max_length=500, description="理由，不含个人信息。Why; nothing personal.")]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Because(_Asked):
    """Why something is done to an account. ``request`` is the client's own name for it; the hub makes one up unless said."""

    reason: Reason
    request: Request | None = Field(
        default=None, description="本次操作的名称，重试或第二人批准后执行时沿用。The act's name, for repeating it."
    )


class Giving(Because):
    """Roles, and for whom the account is there."""

    roles: list[Role] = Field(min_length=1, max_length=5, description="角色。Its roles.")
    regions: list[str] = Field(
        default=[], max_length=200, description="只负责这些区划，含其下各级。For these regions only."
    )
    organisations: list[str] = Field(default=[], max_length=200, description="只负责这些系统。For these systems only.")


class Adding(Giving):
    """A new account: with a password, or the ``subject`` by which the issuer calls it."""

    account: str = Field(min_length=1, max_length=63, description="账号。Its name.")
    title: str = Field(default="", max_length=100, description="显示名称。The name for display.")
    password: str = Field(default="", max_length=200, description="初始密码。Its first password.")
    subject: str = Field(default="", max_length=255, description="外部身份（OIDC 的 sub）。Its subject at the issuer.")


class NewPassword(_Asked):
    """A password of one's own, changed."""

    password: str = Field(min_length=1, max_length=200, description="现密码。The password now.")
    new: str = Field(min_length=1, max_length=200, description="新密码。The new one.")


class Account(Document):
    """One account."""

    account: str
    kind: Annotated[str, says("password 密码，oidc 外部身份", "`password` or `oidc`")]
    title: str
    roles: list[str]
    regions: list[str]
    organisations: list[str]
    createdAt: datetime
    disabledAt: datetime | None


class KeyAccount(Document):
    """An operator with a key of the deployment."""

    account: str
    rights: list[str]
    regions: list[str]
    organisations: list[str]


class Accounts(Document):
    """All of them, by name."""

    operators: list[Account]
    keys: Annotated[list[KeyAccount], says("部署文件中的密钥账号", "Those with keys of the deployment")]


class Token(Document):
    """A session or a token; what it is, only its holder knows."""

    id: UUID
    kind: str
    title: str
    createdAt: datetime
    expiresAt: datetime
    revokedAt: datetime | None


class Tokens(Document):
    """What an account holds or held, newest first."""

    tokens: list[Token]


class Ended(Document):
    """Whether there was one that was good."""

    revoked: bool


def account_document(account: AccountRecord) -> dict[str, Any]:
    """One account."""
    return {
        "account": account.name,
        "kind": "oidc" if account.subject else "password",
        "title": account.title,
        "roles": list(account.roles),
        "regions": list(account.regions),
        "organisations": list(account.organisations),
        "createdAt": account.created_at,
        "disabledAt": account.disabled_at,
    }


def tokens_document(tokens: Sequence[TokenRecord]) -> dict[str, Any]:
    """Sessions and tokens."""
    return {
        "tokens": [
            {
                "id": one.id,
                "kind": one.kind,
                "title": one.title,
                "createdAt": one.created_at,
                "expiresAt": one.expires_at,
                "revokedAt": one.revoked_at,
            }
            for one in tokens
        ]
    }
