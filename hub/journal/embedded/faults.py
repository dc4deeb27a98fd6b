# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Why the embedded database does not start: a value with a stable code, and what to do about it."""

import errno
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from contracts.text import Text


class FaultCode(StrEnum):
    """What a program may branch on."""

    NO_BINARIES = "no_binaries"
    """The wheel with PostgreSQL is missing, or its programs do not run on this machine."""
    DIRECTORY_NOT_OURS = "directory_not_ours"
    """The directory holds something else, or belongs to somebody else."""
    DATA_MISSING = "data_missing"
    """The directory points to data that is gone; starting empty would hide the loss."""
    IN_USE = "in_use"
    """A living hub holds this directory."""
    SERVER_ELSEWHERE = "server_elsewhere"
    """A database server of this directory runs where this process cannot reach it."""
    NO_OS_USER = "no_os_user"
    """There is no user without privileges to run PostgreSQL as."""
    OTHER_VERSION = "other_version"
    """The data was written by another major version of PostgreSQL."""
    PASSWORD_LOST = "password_lost"  # noqa: S105  # because this is the name of a fault
    """There is data, but the file with its password is gone or wrong."""
    DISK_FULL = "disk_full"
    """No space left, or a quota reached."""
    INITDB_FAILED = "initdb_failed"
    """A new database could not be made."""
    SERVER_FAILED = "server_failed"
    """PostgreSQL ended during its start, or did not get ready in time."""
    IO_FAILED = "io_failed"
    """The operating system refused a file operation."""


@dataclass(frozen=True, slots=True)
class EmbeddedFault:
    """The embedded database is not running. ``log`` holds PostgreSQL's last lines where it said something."""

    code: FaultCode
    text: Text
    remedy: Text
    log: tuple[str, ...] = ()


_WORDS: Final[dict[FaultCode, tuple[Text, Text]]] = {
    FaultCode.NO_BINARIES: (
        Text("本机没有可运行的内置 PostgreSQL：{detail}", "No embedded PostgreSQL runs on this machine: {detail}"),
        Text(
            "请重新安装 govhub（pip install govhub），或在配置中给出外部 PostgreSQL 的地址。",
            "Install govhub again (pip install govhub), or give the address of a PostgreSQL in the configuration.",
        ),
    ),
    FaultCode.DIRECTORY_NOT_OURS: (
        Text(
            "目录 {directory} 不能用于内置数据库：{detail}", "Directory {directory} cannot hold the database: {detail}"
        ),
        Text("请另选一个空目录，或归还该目录的所有权。", "Choose an empty directory, or give it back to its owner."),
    ),
    FaultCode.DATA_MISSING: (
        Text("目录 {directory} 的数据不见了：{detail}", "The data of directory {directory} is gone: {detail}"),
        Text(
            "请恢复该数据（容器须把它放在卷上）；若确要从空库开始，请删除此目录。",
            "Restore it (a container must keep it on a volume); to begin with an empty database, delete the directory.",
        ),
    ),
    FaultCode.IN_USE: (
        Text(
            "目录 {directory} 正由另一个中枢使用（{detail}）", "Another hub is using directory {directory} ({detail})"
        ),
        Text("请先停止那个中枢，或另选目录。", "Stop that hub first, or choose another directory."),
    ),
    FaultCode.SERVER_ELSEWHERE: (
        Text(
            "目录 {directory} 的数据库仍在运行，但本进程够不到它：{detail}",
            "The database of {directory} still runs, out of reach of this process: {detail}",
        ),
        Text(
            "它可能在另一个容器里，或属于另一个用户；请在那里停止它。",
            "It may be in another container or belong to another user: stop it there.",
        ),
    ),
    FaultCode.NO_OS_USER: (
        Text("没有可用来运行 PostgreSQL 的普通用户：{detail}", "No user to run PostgreSQL as: {detail}"),
        Text(
            "PostgreSQL 拒绝以 root 运行，也需要用户在 /etc/passwd 中有名字；请换用这样的普通用户运行中枢。",
            "PostgreSQL refuses root, and needs a user named in /etc/passwd: run the hub as such an ordinary user.",
        ),
    ),
    FaultCode.OTHER_VERSION: (
        Text("数据库版本不符：{detail}", "The data is of another version: {detail}"),
        Text(
            "请用原版本的 govhub 启动并导出数据，或用 pg_upgrade 升级。",
            "Start it with the govhub that wrote it and dump it, or use pg_upgrade.",
        ),
    ),
    FaultCode.PASSWORD_LOST: (
        Text("内置数据库的口令文件丢失或不符：{detail}", "The password file is missing or wrong: {detail}"),
        Text("请从备份中恢复该文件。", "Restore that file from a backup."),
    ),
    FaultCode.DISK_FULL: (
        Text("磁盘空间不足：{detail}", "The disk is full: {detail}"),
        Text("请清理磁盘或扩大配额后重新启动。", "Free some space or raise the quota, then start again."),
    ),
    FaultCode.INITDB_FAILED: (
        Text("未能建立内置数据库：{detail}", "The embedded database could not be made: {detail}"),
        Text("请查看 PostgreSQL 的输出。", "See what PostgreSQL said."),
    ),
    FaultCode.SERVER_FAILED: (
        Text("内置数据库未能启动：{detail}", "The embedded database did not start: {detail}"),
        Text("请查看 PostgreSQL 的日志：{directory}", "See PostgreSQL's log: {directory}"),
    ),
    FaultCode.IO_FAILED: (
        Text("文件操作失败：{detail}", "A file operation failed: {detail}"),
        Text("请检查该目录的权限与文件系统。", "Check the permissions and the file system of that directory."),
    ),
}


def fault(code: FaultCode, *, detail: str, directory: object = "", log: Sequence[str] = ()) -> EmbeddedFault:
    """The fault of that code. ``detail`` is a short fact (a path, a pid, a version), the same in both languages."""
    text, remedy = _WORDS[code]
    places = {"detail": detail, "directory": directory}
    return EmbeddedFault(code, text.filled(**places), remedy.filled(**places), tuple(log))


def fault_of_log(code: FaultCode, log: Sequence[str], *, detail: str, directory: object) -> EmbeddedFault:
    """The fault of that code, unless PostgreSQL's last lines say that the disk is full."""
    if any("No space left on device" in line or "Disk quota exceeded" in line for line in log):
        code = FaultCode.DISK_FULL
    return fault(code, detail=detail, directory=directory, log=log)


def fault_of_error(error: OSError) -> EmbeddedFault:
    """What the operating system refused, as a fault."""
    full = error.errno in {errno.ENOSPC, errno.EDQUOT}
    words = f"{error.strerror or type(error).__name__} {error.filename or ''}".strip()
    return fault(FaultCode.DISK_FULL if full else FaultCode.IO_FAILED, detail=words)
