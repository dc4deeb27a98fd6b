# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Certificates (X.509, RFC 5280; GM/T 0015): read, chained to anchors the verifier brings, looked up in revocation lists. Pure.

certificate   what one certificate says
algorithms    whether a signature is a key's, by the algorithm it names
chain         from a certificate to an anchor
anchors       certificates and revocation data from files
question      to a responder, about one certificate
revocation    CRLs and OCSP answers that somebody brought
"""
