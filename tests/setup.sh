# SPDX-License-Identifier: Apache-2.0
#
# setup.sh - what ./quickstart and ./check share: installing what is missing,
# and building. To be sourced by bash, in the project's folder.

# What the program is built with and runs with.
BASE_PACKAGES=(autoconf automake gcc libc6-dev make pkg-config
	libconfig-dev libcurl4-openssl-dev libjson-c-dev librabbitmq-dev
	libpcre2-dev libssl-dev libuv1-dev rabbitmq-server python3 python3-pika)

# What only the tests need.
CHECK_PACKAGES=(check clang clang-format gcovr iproute2 libclang-rt-14-dev
	nginx-light openssl valgrind)

is_installed() # package
{
	[ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

as_root()
{
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		echo "This takes root or sudo: $*" >&2
		return 1
	fi
}

apt_quietly() # arguments of apt-get
{
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq \
		-o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@" >"$apt_log" 2>&1
}

# Installing a service starts it. Nobody asked for one that takes port 5672 or
# 80: it is only wanted for its files.
hold_services()
{
	held=/usr/sbin/policy-rc.d
	if [ -e $held ]; then
		as_root mv $held $held.held-by-rebound
	fi
	printf '#!/bin/sh\nexit 101\n' | as_root tee $held >/dev/null
	as_root chmod 755 $held
}

release_services()
{
	as_root rm -f $held
	if [ -e $held.held-by-rebound ]; then
		as_root mv $held.held-by-rebound $held
	fi
	held=
}

install_packages() # packages
{
	apt_log=$(mktemp)
	if ! { apt_quietly install --no-install-recommends "$@" ||
		{ apt_quietly update &&
			apt_quietly install --no-install-recommends "$@"; }; }; then
		tail -n 20 "$apt_log" >&2
		rm -f "$apt_log"
		echo "Installing these failed: $*" >&2
		return 1
	fi
	rm -f "$apt_log"
}

# Packages that bring a service, and what it is called.
declare -A SERVICE_OF=([rabbitmq-server]=rabbitmq-server [nginx-light]=nginx)

# Installs those of the packages that are missing. A service that is there
# already is left as it is, running or not; a new one neither starts now nor
# with the machine.
install_missing() # packages
{
	local package missing=() services=() status=0

	for package in "$@"; do
		is_installed "$package" && continue
		missing+=("$package")
		[ -z "${SERVICE_OF[$package]-}" ] ||
			services+=("${SERVICE_OF[$package]}")
	done
	[ ${#missing[@]} = 0 ] && return
	echo "Installing: ${missing[*]}"
	held=
	trap '[ -z "$held" ] || release_services' EXIT
	hold_services
	install_packages "${missing[@]}" || status=$?
	release_services
	trap - EXIT
	if [ ${#services[@]} -gt 0 ] && command -v systemctl >/dev/null; then
		as_root systemctl disable --quiet "${services[@]}" 2>/dev/null ||
			true
	fi
	return $status
}

processors()
{
	nproc 2>/dev/null || echo 2
}

# Configures a build folder, once, and again when its settings change.
configure_in() # folder, arguments of configure
{
	local folder=$1

	shift
	autoreconf -i 2>&1 || return
	mkdir -p "$folder"
	if [ ! -e "$folder/Makefile" ] ||
		[ "$(cat "$folder/settings" 2>/dev/null)" != "$*" ]; then
		(cd "$folder" && ../configure "$@") || return
		echo "$*" >"$folder/settings"
	fi
}
