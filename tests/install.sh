#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# install.sh - make install puts every file under DESTDIR and the prefix, or in
# the folder that was asked for, and the installed program runs; make uninstall
# leaves nothing.
#
# Runs from the build folder.

set -u
passed=0
failed=0
stage=$(mktemp -d) || exit 70
trap 'rm -rf "$stage"' EXIT
root="$stage/root"

claim() # what, what speaks against it
{
	if [ -z "$2" ]; then
		passed=$((passed + 1))
		return
	fi
	failed=$((failed + 1))
	printf 'install: %s\n%s\n' "$1" "$2" >&2
}

# What is built is not built again: its paths are not in the program.
in_stage() # target
{
	make -s "$1" DESTDIR="$root" prefix=/opt/re \
		sysconfdir=/opt/etc mandir=/opt/handbook >"$stage/log" 2>&1 ||
		cat "$stage/log"
}

missing()
{
	for file in /opt/re/bin/rebound /opt/handbook/man1/rebound.1 \
		/opt/handbook/man5/rebound.cfg.5 \
		/opt/re/share/doc/rebound/README.md \
		/opt/re/share/doc/rebound/docs/running.md \
		/opt/re/share/doc/rebound/etc/rebound.cfg \
		/opt/re/lib/systemd/system/rebound@.service \
		/opt/re/lib/sysusers.d/rebound.conf; do
		[ -s "$root$file" ] || echo "$file"
	done
}

runs()
{
	said=$("$root/opt/re/bin/rebound" --version 2>&1) || echo "$said"
	said=$("$root/opt/re/bin/rebound" check -c \
		"$root/opt/re/share/doc/rebound/etc/rebound.cfg" 2>&1) ||
		echo "$said"
}

claim 'make install works' "$(in_stage install)"
claim 'a file is not where it is to be' "$(missing)"
claim 'a file is outside of the folders that were asked for' "$(
	cd "$stage" && find . -type f ! -path './root/opt/re/*' \
		! -path './root/opt/handbook/*' ! -path ./log
)"
claim 'the installed program and its sample do not work' "$(runs)"
claim 'make uninstall works' "$(in_stage uninstall)"
claim 'make uninstall leaves files' "$(find "$root" -type f)"

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
