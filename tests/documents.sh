#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# documents.sh - what the documents say, compared with the program.
#
#   1. docs/rebound.1 has the options of each `rebound COMMAND --help`, and no
#      others.
#   2. The pieces of a configuration in README.md make one, without a warning.
#   3. With it, `rebound explain` prints what README.md shows.
#   4. Links between the documents lead somewhere.
#   5. Makefile.am distributes every Python file of the tests, and installs
#      every page.
#   6. mandoc finds nothing wrong with the manual pages, where it is installed.
#
# Runs in the build folder; $srcdir comes from the Makefile. The last line is
# "N passed, N failed".

set -u
top=${srcdir:-.}
rebound=${REBOUND:-./rebound}
page=$top/docs/rebound.1
passed=0
failed=0
folder=$(mktemp -d) || exit 99
trap 'rm -rf "$folder"' EXIT

claim() # what, what is against it
{
	if [ -z "$2" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf 'documents: %s:\n%s\n' "$1" "$2" >&2
	fi
}

# --- options -----------------------------------------------------------------

# Of a help text: the lines of options begin with blanks and a dash.
options_of_help() # command
{
	"$rebound" "$1" --help | grep -E '^ +-' |
		grep -oE '(^ +|, )-[A-Za-z]\>|(^ +|, )--[a-z-]+' |
		grep -oE -- '-[-A-Za-z]+' | sort -u
}

# Of a part of the manual page: `.It Fl p , Fl -pipeline Ar pipeline`.
options_of_part() # a sed address: where it begins
{
	sed -n "$1,/^\.S[sh] /p" "$page" | sed 1d | grep '^\.It Fl' |
		grep -oE 'Fl -?[A-Za-z][a-z-]*' | sed 's/^Fl /-/' | sort -u
}

# What of the first list is not in the second.
without() # file, file
{
	comm -23 "$1" "$2"
}

compare_options() # command
{
	options_of_help "$1" >"$folder/help"
	options_of_part "/^\.Ss $1\$/" >"$folder/own"
	sort -u "$folder/own" "$folder/common" >"$folder/page"
	claim "rebound $1 --help shows options" \
		"$([ -s "$folder/help" ] || echo "none were found")"
	claim "rebound.1 has every option of rebound $1" \
		"$(without "$folder/help" "$folder/page")"
	claim "rebound.1 has no option that rebound $1 has not" \
		"$(without "$folder/own" "$folder/help")"
}

options_of_part '/^\.Sh OPTIONS OF EVERY COMMAND/' >"$folder/common"
claim 'rebound.1 has the options of every command' \
	"$(grep -qx -e --config "$folder/common" || echo --config)"
commands=$("$rebound" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p')
claim 'rebound --help lists commands' "$([ -n "$commands" ] || echo none)"
for command in $commands; do
	compare_options "$command"
done

# --- the configuration of the README -------------------------------------------

sed -n '/<!-- real -->/,/<!-- \/real -->/s/^    //p' "$top/README.md" \
	>"$folder/rebound.cfg"
(umask 077 && echo secret >"$folder/broker.password" &&
	echo 'Bearer abc123' >"$folder/ehr.token")
claim 'the pieces in README.md make a configuration' \
	"$("$rebound" check -c "$folder/rebound.cfg" 2>&1 >"$folder/said" ||
		echo 'refused')"
claim 'it has a pipeline' \
	"$(grep -q 'exchange "clinical-events" -> ehr' "$folder/said" ||
		cat "$folder/said")"

# The time of day differs each time.
without_clock()
{
	sed -E 's/[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}/MM-DD HH:MM:SS/; s/ +$//'
}

# What the README shows of a command, and what that prints: its n-th example.
compare_example() # n
{
	sed -n '/<!-- explain -->/,/<!-- \/explain -->/p' "$top/README.md" |
		awk -v n="$1" '/<!-- explain/ { i++; next } i == n' |
		sed '/<!--/d; s/^    //' >"$folder/shown"
	# shellcheck disable=SC2046 # its words are plain
	set -- $(sed -n 's/^\$ rebound //p' "$folder/shown")
	sed 1d "$folder/shown" | without_clock >"$folder/wanted"
	(cd "$folder" && LC_ALL=C.UTF-8 COLUMNS=110 "$program" "$@") 2>&1 |
		without_clock >"$folder/printed"
	claim "rebound $* prints what README.md shows" \
		"$([ $# -gt 0 ] || echo 'there is no example'
		diff "$folder/wanted" "$folder/printed")"
}

program=$(cd "$(dirname "$rebound")" && pwd)/${rebound##*/}
compare_example 1
compare_example 2

# --- links -----------------------------------------------------------------------

# The anchor of a heading, as GitHub and others make it.
has_anchor() # file, anchor
{
	sed -n 's/^##* //p' "$1" | tr '[:upper:]' '[:lower:]' |
		sed "s/[^a-z0-9 -]//g; s/ /-/g" | grep -qx -e "$2"
}

bad_links() # file
{
	grep -oE '\]\([^)]*\)' "$1" | sed 's/^](//; s/)$//' |
		grep -vE '^https?:' | while read -r link; do
		file=${link%%#*}
		target=$(dirname "$1")/$file
		[ -n "$file" ] || target=$1
		[ -e "$target" ] || echo "$1: $link"
		case $link in
		*'#'*) has_anchor "$target" "${link#*#}" || echo "$1: $link" ;;
		esac
	done
}

for file in "$top"/README.md "$top"/HACKING.md "$top"/NEWS.md "$top"/docs/*.md; do
	claim "the links in ${file##*/} lead somewhere" "$(bad_links "$file")"
done

# --- the distribution --------------------------------------------------------------

# Python files of the tests that Makefile.am does not name.
not_distributed()
{
	(cd "$top" && ls tests/*.py tests/*/*.py) | while read -r file; do
		grep -qwF -e "$file" "$top/Makefile.am" || echo "$file"
	done
}

claim 'Makefile.am distributes the Python files of the tests' \
	"$(not_distributed)"

claim 'Makefile.am installs the pages of docs' \
	"$(cd "$top" && for file in docs/*; do
		grep -qwF -e "$file" Makefile.am || echo "$file"
	done)"

# --- manual pages ------------------------------------------------------------------

if command -v mandoc >/dev/null; then
	for file in "$page" "$top/docs/rebound.cfg.5"; do
		claim "mandoc has nothing against ${file##*/}" \
			"$(mandoc -Tlint -Wwarning "$file" 2>&1)"
	done
fi

echo "$passed passed, $failed failed"
[ $failed = 0 ]
