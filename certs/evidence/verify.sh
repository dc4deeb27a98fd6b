#!/bin/sh
# SPDX-FileCopyrightText: The govhub authors
# SPDX-License-Identifier: Apache-2.0
#
# 离线验证证据包，只需 openssl 3 与 Python 3.11 标准库。 Verify a container offline, with openssl 3 and Python's standard library.
#
#   sh verify.sh [--strict] FILE.asice anchors.pem [SECONDS]
#
# anchors.pem 须另行得到，不可取自证据包。SECONDS 是验证时刻，省略为现在。
# Get anchors.pem by another way than the container. SECONDS is the moment to verify at, since 1970; now, if left out.
# --strict：时间与发送方也须由你的锚证明。 Nothing passes that only the hub vouches for: time and senders too.
# 结论 the verdict: PASSED 0, FAILED 1, INDETERMINATE 2.
#
# The helper beside this file judges what hashing alone can judge, and is pinned; every signature is left to openssl.
set -eu
LC_ALL=C
export LC_ALL
HELPER_SHA256=@HELPER_SHA256@
SM2_ID=distid:1234567812345678
LEEWAY=300

strict=no
if [ "${1:-}" = --strict ]; then
  strict=yes
  shift
fi
if [ $# -lt 2 ] || [ $# -gt 3 ]; then
  sed -n '5,13s/^# \{0,1\}//p' "$0" >&2
  exit 64
fi
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
helper=$here/verify-helper.pyz
digest=$(openssl dgst -sha256 -r "$helper")
if [ "${digest%% *}" != "$HELPER_SHA256" ]; then
  echo "验证助手被改动 / the helper is not the one that this script was made with: $helper" >&2
  exit 64
fi
now=${3:-$(date +%s)}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM

if ! python3 -I "$helper" "$1" "$2" "$work"; then
  exit 64
fi

found() { printf '%s %s %s\n' "$1" "$2" "$3" >>"$work/findings"; }

# One stamp over the note; its moment goes into "moments" if it holds.
stamp() {
  text=$(openssl ts -reply -in "$work/$1.tst" -token_in -text 2>/dev/null | sed -n 's/^Time stamp: //p' | sed 's/\.[0-9]*//') || text=
  at=$(python3 -I "$helper" --seconds "$text" 2>/dev/null) || at=
  if [ -z "$at" ] || [ "$at" -gt $((now + LEEWAY)) ]; then
    found FAILED TIMESTAMP "$2"
    return
  fi
  if ! openssl ts -verify -data "$work/note" -in "$work/$1.tst" -token_in -CAfile "$work/anchors.pem" -partial_chain \
    -attime "$at" >"$work/said" 2>&1; then
    if grep -Eq 'unable to get (local )?issuer|self.signed certificate' "$work/said"; then
      found INDETERMINATE TIMESTAMP_UNTRUSTED "$2"
    else
      found FAILED TIMESTAMP "$2"
    fi
    return
  fi
  latest=$(cat "$work/latest")
  if [ -n "$latest" ] && [ $((at + LEEWAY)) -lt "$latest" ]; then
    found FAILED TIMESTAMP_EARLY "$2"
    return
  fi
  echo "$at" >>"$work/moments"
}

# One signature, whoever made it.
signature() {
  if ! openssl x509 -inform DER -in "$work/$1.crt" -out "$work/$1.pem" 2>/dev/null ||
    ! openssl x509 -in "$work/$1.pem" -pubkey -noout >"$work/$1.pub" 2>/dev/null; then
    found FAILED CERTIFICATE_FORM "$3"
    return 1
  fi
  case $2 in
    intl-1)
      openssl dgst -sha256 -verify "$work/$1.pub" -signature "$work/$1.sig" "$work/$1.msg" >/dev/null 2>&1 && return 0
      ;;
    gm-1)
      if ! openssl dgst -sm3 "$work/$1.msg" >/dev/null 2>&1; then
        found INDETERMINATE SUITE_UNAVAILABLE "$3"
        return 1
      fi
      openssl pkeyutl -verify -pubin -inkey "$work/$1.pub" -rawin -digest sm3 -pkeyopt "$SM2_ID" -in "$work/$1.msg" \
        -sigfile "$work/$1.sig" >/dev/null 2>&1 && return 0
      ;;
  esac
  found FAILED SIGNATURE "$3"
  return 1
}

# Whether an anchor vouches for the sender's certificate, at the moment at which the hub believed it.
vouched() {
  n=$1 suite=$2 at=$3 place=$4
  set -- -partial_chain -attime "$at" -CAfile "$work/anchors.pem"
  if [ -s "$work/issuers.pem" ]; then set -- "$@" -untrusted "$work/issuers.pem"; fi
  if [ "$suite" = gm-1 ]; then set -- "$@" -vfyopt "$SM2_ID"; fi
  if [ ! -s "$work/anchors.pem" ] || ! openssl verify "$@" "$work/$n.pem" >"$work/said" 2>&1; then
    found PASSED SENDER_UNTRUSTED "$place"
  fi
}

# Whether the one who signed may speak in that part.
trusted() {
  n=$1 role=$2 suite=$3 how=$4 roles=$5 place=$6
  case ,$roles, in
    *,"$role",*) ;;
    ,-,)
      if [ "$how" = chained ]; then mute=yes; fi
      ;;
    *)
      found FAILED KEY_ROLE "$place"
      return
      ;;
  esac
  set -- -partial_chain -attime "$moment" -CAfile "$work/anchors.pem"
  if [ -s "$work/issuers.pem" ]; then set -- "$@" -untrusted "$work/issuers.pem"; fi
  if [ "$suite" = gm-1 ]; then set -- "$@" -vfyopt "$SM2_ID"; fi
  if ! openssl verify "$@" "$work/$n.pem" >"$work/said" 2>&1; then
    if [ "$how" = pinned ] && grep -Eq 'error (9|10) at' "$work/said"; then
      found FAILED CERTIFICATE_TIME "$place"
    else
      found INDETERMINATE UNTRUSTED "$place"
    fi
  elif [ "${mute:-no}" = yes ]; then
    found FAILED KEY_ROLE "$place"
  fi
  mute=no
}

if ! grep -q '^FAILED ' "$work/findings"; then
  : >"$work/moments"
  while read -r n place; do stamp "$n" "$place"; done <"$work/stamps"
  moment=$(sort -n "$work/moments" | head -n 1)
  moment=${moment:-$now}
  while read -r n role suite how roles at place; do
    signature "$n" "$suite" "$place" || continue
    if [ "$role" = sender ]; then
      vouched "$n" "$suite" "$at" "$place"
      continue
    fi
    if [ -s "$work/anchors.pem" ]; then trusted "$n" "$role" "$suite" "$how" "$roles" "$place"; fi
    # The seal once more, as the CMS that it is; of SM2 this openssl can only verify what was taken out of it.
    if [ "$place" = META-INF/signature.p7s ] && [ "$suite" = intl-1 ] &&
      ! openssl cms -verify -binary -noverify -inform DER -in "$work/seal.p7s" -content "$work/manifest" >/dev/null 2>&1; then
      found FAILED SIGNATURE "$place"
    fi
  done <"$work/tasks"
fi

sort -u "$work/findings"
if grep -q '^FAILED ' "$work/findings"; then
  echo FAILED
  exit 1
fi
if [ $strict = yes ] && grep '^PASSED ' "$work/findings" | grep -qv '^PASSED DELIVERY_OPEN '; then
  echo INDETERMINATE
  exit 2
fi
if grep -q '^INDETERMINATE ' "$work/findings"; then
  echo INDETERMINATE
  exit 2
fi
echo PASSED
