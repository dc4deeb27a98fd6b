# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What a verifier says: findings with stable codes, and the verdict over them (after ETSI EN 319 102-1)."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """One word over the whole; also what each finding amounts to."""

    PASSED = "PASSED"
    INDETERMINATE = "INDETERMINATE"
    FAILED = "FAILED"


EXIT = {Verdict.PASSED: 0, Verdict.FAILED: 1, Verdict.INDETERMINATE: 2}

OPEN_DELIVERY = "DELIVERY_OPEN"
_FAILED, _OPEN = Verdict.FAILED, Verdict.INDETERMINATE

CODES: dict[str, tuple[Verdict, str, str]] = {
    "CONTAINER_FORM": (
        _FAILED,
        "容器不是规定的形式，或有多余字节",
        "the container is not in its one form, or has other bytes",
    ),
    "NAME_UNKNOWN": (_FAILED, "容器里有不该有的文件", "a file that does not belong in a container"),
    "FILE_MISSING": (_FAILED, "缺少必需的文件", "a file that must be there is missing"),
    "MANIFEST_DIFFERS": (_FAILED, "清单与文件不符", "the manifest is not that of the files"),
    "SEAL_FORM": (_FAILED, "证据包签名的形式不对", "the container's signature is not in its one form"),
    "JSON_FORM": (_FAILED, "JSON 不合规", "not the JSON that it must be"),
    "CASE_FORM": (_FAILED, "案卷说明不合规", "the description of the case is not what it must be"),
    "CASE_FOREIGN": (_FAILED, "陈述属于另一办件", "a statement about another case"),
    "LEAVES_FORM": (_FAILED, "存证清单不合规", "the list of leaves is not what it must be"),
    "STATEMENT_FORM": (_FAILED, "陈述不合规", "the statement is not what it must be"),
    "STATEMENT_UNLISTED": (_FAILED, "有陈述不在存证清单里", "a statement that no leaf lists"),
    "KIND_UNKNOWN": (_FAILED, "未知的陈述种类", "an unknown kind of statement"),
    "KIND_DIFFERS": (_FAILED, "种类与陈述不符", "the kind is not that of the statement"),
    "LEAF_DIFFERS": (_FAILED, "陈述与其叶不符", "the statement is not that of its leaf"),
    "INCLUSION": (_FAILED, "包含性证明不成立", "the proof of inclusion does not hold"),
    "RECEIPT_FORM": (_FAILED, "回执不合规", "the receipt is not in its one form"),
    "RECEIPT_DIFFERS": (_FAILED, "回执与陈述不符", "the receipt is not that of the statement"),
    "RECEIPT_PATH": (_FAILED, "回执的路径不成立", "the receipt's path leads nowhere"),
    "COMMITMENT": (_FAILED, "摘要与承诺值不符", "the digest is not what the statement commits to"),
    "CHECKPOINT_FORM": (_FAILED, "检查点不合规", "the checkpoint is not in its one form"),
    "CHECKPOINT_KEY": (_FAILED, "检查点不是此日志密钥所签", "the checkpoint names no key of the log that is here"),
    "LOG_FOREIGN": (_FAILED, "检查点属于另一日志", "the checkpoint is of another log"),
    "CERTIFICATE_FORM": (_FAILED, "证书不合规", "a certificate is not in its one form"),
    "SIGNATURE": (_FAILED, "签名不成立", "a signature does not hold"),
    "KEY_ROLE": (_FAILED, "此密钥无权作此签名", "the key may not sign this"),
    "KEY_UNKNOWN": (_FAILED, "所称的密钥不在包内", "the key that is named is not in the container"),
    "KEY_SHARED": (_FAILED, "日志密钥与回执密钥相同", "the log's key is also that of the receipts"),
    "CERTIFICATE_TIME": (_FAILED, "证书当时不在有效期", "the certificate was not valid then"),
    "TIMESTAMP": (_FAILED, "时间戳不成立", "the time stamp does not hold"),
    "TIMESTAMP_EARLY": (_FAILED, "时间戳早于所证之事", "the time stamp is earlier than what it vouches for"),
    "SUBMISSION_FORM": (_FAILED, "发送方签名不合规", "the sender's signature is not what its statement says"),
    "SUBMISSION_FOREIGN": (_FAILED, "发送方签名属于另一消息", "the sender's signature is about another message"),
    "PART_DIFFERS": (_FAILED, "消息内容与发送方所签不符", "the message is not what its sender signed"),
    "PART_UNLISTED": (_FAILED, "有内容不属于任何已签名的消息", "a content of no signed message"),
    "CONTRADICTION": (_FAILED, "证据自相矛盾", "the evidence contradicts itself"),
    "ORDER": (_FAILED, "先后次序不对", "the order is not possible"),
    "UNTRUSTED": (_OPEN, "不在验证者所带的锚之下", "under no anchor that the verifier brought"),
    "NO_ANCHOR": (_OPEN, "验证者没有带来锚", "the verifier brought no anchor"),
    "SUITE_UNAVAILABLE": (_OPEN, "本机不能验证此算法", "this machine cannot verify this suite"),
    "RECEIPT_UNSIGNED": (_OPEN, "回执没有签名", "the receipt has no signature"),
    "RECEIPT_WITHHELD": (_OPEN, "回执未随附", "the receipt is withheld"),
    "TIMESTAMP_PENDING": (_OPEN, "时间戳尚未补盖", "the time stamp is awaited"),
    "TIMESTAMP_UNTRUSTED": (_OPEN, "时间戳机构不在锚之下", "the stamp's authority is under no anchor"),
    "TIME_CLAIMED": (Verdict.PASSED, "时间是中枢自述，没有时间戳", "the time is the hub's own word; there is no stamp"),
    "SENDER_UNTRUSTED": (
        Verdict.PASSED,
        "发送方证书不在锚之下，其身份只由中枢认定",
        "the sender's certificate is under no anchor: only the hub says whose it is",
    ),
    "SUBMISSION_UNSEEN": (
        Verdict.PASSED,
        "裸签名须有消息内容才能验证，而内容未随附",
        "a bare signature can be verified only beside the message, which is withheld",
    ),
    "DELIVERY_OPEN": (Verdict.PASSED, "尚无此受理的送达结果", "nothing is known yet of a delivery of this message"),
}
"""Every code with what it amounts to, in Chinese and English."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found. ``place``: the file, and what in it."""

    code: str
    place: str = ""
    detail: str = ""

    @property
    def verdict(self) -> Verdict:
        """What it amounts to."""
        return CODES[self.code][0]

    def line(self) -> str:
        """For people."""
        _, zh, en = CODES[self.code]
        return "  ".join(filter(None, (f"{self.verdict.value:13}", self.code, self.place, f"{zh} {en}", self.detail)))

    def as_dict(self) -> dict[str, object]:
        """For programs."""
        verdict, zh, en = CODES[self.code]
        return {
            "code": self.code,
            "verdict": verdict.value,
            "place": self.place,
            "detail": self.detail,
            "text": {"zh": zh, "en": en},
        }


def overall(findings: Iterable[Finding], *, strict: bool = False) -> Verdict:
    """The worst of them; of none, it passed. ``strict``: what is only told otherwise leaves it open, but for open deliveries."""
    found = list(findings)
    verdicts = {one.verdict for one in found}
    if strict and any(one.verdict is Verdict.PASSED and one.code != OPEN_DELIVERY for one in found):
        verdicts.add(Verdict.INDETERMINATE)
    if Verdict.FAILED in verdicts:
        return Verdict.FAILED
    return Verdict.INDETERMINATE if Verdict.INDETERMINATE in verdicts else Verdict.PASSED
