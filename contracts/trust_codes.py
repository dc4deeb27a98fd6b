# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The stable codes about who is speaking and what proves it, part of :data:`contracts.refusal_codes.CODES`."""

from collections.abc import Mapping
from types import MappingProxyType

from contracts.refusal_code import RefusalCode
from contracts.text import Text

_NEW = Text(
    "换用签发机构新签的证书；平台登记了主题的无须改配置，登记了指纹的请平台更新登记",
    "Use a new certificate of your authority; where its fingerprint is registered, have the new one registered too",
)

_CODES = {
    "E_KEY_EXPIRED": RefusalCode(
        401,
        Text("API 密钥已过期", "API key expired"),
        Text("换用新密钥；没有的请向平台管理员申请", "Use the new key, or ask the operator for one"),
    ),
    "E_KEY_NOT_YET_VALID": RefusalCode(
        401,
        Text("API 密钥尚未生效", "API key not valid yet"),
        Text("到期前继续使用旧密钥", "Go on with the old key until then"),
    ),
    "E_KEY_SCOPE": RefusalCode(
        403,
        Text("API 密钥不可用于此接口", "API key not meant for this"),
        Text("换用范围合适的密钥，或请平台放宽 scopes", "Use a key with that scope, or ask for scopes to be widened"),
    ),
    "E_CERT_UNKNOWN": RefusalCode(
        401,
        Text("证书未登记给任何系统", "Certificate registered for no system"),
        Text(
            "请平台在 systems 的 certificates 中登记证书指纹或主题；用 govhub certs check 查看",
            "Have its fingerprint or subject registered under certificates of your system; govhub certs check shows both",
        ),
    ),
    "E_CERT_KEY_SHARED": RefusalCode(
        401,
        Text("证书的密钥已属于另一系统", "Key of the certificate is another system's"),
        Text(
            "每个系统自行生成密钥并换发证书；若私钥外泄，请平台吊销旧证书",
            "Each system makes a key of its own and has a certificate issued for it; have the old one revoked if the key leaked",
        ),
    ),
    "E_CERT_REVOKED": RefusalCode(401, Text("证书已被吊销", "Certificate revoked"), _NEW),
    "E_CERT_EXPIRED": RefusalCode(401, Text("证书或其签发者已过期", "Certificate or an issuer of it expired"), _NEW),
    "E_CERT_NOT_YET_VALID": RefusalCode(
        401,
        Text("证书尚未生效", "Certificate not valid yet"),
        Text("核对双方时钟，或等证书生效后再用", "Check both clocks, or wait until it is valid"),
    ),
    "E_CERT_UNKNOWN_ISSUER": RefusalCode(
        401,
        Text("证书不是由信任的机构签发", "Certificate of an unknown issuer"),
        Text(
            "使用平台信任的 CA 签发的证书；中间证书请平台登记到 trust.intermediates",
            "Use a certificate of a CA that the hub trusts; issuers in between belong into trust.intermediates",
        ),
    ),
    "E_CERT_USAGE": RefusalCode(
        401,
        Text("证书不可用于此用途", "Certificate not meant for this use"),
        Text(
            "证书须可用于数字签名，客户端证书还须含 clientAuth；签发者须为 CA",
            "It must allow digital signatures, as a client's also clientAuth, and its issuers must be authorities",
        ),
    ),
    "E_CERT_ALGORITHM": RefusalCode(
        401,
        Text("证书的算法不受支持", "Certificate of an unsupported algorithm"),
        Text("不用 MD5、SHA-1 与短于 2048 位的 RSA", "Use no MD5, no SHA-1 and no RSA key below 2048 bits"),
    ),
    "E_CERT_STATUS_STALE": RefusalCode(
        401,
        Text("证书的吊销状态已过时", "Revocation status of the certificate out of date"),
        Text(
            "平台暂时取不到新的吊销状态；稍后重试，并通知平台运维",
            "The hub cannot learn whether it is revoked now; try again later and tell the operator",
        ),
    ),
    "E_CERT_STATUS_UNKNOWN": RefusalCode(
        401,
        Text("证书的吊销状态未知", "Revocation status of the certificate unknown"),
        Text(
            "平台从未取得此证书的吊销状态；稍后重试，并通知平台运维",
            "The hub never learned whether it is revoked; try again later and tell the operator",
        ),
    ),
    "E_IDENTITY_CONFLICT": RefusalCode(
        401,
        Text("证书与 API 密钥属于不同系统", "Certificate and API key of different systems"),
        Text("两者用同一系统的，或只带其中之一", "Use both of one system, or one of them"),
    ),
    "E_SIGNATURE_MISSING": RefusalCode(
        401,
        Text("缺少报文签名", "Signature missing"),
        Text(
            "对所发的字节签名，放入 Govhub-Signature 头（见 docs/identities.md）",
            "Sign the very bytes you send, in the header Govhub-Signature (see docs/identities.md)",
        ),
    ),
    "E_SIGNATURE_INVALID": RefusalCode(
        401,
        Text("报文签名无效", "Signature invalid"),
        Text(
            "签名须为所发字节的分离签名，原样发送，不要再作转码或格式化",
            "It must be a detached signature over the very bytes; send them unchanged, neither recoded nor formatted again",
        ),
    ),
    "E_SIGNATURE_UNTRUSTED": RefusalCode(
        401,
        Text("签名证书未登记或不可信", "Signing certificate not registered or not trusted"),
        Text(
            "用登记过且未吊销、未过期的证书签名；换证请先登记新证书",
            "Sign with a registered certificate that is neither revoked nor expired; register a new one before you use it",
        ),
    ),
    "E_SIGNATURE_WRONG_SUITE": RefusalCode(
        401,
        Text("签名的算法套件与登记的证书不符", "Signature of another suite than the registered certificate's"),
        Text(
            "套件由登记的证书决定：P-256 用 intl-1，SM2 用 gm-1",
            "The registered certificate decides the suite: intl-1 for P-256, gm-1 for SM2",
        ),
    ),
    "E_SIGNATURE_PLACE": RefusalCode(
        400,
        Text("此处不收报文签名", "No signature is taken here"),
        Text(
            "签名的消息用结构化模式逐条发送：签名须覆盖全部属性",
            "Send signed messages one by one in structured mode, where the signature covers every attribute",
        ),
    ),
}

TRUST_CODES: Mapping[str, RefusalCode] = MappingProxyType(_CODES)
