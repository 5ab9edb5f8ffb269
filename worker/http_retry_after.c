/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/http_retry_after.h"

#include <string.h>
#include <strings.h>

#include "worker/http_easy.h"

#define DATE_MAX 63 /* bytes; the longest form has 33 */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Digits alone, as seconds; what is too large is the largest wait. */
static millis seconds_asked(struct text value)
{
	millis seconds = 0;

	for (size_t i = 0; i < value.len; i++) {
		if (!is_digit(value.at[i]))
			return -1;
		if (seconds <= HTTP_RETRY_AFTER_MAX / MILLIS_PER_SECOND)
			seconds = seconds * 10 + (value.at[i] - '0');
	}
	if (seconds > HTTP_RETRY_AFTER_MAX / MILLIS_PER_SECOND)
		return HTTP_RETRY_AFTER_MAX;
	return seconds * MILLIS_PER_SECOND;
}

/* All three forms of a date (RFC 9110, section 5.6.7) begin with the name of a
   day and hold a time; curl knows many more, which are none in HTTP. */
static bool looks_like_date(struct text value)
{
	static const char *const days[] = {"Mon", "Tue", "Wed", "Thu",
					   "Fri", "Sat", "Sun"};

	if (value.len > DATE_MAX || memchr(value.at, ':', value.len) == NULL)
		return false;
	for (size_t i = 0; i < sizeof(days) / sizeof(days[0]); i++)
		if (value.len > 3 && strncasecmp(value.at, days[i], 3) == 0)
			return true;
	return false;
}

/* Since 1970; -1: it is no date. */
static millis date_in(struct text value)
{
	char date[DATE_MAX + 1];

	if (value.len == 0 || !looks_like_date(value))
		return -1;
	memcpy(date, value.at, value.len);
	date[value.len] = '\0';
	time_t seconds = curl_getdate(date, NULL);
	if (seconds < 0 || seconds > INT64_MAX / MILLIS_PER_SECOND)
		return -1;
	return (millis)seconds * MILLIS_PER_SECOND;
}

millis http_retry_after(struct text value, struct text date, millis now)
{
	millis then;
	millis here;

	if (value.len == 0)
		return -1;
	if (is_digit(value.at[0]))
		return seconds_asked(value);
	then = date_in(value);
	if (then < 0)
		return -1;
	here = date_in(date);
	if (here < 0)
		here = now;
	if (then <= here)
		return 0;
	return then - here < HTTP_RETRY_AFTER_MAX ? then - here
						  : HTTP_RETRY_AFTER_MAX;
}
