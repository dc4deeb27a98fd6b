#!/bin/sh
# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
#
# Makes the AsyncAPI project's own parser available to the tests, in the versions and with the hashes of package-lock.json, in
# a folder that Git ignores. Without Node.js nothing is done: the test that needs the parser says what to install, and fails
# in CI.
set -eu

folder=tests/asyncapi
installed=$folder/node_modules/.package-lock.json
command -v npm >/dev/null || exit 0
[ ! -e "$installed" ] || [ "$folder/package-lock.json" -nt "$installed" ] || exit 0

printf '%s\n' "正在安装 AsyncAPI 解析器 / installing the AsyncAPI parser"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if (cd "$folder" && npm ci --ignore-scripts --no-audit --no-fund >"$log" 2>&1); then
  touch "$installed"
  exit 0
fi
cat "$log" >&2
printf '%s\n' "npm ci 失败，AsyncAPI 文档将不作校验 / npm ci failed: the AsyncAPI document will not be checked" >&2
[ "${CI:-}" != true ]
