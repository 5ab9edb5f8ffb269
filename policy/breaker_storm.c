/* SPDX-License-Identifier: Apache-2.0 */
/*
 * breaker_storm.c - permanent errors in a row.
 */
#include "policy/breaker_parts.h"

#include <string.h>

static struct text cut(struct text error)
{
	if (error.len > BREAKER_ERROR_MAX)
		error.len = BREAKER_ERROR_MAX;
	return error;
}

bool breaker_holds(const struct breaker *b, struct text error)
{
	const struct text own = {b->error, b->error_len};

	return b->is_storm && text_eq(own, cut(error));
}

static void keep(struct breaker *b, struct text error)
{
	error = cut(error);
	b->message_count = 0;
	b->error_len = error.len;
	if (error.len > 0)
		memcpy(b->error, error.at, error.len);
}

void breaker_begin_storm(struct breaker *b, struct text error)
{
	keep(b, error);
	b->is_storm = true;
}

/* One more in the row; true if it completes a storm. */
static bool count_error(struct breaker *b, struct text error, uint64_t message)
{
	const struct text own = {b->error, b->error_len};

	if (b->message_count == 0 || !text_eq(own, cut(error)))
		keep(b, error);
	for (uint32_t i = 0; i < b->message_count; i++)
		if (b->messages[i] == message)
			return false;
	b->messages[b->message_count++] = message;
	return b->message_count >= b->rules.storm;
}

bool breaker_of_storm(struct breaker *b, bool is_fresh, struct text error,
		      uint64_t message, millis now, uint32_t dice)
{
	if (b->rules.storm == 0)
		return false;
	if (!b->is_storm && is_fresh && b->state == BREAKER_CLOSED)
		b->is_storm = count_error(b, error, message);
	if (!breaker_holds(b, error))
		return false;
	if (is_fresh && !breaker_is_shut(b))
		breaker_shut(b, BREAKER_STORM, BREAKER_BY_ERRORS, now, dice);
	return true;
}
