/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/window.h"

#include <string.h>

#include "tests/worker_suites.h"

#define COPIES 10

struct fixture {
	struct window window;
	struct arena arena;
	struct copy copies[COPIES];
};

/* Copies that differ in a header of ours alone, all but the last two, which
   are the same. */
static void publish_all(struct fixture *f)
{
	memset(f, 0, sizeof(*f));
	for (size_t i = 0; i < COPIES; i++) {
		struct copy *copy = &f->copies[i];

		copy->job = i + 1;
		copy->exchange = TEXT("lab.delay");
		copy->routing_key = TEXT("lab.result");
		copy->body = TEXT("0123456789");
		table_add_i64(&copy->headers, &f->arena, "rebound-at",
			      i == COPIES - 1 ? COPIES - 2 : (int64_t)i);
		window_add(&f->window, copy, 100 + (millis)i);
	}
	ck_assert(window_sane(&f->window));
}

static void expect(struct fixture *f, uint64_t tag, bool multiple, uint64_t job)
{
	struct window_entry entry;

	ck_assert(window_settle(&f->window, tag, multiple, &entry));
	ck_assert_uint_eq(entry.copy->job, job);
	ck_assert(window_sane(&f->window));
}

static void expect_none(struct fixture *f, uint64_t tag, bool multiple)
{
	struct window_entry entry;

	ck_assert(!window_settle(&f->window, tag, multiple, &entry));
}

START_TEST(a_confirm_settles_its_tag_alone)
{
	struct fixture f;

	publish_all(&f);
	expect(&f, 4, false, 4);
	expect_none(&f, 4, false);
	ck_assert_uint_eq(f.window.count, COPIES - 1);
	arena_fini(&f.arena);
}
END_TEST

/* The order seen from a broker: 4 and 8 alone, then 2 and 10 for all before. */
START_TEST(confirms_overtake_and_multiple_takes_what_is_left_before_it)
{
	struct fixture f;

	publish_all(&f);
	expect(&f, 4, false, 4);
	expect(&f, 8, false, 8);
	expect(&f, 2, true, 1);
	expect(&f, 2, true, 2);
	expect_none(&f, 2, true);
	for (uint64_t job = 3; job <= 10; job++)
		if (job != 4 && job != 8)
			expect(&f, 10, true, job);
	expect_none(&f, 10, true);
	ck_assert_uint_eq(f.window.count, 0);
	ck_assert_uint_eq(f.window.bytes, 0);
	arena_fini(&f.arena);
}
END_TEST

static struct message as_returned(const struct copy *copy)
{
	return (struct message){
		.exchange = copy->exchange,
		.routing_key = copy->routing_key,
		.headers = copy->headers,
		.body = copy->body,
	};
}

START_TEST(a_returned_copy_is_the_one_with_the_same_headers_of_ours)
{
	struct fixture f;
	struct message returned;

	publish_all(&f);
	returned = as_returned(&f.copies[4]);
	/* The broker may have added one of its own. */
	table_add_i64(&returned.headers, &f.arena, "timestamp_in_ms", 1);
	ck_assert(window_returned(&f.window, &returned));
	for (size_t i = 0; i < COPIES; i++)
		ck_assert_int_eq(f.window.entries[i].was_returned, i == 4);
	arena_fini(&f.arena);
}
END_TEST

START_TEST(two_that_are_the_same_are_marked_one_after_the_other)
{
	struct fixture f;
	struct message returned;

	publish_all(&f);
	returned = as_returned(&f.copies[COPIES - 1]);
	ck_assert(window_returned(&f.window, &returned));
	ck_assert(f.window.entries[COPIES - 2].was_returned);
	ck_assert(!f.window.entries[COPIES - 1].was_returned);
	ck_assert(window_returned(&f.window, &returned));
	ck_assert(f.window.entries[COPIES - 1].was_returned);
	ck_assert(!window_returned(&f.window, &returned));
	arena_fini(&f.arena);
}
END_TEST

/* A message that was shovelled by hand twice carries such doubles. */
START_TEST(a_header_that_is_there_twice_is_compared_twice)
{
	struct fixture f;
	struct message returned;
	struct table *headers;

	publish_all(&f);
	headers = &f.copies[0].headers;
	table_add_text(headers, &f.arena, "rebound-was-id", TEXT("one"));
	table_add_text(headers, &f.arena, "rebound-was-id", TEXT("two"));
	returned = as_returned(&f.copies[0]);
	ck_assert(window_returned(&f.window, &returned));
	ck_assert(f.window.entries[0].was_returned);
	f.window.entries[0].was_returned = false;
	returned.headers.count--;
	ck_assert(!window_returned(&f.window, &returned));
	arena_fini(&f.arena);
}
END_TEST

START_TEST(a_return_that_fits_nothing_marks_nothing)
{
	struct fixture f;
	struct message other[4];

	publish_all(&f);
	for (size_t i = 0; i < 4; i++)
		other[i] = as_returned(&f.copies[0]);
	other[0].exchange = TEXT("lab.parking");
	other[1].routing_key = TEXT("lab.other");
	other[2].body = TEXT("0123456780");
	other[3].headers = (struct table){0};
	for (size_t i = 0; i < 4; i++)
		ck_assert(!window_returned(&f.window, &other[i]));
	for (size_t i = 0; i < COPIES; i++)
		ck_assert(!f.window.entries[i].was_returned);
	arena_fini(&f.arena);
}
END_TEST

START_TEST(room_is_bounded_in_number_and_in_bytes_and_a_large_one_goes_alone)
{
	const struct {
		size_t body;
		size_t max_count;
		size_t max_bytes;
		bool has_room;
	} cases[] = {
		{10, 100, 1000, true},
		{10, 10, 1000, false},  /* ten are unconfirmed */
		{900, 100, 1000, true}, /* just fits */
		{901, 100, 1000, false},
		{10, 100, 50, false}, /* over already */
	};
	struct fixture f;

	publish_all(&f);
	for (size_t i = 0; i < COUNT(cases); i++)
		ck_assert_int_eq(window_has_room(&f.window, cases[i].body,
						 cases[i].max_count,
						 cases[i].max_bytes),
				 cases[i].has_room);
	f.window = (struct window){0};
	ck_assert(window_has_room(&f.window, 1 << 30, 1, 1000));
	arena_fini(&f.arena);
}
END_TEST

START_TEST(a_new_channel_counts_from_one)
{
	struct fixture f;
	struct window_entry entry;

	publish_all(&f);
	for (uint64_t job = 1; job <= COPIES; job++) {
		ck_assert(window_take(&f.window, &entry));
		ck_assert_uint_eq(entry.copy->job, job);
	}
	ck_assert(!window_take(&f.window, &entry));
	window_restart(&f.window);
	window_add(&f.window, &f.copies[6], 0);
	expect(&f, 1, false, 7);
	arena_fini(&f.arena);
}
END_TEST

Suite *window_suite(void)
{
	Suite *suite = suite_create("window");
	TCase *t = tcase_create("confirms");

	tcase_add_test(t, a_confirm_settles_its_tag_alone);
	tcase_add_test(
		t, confirms_overtake_and_multiple_takes_what_is_left_before_it);
	tcase_add_test(
		t, a_returned_copy_is_the_one_with_the_same_headers_of_ours);
	tcase_add_test(t, two_that_are_the_same_are_marked_one_after_the_other);
	tcase_add_test(t, a_header_that_is_there_twice_is_compared_twice);
	tcase_add_test(t, a_return_that_fits_nothing_marks_nothing);
	tcase_add_test(
		t,
		room_is_bounded_in_number_and_in_bytes_and_a_large_one_goes_alone);
	tcase_add_test(t, a_new_channel_counts_from_one);
	suite_add_tcase(suite, t);
	return suite;
}
