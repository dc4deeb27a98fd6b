# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The settings that say where the files lie. Nothing in here is secret: secrets are named, and asked for at each connection."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, Field, model_validator

from connectors.file_drop.file_system import is_sound
from connectors.sdk import STRICT, Secret


def _name(value: str) -> str:
    if not is_sound(value.encode("utf-8", "surrogatepass")) or "\\" in value:
        raise ValueError("one name, without / and \\")
    return value


def _host(value: str) -> str:
    if any(one in value for one in "/@ \t\r\n") or not value:
        raise ValueError("a name or an address and nothing else: port and user have settings of their own")
    return value


Name = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_name)]
"""One name of a file or folder, never a path."""
NameEncoding = Literal["utf-8", "gb18030", "gbk"]


class PlaceConfig(BaseModel):
    """Which folder, reached how, and as whom."""

    model_config = STRICT

    carrier: Literal["local", "sftp", "ftp", "ftps"] = Field(
        title="local：本机或挂载的目录；sftp；ftp；ftps：显式 TLS（AUTH TLS）的 FTP。",
        default="local",
        description="local: a folder of this machine or one mounted here; sftp; ftp; ftps: FTP with explicit TLS (AUTH TLS).",
        examples=["sftp"],
    )
    folder: str = Field(
        title="目录，须已存在；写绝对路径，sftp 也可相对于登录后的位置。",
        min_length=1,
        max_length=1000,
        description="The folder, which must exist: absolute; with sftp it may be relative to where the server puts us.",
        examples=["/srv/exchange/housing"],
    )
    name_encoding: NameEncoding = Field(
        title="对方书写文件名的编码；取入的文件名一律按字节保留。",
        default="utf-8",
        description="How names are written at the far side. Names that were taken in are kept byte for byte either way.",
        examples=["gb18030"],
    )
    needs: Name | None = Field(
        title="仅 local：目录中必须有的名字，没有则视为未挂载。",
        default=None,
        description="Only for local: a name that must lie in the folder; without it the share counts as not mounted.",
        examples=[".mounted"],
    )
    host: Annotated[str, AfterValidator(_host)] | None = Field(
        title="服务器，本机目录不写。",
        default=None,
        max_length=255,
        description="The server, where it is not local.",
        examples=["files.example.gov.cn"],
    )
    port: int | None = Field(
        title="端口，默认 22 或 21。",
        default=None,
        ge=1,
        le=65535,
        description="Its port, if not the usual 22 or 21.",
        examples=[2222],
    )
    user: str = Field(
        title="登录的用户。", default="", max_length=200, description="The user to log in as.", examples=["govhub"]
    )
    password_secret: Secret | None = Field(
        title="存放口令的秘密名称。",
        default=None,
        description="The name of the secret that holds the password.",
        examples=["housing-files"],
    )
    key_secret: Secret | None = Field(
        title="仅 sftp：存放私钥（OpenSSH 或 PEM）的秘密名称。",
        default=None,
        description="Only for sftp: the name of the secret that holds the private key, in OpenSSH or PEM form.",
        examples=["housing-sftp-key"],
    )
    host_keys: tuple[str, ...] = Field(
        title="仅 sftp，必填：服务器的公钥，即 ssh-keyscan 输出中主机名之后的部分；不与其他服务器通信。",
        default=(),
        max_length=10,
        description="Only for sftp, and needed there: the server's public host keys, as `ssh-keyscan` prints them after the "
        "host's name. No other server is spoken to.",
        examples=[["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI..."]],
    )
    tls_ca_file: str | None = Field(
        title="仅 ftps：可为服务器担保的机构的 PEM 文件，代替系统自带的。",
        default=None,
        min_length=1,
        description="Only for ftps: a PEM file of the authorities that may vouch for the server, instead of the system's.",
        examples=["/etc/govhub/trust/city-ca.pem"],
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        fault = _local_fault(self) if self.carrier == "local" else _remote_fault(self)
        if fault:
            raise ValueError(fault)
        return self


def _local_fault(place: PlaceConfig) -> str:
    if not place.folder.startswith("/"):
        return "folder: a local folder is written as an absolute path"
    remote = place.host or place.user or place.password_secret or place.key_secret or place.host_keys
    return "a local folder has no host, user, password, key and host keys" if remote else ""


def _remote_fault(place: PlaceConfig) -> str:
    if not place.host or not place.user:
        return f"{place.carrier} needs host and user"
    if place.needs:
        return "needs: only a local folder can be a share that is not mounted"
    if place.carrier == "sftp":
        if not place.host_keys:
            return "host_keys: without them nobody knows whom the files are given to"
        return "" if place.key_secret or place.password_secret else "sftp needs key_secret or password_secret"
    if place.key_secret or place.host_keys or not place.password_secret:
        return f"{place.carrier} needs password_secret, and has no key and no host keys"
    if not place.folder.startswith("/"):
        return "folder: on an FTP server a folder is written as an absolute path"
    return ""
