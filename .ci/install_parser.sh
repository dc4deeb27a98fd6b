#!/bin/sh
# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
#
# Makes peers available to the tests: programs of other makers that are run beside ours and never imported, so that their
# licences bind nobody. On Node.js the AsyncAPI project's own parser and the peers of connectors, on Python some more; in the
# versions and with the hashes of each package-lock.json and peers.txt, in folders that Git ignores. Without Node.js its part is
# left out: the tests that need one say what to install, and fail in CI.
set -eu

log=$(mktemp)
trap 'rm -f "$log"' EXIT
missing=

for wanted in tests/connectors/*/peers.txt; do
  [ -e "$wanted" ] && [ -x .venv/bin/python ] || continue
  installed=${wanted%/*}/.peers
  [ ! -e "$installed/.complete" ] || [ "$wanted" -nt "$installed/.complete" ] || continue
  printf '%s\n' "正在安装 $installed / installing $installed"
  if .venv/bin/python -m pip --disable-pip-version-check --no-input install --quiet --no-deps --require-hashes --no-compile \
    --upgrade --target "$installed" -r "$wanted" >"$log" 2>&1; then
    touch "$installed/.complete"
    continue
  fi
  cat "$log" >&2
  printf '%s\n' "pip 失败，用到 $installed 的测试不会运行 / pip failed: the tests that need $installed do not run" >&2
  missing=yes
done
command -v npm >/dev/null || { [ -z "$missing" ] || [ "${CI:-}" != true ]; exit; }

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
