# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Why a file is set aside before the hub has seen it: codes, and the problem documents (RFC 9457) that lie beside it."""

from dataclasses import dataclass
from types import MappingProxyType

import orjson

from contracts.text import Text


@dataclass(frozen=True, slots=True)
class _Reason:
    title: Text
    remedy: Text


_REASONS = MappingProxyType(
    {
        "E_FILE_KIND": _Reason(
            Text("不是普通文件（链接、管道或设备）", "Not a regular file (a link, a pipe or a device)"),
            Text("放入文件本身，不要放链接", "Put the file itself there, not a link"),
        ),
        "E_FILE_TOO_LARGE": _Reason(
            Text("文件过大", "The file is too large"),
            Text(
                "大的材料另行上传，文件中只写引用；或请平台调大 largest_bytes",
                "Upload large materials and write references to them; or ask for a higher largest_bytes",
            ),
        ),
        "E_FILE_NAME": _Reason(
            Text("文件名不符合约定", "The file's name is not as agreed"),
            Text("按约定的格式与编码命名后重新放入", "Name it in the agreed form and encoding and put it there again"),
        ),
        "E_FILE_CHECKSUM": _Reason(
            Text("校验值与内容不符", "The checksum is not that of the content"),
            Text("重新传送文件与校验文件，校验文件在后", "Send the file and its checksum file again, the latter last"),
        ),
        "E_FILE_MISSING": _Reason(
            Text("只有标志文件，没有数据文件", "There is a marker and no file"),
            Text("先放数据文件，再放标志文件", "Put the file there first, and then its marker"),
        ),
        "E_FILE_ATTRIBUTES": _Reason(
            Text("缺少属性文件，或其内容无法识别", "The file with the attributes is missing or cannot be understood"),
            Text("先放属性文件（JSON），再放数据文件", "Put the file with the attributes (JSON) there first"),
        ),
    }
)


def problem(code: str) -> bytes:
    """The problem document of one of our codes. It names no file: it lies beside it."""
    reason = _REASONS[code]
    return orjson.dumps(
        {
            "type": f"urn:govhub:problem:{code}",
            "title": str(reason.title),
            "code": code,
            "titles": {"zh": reason.title.zh, "en": reason.title.en},
            "remedy": {"zh": reason.remedy.zh, "en": reason.remedy.en},
        },
        option=orjson.OPT_INDENT_2,
    )
