/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/duration.h"

#include <assert.h>
#include <string.h>

struct unit {
	const char *name;
	millis length;
};

/* Largest first: the order in which parts are written and spelt. */
static const struct unit units[] = {
	{"d", MILLIS_PER_DAY},
	{"h", MILLIS_PER_HOUR},
	{"m", MILLIS_PER_MINUTE},
	{"s", MILLIS_PER_SECOND},
	{"ms", 1},
};

#define UNIT_COUNT (sizeof(units) / sizeof(units[0]))

/* Reads a whole number at the front of *rest, which is shortened by it. */
static bool read_number(struct text *rest, millis *number)
{
	millis n = 0;
	size_t digits = 0;

	while (digits < rest->len && rest->at[digits] >= '0' &&
	       rest->at[digits] <= '9') {
		millis digit = rest->at[digits] - '0';

		if (n > (INT64_MAX - digit) / 10)
			return false;
		n = n * 10 + digit;
		digits++;
	}
	if (digits == 0)
		return false;
	rest->at += digits;
	rest->len -= digits;
	*number = n;
	return true;
}

/* Reads a unit at the front of *rest: its place in units, or UNIT_COUNT. */
static size_t read_unit(struct text *rest)
{
	size_t letters = 0;

	while (letters < rest->len &&
	       (rest->at[letters] < '0' || rest->at[letters] > '9'))
		letters++;

	struct text name = {.at = rest->at, .len = letters};

	for (size_t i = 0; i < UNIT_COUNT; i++) {
		if (text_is(name, units[i].name)) {
			rest->at += letters;
			rest->len -= letters;
			return i;
		}
	}
	return UNIT_COUNT;
}

bool duration_parse(struct text written, millis *value)
{
	struct text rest = written;
	millis sum = 0;
	size_t next_unit = 0;

	if (rest.len == 0)
		return false;
	while (rest.len > 0) {
		millis number;

		if (!read_number(&rest, &number))
			return false;

		size_t unit = read_unit(&rest);

		if (unit == UNIT_COUNT || unit < next_unit)
			return false;
		next_unit = unit + 1;
		if (number > (INT64_MAX - sum) / units[unit].length)
			return false;
		sum += number * units[unit].length;
	}
	*value = sum;
	return true;
}

/* Writes a positive number in digits; returns the byte behind them. */
static char *spell_number(millis number, char *to)
{
	char digits[20];
	size_t count = 0;

	for (; number > 0; number /= 10)
		digits[count++] = (char)('0' + number % 10);
	while (count > 0)
		*to++ = digits[--count];
	return to;
}

static char *spell_word(const char *word, char *to)
{
	size_t len = strlen(word);

	memcpy(to, word, len);
	return to + len;
}

char *duration_spell(millis value, char buffer[DURATION_SPELLING_MAX])
{
	char *to = buffer;

	assert(value >= 0);
	for (size_t i = 0; i < UNIT_COUNT; i++) {
		millis number = value / units[i].length;

		if (number == 0)
			continue;
		value -= number * units[i].length;
		to = spell_number(number, to);
		to = spell_word(units[i].name, to);
	}
	if (to == buffer)
		to = spell_word("0s", to);
	*to = '\0';
	return buffer;
}
