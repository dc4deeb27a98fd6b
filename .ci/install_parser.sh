#!/bin/sh
# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
#
# Makes what the tests run on Node.js available to them: the AsyncAPI project's own parser, and the peers of connectors; in the
# versions and with the hashes of each package-lock.json, in folders that Git ignores. Without Node.js nothing is done: the
# tests that need one say what to install, and fail in CI.
set -eu

command -v npm >/dev/null || exit 0
log=$(mktemp)
trap 'rm -f "$log"' EXIT
missing=

for lock in tests/asyncapi/package-lock.json tests/connectors/*/package-lock.json; do
  [ -e "$lock" ] || continue
  folder=${lock%/*}
  installed=$folder/node_modules/.package-lock.json
  [ ! -e "$installed" ] || [ "$lock" -nt "$installed" ] || continue
  printf '%s\n' "正在安装 $folder 的 Node.js 程序 / installing the Node.js programs of $folder"
  if (cd "$folder" && npm ci --ignore-scripts --no-audit --no-fund >"$log" 2>&1); then
    touch "$installed"
    continue
  fi
  cat "$log" >&2
  printf '%s\n' "npm ci 失败，用到 $folder 的测试不会运行 / npm ci failed: the tests that need $folder do not run" >&2
  missing=yes
done
[ -z "$missing" ] || [ "${CI:-}" != true ]
