#!/bin/sh
# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
#
# Makes the servers that the tests run privately available: PostgreSQL 15 or newer, MariaDB, RabbitMQ, OpenSSH with its SFTP
# server, and two FTP servers (vsftpd, and pyftpdlib for the system's Python); Node.js 18 or newer with npm, which the AsyncAPI
# project's parser and peers of connectors need; a JDK, curl and openssl, which the clients in examples/clients need; pdfsig
# (poppler-utils), which judges sealed PDFs beside us; SoftHSM, a token; faketime, which moves the clock of a hub;
# and Chromium with a Chinese font, in which the console is looked at. What is
# on PATH or in Debian's folders is used as it is; what a URL stands in for (GOVHUB_TEST_POSTGRES, GOVHUB_TEST_RABBITMQ) is not
# needed; the rest is installed with apt-get, as root or by passwordless sudo. Only the binaries are wanted: a service that
# Debian's packages would start is kept from starting, now and at the next boot, and a service that was there before is left
# alone. Only the servers are insisted on outside CI: a test that needs one of the others is skipped then, and says so.
set -eu

fail() {
  printf '%s\n' "$1" >&2
  exit 1
}

# Whether the folder $1 holds a PostgreSQL server of major version 15 or newer.
is_postgres() {
  [ -x "$1/postgres" ] && [ -x "$1/initdb" ] || return 1
  major=$("$1/postgres" --version | sed -n 's/^[^0-9]*\([0-9][0-9]*\).*/\1/p')
  [ "${major:-0}" -ge 15 ]
}

have_postgres() {
  [ -z "${GOVHUB_TEST_POSTGRES:-}" ] || return 0
  on_path=$(command -v postgres || true)
  for folder in "${on_path%/*}" /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /usr/local/pgsql/bin; do
    if is_postgres "$folder"; then return 0; fi
  done
  return 1
}

have_rabbitmq() {
  [ -z "${GOVHUB_TEST_RABBITMQ:-}" ] || return 0
  [ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] || command -v rabbitmq-server >/dev/null
}

have_sshd() {
  PATH="$PATH:/usr/sbin:/usr/local/sbin" command -v sshd >/dev/null || return 1
  for server in /usr/lib/openssh/sftp-server /usr/libexec/openssh/sftp-server /usr/lib/ssh/sftp-server; do
    if [ -x "$server" ]; then return 0; fi
  done
  return 1
}

have_ftpd() {
  [ -x /usr/bin/python3 ] && /usr/bin/python3 -W ignore -c 'import pyftpdlib' 2>/dev/null &&
    PATH="$PATH:/usr/sbin:/usr/local/sbin" command -v vsftpd >/dev/null
}

have_mariadb() {
  [ -x /usr/bin/mariadb-install-db ] || command -v mariadb-install-db >/dev/null || return 1
  [ -x /usr/sbin/mariadbd ] || command -v mariadbd >/dev/null
}

have_node() {
  command -v npm >/dev/null && command -v node >/dev/null || return 1
  major=$(node --version | sed -n 's/^v\([0-9][0-9]*\).*/\1/p')
  [ "${major:-0}" -ge 18 ]
}

have_jdk() {
  command -v java >/dev/null && command -v javac >/dev/null
}

servers=
have_postgres || servers="postgresql"
have_rabbitmq || servers="$servers rabbitmq-server"
have_sshd || servers="$servers openssh-server openssh-sftp-server"
have_ftpd || servers="$servers python3-pyftpdlib vsftpd"
have_mariadb || servers="$servers mariadb-server"
missing=$servers
command -v chromium >/dev/null || command -v google-chrome >/dev/null || missing="$missing chromium fonts-noto-cjk"
command -v pdfsig >/dev/null || missing="$missing poppler-utils"
command -v softhsm2-util >/dev/null || missing="$missing softhsm2"
have_node || missing="$missing nodejs npm"
have_jdk || missing="$missing default-jdk-headless"
for command in curl openssl faketime; do
  command -v "$command" >/dev/null || missing="$missing $command"
done
[ -n "$missing" ] || exit 0

advice="缺少测试所需的程序，请安装：$missing，或用 GOVHUB_TEST_POSTGRES / GOVHUB_TEST_RABBITMQ 指定服务器地址 / programs the tests need are missing; install: $missing, or give servers' URLs in GOVHUB_TEST_POSTGRES / GOVHUB_TEST_RABBITMQ"

# Nothing can be installed here: well and good where no server is missing, outside CI.
give_up() {
  [ -z "$servers" ] && [ "${CI:-}" != true ] || fail "$advice"
  printf '%s\n' "$advice" >&2
  exit 0
}

command -v apt-get >/dev/null || give_up
if [ "$(id -u)" -eq 0 ]; then
  as_root=
elif sudo -n true 2>/dev/null; then
  as_root=sudo
else
  give_up
fi

printf '%s\n' "正在安装测试所需的程序 / installing programs for the tests: $missing"

# invoke-rc.d asks this file before it starts anything; 101 means "not allowed". One that is there already is somebody's decision.
policy=/usr/sbin/policy-rc.d
policy_is_ours=
log=$(mktemp)
clean_up() {
  rm -f "$log"
  [ -z "$policy_is_ours" ] || $as_root rm -f "$policy"
}
trap clean_up EXIT
trap 'exit 130' INT TERM
if ! [ -e "$policy" ]; then
  policy_is_ours=yes
  printf '#!/bin/sh\nexit 101\n' | $as_root tee "$policy" >/dev/null
  $as_root chmod 755 "$policy"
fi

# apt-get's words are shown only if it fails.
apt() {
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 "$@" >"$log" 2>&1 && return 0
  cat "$log" >&2
  fail "apt-get $1 失败 / apt-get $1 failed. $advice"
}
# The lists are fetched first: a fresh machine has none, and an old list names packages that are gone.
apt update
# shellcheck disable=SC2086  # the names are words of one list
apt install --no-install-recommends -y $missing

# Not at the next boot either. epmd comes with RabbitMQ and has a unit only.
for package in $servers; do
  service=$package
  [ "$package" != openssh-server ] || service=ssh
  [ "$package" != mariadb-server ] || service=mariadb
  $as_root update-rc.d "$service" disable >/dev/null 2>&1 || true
  if [ "$package" = rabbitmq-server ] && command -v systemctl >/dev/null; then
    $as_root systemctl --quiet disable epmd.service >/dev/null 2>&1 || true
  fi
done

have_postgres || fail "安装后仍未找到 PostgreSQL 15 以上版本 / no PostgreSQL 15 or newer even after installing. $advice"
have_rabbitmq || fail "安装后仍未找到 RabbitMQ / no RabbitMQ even after installing. $advice"
have_jdk || [ "${CI:-}" != true ] || fail "安装后仍未找到 JDK / no JDK even after installing. $advice"
have_sshd || fail "安装后仍未找到 OpenSSH 服务器 / no OpenSSH server even after installing. $advice"
have_ftpd || fail "安装后仍未找到 pyftpdlib 或 vsftpd / no pyftpdlib or vsftpd even after installing. $advice"
have_mariadb || fail "安装后仍未找到 MariaDB / no MariaDB even after installing. $advice"
have_node || [ "${CI:-}" != true ] || fail "安装后仍未找到 Node.js 18 以上版本 / no Node.js 18 or newer even after installing. $advice"
