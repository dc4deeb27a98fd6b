#!/bin/sh
# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
#
# A client of govhub to copy: one file for any POSIX shell, with curl 7.71 or newer and openssl.
#
#   export GOVHUB_URL=https://hub.example.gov.cn GOVHUB_KEY=ghk_...
#   sh client.sh send application.json          hand a message over; prints the receipt
#   sh client.sh check receipt.json             is the receipt sound, and what became of the message?
#   sh client.sh upload scan.pdf                store a material; prints its digest for the message
#   sh client.sh fetch civil-affairs ./handle   fetch once; ./handle gets the message on standard input
#   sh client.sh me [refusals|waiting]          what the hub says about this system
#
# ./handle ends with 0: we have it (its first line of output is our own number for it); with 65: we refuse it for good (first
# line: CODE and reason, nothing personal); with anything else: give it to us again later. It knows the delivery from
# GOVHUB_DELIVERY, which is the same when a message comes twice. One message is fetched at a time: a shell does not read JSON.
#
# With GOVHUB_SIGN_CERTIFICATE and GOVHUB_SIGN_KEY (PEM files, ECDSA on P-256) what is sent is signed over its exact bytes.
#
# Exit codes: 0 done; 64 wrong use; 65 refused, standard error says why; 69 the hub was not reached for GOVHUB_PATIENCE seconds
# (300): do the same again later, under the same id.
set -eu

url=${GOVHUB_URL:-http://127.0.0.1:8480}
patience=${GOVHUB_PATIENCE:-300}

usage() {
  sed -n '5,22s/^# \{0,1\}//p' "$0" >&2
  exit 64
}

umask 077
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
# In a file, so that no list of processes shows the key.
printf 'header = "Authorization: Bearer %s"\n' "${GOVHUB_KEY:-}" >"$work/key"

# call PATH [curl's options]: asks until there is an answer that says something, the same bytes each time. curl repeats after
# 408, 429 and 5xx as Retry-After says, and after a cut connection. The answer is in $work/answer, its status in $status.
call() {
  path=$1
  shift
  status=$(curl --silent --show-error --config "$work/key" --output "$work/answer" --write-out '%{http_code}' \
    --retry 1000 --retry-all-errors --retry-max-time "$patience" --speed-time 90 --speed-limit 1 \
    "$@" "$url$path") || {
    printf '%s\n' "中枢未答复，请稍后原样重发 / no answer; do the same again later: $path" >&2
    exit 69
  }
  case $status in
  2??) ;;
  408 | 429 | 5??)
    printf '%s\n' "$status，请稍后原样重发 / do the same again later: $path" >&2
    exit 69
    ;;
  *) return 1 ;;
  esac
}

refused() {
  cat "$work/answer" >&2
  echo >&2
  exit 65
}

# sign FILE: its signature (intl-1), DER in Base64, into $work/signature. -binary keeps openssl from changing line ends, -cades
# binds the certificate.
sign() {
  openssl cms -sign -binary -cades -md sha256 -in "$1" -outform DER -out "$work/der" \
    -signer "$GOVHUB_SIGN_CERTIFICATE" -inkey "$GOVHUB_SIGN_KEY" || exit 64
  openssl base64 -A -in "$work/der" -out "$work/signature"
}

send() {
  event=$1
  shift
  if [ -n "${GOVHUB_SIGN_CERTIFICATE:-}" ]; then
    sign "$event"
    set -- --header "Govhub-Signature: $(cat "$work/signature")"
  fi
  call /v1/messages --header 'Content-Type: application/cloudevents+json' "$@" --data-binary "@$event" || refused
  cat "$work/answer"
}

upload() {
  digest=$(openssl dgst -sha256 -r "$1")
  digest=${digest%% *}
  # --upload-file streams the file, however large it is.
  call "/v1/materials/sha256:$digest" --header 'Content-Type: application/octet-stream' --header 'Expect:' \
    --upload-file "$1" || refused
  cat "$work/answer"
  echo
}

# The leaf is SHA-256 over 0x00, the kind with its length, and the statement: the receipt up to its leaf.
check() {
  receipt=$(cat "$1")
  statement=${receipt%,\"leaf\":*}
  leaf=$(printf '\000\010accepted%s}' "$statement" | openssl dgst -sha256 -r)
  if [ "${receipt#"$statement,\"leaf\":\"sha256:${leaf%% *}\""}" = "$receipt" ]; then
    printf '%s\n' "回执与其摘要不符 / the leaf is not that of the receipt" >&2
    exit 65
  fi
  message=$(printf '%s' "$receipt" | sed -n 's/^.*"message":"\([0-9a-f-]*\)".*$/\1/p')
  call "/v1/messages/$message" || refused
  if ! grep -qF "\"receipt\":$receipt" "$work/answer"; then
    printf '%s\n' "中枢登记的回执不同 / the hub's own receipt is another" >&2
    exit 65
  fi
  grep -o '"destination":"[^"]*","delivery":"[^"]*","state":"[^"]*"' "$work/answer" |
    sed 's/"destination":"\([^"]*\)".*"state":"\([^"]*\)"/\1 \2/' || true
}

# Text as the inside of a JSON string: quotes and backslashes escaped, control characters gone, at most 300 bytes of whole
# characters.
text() {
  printf '%s' "$1" | tr -d '\000-\037\177' | cut -c1-300 | iconv -c -f UTF-8 -t UTF-8 | sed 's/[\\"]/\\&/g'
}

fetch() {
  mailbox=$1
  shift
  call "/v1/mailbox/$mailbox?max=1&wait=25" || refused
  [ "$status" = 200 ] || return 0
  lease=$(sed -n 's/^{"lease":"\([0-9a-f-]*\)".*$/\1/p' "$work/answer")
  delivery=$(sed -n 's/^{"lease":"[^"]*","expires":"[^"]*","messages":\[{"delivery":"\([0-9a-f-]*\)".*$/\1/p' "$work/answer")
  sed 's/^.*"messages":\[{"delivery":"[^"]*","attempt":[0-9]*,"event"://; s/}\]}$//' "$work/answer" >"$work/event"
  if [ -z "$lease" ] || [ -z "$delivery" ]; then
    printf '%s\n' "答复不是取件结果 / this is not what a mailbox answers" >&2
    exit 69
  fi
  ended=0
  GOVHUB_DELIVERY=$delivery "$@" <"$work/event" >"$work/said" || ended=$?
  line=$(head -n 1 "$work/said")
  case $ended in
  0) said="\"outcome\":\"delivered\",\"receipt\":\"$(text "$line")\"" ;;
  65)
    code=$(printf '%s' "${line%% *}" | tr -cd 'A-Za-z0-9_.:-' | cut -c1-64)
    detail=
    case $line in *' '*) detail=${line#* } ;; esac
    said="\"outcome\":\"rejected\",\"code\":\"${code:-REJECTED}\",\"detail\":\"$(text "$detail")\""
    ;;
  *) said='"outcome":"retry"' ;;
  esac
  printf '{"lease":"%s","results":[{"delivery":"%s",%s}]}' "$lease" "$delivery" "$said" >"$work/ack"
  outcome=${said#*:\"}
  if call "/v1/mailbox/$mailbox/ack" --header 'Content-Type: application/json' --data-binary "@$work/ack"; then
    settled=$(sed -n 's/^.*"status":"\([a-z]*\)".*$/\1/p' "$work/answer")
  elif grep -q '"code":"E_LEASE_LOST"' "$work/answer"; then
    settled=stale # it comes again; or an earlier try of this very request settled it: both end well
  else
    refused
  fi
  printf '%s %s %s\n' "$delivery" "${outcome%%\"*}" "$settled"
}

command=${1:-}
[ $# -eq 0 ] || shift
case $command/$# in
send/1) send "$1" ;;
check/1) check "$1" ;;
upload/1) upload "$1" ;;
fetch/0 | fetch/1) usage ;;
fetch/*) fetch "$@" ;;
me/0 | me/1)
  call "/v1/me${1:+/$1}" || refused
  cat "$work/answer"
  ;;
*) usage ;;
esac
