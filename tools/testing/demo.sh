#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What 'make demo' runs: boots the test guest and shows a logon there.

set -euo pipefail
cd "$(dirname "$(realpath "$0")")/../.."

usage() {
	cat <<'END'
usage: make demo [STAY=1] [DEMO_PORT=8080] [KERNEL=6.12|6.1]

Boots a virtual machine with ksecdd, lets curl --ntlm and xfreerdp log in there, and
shows what each side has to say. Fails if anything is not as it should be.

  STAY=1          keep the machine up afterwards, with its server at 127.0.0.1 here
  DEMO_PORT=8080  the port of it
END
}

die() {
	printf 'demo: %s\n' "$*" >&2
	exit 1
}

case ${1:-} in
'') ;;
-h | --help) usage; exit ;;
*) usage >&2; exit 2 ;;
esac

port=${DEMO_PORT:-8080}
if ! [[ $port =~ ^[1-9][0-9]{0,4}$ ]] || [ "$port" -gt 65535 ]; then
	die "DEMO_PORT=$port is no port; say a number from 1 to 65535"
fi
case ${STAY:-} in
'' | 0) stay= ;;
1) stay=1 ;;
*) die "STAY=$STAY: say STAY=1 to keep the machine up, or leave it out" ;;
esac

port_is_free() {
	python3 - "$port" <<'END'
import socket
import sys

with socket.socket() as s:
    # What QEMU does: a port that waits for old connections to be forgotten is free.
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        s.bind(("127.0.0.1", int(sys.argv[1])))
    except OSError as error:
        print(error.strerror)
        sys.exit(1)
END
}

if [ -n "$stay" ]; then
	reason=$(port_is_free) ||
		die "port $port of 127.0.0.1 cannot be had ($reason); choose another:" \
			"make demo STAY=1 DEMO_PORT=$((port < 65535 ? port + 1 : port - 1))"
	export FORWARD=$port:8080 TIMEOUT=0
	# Ctrl-C is for the machine; what is said about its end comes from here.
	trap : INT
	mkdir -p build
	DEMO_STAYS=$(mktemp "$PWD/build/demo.XXXXXX")
	export DEMO_STAYS
	trap 'rm -f "$DEMO_STAYS"' EXIT
fi

DEMO_COLOUR=
if [ -t 1 ] && [ "${TERM:-dumb}" != dumb ] && [ -z "${NO_COLOR:-}" ]; then
	DEMO_COLOUR=1
fi
printf 'Booting Debian 12 with ksecdd in a virtual machine ...\n'
export DEMO_COLOUR DEMO_PORT=$port
export KEEP='DEMO_COLOUR DEMO_STAYS DEMO_PORT' CMD=tools/testing/demo-guest.sh
code=0
tools/testing/vm/run </dev/null || code=$?

# Ctrl-C is how a machine that stays is ended; it stays when all has gone well.
if [ -n "$stay" ] && [ "$code" = 130 ] && [ -s "$DEMO_STAYS" ]; then
	printf '\nThe virtual machine is off; nothing of it is left.\n'
	exit 0
fi
[ "$code" = 0 ] || printf '\ndemo: FAILED (exit code %s), see above\n' "$code" >&2
exit "$code"
