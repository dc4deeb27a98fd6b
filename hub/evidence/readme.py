# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""The text that lies in every container, and says how to verify it."""

TEXT = """\
办件证据（ASiC-E）
==================
evidence/       中枢的陈述，逐字节与存证相同；receipts/ 是当时给发送方的回执
parts/          （应要求随附）发送方签名的消息，逐字节如收到时
journal/        各陈述在存证日志中的位置与包含性证明；checkpoints/ 是日志的签名检查点与时间戳
trust/          签名所用证书，仅供查找，不是信任的依据：请使用另行得到的锚（anchors.pem）

验证（无须联网，无须数据库）：
    govhub evidence verify FILE --anchor anchors.pem
或在只有 openssl 与 Python 的机器上：
    sh verify.sh FILE anchors.pem
结论：PASSED（0）、INDETERMINATE（2）、FAILED（1）。任何一个字节被改动，结论都不会是 PASSED。

Evidence of one case (ASiC-E)
=============================
evidence/       what the hub stated, byte for byte as it is in the log; receipts/ as they were given to senders
parts/          (if asked for) the messages that their senders signed, byte for byte as received
journal/        where each statement stands in the log, with its proof; checkpoints/ the log's signed note and its time stamps
trust/          the certificates that signed, to find keys in; no reason to trust them: use the anchors.pem that you were given

To verify (no network, no database):
    govhub evidence verify FILE --anchor anchors.pem
or on a machine with nothing but openssl and Python:
    sh verify.sh FILE anchors.pem
The verdict is PASSED (0), INDETERMINATE (2) or FAILED (1). With any one byte changed it is never PASSED.
"""
