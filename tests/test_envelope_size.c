/* SPDX-License-Identifier: Apache-2.0 */
/* test_envelope_size.c - state that no worker wrote, and our headers fit. */
#include <string.h>

#include "tests/worker_suites.h"
#include "worker/envelope.h"

#define WALL  ((millis)1700000000000)
#define FRAME 131072

static const struct pipeline_config pipeline = {
	.name = "lab",
	.exchange = "rebound.lab",
	.delay_exchange = "rebound.lab.delay",
	.parking = "rebound.lab.parking",
};

static const struct envelope_stamp stamp = {.policy_version = "abc",
					    .frame_max = FRAME};

/* A message with state that is believed. */
static struct message *new_return(const char *id)
{
	struct message *m = message_new();

	m->exchange = text_of(pipeline.exchange);
	m->routing_key = TEXT("lab.result");
	table_add_i32(&m->headers, &m->arena, "rebound-v", 1);
	table_add_text(&m->headers, &m->arena, "rebound-pipeline", TEXT("lab"));
	table_add_text(&m->headers, &m->arena, "rebound-id", text_of(id));
	table_add_i64(&m->headers, &m->arena, "rebound-first-seen-ms", WALL);
	return m;
}

static struct text large_text(struct message *m, size_t len)
{
	char *bytes = arena_alloc(&m->arena, len);

	memset(bytes, 'a', len);
	return (struct text){.at = bytes, .len = len};
}

/* Bytes of the headers of ours in the copy that waits. */
static size_t size_of_ours(struct envelope *e)
{
	struct copy copy = envelope_retry(e, &stamp, TEXT("v1.ehr.5s"), 7);
	struct table ours = {0};

	for (size_t i = 0; i < copy.headers.count; i++) {
		const struct field *field = &copy.headers.fields[i];

		if (text_starts(field->name, "rebound-") &&
		    !text_starts(field->name, "rebound-was-"))
			*table_add(&ours, &e->message->arena, field->name,
				   field->kind) = *field;
	}
	return table_wire_size(&ours);
}

/* A journal of `count` entries of `size` bytes each. */
static void add_journal(struct message *m, size_t count, size_t size)
{
	struct table journal = {0};

	for (size_t i = 0; i < count; i++) {
		struct table entry = {0};

		table_add_text(&entry, &m->arena, "error", large_text(m, size));
		table_add(&journal, &m->arena, TEXT(""), FIELD_TABLE)
			->as.table = entry;
	}
	table_add(&m->headers, &m->arena, TEXT("rebound-journal"), FIELD_ARRAY)
		->as.table = journal;
}

/* Entries, and the bytes of each. */
static const struct {
	size_t count;
	size_t size;
} journals[] = {
	{1, FRAME},       /* one that alone is too large */
	{2, FRAME},       /* two of them */
	{2000, 0},        /* more than a worker keeps */
	{3, 10819},       /* the array's own bytes are the last straw */
	{1, FRAME / 4},   /* as large as all may be */
	{50, FRAME / 50}, /* each of them small */
};

START_TEST(no_journal_takes_our_headers_over_a_quarter_of_the_frame)
{
	struct message *m = new_return("id");
	struct envelope e;

	add_journal(m, journals[_i].count, journals[_i].size);
	ck_assert(envelope_open(&e, &pipeline, m, WALL, "fresh"));
	ck_assert_uint_lt(size_of_ours(&e), FRAME / 4);
	message_free(m);
}
END_TEST

START_TEST(an_id_longer_than_a_short_string_is_not_ours)
{
	struct message *m = new_return("");
	struct envelope e;

	m->headers.fields[2].as.text = large_text(m, 255);
	ck_assert(envelope_open(&e, &pipeline, m, WALL, "fresh"));
	m->headers.fields[2].as.text = large_text(m, 256);
	ck_assert(!envelope_open(&e, &pipeline, m, WALL, "fresh"));
	ck_assert_ptr_nonnull(strstr(e.flaw, "rebound-id"));
	ck_assert(text_is(e.id, "fresh"));
	message_free(m);
}
END_TEST

START_TEST(an_origin_longer_than_a_short_string_is_not_ours)
{
	struct message *m = new_return("id");
	struct envelope e;

	table_add_text(&m->headers, &m->arena, "rebound-origin-exchange",
		       large_text(m, 256));
	ck_assert(!envelope_open(&e, &pipeline, m, WALL, "fresh"));
	ck_assert_ptr_nonnull(strstr(e.flaw, "rebound-origin-exchange"));
	message_free(m);
}
END_TEST

/* Steps with `size` bytes in all their errors. */
static void add_steps(struct message *m, size_t count, size_t size)
{
	struct table steps = {0};

	for (size_t i = 0; i < count; i++) {
		struct table step = {0};

		table_add_text(&step, &m->arena, "state", TEXT("waiting"));
		table_add_text(&step, &m->arena, "error",
			       large_text(m, size / count));
		table_add(&steps, &m->arena, TEXT("ehr"), FIELD_TABLE)
			->as.table = step;
	}
	table_add(&m->headers, &m->arena, TEXT("rebound-steps"), FIELD_TABLE)
		->as.table = steps;
}

START_TEST(steps_are_ours_only_if_they_leave_room)
{
	struct message *m = new_return("id");
	struct envelope e;

	add_steps(m, ENVELOPE_STEPS_MAX, 12000);
	ck_assert(envelope_open(&e, &pipeline, m, WALL, "fresh"));
	ck_assert_uint_eq(e.step_count, ENVELOPE_STEPS_MAX);
	ck_assert_uint_lt(size_of_ours(&e), FRAME / 4);
	message_free(m);

	/* Short on the wire, and written out in full every time. */
	m = new_return("id");
	add_steps(m, ENVELOPE_STEPS_MAX, 13000);
	ck_assert(!envelope_open(&e, &pipeline, m, WALL, "fresh"));
	message_free(m);

	m = new_return("id");
	add_steps(m, 1, 20000);
	ck_assert(!envelope_open(&e, &pipeline, m, WALL, "fresh"));
	ck_assert_ptr_nonnull(strstr(e.flaw, "rebound-steps"));
	message_free(m);
}
END_TEST

Suite *envelope_size_suite(void)
{
	Suite *suite = suite_create("envelope_size");
	TCase *tests = tcase_create("sizes");

	tcase_add_loop_test(
		tests, no_journal_takes_our_headers_over_a_quarter_of_the_frame,
		0, COUNT(journals));
	tcase_add_test(tests, an_id_longer_than_a_short_string_is_not_ours);
	tcase_add_test(tests, an_origin_longer_than_a_short_string_is_not_ours);
	tcase_add_test(tests, steps_are_ours_only_if_they_leave_room);
	suite_add_tcase(suite, tests);
	return suite;
}
