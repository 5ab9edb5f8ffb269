/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/deadline.h"

#include <string.h>
#include <time.h>

#define SECONDS_MAX INT64_C(253402300799) /* 9999-12-31T23:59:59Z */
#define MILLIS_MIN  INT64_C(100000000000)

/* Takes `count` digits off the front. */
static bool take_number(struct text *text, size_t count, int *number)
{
	*number = 0;
	if (text->len < count)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (text->at[i] < '0' || text->at[i] > '9')
			return false;
		*number = 10 * *number + (text->at[i] - '0');
	}
	text->at += count;
	text->len -= count;
	return true;
}

/* Takes one of these characters off the front, and says which; or '\0'. */
static char take(struct text *text, const char *of)
{
	char c = text->len == 0 ? '\0' : text->at[0];

	if (c == '\0' || strchr(of, c) == NULL)
		return '\0';
	text->at++;
	text->len--;
	return c;
}

/* A date and time of day in UTC, as seconds since 1970. */
static bool take_time(struct text *text, int64_t *seconds)
{
	struct tm tm = {0};
	int year;
	int month;
	struct tm asked;
	bool leaps;

	if (!take_number(text, 4, &year) || !take(text, "-") ||
	    !take_number(text, 2, &month) || !take(text, "-") ||
	    !take_number(text, 2, &tm.tm_mday) || !take(text, "Tt ") ||
	    !take_number(text, 2, &tm.tm_hour) || !take(text, ":") ||
	    !take_number(text, 2, &tm.tm_min) || !take(text, ":") ||
	    !take_number(text, 2, &tm.tm_sec))
		return false;
	if (tm.tm_hour > 23 || tm.tm_min > 59 || tm.tm_sec > 60)
		return false;
	tm.tm_year = year - 1900;
	tm.tm_mon = month - 1;
	/* A leap second is the next day's first. */
	leaps = tm.tm_sec == 60;
	tm.tm_sec -= leaps;
	asked = tm;
	*seconds = timegm(&tm) + leaps;
	/* The 31st of November has become another day. */
	return tm.tm_mon == asked.tm_mon && tm.tm_mday == asked.tm_mday;
}

/* A fraction of a second of any length; what is below a millisecond is cut. */
static bool take_fraction(struct text *text, int64_t *ms)
{
	int digit;
	int64_t unit = 100;

	*ms = 0;
	if (!take(text, "."))
		return true;
	if (!take_number(text, 1, &digit))
		return false;
	do {
		*ms += digit * unit;
		unit /= 10;
	} while (take_number(text, 1, &digit));
	return true;
}

/* "Z", or how far that clock is from UTC. */
static bool take_offset(struct text *text, int64_t *seconds)
{
	char sign = take(text, "Zz+-");
	int hours;
	int minutes;

	*seconds = 0;
	if (sign == 'Z' || sign == 'z')
		return true;
	if (sign == '\0' || !take_number(text, 2, &hours) || !take(text, ":") ||
	    !take_number(text, 2, &minutes) || hours > 23 || minutes > 59)
		return false;
	*seconds = (hours * 60 + minutes) * 60;
	if (sign == '-')
		*seconds = -*seconds;
	return true;
}

bool deadline_parse(struct text text, millis *wall)
{
	int64_t seconds;
	int64_t ms;
	int64_t offset;

	if (!take_time(&text, &seconds) || !take_fraction(&text, &ms) ||
	    !take_offset(&text, &offset) || text.len > 0)
		return false;
	*wall = (seconds - offset) * MILLIS_PER_SECOND + ms;
	return true;
}

bool deadline_read(const struct field *field, millis *wall)
{
	int64_t number;
	struct text text;

	if (field->kind == FIELD_TIMESTAMP) {
		if (field->as.u64 > SECONDS_MAX)
			return false;
		*wall = (millis)field->as.u64 * MILLIS_PER_SECOND;
		return true;
	}
	if (field_integer(field, &number)) {
		if (number < MILLIS_MIN ||
		    number / MILLIS_PER_SECOND > SECONDS_MAX)
			return false;
		*wall = number;
		return true;
	}
	return field_text(field, &text) && deadline_parse(text, wall);
}
