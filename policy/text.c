/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/text.h"

#include <string.h>

struct text text_of(const char *string)
{
	if (string == NULL)
		return (struct text){0};
	return (struct text){.at = string, .len = strlen(string)};
}

bool text_eq(struct text a, struct text b)
{
	if (a.len != b.len)
		return false;
	return a.len == 0 || memcmp(a.at, b.at, a.len) == 0;
}

bool text_is(struct text a, const char *string)
{
	return text_eq(a, text_of(string));
}

bool text_starts(struct text a, const char *prefix)
{
	struct text p = text_of(prefix);

	if (a.len < p.len)
		return false;
	return p.len == 0 || memcmp(a.at, p.at, p.len) == 0;
}
