# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The settings of one destination that is a folder, and of one source that is one."""

import re
from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from connectors.file_drop.naming import fields_of, template_fault
from connectors.file_drop.place import Name, PlaceConfig

Mode = Literal["structured", "plain", "sidecar"]
SIDECAR = ".attributes.json"
"""Put behind a file's name: the name of the file that holds its attributes."""
SIGNATURE_SUFFIX = ".sig"
"""Put behind a file's name: the name of the file that holds its sender's signature."""


def _template(value: str) -> str:
    fault = template_fault(value)
    if fault:
        raise ValueError(fault)
    if not fields_of(value) & {"key", "id"}:
        raise ValueError("a name without {key} or {id} would be the name of many messages")
    return value


def _suffix(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,20}", value) or value == SIDECAR:
        raise ValueError("a few letters, digits, dots, lines and underlines")
    return value


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"no regular expression: {error}") from None
    return value


Suffix = Annotated[str, AfterValidator(_suffix)]
Pattern = Annotated[str, Field(max_length=500), AfterValidator(_pattern)]


class SinkConfig(PlaceConfig):
    """One destination."""

    mode: Mode = Field(
        title="structured：整个 CloudEvents JSON；plain：只有正文，用目的地的方言；sidecar：正文，属性另放一个文件。",
        default="structured",
        description="structured: the whole event in the CloudEvents JSON format; plain: the body in the destination's dialect "
        f"alone; sidecar: the body, and beside it a file NAME{SIDECAR} with its attributes.",
        examples=["plain"],
    )
    name: Annotated[str, Field(max_length=200), AfterValidator(_template)] = Field(
        title="文件名模板；花括号内为 key（幂等键）、date、moment（事件时间）或任一属性；不安全的字符会被替换。",
        default="{key}.json",
        description="The file's name. In braces: key (the idempotency key), date and moment (of the event's time), or any "
        "attribute (id, type, source, subject which is the case number, ...). What is not safe in a name is replaced.",
        examples=["{date}_{subject}_{key}.xml"],
    )
    completion: Literal["none", "ok", "sha256", "sm3"] = Field(
        title="告知读者文件已完整：none 一步出现；ok 随后放空文件 NAME.ok；sha256、sm3 随后放校验文件。",
        default="none",
        description="What tells the reader that a file is whole, beside its name: none (it appears under its name in one step), "
        "ok (an empty file NAME.ok follows), sha256 or sm3 (a checksum file follows, as sha256sum writes it).",
        examples=["ok"],
    )
    ok_suffix: Suffix = Field(
        title="ok 文件加在文件名后的部分。",
        default=".ok",
        description="What is put behind the name for an ok file.",
        examples=[".ok"],
    )
    temporary_prefix: Suffix = Field(
        title="临时文件名的开头，读者应跳过。",
        default=".",
        description="How temporary names begin: what the reader passes over.",
        examples=["."],
    )
    temporary_suffix: Suffix = Field(
        title="临时文件名的结尾，读者应跳过。",
        default=".part",
        description="How temporary names end: what the reader passes over.",
        examples=[".tmp"],
    )
    idempotency: Literal["native", "queryable", "none"] = Field(
        title="native：读者认得读过的文件名，直接重发；queryable：读过的留在原处或 seen_in，先看再发；none：等人核实。",
        default="native",
        description="native: the reader knows a file's name that it has read before, so an unknown outcome is simply sent again. "
        "queryable: what was read stays, here or in one of seen_in, so the hub looks before it repeats. none: neither, so an "
        "unknown outcome waits for a person.",
        examples=["native"],
    )
    seen_in: tuple[Name, ...] = Field(
        title="仅 queryable：读者移放已读文件的子目录。",
        default=(),
        max_length=5,
        description="Only for queryable: sub-folders to which the reader moves what it has read.",
        examples=[["done"]],
    )

    @model_validator(mode="after")
    def _can_be_asked(self) -> Self:
        if self.idempotency == "queryable" and fields_of(self.name) != {"key"}:
            raise ValueError("name: to look for a file by its key alone, {key} must be the only field of the name")
        if self.seen_in and self.idempotency != "queryable":
            raise ValueError("seen_in: only where idempotency is queryable")
        return self


class SourceConfig(PlaceConfig):
    """One source."""

    prefetch: int = Field(
        title="手中文件的上限。",
        default=400,
        ge=1,
        le=5000,
        description="The most files in hand at a time.",
        examples=[400],
    )
    held_bytes: int = Field(
        title="未结清的文件超过这么多字节时，不再读取。",
        default=64 * 1024 * 1024,
        ge=1024,
        le=1024**3,
        description="No more files are read while unsettled ones hold more than this, in bytes.",
        examples=[67108864],
    )
    largest_bytes: int = Field(
        title="更大的文件不读，移入出错目录（字节）。",
        default=16 * 1024 * 1024,
        ge=1,
        le=1024**3,
        description="A larger file is not read but set aside, in bytes.",
        examples=[16777216],
    )
    mode: Mode = Field(
        title="文件内容。structured：整个 CloudEvents JSON；plain：系统方言的正文；sidecar：正文，属性另在一个文件。",
        default="structured",
        description="What a file holds. structured: a whole event in the CloudEvents JSON format; plain: a body in the system's "
        f"dialect; sidecar: a body, and its attributes in NAME{SIDECAR}.",
        examples=["plain"],
    )
    content_type: str = Field(
        title="plain 文件的内容类型。",
        default="application/xml",
        max_length=200,
        description="Of plain bodies.",
        examples=["application/xml"],
    )
    attributes: Mapping[str, str] = Field(
        title="plain 文件的属性；{NAME} 为 name_pattern 的分组；不写 id 时以文件名与内容的摘要为 id。",
        default_factory=dict,
        description="Of plain files: attributes by name. {NAME} stands for a group of name_pattern. Without id, a digest of the "
        "file's name and content is the id.",
        examples=[{"type": "cn.gov.completion.decided", "source": "housing", "subject": "{case}"}],
    )
    name_pattern: Pattern | None = Field(
        title="plain 文件名须整体匹配的正则表达式，命名分组供属性使用。",
        default=None,
        description="Of plain files: a regular expression that the whole name must match; its named groups are for attributes.",
        examples=[r"(?P<case>[^_]+)_.*\.xml"],
    )
    signatures: bool = Field(
        title="发送系统的签名放在文件旁的 NAME.sig（DER 或其 Base64），须先于文件到位；plain 时以内容的摘要为 id。",
        default=False,
        description="The sender's signature over a file stands beside it in NAME.sig (DER, or that in Base64), and is put there "
        "before the file. In mode plain a digest of the content is then the id, whatever the file's name.",
        examples=[True],
    )
    include: tuple[str, ...] = Field(
        title="只取这些样式的文件名。",
        default=("*",),
        min_length=1,
        max_length=20,
        description="Only names like one of these.",
        examples=[["*.xml"]],
    )
    ignore: tuple[str, ...] = Field(
        title="临时文件名的样式，跳过。",
        default=(".*", "~*", "*~", "*.part", "*.tmp", "*.temp", "*.filepart", "*.swp"),
        max_length=50,
        description="Names that are temporary, and passed over.",
        examples=[[".*", "*.part"]],
    )
    complete: Literal["rename", "marker", "checksum", "quiet"] = Field(
        title="文件何时算完整：rename 有名即完整；marker 随后有 NAME.ok；checksum 随后有校验文件；quiet 不再变化。",
        default="rename",
        description="How a file shows that it is whole. rename: it gets its name when it is; marker: a file NAME.ok follows; "
        "checksum: a file NAME.sha256 or NAME.sm3 follows; quiet: size and time have not changed for quiet_seconds.",
        examples=["marker"],
    )
    marker_suffix: Suffix = Field(
        title="标志文件加在文件名后的部分。",
        default=".ok",
        description="What the name of a marker has behind the file's name.",
        examples=[".ok"],
    )
    checksum: Literal["sha256", "sm3"] = Field(
        title="校验文件的算法，也是其扩展名。",
        default="sha256",
        description="The digest of checksum files, and what their names end with.",
        examples=["sm3"],
    )
    quiet_seconds: float = Field(
        title="文件多久不变才算完整，或缺少、不符的附属文件等多久（秒）。",
        default=10.0,
        gt=0,
        le=86_400,
        description="How long a file must not change (quiet), or its companion may be missing or wrong (marker, checksum, "
        "sidecar) before it is set aside, in seconds.",
        examples=[30],
    )
    order: Literal["name", "time"] = Field(
        title="取入的顺序：name 按文件名字节，time 按时间。",
        default="name",
        description="In which order files are taken: by name, byte by byte, or by time.",
        examples=["name"],
    )
    window: int = Field(
        title="每次列目录保留的文件名数，用完再列。",
        default=20_000,
        ge=100,
        le=1_000_000,
        description="So many names are kept from one look into the folder; the next look is taken when they are used up.",
        examples=[20000],
    )
    poll_seconds: float = Field(
        title="目录为空时多久看一次（秒）。",
        default=1.0,
        gt=0,
        le=3600,
        description="How often an empty folder is looked into, in seconds.",
        examples=[1],
    )
    after: Literal["archive", "delete"] = Field(
        title="登记之后：archive 移入当日目录，delete 删除。",
        default="archive",
        description="What happens to a file the hub has taken: moved to a folder of its day, or deleted.",
        examples=["archive"],
    )
    archive: Name = Field(
        title="已取入文件的子目录。",
        default="archive",
        description="The sub-folder for what was taken.",
        examples=["archive"],
    )
    archive_days: int = Field(
        title="归档文件保留天数。",
        default=90,
        ge=1,
        le=36_500,
        description="Days after which archived files are deleted.",
        examples=[90],
    )
    errors: Name = Field(
        title="被拒文件的子目录，原因在旁边的 NAME.error.json。",
        default="error",
        description="The sub-folder for refused files, each with its reason beside it in NAME.error.json.",
        examples=["error"],
    )
    lease_seconds: float = Field(
        title="sftp、ftp：占用目录的另一中枢沉默多久即失去占用（秒）。",
        default=30.0,
        gt=0,
        le=3600,
        description="With sftp and ftp: how long another hub that holds the folder may be silent before it has lost it.",
        examples=[30],
    )

    @property
    def carries_signatures(self) -> bool:
        """Whether a system that must sign can speak through it."""
        return self.signatures

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.archive == self.errors:
            raise ValueError("archive and errors: two folders")
        if self.signatures and (self.mode == "sidecar" or self.name_pattern is not None):
            raise ValueError("signatures: a file's name and its sidecar are not signed, so nothing may be made of them")
        if self.mode != "plain" and (self.attributes or self.name_pattern):
            raise ValueError("attributes and name_pattern: only where mode is plain")
        groups = set(re.compile(self.name_pattern).groupindex) if self.name_pattern else set()
        for attribute, template in self.attributes.items():
            fault = _attribute_fault(attribute, template, frozenset(groups))
            if fault:
                raise ValueError(f"attributes.{attribute}: {fault}")
        return self


def _attribute_fault(attribute: str, template: str, groups: frozenset[str]) -> str:
    if not re.fullmatch(r"[a-z0-9]{1,64}", attribute):
        return "an attribute's name is made of small letters and digits"
    fields = _fields(template)
    if fields is None:
        return "braces that do not match"
    unknown = fields - groups
    return f"name_pattern has no group {', '.join(sorted(unknown))}" if unknown else ""


def _fields(template: str) -> frozenset[str] | None:
    """The names in braces; None when the braces do not match."""
    try:
        return fields_of(template)
    except ValueError:
        return None
