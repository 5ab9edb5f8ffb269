/* SPDX-License-Identifier: Apache-2.0 */
#include "operator/parked_filter.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

bool parked_filter_is_empty(const struct parked_filter *f)
{
	return f->id == NULL && f->type == NULL && f->reason == NULL &&
	       f->error == NULL && f->downstream == NULL && f->older == 0 &&
	       f->newer == 0 && f->where_count == 0;
}

bool parked_filter_where(struct parked_filter *filter, const char *where)
{
	const char *equals = strchr(where, '=');

	if (equals == NULL || equals == where ||
	    filter->where_count == PARKED_WHERE_MAX)
		return false;
	filter->where[filter->where_count++] = where;
	return true;
}

static bool is_asked(const char *wanted, struct text value)
{
	return wanted == NULL || text_is(value, wanted);
}

/* The id alone, or with its instant behind an "@". An id may have one too, so
   it is not cut there: the whole is compared. */
static bool is_named(const char *wanted, const struct parked_item *item)
{
	char buffer[32];
	struct text rest = text_of(wanted);

	if (wanted == NULL || text_eq(rest, item->id))
		return true;
	if (rest.len <= item->id.len + 1 || rest.at[item->id.len] != '@' ||
	    memcmp(rest.at, item->id.at, item->id.len) != 0)
		return false;
	return strcmp(wanted + item->id.len + 1,
		      parked_instant(item->parked_wall, buffer)) == 0;
}

static bool has_value(const struct field *field, const char *wanted)
{
	struct text text;
	int64_t integer;
	char digits[24];

	if (field_text(field, &text))
		return text_is(text, wanted);
	if (field->kind == FIELD_BOOL)
		return strcmp(wanted, field->as.boolean ? "true" : "false") ==
		       0;
	if (!field_integer(field, &integer))
		return false;
	snprintf(digits, sizeof(digits), "%" PRId64, integer);
	return strcmp(wanted, digits) == 0;
}

static bool has_header(const struct table *headers, const char *where)
{
	const char *equals = strchr(where, '=');
	struct text name = {.at = where, .len = (size_t)(equals - where)};

	for (size_t i = 0; i < headers->count; i++)
		if (text_eq(headers->fields[i].name, name))
			return has_value(&headers->fields[i], equals + 1);
	return false;
}

static bool is_in_time(const struct parked_filter *f, millis parked, millis now)
{
	if (f->older == 0 && f->newer == 0)
		return true;
	if (parked == PARKED_UNKNOWN)
		return false;
	return (f->older == 0 || now - parked > f->older) &&
	       (f->newer == 0 || now - parked <= f->newer);
}

bool parked_filter_matches(const struct parked_filter *f,
			   const struct parked_item *item, millis now)
{
	if (!is_named(f->id, item) || !is_asked(f->type, item->type) ||
	    !is_asked(f->error, item->error) ||
	    !is_asked(f->downstream, item->downstream))
		return false;
	if (!is_asked(f->reason, item->reason) &&
	    !is_asked(f->reason, item->as))
		return false;
	for (size_t i = 0; i < f->where_count; i++)
		if (!has_header(&item->message->headers, f->where[i]))
			return false;
	return is_in_time(f, item->parked_wall, now);
}
