// SPDX-FileCopyrightText: The govhub authors
// SPDX-License-Identifier: Apache-2.0
//
// Reads an AsyncAPI document from standard input and writes what the AsyncAPI project's own parser says of it, as JSON:
// [{code, severity, path, message}], where severity 0 is an error, 1 a warning, 2 information and 3 a hint.
import { readFileSync } from 'node:fs';
import { Parser } from '@asyncapi/parser';

const { diagnostics } = await new Parser().parse(readFileSync(0, 'utf8'));
const told = diagnostics.map(({ code, severity, path, message }) => ({ code, severity, path: path.join('/'), message }));
process.stdout.write(JSON.stringify(told));
