# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Algorithm suites: who signs and verifies bytes, and the detached signature (CMS, RFC 5652; GB/T 35275) around them. Pure.

suite      the ports: a suite, and a signer that holds one key
intl       ``intl-1``: ECDSA on P-256 over SHA-256, as CMS names it
gm         ``gm-1``: SM2 over SM3, as GB/T 35275 names it
choosing   the suite of a certificate, and a signer from its files: the key decides, never a message
detached   making and verifying a detached signature
signed_data  reading one
names      how the suites are written
shapes     reading one that looks like an earlier one
elements   the few elements of DER that it is made of

Hash and signature families are never mixed: a suite knows one of each.
"""
