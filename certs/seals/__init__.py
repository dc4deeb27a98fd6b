# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Electronic seals (电子印章) verified: over which bytes, by whose seal and certificate, and whether they were valid then.

Pure: no network, no clock, no files. The verifier brings the anchors; what came with a file never vouches for it.

The modules:

    structures, reading   the bytes of GM/T 0031 and GB/T 38540
    check                 what was checked and what came of it
    codes                 what each failure means, and what to do
    signers               certificates of a seal: chain, validity, usage, revocation
    ses                   one seal, or one signature made with it
    package, ofd          the signatures of an OFD file, down to every reference
    pdf                   the signatures of a PDF file (PAdES)
    verify                whichever of them a file is
"""
