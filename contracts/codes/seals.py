# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Of electronic seals. 电子印章."""

from contracts.codes.code import Code


class SealStructure(Code):
    """电子签章的数据结构."""

    SES_V1 = "ses_v1", "GM/T 0031-2014 签章（第 1 版）", "SES version 1, GM/T 0031-2014"
    SES_V4 = "ses_v4", "GB/T 38540-2020 签章（第 4 版）", "SES version 4, GB/T 38540-2020"
    SES_V5 = "ses_v5", "GM/T 0031-2025 签章（第 5 版）", "SES version 5, GM/T 0031-2025"
    PADES = "pades", "PDF 签名（PAdES）", "PAdES, a signature inside the PDF"


class SealResult(Code):
    """用印结果."""

    DONE = "done", "已用印", "sealed"
    REFUSED = "refused", "拒绝用印", "refused by the signer"
    WITHDRAWN = "withdrawn", "已撤销", "withdrawn by the requester"
    EXPIRED = "expired", "逾期未用印", "not sealed in time"
    FAILED = "failed", "用印失败", "failed"
