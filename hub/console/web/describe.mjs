// SPDX-FileCopyrightText: The govhub authors
// SPDX-License-Identifier: Apache-2.0
/**
 * Writes src/api/schema.d.ts: the types of what the console asks the hub, out of the hub's own description.
 *
 *   node describe.mjs OPENAPI_JSON [--check]
 *
 * OPENAPI_JSON is a file. With --check nothing is written; the exit code is 1 if the types are not of this description.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import openapiTS, { astToString } from "openapi-typescript";

const OPERATIONS = JSON.parse(readFileSync(new URL("./operations.json", import.meta.url), "utf8"));
const TARGET = fileURLToPath(new URL("./src/api/schema.d.ts", import.meta.url));
const HEAD = "// SPDX-FileCopyrightText: The govhub authors\n// SPDX-License-Identifier: Apache-2.0\n";

/** The description with the operations that are asked for and nothing that they do not reach. */
function pruned(whole) {
  const paths = {};
  const found = new Set();
  for (const [path, item] of Object.entries(whole.paths)) {
    for (const [method, operation] of Object.entries(item)) {
      if (OPERATIONS.includes(operation.operationId)) {
        found.add(operation.operationId);
        // What is refused is a Problem everywhere; only health answers 503 with a document of its own.
        const responses = Object.fromEntries(Object.entries(operation.responses).filter(([code]) => code < "300" || code === "503"));
        (paths[path] ??= {})[method] = { ...operation, responses, tags: undefined, security: undefined };
      }
    }
  }
  const unknown = OPERATIONS.filter((name) => !found.has(name));
  if (unknown.length) throw new Error(`the hub has no such operations: ${unknown.join(", ")}`);
  const schemas = {};
  const reach = (node) => {
    if (node === null || typeof node !== "object") return;
    if (typeof node.$ref === "string") {
      const name = node.$ref.split("/").at(-1);
      if (!(name in schemas)) {
        schemas[name] = whole.components.schemas[name];
        reach(schemas[name]);
      }
    }
    Object.values(node).forEach(reach);
  };
  reach(paths);
  reach({ $ref: "#/components/schemas/Problem" });
  const sorted = Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { openapi: whole.openapi, info: whole.info, paths, components: { schemas: sorted } };
}

const [source, check] = process.argv.slice(2);
const description = pruned(JSON.parse(readFileSync(source, "utf8")));
const written = HEAD + astToString(await openapiTS(description));
if (check !== "--check") {
  writeFileSync(TARGET, written);
} else if (readFileSync(TARGET, "utf8") !== written) {
  console.error("src/api/schema.d.ts is not of this hub's description: node describe.mjs OPENAPI_JSON");
  process.exit(1);
}
