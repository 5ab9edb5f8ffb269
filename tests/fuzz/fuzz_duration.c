/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_duration.c - the promises of policy/duration.h. */
#include <string.h>

#include "policy/duration.h"
#include "tests/fuzz/fuzz.h"

/* Digits and units in turn, each of them once and in order: what the grammar
   says, without the values. */
static bool is_written_well(struct text t)
{
	static const char *const units[] = {"d", "h", "m", "s", "ms"};
	size_t at = 0;
	size_t unit = 0;

	while (at < t.len) {
		size_t digits = 0;
		size_t letters = 0;

		while (at + digits < t.len && t.at[at + digits] >= '0' &&
		       t.at[at + digits] <= '9')
			digits++;
		at += digits;
		while (at + letters < t.len && t.at[at + letters] >= 'a')
			letters++;
		struct text name = {.at = t.at + at, .len = letters};
		while (unit < 5 && !text_is(name, units[unit]))
			unit++;
		if (digits == 0 || unit++ == 5)
			return false;
		at += letters;
	}
	return t.len > 0;
}

void fuzz_duration(struct text input)
{
	char spelling[DURATION_SPELLING_MAX];
	millis value = -7;
	millis again = -7;

	if (!duration_parse(input, &value)) {
		fuzz_expect(value == -7, "a value is left alone");
		/* Below 10^9 days nothing is too large. */
		fuzz_expect(!is_written_well(input) || input.len > 9,
			    "what is written well is read");
		return;
	}
	fuzz_expect(is_written_well(input), "what is read is written well");
	fuzz_expect(value >= 0, "no duration is negative");
	duration_spell(value, spelling);
	fuzz_expect(strlen(spelling) < sizeof(spelling), "a spelling fits");
	fuzz_expect(duration_parse(text_of(spelling), &again) && again == value,
		    "a spelling is read as what it spells");
}
