# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""Who is speaking, and what proves it: certificates of systems, whom the hub trusts, signatures of messages. 身份与信任

trusting    whose certificates are believed, with their revocation status and its age
clients     from a client certificate to its system
signing     signatures over the bytes of a message, by a system's policy
files       all of it from the deployment's files, read again when they change
fetching    revocation lists and answers from their authorities
expiring    what runs out soon: certificates and keys
identities  all of these of one hub

Only computing is done for a request: whatever must be fetched or read is fetched and read in the background.
"""
