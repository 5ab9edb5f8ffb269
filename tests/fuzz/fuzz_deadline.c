/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_deadline.c - the promises of worker/deadline.h.
 *
 * The first byte says of which kind the field is: a text that is the rest, or
 * a number of eight bytes.
 */
#include "tests/fuzz/fuzz.h"
#include "worker/deadline.h"

#define UNTOUCHED 7

/* From the year 0 to the end of 9999, and a day for how far clocks differ. */
#define EARLIEST (-INT64_C(62167219200000) - MILLIS_PER_DAY)
#define LATEST   (INT64_C(253402300800000) + MILLIS_PER_DAY)

static struct field make_field(struct feed *feed)
{
	static const enum field_kind kinds[] = {
		FIELD_STRING, FIELD_BYTES, FIELD_TIMESTAMP, FIELD_I64,
		FIELD_U64,    FIELD_BOOL,  FIELD_F64,       FIELD_VOID};
	struct field field = {.kind = kinds[feed_byte(feed) % 8]};

	if (field.kind == FIELD_STRING || field.kind == FIELD_BYTES)
		field.as.text = feed->rest;
	else if (field.kind == FIELD_BOOL)
		field.as.boolean = feed_byte(feed) % 2 == 1;
	else
		field.as.u64 = feed_number(feed, 8);
	return field;
}

void fuzz_deadline(struct text input)
{
	struct feed feed = {.rest = input};
	const struct field field = make_field(&feed);
	millis wall = UNTOUCHED;

	if (!deadline_read(&field, &wall)) {
		fuzz_expect(wall == UNTOUCHED,
			    "what is refused leaves the deadline alone");
		return;
	}
	fuzz_expect(wall >= EARLIEST && wall <= LATEST,
		    "a deadline is a time that a calendar has");
	fuzz_expect(field.kind != FIELD_I64 || wall >= INT64_C(100000000000),
		    "what is most likely in seconds is refused");
}
