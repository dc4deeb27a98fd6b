# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a check that did not hold says, and what can be done about it. The codes are stable: programs may branch on them."""

from collections.abc import Mapping
from typing import NamedTuple

from contracts.text import Text


class Meaning(NamedTuple):
    """One code's two sentences."""

    says: Text
    remedy: Text


_ASK_SEALER = Text(
    "不要使用这份文件；请签章平台重新出具，并查明被改动之处。",
    "Do not use the file; have the seal platform issue it again, and find out where it was changed.",
)
_ASK_MAKER = Text(
    "请印章制作单位核对并重新制发印章。",
    "Ask the maker of the seal to check it and to issue it again.",
)
_BRING_ANCHOR = Text(
    "确认该 CA 可信后，把其根证书（及中间证书）加入信任锚。",
    "If that authority is to be trusted, add its root (and intermediate) certificates to the anchors.",
)
_BRING_REVOCATION = Text(
    "请提供签发该证书的 CA 在该时刻有效的 CRL 或 OCSP 应答文件。",
    "Bring the issuer's CRL or OCSP answer that covers that moment.",
)
_OTHER_FILE = Text("请确认取到的是完整的签章文件。", "Make sure that the sealed file was fetched, and all of it.")
_SEAL_AGAIN = Text("请用有效的印章重新签章。", "Have it sealed again with a seal that is valid.")
_NEW_CERTIFICATE = Text("请换用有效的证书重新签章。", "Have it sealed again under a certificate that is valid.")
_OTHER_ALGORITHM = Text(
    "请改用 SM2/SM3，或 RSA 2048 位以上、ECDSA 配 SHA-256 以上重新签章。",
    "Have it sealed with SM2 and SM3, or with RSA of 2048 bits or more or ECDSA, and SHA-256 or better.",
)

_ROLES = {
    "SIGNER": ("签章人证书", "The signer's certificate"),
    "MAKER": ("制章人证书", "The seal maker's certificate"),
    "STAMPER": ("时间戳证书", "The time stamp authority's certificate"),
}
_ABOUT_CERTIFICATES: Mapping[str, tuple[tuple[str, str], Text]] = {
    "CERTIFICATE": (("无法读取", "cannot be read"), _NEW_CERTIFICATE),
    "NO_ANCHOR": (("不能追溯到任何信任锚", "does not lead to any anchor"), _BRING_ANCHOR),
    "CHAIN": (("的证书链中有一个签名不成立", "has a chain in which a signature does not hold"), _NEW_CERTIFICATE),
    "ALGORITHM": (
        ("使用了未知或已不安全的算法", "uses an algorithm that is unknown or no longer safe"),
        _OTHER_ALGORITHM,
    ),
    "EXPIRED": (("或其上级证书在当时不在有效期内", "or one above it was not valid then"), _NEW_CERTIFICATE),
    "USAGE": (
        ("或其上级证书不得用于此用途", "or one above it may not be used for this"),
        _NEW_CERTIFICATE,
    ),
    "REVOKED": (("或其上级证书当时已被吊销", "or one above it had been revoked by then"), _NEW_CERTIFICATE),
    "REVOKED_LATER": (
        (
            "或其上级证书后来被吊销，且无可信时间戳证明签章在先",
            "or one above it was revoked later, and no time stamp proves that the seal came first",
        ),
        _NEW_CERTIFICATE,
    ),
    "REVOCATION_UNKNOWN": (
        ("或其上级证书是否被吊销不得而知", "or one above it: nobody brought word whether it was revoked"),
        _BRING_REVOCATION,
    ),
}

CODES: Mapping[str, Meaning] = {
    "NOT_SEALED": Meaning(Text("文件中没有任何签章。", "There is no seal in the file."), _OTHER_FILE),
    "FORM": Meaning(
        Text(
            "不是可识别的签章文件（SES、OFD、PDF），或结构已损坏，或声称的版本与结构不符。",
            "This is no sealed file that is known (SES, OFD, PDF), it is damaged, or of another version than it claims.",
        ),
        _OTHER_FILE,
    ),
    "TOO_LARGE": Meaning(
        Text("文件或其解压后的内容超过上限。", "The file, or what it unpacks to, is beyond the limits."), _OTHER_FILE
    ),
    "SM2_UNAVAILABLE": Meaning(
        Text(
            "本机没有带 SM2 的 OpenSSL 3，无法核验国密签名。", "This system has no OpenSSL 3 with SM2 to verify with."
        ),
        Text(
            "请安装 libssl3（Debian）或 openssl-libs 3（RHEL）。", "Install libssl3 (Debian) or openssl-libs 3 (RHEL)."
        ),
    ),
    "SEAL_CHANGED": Meaning(
        Text(
            "制章人的签名不成立：印章（含图像、名称、期限）被改动过。",
            "The maker's signature does not hold: the seal was changed, its picture, name or period among it.",
        ),
        _ASK_MAKER,
    ),
    "SEAL_ALGORITHM": Meaning(
        Text(
            "印章的签名算法未知，或与证书的密钥不符，或已不安全。",
            "The seal's algorithm is unknown, not the key's, or no longer safe.",
        ),
        _OTHER_ALGORITHM,
    ),
    "SEAL_FILE_DIFFERS": Meaning(
        Text(
            "OFD 中的印章文件与签名值中的印章不同。", "The seal file in the OFD is another seal than the signature's."
        ),
        _ASK_SEALER,
    ),
    "SEAL_PERIOD": Meaning(Text("签章时印章不在其有效期内。", "The seal was not valid when it was used."), _SEAL_AGAIN),
    "SIGNER_NOT_LISTED": Meaning(
        Text("印章不准该证书使用。", "The seal does not name the signer's certificate among those that may use it."),
        _SEAL_AGAIN,
    ),
    "SIGNATURE": Meaning(
        Text(
            "签章人的签名不成立：签章数据被改动过。",
            "The signer's signature does not hold: what was signed was changed.",
        ),
        _ASK_SEALER,
    ),
    "SIGNATURE_ALGORITHM": Meaning(
        Text(
            "签章的签名算法未知，或与证书的密钥不符，或已不安全。",
            "The algorithm is unknown, not the key's, or no longer safe.",
        ),
        _OTHER_ALGORITHM,
    ),
    "DOCUMENT_CHANGED": Meaning(
        Text("文件内容不是当时签章的内容。", "The document is not the one that was sealed."), _ASK_SEALER
    ),
    "DOCUMENT_NOT_GIVEN": Meaning(
        Text("只有签章数据，没有被签的原文，无法核对。", "Only the signature was given, not the document it is about."),
        Text(
            "请连同原文（OFD 的 Signature.xml）一起核验。",
            "Verify it together with the document (the Signature.xml of an OFD).",
        ),
    ),
    "REFERENCE_MISSING": Meaning(
        Text("签名所引用的文件不在包中。", "A file that was signed is not in the package."), _ASK_SEALER
    ),
    "NOT_COVERED": Meaning(
        Text("包内有未被签章保护的内容。", "The package holds contents that the seal does not cover."), _ASK_SEALER
    ),
    "DIGEST_ALGORITHM": Meaning(
        Text(
            "引用所用的摘要算法未知或已不安全。", "The digest algorithm of the references is unknown or no longer safe."
        ),
        _OTHER_ALGORITHM,
    ),
    "CHANGED_AFTERWARDS": Meaning(
        Text(
            "签章之后文件又被改动，且不是被允许的改动。",
            "The file was changed after it was sealed, in a way that is not allowed.",
        ),
        _ASK_SEALER,
    ),
    "SIGNED_IN_FUTURE": Meaning(
        Text("签章时间在将来。", "It was signed in the future."),
        Text("请核对签章平台与本机的时钟。", "Check the clocks of the seal platform and of this system."),
    ),
    "MOMENT_AMBIGUOUS": Meaning(
        Text(
            "签章时间在将来八小时之内：很可能把北京时间写成了 UTC。",
            "The moment lies up to eight hours ahead: probably local time written as UTC.",
        ),
        Text(
            "请签章平台按 UTC 书写时间；在此之前由人判断。",
            "Have the platform write UTC; until then somebody has to judge.",
        ),
    ),
    "MOMENT_UNKNOWN": Meaning(
        Text("签章时间读不出来。", "Nobody can read when it was signed."),
        Text("请签章平台写明时间。", "Have the seal platform write the time."),
    ),
    "TIMESTAMP": Meaning(
        Text(
            "时间戳读不出来，或不是这份签章的，或其签名不成立。",
            "The time stamp cannot be read, is about something else, or its signature does not hold.",
        ),
        _ASK_SEALER,
    ),
    "TIMESTAMP_UNCHECKED": Meaning(
        Text(
            "第 1 版签章以时间戳代替时间，此处不核验。",
            "In a signature of version 1 a time stamp stands for the moment: it is not verified here.",
        ),
        Text("请签章平台改用第 4 版以上的签章。", "Have the platform seal by version 4 or later."),
    ),
    **{
        f"{role}_{code}": Meaning(Text(f"{zh}{said[0]}。", f"{en} {said[1]}."), remedy)
        for role, (zh, en) in _ROLES.items()
        for code, (said, remedy) in _ABOUT_CERTIFICATES.items()
    },
}
