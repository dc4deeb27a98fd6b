# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Of two sides comparing what they exchanged. 对账."""

from contracts.codes.code import Code


class ReconcilingSide(Code):
    """对账一方: which end of the exchange speaks."""

    SENDER = "sender", "发送方", "the system that sent the messages"
    RECEIVER = "receiver", "接收方", "the system that received them"


class ReconcilingClock(Code):
    """对账时间依据: which of a message's times decides whether it belongs to a period."""

    SENT = "sent", "消息时间", "the envelope's time, as the sender wrote it"
    ACCEPTED = "accepted", "接收时间", "the time in the receiver's receipt"


class DigestScope(Code):
    """摘要范围: what a message's digest was computed over."""

    CONTENT = "content", "消息内容", "all the message says, whatever its encoding"
    OCTETS = "octets", "原始字节", "the bytes as they were exchanged"


class ReconcilingVerdict(Code):
    """对账结论."""

    AGREED = "agreed", "一致", "both sides have the same"
    DIFFERS = "differs", "不一致", "they differ as listed"
    LIST_WANTED = "list_wanted", "需要明细", "counts or digests differ; the list is needed"


class ReconcilingFinding(Code):
    """单条对账结果, seen from the side that answers."""

    MATCHED = "matched", "相符", "both sides have it, and it is the same"
    MISSING_HERE = "missing_here", "本方缺少", "it is in the manifest and not here"
    MISSING_THERE = "missing_there", "对方缺少", "it is here and not in the manifest"
    DIFFERS = "differs", "内容不同", "both sides have it, with different digests"


class RecordDifference(Code):
    """差异类型: how two sides' records of one case differ, seen from the side that compares."""

    MISSING_THERE = "missing_there", "对方缺少", "it is here and not there"
    MISSING_HERE = "missing_here", "本方缺少", "it is there and not here"
    DIFFERS = "differs", "内容不同", "both sides have it, with different contents or versions"
    TWICE = "twice", "对方重复", "the other side has it more often"
