/* SPDX-License-Identifier: Apache-2.0 */
/* test_arena.c - the promises of worker/arena.h. */
#include "worker/arena.h"

#include <stdint.h>
#include <string.h>

#include "tests/worker_suites.h"

static struct arena arena;

static void setup(void)
{
	arena_init(&arena);
}

static void teardown(void)
{
	arena_fini(&arena);
}

static const size_t sizes[] = {0, 1, 15, 17, 1999, 2001, 4000, 100000};

/* Each is written over after it was looked at, the ones before stay. */
START_TEST(memory_is_zeroed_aligned_and_ones_own)
{
	unsigned char *got[COUNT(sizes)];

	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < COUNT(sizes); i++) {
			got[i] = arena_alloc(&arena, sizes[i]);
			ck_assert_uint_eq((uintptr_t)got[i] % 16, 0);
			for (size_t at = 0; at < sizes[i]; at++)
				ck_assert_uint_eq(got[i][at], 0);
			memset(got[i], (int)i + 1, sizes[i]);
		}
		for (size_t i = 0; i < COUNT(sizes); i++)
			for (size_t at = 0; at < sizes[i]; at++)
				ck_assert_uint_eq(got[i][at], i + 1);
		arena_clear(&arena);
	}
}
END_TEST

START_TEST(what_a_cleared_arena_keeps_is_little)
{
	for (int i = 0; i < 100; i++)
		arena_alloc(&arena, 1500);
	arena_alloc(&arena, 1000000);
	ck_assert_uint_gt(arena.total, 1000000);
	arena_clear(&arena);
	ck_assert_uint_le(arena.total, 4096);
	arena_clear(&arena);
	ck_assert_uint_le(arena.total, 4096);
	/* And it serves again. */
	for (int i = 0; i < 100; i++) {
		arena_alloc(&arena, 1500);
		arena_clear(&arena);
	}
	arena_alloc(&arena, 1500);
	ck_assert_uint_le(arena.total, 4096);
	arena_fini(&arena);
	ck_assert_uint_eq(arena.total, 0);
	arena_alloc(&arena, 1000000);
	arena_clear(&arena);
	ck_assert_uint_eq(arena.total, 0);
	arena_clear(&arena);
}
END_TEST

START_TEST(texts_are_copied_with_a_nul)
{
	char bytes[] = {'a', 'b'};
	struct text copy =
		arena_text(&arena, (struct text){.at = bytes, .len = 2});

	bytes[0] = 'x';
	ck_assert_str_eq(copy.at, "ab");
	ck_assert_uint_eq(copy.len, 2);
	ck_assert_str_eq(arena_text(&arena, (struct text){0}).at, "");
	ck_assert_str_eq(arena_printf(&arena, "%d %s", 7, "c"), "7 c");
}
END_TEST

Suite *arena_suite(void)
{
	Suite *suite = suite_create("arena");
	TCase *tcase = tcase_create("arena");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, memory_is_zeroed_aligned_and_ones_own);
	tcase_add_test(tcase, what_a_cleared_arena_keeps_is_little);
	tcase_add_test(tcase, texts_are_copied_with_a_nul);
	suite_add_tcase(suite, tcase);
	return suite;
}
