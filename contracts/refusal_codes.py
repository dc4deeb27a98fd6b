# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Every stable code a client may meet, with its HTTP status, its meaning and what to do about it.

The codes are part of the interface: programs branch on them. None is renamed or given another meaning; a new cause gets
a new code. ``docs/problems.md`` is generated from these tables and from :mod:`contracts.violation_codes`.
"""

from collections.abc import Mapping
from types import MappingProxyType

from contracts.operator_codes import OPERATOR_CODES
from contracts.reconciliation_codes import RECONCILIATION_CODES
from contracts.refusal_code import RefusalCode
from contracts.route_codes import ROUTE_CODES
from contracts.text import Text
from contracts.trust_codes import TRUST_CODES

_REFUSALS = {
    "E_JSON_MALFORMED": RefusalCode(
        400,
        Text("JSON 格式错误", "Malformed JSON"),
        Text("按 RFC 8259 生成 JSON 后重新发送", "Produce the JSON according to RFC 8259 and send it again"),
    ),
    "E_JSON_DUPLICATE_KEY": RefusalCode(
        400,
        Text("JSON 键重复", "Duplicate key in JSON"),
        Text("每个对象中同名的键只保留一个", "Keep one member of each name in every object"),
    ),
    "E_JSON_NUMBER": RefusalCode(
        400,
        Text("JSON 数值无效或超出范围", "JSON number invalid or out of range"),
        Text(
            "不要使用 NaN、Infinity；整数应在 ±2^63 之内，小数应在双精度范围之内，更大的数用字符串",
            "Send no NaN and no Infinity; keep integers within ±2^63 and others within double precision, "
            "and write larger numbers as strings",
        ),
    ),
    "E_JSON_DEPTH": RefusalCode(
        400,
        Text("JSON 嵌套过深", "JSON nested too deeply"),
        Text("减少对象与数组的嵌套层数", "Nest fewer objects and arrays inside each other"),
    ),
    "E_XML_MALFORMED": RefusalCode(
        400,
        Text("XML 格式错误", "Malformed XML"),
        Text("按 XML 1.0 生成文档后重新发送", "Produce the document according to XML 1.0 and send it again"),
    ),
    "E_XML_DOCTYPE": RefusalCode(
        400,
        Text("XML 不允许 DOCTYPE", "DOCTYPE not allowed in XML"),
        Text("删除 DOCTYPE 声明及其中的实体", "Remove the DOCTYPE declaration and the entities in it"),
    ),
    "E_XML_ENTITY": RefusalCode(
        400,
        Text("XML 中有未定义的实体", "Unknown entity in XML"),
        Text(
            "只用 &lt; &gt; &amp; &apos; &quot; 与字符引用，其余直接写出字符",
            "Use only &lt; &gt; &amp; &apos; &quot; and character references; write other characters themselves",
        ),
    ),
    "E_XML_ENCODING": RefusalCode(
        400,
        Text("XML 的编码声明不受支持或与内容不符", "XML encoding declaration unsupported or untrue"),
        Text(
            "XML 声明与 Content-Type 的 charset 写同一编码（UTF-8、GB18030 或 GB2312），并按此编码",
            "Name one encoding in the XML declaration and in the charset of Content-Type (UTF-8, GB18030 or GB2312), and use it",
        ),
    ),
    "E_XML_DEPTH": RefusalCode(
        400,
        Text("XML 嵌套过深", "XML nested too deeply"),
        Text("减少元素的嵌套层数", "Nest fewer elements inside each other"),
    ),
    "E_XML_LIMIT": RefusalCode(
        413,
        Text("XML 文档过大", "XML document too large"),
        Text("拆成较小的文档；附件不要放在 XML 中", "Split the document; keep files out of the XML"),
    ),
    "E_XML_INSTRUCTION": RefusalCode(
        400,
        Text("XML 不允许处理指令", "Processing instruction not allowed in XML"),
        Text("删除处理指令", "Remove the processing instruction"),
    ),
    "E_XML_COMMENT": RefusalCode(
        400,
        Text("XML 注释夹在文字中间", "A comment inside a text of the XML"),
        Text("删除注释，或移到元素之间", "Remove the comment or move it between elements"),
    ),
    "E_XML_ATTRIBUTE": RefusalCode(
        400,
        Text("XML 元素带有属性", "An XML element has attributes"),
        Text(
            "把内容写成元素；只允许命名空间声明、xsi:nil 与 xsi:schemaLocation",
            "Write content as elements; only namespace declarations, xsi:nil and xsi:schemaLocation may stand there",
        ),
    ),
    "E_XML_MIXED": RefusalCode(
        400,
        Text("XML 元素既有文字又有子元素", "An XML element holds both text and elements"),
        Text("每个元素只放文字，或只放子元素", "Put either text or elements into an element"),
    ),
    "E_XML_REPEATED": RefusalCode(
        400,
        Text("XML 元素重复", "A repeated XML element"),
        Text("只有文字的元素在同一处只写一次", "Write an element that holds text once in its place"),
    ),
    "E_XML_NAMESPACE": RefusalCode(
        400,
        Text("XML 命名空间或根元素不符", "Unexpected XML namespace or root element"),
        Text(
            "按 XSD 改正根元素与命名空间，全文只用一个",
            "Correct root element and namespace as the XSD says; use one throughout",
        ),
    ),
    "E_CHARACTER": RefusalCode(
        422,
        Text("字符无法表示", "A character cannot be expressed"),
        Text(
            "改用接收方编码中有的字符，或让接收方改用 UTF-8 或 GB18030",
            "Use a character that the receiver's encoding has, or let the receiver speak UTF-8 or GB18030",
        ),
    ),
    "E_ENCODING": RefusalCode(
        400,
        Text("字符编码不受支持", "Unsupported character encoding"),
        Text("正文统一使用 UTF-8，并在 Content-Type 中如实注明", "Send UTF-8 and say so in Content-Type"),
    ),
    "E_CONTENT_TYPE": RefusalCode(
        415,
        Text("内容类型不受支持", "Unsupported content type"),
        Text(
            "使用 application/cloudevents+json、application/cloudevents-batch+json，或带 ce- 头的二进制模式",
            "Use application/cloudevents+json, application/cloudevents-batch+json, or binary mode with ce- headers",
        ),
    ),
    "E_EMPTY_BODY": RefusalCode(
        400,
        Text("正文为空", "Empty body"),
        Text("在请求正文中放入消息", "Put the message into the request body"),
    ),
    "E_BATCH_EMPTY": RefusalCode(
        400,
        Text("批次中没有消息", "Empty batch"),
        Text("批次至少包含一条消息", "Put at least one message into a batch"),
    ),
    "E_BATCH_TOO_MANY": RefusalCode(
        413,
        Text("批次中的消息过多", "Too many messages in one batch"),
        Text("拆成较小的批次发送", "Split the batch"),
    ),
    "E_TOO_LARGE": RefusalCode(
        413,
        Text("请求过大", "Request too large"),
        Text(
            "材料改用凭证（摘要）方式传送，消息中只留引用",
            "Send materials by claim check and keep only the reference in the message",
        ),
    ),
    "E_TOO_SLOW": RefusalCode(
        408,
        Text("请求接收超时", "Request arrived too slowly"),
        Text("检查网络后重新发送，消息标识不变", "Check the network and send it again under the same id"),
    ),
    "E_HTTP_MALFORMED": RefusalCode(
        400,
        Text("HTTP 报文格式错误", "Malformed HTTP message"),
        Text(
            "按 RFC 9112 生成请求；头部不要过多过长",
            "Write the request as RFC 9112 says, with headers of moderate size",
        ),
    ),
    "E_ATTRIBUTE_MISSING": RefusalCode(
        400,
        Text("缺少信封属性", "Envelope attribute missing"),
        Text("补全 CloudEvents 属性后重新发送", "Add the CloudEvents attribute and send again"),
    ),
    "E_ATTRIBUTE_INVALID": RefusalCode(
        400,
        Text("信封属性无效", "Envelope attribute invalid"),
        Text(
            "按 CloudEvents 1.0 改正属性后重新发送", "Correct the attribute according to CloudEvents 1.0 and send again"
        ),
    ),
    "E_SPECVERSION": RefusalCode(
        400,
        Text("不支持的 CloudEvents 版本", "Unsupported CloudEvents version"),
        Text("将 specversion 设为 1.0", "Set specversion to 1.0"),
    ),
    "E_CONTRACT_UNKNOWN": RefusalCode(
        422,
        Text("未知的契约", "Unknown contract"),
        Text("type 使用契约目录中列出的名称", "Use a type that the catalogue of contracts lists"),
    ),
    "E_CONTRACT_VERSION": RefusalCode(
        422,
        Text("未知的契约版本", "Unknown contract version"),
        Text("dataschema 使用该契约已发布的版本", "Use a published version of this contract in dataschema"),
    ),
    "E_CONTRACT_INVALID": RefusalCode(
        422,
        Text("数据不符合契约", "Data does not satisfy its contract"),
        Text(
            "按 violations 逐条改正后，用同一标识重新发送",
            "Mend every entry of violations and send again under the same id",
        ),
    ),
    "E_IDENTIFIER": RefusalCode(
        422,
        Text("标识与编码有误，路由要求严格", "Identifiers are odd, and a route is strict about them"),
        Text(
            "按 violations 逐条核对改正后，用同一标识重新发送",
            "Compare and mend every entry of violations and send again under the same id",
        ),
    ),
    "E_DIALECT_CONTRACT": RefusalCode(
        422,
        Text("该方言没有此契约版本", "The dialect does not speak this contract version"),
        Text(
            "改用该方言有的契约版本，或在站点映射中补上",
            "Use a version that the dialect has, or add it to the site's map",
        ),
    ),
    "E_DIALECT_NAME": RefusalCode(
        422,
        Text("该方言没有这种报文", "The dialect has no such message"),
        Text("核对根元素、表名或报文名", "Check the root element, the table or the message's name"),
    ),
    "E_DIALECT_INVALID": RefusalCode(
        422,
        Text("报文不符合方言", "The document breaks its dialect"),
        Text("按 violations 逐条改正后重新发送", "Mend every entry of violations and send it again"),
    ),
    "E_DIALECT_INEXPRESSIBLE": RefusalCode(
        422,
        Text("该方言写不出这条数据", "The dialect cannot say this record"),
        Text("补全数据，或修改站点映射后重放", "Complete the record, or mend the site's map and replay"),
    ),
    "E_CLOCK_FUTURE": RefusalCode(
        422,
        Text("消息时间在未来", "Message time lies in the future"),
        Text("校准发送系统的时钟（NTP）后重新发送", "Synchronise the sender's clock (NTP) and send again"),
    ),
    "E_TOO_OLD": RefusalCode(
        422,
        Text("消息过旧", "Message too old"),
        Text("历史数据请联系平台运维单独导入", "Ask the platform operator to import historical data separately"),
    ),
    "E_EXPIRED": RefusalCode(
        422,
        Text("消息已过有效期", "Message expired"),
        Text("确认仍需办理后，以新的 expirytime 重新发送", "If it is still wanted, send it with a new expirytime"),
    ),
    "E_ID_REUSE": RefusalCode(
        409,
        Text("消息标识已被其他内容占用", "Message id already taken by other content"),
        Text("新内容使用新的 id；重发时内容保持不变", "Give new content a new id; repeat a message unchanged"),
    ),
    "E_LIFECYCLE_IMPOSSIBLE": RefusalCode(
        409,
        Text("与办件已有记录不能并存", "Cannot stand beside what is known of the case"),
        Text(
            "按 violations 与规则编号 rule 核对；已有记录有误的先更正，再重发",
            "Compare with violations and the number in rule; if what is known is wrong, correct that first and send again",
        ),
    ),
    "E_LIFECYCLE_PARKED": RefusalCode(
        409,
        Text("先前的记录尚未到达", "An earlier record of the case has not come yet"),
        Text(
            "先发送 violations 所说的记录，再用同一标识重发",
            "Send what violations name first, then this again under its id",
        ),
    ),
    "E_UNROUTABLE": RefusalCode(
        422,
        Text("没有任何路由接收此消息", "No route takes this message"),
        Text(
            "核对事项、区划与部门编码，或联系平台运维配置路由", "Check item, region and department, or ask for a route"
        ),
    ),
    "E_CASE_FOREIGN": RefusalCode(
        403,
        Text("办件不属于该系统", "The case belongs to others"),
        Text("只处理本系统参与的办件", "Handle only cases your system takes part in"),
    ),
    "E_SOURCE_FOREIGN": RefusalCode(
        403,
        Text("来源与发送系统不一致", "Source is not the sender"),
        Text("source 填写本系统登记的标识", "Set source to the identity registered for your system"),
    ),
    "E_KEY_MISSING": RefusalCode(
        401,
        Text("缺少接口密钥", "API key missing"),
        Text("在 Authorization 头中携带密钥", "Send the key in the Authorization header"),
    ),
    "E_KEY_UNKNOWN": RefusalCode(
        401,
        Text("接口密钥无效", "API key unknown"),
        Text("核对密钥，或向平台运维申请新的密钥", "Check the key or ask the platform operator for a new one"),
    ),
    "E_NOT_ALLOWED": RefusalCode(
        403,
        Text("该系统无权执行此操作", "Not allowed to this system"),
        Text("向平台运维申请相应权限", "Ask the platform operator for the permission"),
    ),
    "E_NOT_FOUND": RefusalCode(
        404,
        Text("没有找到", "Not found"),
        Text("核对地址与标识", "Check the address and the identifier"),
    ),
    "E_METHOD": RefusalCode(
        405,
        Text("方法不被允许", "Method not allowed"),
        Text("使用 Allow 头列出的方法", "Use one of the methods in the Allow header"),
    ),
    "E_DIGEST_MISMATCH": RefusalCode(
        422,
        Text("内容与摘要不符", "Content does not match its digest"),
        Text("对原始字节重新计算 SHA-256 后再上传", "Compute SHA-256 over the exact bytes and upload again"),
    ),
    "E_MATERIAL_NOT_FOUND": RefusalCode(
        404,
        Text("材料不存在", "Material not found"),
        Text("先上传材料，再发送引用它的消息", "Upload the material before the message that refers to it"),
    ),
    "E_LEASE_LOST": RefusalCode(
        409,
        Text("领取已失效", "Lease lost"),
        Text("重新取件；按消息标识识别重复", "Fetch again and recognise repeats by the message id"),
    ),
    "E_QUERY_INVALID": RefusalCode(
        400,
        Text("查询参数无效", "Invalid query parameter"),
        Text("按接口说明改正参数", "Correct the parameter according to the interface description"),
    ),
    "E_BODY_INVALID": RefusalCode(
        422,
        Text("正文不符合接口说明", "The body does not fit the interface"),
        Text("按 violations 逐条改正", "Mend every entry of violations"),
    ),
    "E_LOOKUP_REJECTED": RefusalCode(
        422,
        Text("查询被拒绝", "The question was refused"),
        Text("改正条件；若条件无误，请联系平台运维", "Mend the criteria; if they are right, call the operator"),
    ),
    "E_LOOKUP_UNAVAILABLE": RefusalCode(
        503,
        Text("暂时查询不到对方", "The register cannot be asked now"),
        Text("按 Retry-After 等待后再问", "Wait as Retry-After says and ask again"),
    ),
    "E_STORE_DOWN": RefusalCode(
        503,
        Text("材料库暂不可用", "Store of materials unavailable"),
        Text("稍后重新上传或下载", "Upload or download again later"),
    ),
    "E_BUSY": RefusalCode(
        503,
        Text("系统繁忙", "Busy"),
        Text("按 Retry-After 等待后用同一标识重发", "Wait as Retry-After says and send again under the same id"),
    ),
    "E_RECEIVER_AWAY": RefusalCode(
        503,
        Text("接收连接器暂不可用", "Receiving connector unavailable"),
        Text("按 Retry-After 等待后原样重发", "Wait as Retry-After says and make the same call again"),
    ),
    "E_JOURNAL_DOWN": RefusalCode(
        503,
        Text("日志库暂不可用", "Journal unavailable"),
        Text("消息未被接收；稍后用同一标识重发", "The message was not taken; send it again later under the same id"),
    ),
    "E_CONTRACT_INACTIVE": RefusalCode(
        503,
        Text("契约版本尚未启用", "Contract version not in use yet"),
        Text(
            "稍后用同一标识重发；全部实例升级后自动启用",
            "Send it again later under the same id; it is taken once every hub is upgraded",
        ),
    ),
    "E_STOPPING": RefusalCode(
        503,
        Text("系统正在停止", "Stopping"),
        Text("稍后用同一标识重发", "Send again later under the same id"),
    ),
    "E_BUG": RefusalCode(
        500,
        Text("系统内部错误", "Internal error"),
        Text(
            "用同一标识重发；若仍出现请联系平台运维", "Send again under the same id; if it persists, call the operator"
        ),
    ),
}

CODES: Mapping[str, RefusalCode] = MappingProxyType(
    {**_REFUSALS, **OPERATOR_CODES, **RECONCILIATION_CODES, **ROUTE_CODES, **TRUST_CODES}
)
"""The codes of :class:`contracts.refusal.Refusal`."""
