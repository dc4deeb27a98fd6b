# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Named forms of text: a pattern and how to say it. Patterns are of the common subset of Rust, Python and ECMA-262."""

from collections.abc import Mapping

from contracts.text import Text

LINE = r"^[^\x00-\x1F\x7F]*[^\x00-\x20\x7F][^\x00-\x1F\x7F]*$"
PROSE = r"^[^\x00-\x08\x0B\x0C\x0E-\x1F\x7F]*[^\x00-\x20\x7F][^\x00-\x08\x0B\x0C\x0E-\x1F\x7F]*$"
REGION = r"^([0-9]{6}|[0-9]{9}|[0-9]{12})$"
ITEM = r"^[0-9A-Za-z][0-9A-Za-z._-]{0,63}$"
IMPLEMENTATION = r"^[0-9A-Z]{31}$"
HANDLING_ITEM = r"^[0-9A-Z]{33}$"
OLD_IMPLEMENTATION = r"^[0-9A-Za-z]{1,24}$"
BASIC = r"^[0-9A-Z]{12}$"
OLD_BASIC = r"^[0-9A-Za-z]{1,10}$"
DEPARTMENT = r"^[0-9A-Za-z][0-9A-Za-z_-]{0,63}$"
ID_TYPE = r"^[0-9]{3}$"
POSTCODE = r"^[0-9]{6}$"
SHA256 = r"^sha256:[0-9a-f]{64}$"
SM3 = r"^[0-9a-f]{64}$"
NODE = r"^~?[0-9a-f]{0,3}$"
BELOW_ROOT = r"^~?[0-9a-f]{1,3}$"
BUCKET = r"^~?[0-9a-f]{3}$"
AGREEMENT = r"^[a-z0-9][a-z0-9-]{0,29}$"
MEDIA_TYPE = r"^[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,127}$"
MONEY = r"^(0|[1-9][0-9]{0,13})\.[0-9]{2}$"
POINTS = r"^(0\.00|-?[1-9][0-9]{0,3}\.[0-9]{2}|-?0\.(0[1-9]|[1-9][0-9]))$"
CONTRACT_TYPE = r"^[a-z][a-z0-9]*(\.[a-z0-9]+)+$"
FETCH = (
    r"^(https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?)?/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*(\?[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?$"
)

FORMS: Mapping[str, Text] = {
    LINE: Text("一行文字，不为空白，不含控制字符", "one line of text, not blank, without control characters"),
    PROSE: Text(
        "文字，不为空白，除换行和制表符外不含控制字符",
        "text, not blank, no control characters save line breaks and tabs",
    ),
    REGION: Text("6、9 或 12 位数字的行政区划代码", "an administrative division code of 6, 9 or 12 digits"),
    ITEM: Text(
        "事项编码：字母、数字、点、横线、下划线", "an item code of letters, digits, dots, hyphens and underscores"
    ),
    IMPLEMENTATION: Text("31 位数字或大写字母的实施编码", "an implementation code of 31 digits or capitals"),
    HANDLING_ITEM: Text("33 位数字或大写字母的业务办理项编码", "a handling item's code of 33 digits or capitals"),
    OLD_IMPLEMENTATION: Text("不超过 24 位的旧实施编码，字母与数字", "an old code of at most 24 letters and digits"),
    BASIC: Text("12 位数字或大写字母的基本编码", "a basic code of 12 digits or capitals"),
    OLD_BASIC: Text("不超过 10 位的旧基本编码，字母与数字", "an old basic code of at most 10 letters and digits"),
    DEPARTMENT: Text(
        "机构代码：字母、数字、横线、下划线", "an organisation code of letters, digits, hyphens and underscores"
    ),
    ID_TYPE: Text("3 位数字的证件类型代码（GA/T 2000.156）", "a document type code of 3 digits (GA/T 2000.156)"),
    POSTCODE: Text("6 位数字的邮政编码", "a postcode of 6 digits"),
    SHA256: Text("sha256: 加 64 位小写十六进制数", "sha256: and 64 lower-case hexadecimal digits"),
    SM3: Text("SM3 的 64 位小写十六进制数", "SM3 as 64 lower-case hexadecimal digits"),
    NODE: Text(
        "对账树节点名：可选的 ~ 加 0 至 3 位小写十六进制数",
        "the name of a node: ~ if it is late, and up to 3 lower-case hexadecimal digits",
    ),
    BELOW_ROOT: Text(
        "对账树非根节点名：可选的 ~ 加 1 至 3 位小写十六进制数",
        "the name of a node that is not a root: ~ if it is late, and 1 to 3 lower-case hexadecimal digits",
    ),
    BUCKET: Text(
        "对账桶名：可选的 ~ 加 3 位小写十六进制数",
        "the name of a bucket: ~ if it is late, and 3 lower-case hexadecimal digits",
    ),
    AGREEMENT: Text(
        "对账约定名：小写字母、数字与横线，至多 30 个",
        "the name of an agreement: up to 30 lower-case letters, digits and hyphens",
    ),
    MONEY: Text(
        "金额（元）：两位小数的字符串，如 1200.00，整数部分不超过 14 位",
        "an amount in yuan with two decimals, as 1200.00, at most 14 digits before the point",
    ),
    MEDIA_TYPE: Text("小写的媒体类型，如 application/pdf", "a media type in lower case such as application/pdf"),
    POINTS: Text(
        "分值：两位小数的字符串，可为负数，如 -1.50，整数部分不超过 4 位",
        "points with two decimals, negative if need be, as -1.50, at most 4 digits before the point",
    ),
    CONTRACT_TYPE: Text("契约类型，如 cn.gov.process.step", "a contract type such as cn.gov.process.step"),
    FETCH: Text(
        "http 或 https 地址，或以 / 开头的路径；不含用户名、口令与片段",
        "an http or https address, or a path that begins with /; no user, password or fragment",
    ),
}
