# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The settings of a way out by mail."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, model_validator

from connectors.sdk import STRICT, Secret
from contracts.fault import UnsuitableError
from contracts.text import Text

_MAILBOX = r"^[!#$%&'*+/=?^_`{|}~0-9A-Za-z.-]{1,64}@[0-9A-Za-z.-]{1,255}$"
Mailbox = Annotated[str, Field(pattern=_MAILBOX)]


class ImapFolder(BaseModel):
    """A folder of a mail account, read by IMAP (RFC 3501); never without encryption, since a password is said."""

    model_config = STRICT

    host: str = Field(
        pattern=r"^[0-9A-Za-z.:_-]{1,255}$",
        title="IMAP 服务器",
        description="The server",
        examples=["mail.example.gov.cn"],
    )
    port: int = Field(default=993, ge=1, le=65535, title="端口", description="The port", examples=[993])
    tls: Literal["starttls", "implicit"] = Field(
        default="implicit",
        title="加密：implicit 一开始即加密，starttls 先明后密（必须成功）",
        description="implicit from the first byte, or starttls, which must succeed",
        examples=["implicit"],
    )
    tls_ca_file: str | None = Field(
        default=None,
        title="自有根证书，省略时用系统的",
        description="Own authorities; those of the system if left out",
        examples=["/etc/govhub/ca.pem"],
    )
    user: str = Field(min_length=1, max_length=200, title="登录名", description="The account", examples=["bounces"])
    password_secret: Secret = Field(
        title="口令的密钥名称", description="Name of the secret with its password", examples=["bounces-password"]
    )
    folder: str = Field(
        default="INBOX",
        pattern=r"^[\x20\x21\x23-\x5b\x5d-\x7e]{1,200}$",
        title="邮箱文件夹",
        description="The folder, as the server names it (ASCII)",
        examples=["INBOX"],
    )


class Bounces(BaseModel):
    """Where delivery status notifications lie: in a maildir, or in a folder that is read by IMAP."""

    model_config = STRICT

    maildir: str | None = Field(
        default=None,
        title="退信所在的 Maildir 目录",
        description="The maildir to which the notifications come",
        examples=["/var/mail/bounces"],
    )
    imap: ImapFolder | None = Field(
        default=None,
        title="以 IMAP 读取退信",
        description="The folder to which the notifications come, read by IMAP",
        examples=[{"host": "mail.example.gov.cn", "user": "bounces", "password_secret": "bounces-password"}],
    )
    every_seconds: float = Field(
        default=5, gt=0, le=3600, title="多久查看一次", description="How often it is looked at", examples=[5]
    )

    @model_validator(mode="after")
    def _one_place(self) -> "Bounces":
        if (self.maildir is None) == (self.imap is None):
            raise UnsuitableError(
                Text("maildir 与 imap 须写且只写其一。", "Exactly one of maildir and imap."),
                Text("请写其中一项。", "Write one of them."),
            )
        return self


class MailConfig(BaseModel):
    """One mail server that takes what we send."""

    model_config = STRICT

    host: str = Field(
        pattern=r"^[0-9A-Za-z.:_-]{1,255}$",
        title="邮件服务器",
        description="The server",
        examples=["mail.example.gov.cn"],
    )
    port: int = Field(default=25, ge=1, le=65535, title="端口", description="The port", examples=[465])
    tls: Literal["none", "starttls", "implicit"] = Field(
        default="starttls",
        title="加密：starttls 先明后密（必须成功），implicit 一开始即加密，none 仅限本机或专网",
        description=""
        "starttls (which must succeed), implicit from the first byte, or none for this machine and closed networks",
        examples=["implicit"],
    )
    tls_ca_file: str | None = Field(
        default=None,
        title="自有根证书，省略时用系统的",
        description="Own authorities; those of the system if left out",
        examples=["/etc/govhub/ca.pem"],
    )
    user: str | None = Field(
        default=None, max_length=200, title="登录名", description="The account", examples=["govhub"]
    )
    password_secret: Secret | None = Field(
        default=None,
        title="口令的密钥名称",
        description="Name of the secret with its password",
        examples=["mail-password"],
    )
    sender: Mailbox = Field(
        title="发件地址；信头 From 用它", description="The address it is sent from", examples=["notice@example.gov.cn"]
    )
    sender_name: str = Field(
        default="", max_length=50, title="发件人名称", description="The name beside it", examples=["示例区政务服务"]
    )
    bounce_address: Mailbox | None = Field(
        default=None,
        title="退信送往的地址（信封发件人），省略时同 sender",
        description="Where bounces go: the envelope's sender",
        examples=["bounces@example.gov.cn"],
    )
    carries: Literal["notice", "parcel"] = Field(
        default="notice",
        title="notice：cn.gov.notice.dispatched 写成正文；parcel：任何消息作为附件寄到 to",
        description=""
        "notice: a cn.gov.notice.dispatched becomes the text; parcel: any message goes to `to` as an attachment",
        examples=["notice"],
    )
    to: Mailbox | None = Field(
        default=None,
        title="carries: parcel 时的收件地址",
        description="Where parcels go",
        examples=["intake@example.gov.cn"],
    )
    bounces: Bounces | None = Field(
        default=None,
        title="读取退信；服务器支持 DSN（RFC 3461）时投递等它作答",
        description="Bounces are read; where the server knows DSN (RFC 3461) a delivery waits for its answer",
        examples=[{"maildir": "/var/mail/bounces"}],
    )
    timeout_seconds: float = Field(
        default=30, gt=0, le=600, title="一封信的时限", description="The longest one mail may take", examples=[30]
    )

    @model_validator(mode="after")
    def _whole(self) -> "MailConfig":
        if (self.user is None) != (self.password_secret is None):
            raise UnsuitableError(
                Text("登录名与口令须同时写。", "An account needs both user and password_secret."),
                Text("请补上另一项，或都删去。", "Add the other, or take both out."),
            )
        if self.user is not None and self.tls == "none":
            raise UnsuitableError(
                Text("口令不可明文发送。", "A password is never sent in the clear."),
                Text("请写 tls: starttls 或 implicit。", "Write tls: starttls or implicit."),
            )
        if (self.carries == "parcel") != (self.to is not None):
            raise UnsuitableError(
                Text("carries: parcel 与 to 须同时写。", "carries: parcel and to belong together."),
                Text("请补上另一项，或都删去。", "Add the other, or take both out."),
            )
        return self
