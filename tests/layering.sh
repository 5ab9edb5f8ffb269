#!/bin/sh
#
# layering.sh - the architecture, as a test.
#
#   1. policy/ includes policy/ and a few headers of the C standard.
#   2. worker/ includes policy/ and worker/; only operator/ includes operator/.
#   3. Each outside library has one door. rabbitmq-c's is broker_amqp.h, which
#      broker*.c alone include, libcurl's http_easy.h, for http*.c, and libuv's
#      loop_uv.h, for loop*.c; every other library's is one source file.
#   4. Only worker/clock.c reads a clock or throws dice.
#   5. Every header compiles by itself.
#   6. Each suite of tests/ is in the list of one program, once.
#   7. libpolicy.a needs nothing of the system but memory and string functions.
#
# Runs from the build folder; $srcdir, $CC and $NM come from the Makefile.

set -u
top=${srcdir:-.}
cc=${CC:-cc}
nm=${NM:-nm}
failed=0
passed=0

complain() # what, offending lines
{
	if [ -z "$2" ]; then
		passed=$((passed + 1))
		return
	fi
	failed=$((failed + 1))
	printf 'layering: %s\n%s\n' "$1" "$2" >&2
}

# Files of worker/ and operator/ that match $1, less those whose path matches $2.
strays()
{
	grep -rlE --include='*.[ch]' "$1" "$top/worker" "$top/operator" |
		grep -vE "$2"
}

complain 'policy/ may not include' "$(
	grep -nE '^#[[:space:]]*include' "$top"/policy/*.[ch] |
		grep -vE '"policy/|<(assert|limits|stdbool|stddef|stdint|string)\.h>'
)"
complain 'worker/ may not include' "$(
	grep -nE '^#[[:space:]]*include[[:space:]]*"' "$top"/worker/*.[ch] |
		grep -vE '"(policy|worker)/'
)"

complain '<amqp.h> belongs to worker/broker_amqp.h' \
	"$(strays '<(rabbitmq-c/)?amqp' '/worker/broker_amqp\.h$')"
complain 'broker_amqp.h is for worker/broker*.c alone' \
	"$(strays 'include "worker/broker_amqp\.h"' '/worker/broker[a-z_]*\.c$')"
complain '<curl/curl.h> belongs to worker/http_easy.h' \
	"$(strays '<curl/' '/worker/http_easy\.h$')"
complain 'http_easy.h is for http*.c and http_call.h alone' \
	"$(strays 'include "worker/http_(easy|call)\.h"' \
		'/worker/http([a-z_]*\.c|_call\.h)$')"
complain 'json-c belongs to worker/json.c' \
	"$(strays '<json(-c)?[/_.]' '/worker/json\.c$')"
complain '<libconfig.h> belongs to worker/config_file.c' \
	"$(strays '<libconfig' '/worker/config_file\.c$')"
complain '<uv.h> belongs to worker/loop_uv.h' \
	"$(strays '<uv' '/worker/loop_uv\.h$')"
complain 'loop_uv.h is for worker/loop*.c alone' \
	"$(strays 'include "worker/loop_uv\.h"' '/worker/loop[a-z_]*\.c$')"
complain '<pcre2.h> belongs to worker/regex.c' \
	"$(strays '<pcre2' '/worker/regex\.c$')"
complain 'libcrypto belongs to worker/digest.c' \
	"$(strays '<openssl/(evp|rand|sha|md)' '/worker/digest\.c$')"
complain 'libssl belongs to worker/broker_tls.c' \
	"$(strays '<openssl/' '/worker/(digest|broker_tls)\.c$')"
complain 'clocks are read and dice thrown in worker/clock.c' \
	"$(strays '\<(clock_gettime|gettimeofday|time|getrandom|s?rand(om)?)[[:space:]]*\(' \
		'/worker/clock\.c$')"

for header in "$top"/policy/*.h "$top"/worker/*.h "$top"/operator/*.h; do
	[ -f "$header" ] || continue
	complain "$header does not compile by itself" "$(
		$cc -std=c17 -fsyntax-only -x c -D_DEFAULT_SOURCE -I "$top" \
			"$header" 2>&1
	)"
done

complain 'not in the list of one program, once' "$(
	cat "$top"/tests/test_*.c | grep -oE '^Suite \*[a-z0-9_]+' |
		cut -c 8- | while read -r suite; do
		count=$(cat "$top"/tests/*_tests.c | grep -cw "$suite")
		[ "$count" = 1 ] || echo "$suite: $count times"
	done
)"

# Names with a leading underscore are the compiler's own: sanitizers, asserts.
complain 'libpolicy.a needs from outside' "$(
	$nm -A libpolicy.a | awk '
		$(NF-1) == "U" { wanted[$NF] = $0 }
		$(NF-1) ~ /^[TDRB]$/ { given[$NF] = 1 }
		END { for (s in wanted) if (!(s in given)) print s }' |
		grep -vE '^(_.*|abort|bcmp|mem(cpy|move|set|cmp|chr)|str(len|cmp|ncmp|chr))$'
)"

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
