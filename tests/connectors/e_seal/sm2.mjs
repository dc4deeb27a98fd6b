// SPDX-FileCopyrightText: The govhub authors
// SPDX-License-Identifier: Apache-2.0
// sm-crypto says whether a signature holds, and signs the same message with a key of its own. Everything in hexadecimal.
import { readFileSync } from 'node:fs'
import smCrypto from 'sm-crypto'

const { sm2 } = smCrypto
const asked = JSON.parse(readFileSync(0, 'utf8'))
const message = Array.from(Buffer.from(asked.message, 'hex'))
const holds = sm2.doVerifySignature(message, asked.signature, asked.public, { hash: true })
const own = sm2.generateKeyPairHex()
const signature = sm2.doSignature(message, own.privateKey, { hash: true, publicKey: own.publicKey })
process.stdout.write(JSON.stringify({ holds, public: own.publicKey, signature }))
