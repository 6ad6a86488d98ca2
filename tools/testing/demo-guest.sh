#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The demonstration, inside the test guest: each command as a user would type it, what
# it really prints, and whether that is what it should be. demo.sh starts it.
#
# usage: demo-guest.sh [--tap]
#
# With --tap what is seen are comments, and each check is a test point.

set -euo pipefail
cd "$(dirname "$(realpath "$0")")/../.."

user=wanda
password='Correct horse'
service=ksecdd-service
url=http://127.0.0.1:8080/
address=127.0.0.1
tap=
[ "${1:-}" != --tap ] || tap=1
# Set when the machine is to stay: a file for demo.sh, and its port there.
stays=${DEMO_STAYS:-}
[ -z "$stays" ] || address=0.0.0.0

bold='' green='' red='' dim='' plain=''
if [ -n "${DEMO_COLOUR:-}" ]; then
	bold=$'\e[1m' green=$'\e[32m' red=$'\e[31m' dim=$'\e[2m' plain=$'\e[0m'
fi

points=0
failed=0
output=
children=()
config=/etc/ksecd/ksecd.conf
rdp=
started=$SECONDS

finish() {
	local child
	for child in "${children[@]}"; do
		kill "$child" 2>/dev/null || true
		wait "$child" 2>/dev/null || true
	done
	ksecctl account del "$user" >/dev/null 2>&1 || true
	if [ -n "$rdp" ]; then
		cp "$rdp/ksecd.conf" "$config"
		rm -rf "$rdp"
	fi
}
trap finish EXIT

say() {
	if [ -n "$tap" ]; then
		set -- "# ${*//$'\n'/$'\n'# }"
	fi
	printf '%s\n' "$*"
}

title() {
	say ""
	say "$bold$*$plain"
}

# Shows a command and runs it; $output is what it printed. Its failure is not the end:
# what should have been there is looked at afterwards.
run() {
	say "$dim\$$plain $bold$1$plain"
	output=$(bash -c "$1" 2>&1) || true
	[ -z "$output" ] || say "$output"
}

# The same for what goes on running.
begin() {
	local log=$2
	say "$dim\$$plain $bold$1 &$plain"
	bash -c "exec $1" >"$log" 2>&1 &
	children+=($!)
}

check() {
	local name=$1 pattern
	shift
	points=$((points + 1))
	for pattern in "$@"; do
		if ! grep -Eq -- "$pattern" <<<"$output"; then
			failed=$((failed + 1))
			[ -z "$tap" ] || echo "not ok $points - $name"
			say "$red  ✗ $name: there is no '$pattern' in it$plain"
			return
		fi
	done
	if [ -n "$tap" ]; then
		echo "ok $points - $name"
	else
		say "$green  ✓ $name$plain"
	fi
}

# Until a command succeeds, at most 30 s.
wait_for() {
	local end=$((SECONDS + 30))
	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.1
	done
}

has_context() {
	ksecctl contexts --json | grep -q '"state": "established"'
}

say "$(printf 'Linux %s, ' "$(uname -r)")ksecdd.ko is loaded, ksecd runs."

title "1. Whoever is root makes an account; only the hash of its password is kept"
run "echo '$password' | ksecctl account add --local alice --password-stdin $user"
run "ksecctl account list"
check "the account is there" "^$user +"

title "2. A server that calls AcceptSecurityContext, run by a user without privileges"
begin "runuser -u $service -- sspi-http --bind $address --port 8080" /tmp/demo-server.log
wait_for grep -q listening /tmp/demo-server.log || true
output=$(cat /tmp/demo-server.log)
say "$output"
check "it listens" "^listening on .*:8080"

title "3. curl, as Debian has it, logs in with NTLM"
run "curl --silent --show-error --include --ntlm --user '$user:$password' $url"
check "200, and the server knows who it is" "^HTTP/1.1 200 " "^account: .*\\\\$user" \
	"^uid: $(id -u alice)\$" "^user: alice\$" "^package: NTLM\$" "^attributes:" "^key-bits: 0"
say "    (curl asks for a logon only, without signing and sealing: no key is in use)"

title "4. The same with a wrong password"
run "curl --silent --show-error --include --ntlm --user '$user:wrong horse' $url"
check "401, and no word about why" "^HTTP/1.1 401 " "LOGON_DENIED"
run "tail -n 1 /var/log/ksecd.log"
check "the log of ksecd says why, for root" "SEC_E_LOGON_DENIED .*$user"

title "5. What the module knows, while a client is connected"
# The second request waits for a minute; the connection, and its context, stay.
begin "curl --silent --ntlm --user '$user:$password' --rate 1/m $url $url" /tmp/demo-client.log
wait_for has_context || true
run "ksecctl contexts"
check "the client's context" "NTLM +established +.*\\\\$user +$(id -u alice) "
run "ksecctl status"
check "module and helper" "^module +[0-9]" "^helper +ksecd"
run "ksecctl statistics"
check "logons and refusals are counted" "[1-9][0-9]*  contexts established" \
	"[1-9][0-9]*  logons denied"

# The sums of what the kernel's TLS has done, which are there from its start on.
tls_counts() {
	grep -E '^Tls(Tx|Rx)Sw|^TlsDecryptError' /proc/net/tls_stat
}

title "6. Remote Desktop: a server that knows nothing of Network Level Authentication"
modprobe tls
rdp=$(mktemp -d)
cp "$config" "$rdp/ksecd.conf"
run "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=$(hostname) \
    -keyout /etc/ksecd/rdp.key -out /etc/ksecd/rdp.pem 2>/dev/null"
printf '\n[tls rdp]\ncertificate = /etc/ksecd/rdp.pem\nkey = /etc/ksecd/rdp.key\nusers = %s\n' "$service" >>"$config"
run "tail -n 4 $config; kill -HUP \$(vm-ksecd pid)"
wait_for grep -q "$config: read again" /var/log/ksecd.log || true
export HOME=$rdp DISPLAY=:77
begin "Xvfb $DISPLAY -screen 0 800x600x24 -nolisten tcp -extension GLX" "$rdp/xvfb.log"
wait_for test -S /tmp/.X11-unix/X77 || true
begin "/usr/bin/python3 tools/testing/peers/rdp.py" "$rdp/server.log"
wait_for grep -q Authentication "$rdp/server.log" || true

title "7. In front of it sspi-rdp, and to it xfreerdp: NTLM in CredSSP, version 6"
begin "runuser -u $service -- sspi-rdp --bind 127.0.0.1 --credential rdp \
    --backend 127.0.0.1:3390" \
	"$rdp/gateway.log"
wait_for grep -q listening "$rdp/gateway.log" || true
run "xfreerdp /v:127.0.0.1 /u:$user /p:'$password' /sec:nla /cert:ignore +auth-only 2>&1 |
    grep -o 'ERRCONNECT_[A-Z_]*' | tail -n 1"
say "    (the server goes no further than to what it was told, and hangs up)"
wait_for grep -q MCS "$rdp/server.log" || true
run "cat $rdp/server.log"
check "the server gets the client, and is told who it is" "mstshash=alice" "protocol is 0"
run "cat $rdp/gateway.log"
check "the gateway knows who it is, and how" \
	"accepted account=.*\\\\$user user=alice uid=$(id -u alice) package=NTLM tls=TLSv1\.[23]" \
	"cipher=[^ ]+ records=kernel"
output=$(tls_counts)
say "$output"
check "the kernel did the records, both ways" "TlsTxSw\s+[1-9]" "TlsRxSw\s+[1-9]" \
	"TlsDecryptError\s+0"
run "xfreerdp /v:127.0.0.1 /u:$user /p:'wrong horse' /sec:nla /cert:ignore +auth-only 2>&1 |
    grep -o 'ERRCONNECT_[A-Z_]*' | tail -n 1"
check "a wrong password is none, and the client hears it" "LOGON_FAILURE"

title "That was"
say "  curl --ntlm     unmodified: its tokens went to sspi-http, and"
say "  xfreerdp        unmodified: its TLS and its tokens went to sspi-rdp,"
say "                  users without privileges, with nothing but libsspi,"
say "  ksecdd.ko       which holds the contexts and has the keys, and"
say "  ksecd           which judged the tokens and has forgotten the keys."
if [ "$failed" -gt 0 ]; then
	say "$red$failed of $points checks failed.$plain"
else
	say "$green$points checks passed$plain in $((SECONDS - started)) s."
fi
if [ -n "$tap" ]; then
	echo "1..$points"
fi
[ "$failed" = 0 ] || exit 1

if [ -z "$stays" ]; then
	title "Next"
	say "  make demo STAY=1       the same, and the server stays for a client of yours"
	say "  make vm                a shell in the machine"
	say "  Documentation/         how to port a service, and what is protected from whom"
	exit 0
fi
echo yes >"$stays"
title "The machine stays; Ctrl-C ends it. On this computer:"
say ""
say "  curl --ntlm --user '$user:$password' http://127.0.0.1:${DEMO_PORT:-8080}/"
title "What ksecd logs meanwhile:"
tail -n 0 -f /var/log/ksecd.log
