# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
"""What connectors over HTTP have in common, as data in their settings: none of it knows any one far side.

place         where something stands in a JSON or XML document, also inside a text in it
template      texts with places in them that a message fills
signature    what proves who sent a request and that nobody changed it
ruling        what an answer says about the business, whatever its status says about the transport
finding       what a register's answer to a question means
egress        whom a connector may call, checked at the address it connects to
tls           client certificates, authorities and pins, read again when their files change
token         a bearer token by OAuth 2.0 client credentials, renewed before it ends
"""
