/* SPDX-License-Identifier: Apache-2.0 */
/* test_table.c - the promises of worker/table.h. */
#include "worker/table.h"

#include <math.h>

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

START_TEST(tables_grow_and_keep_their_order)
{
	struct table table = {0};

	for (int i = 0; i < 100; i++)
		table_add_i32(&table, &arena, arena_printf(&arena, "n%d", i),
			      i);
	ck_assert_uint_eq(table.count, 100);
	for (int i = 0; i < 100; i++)
		ck_assert_int_eq(table.fields[i].as.i64, i);
	ck_assert_ptr_null(table_find(&table, "n100"));
	ck_assert_int_eq(table_find(&table, "n42")->as.i64, 42);
}
END_TEST

START_TEST(whole_numbers_of_any_width_are_read)
{
	struct field field = {.kind = FIELD_U64};
	int64_t value = -1;

	field.as.u64 = UINT64_MAX;
	ck_assert(!field_integer(&field, &value));
	ck_assert_int_eq(value, -1);
	field.kind = FIELD_I8;
	field.as.i64 = -7;
	ck_assert(field_integer(&field, &value));
	ck_assert_int_eq(value, -7);
	field.kind = FIELD_STRING;
	ck_assert(!field_integer(&field, &value));
}
END_TEST

START_TEST(floats_are_compared_by_their_bits)
{
	struct table a = {0}, b = {0};

	table_add(&a, &arena, TEXT("x"), FIELD_F64)->as.f64 = (double)NAN;
	table_add(&b, &arena, TEXT("x"), FIELD_F64)->as.f64 = (double)NAN;
	ck_assert(table_equal(&a, &b));
	a.fields[0].as.f64 = 0.0;
	b.fields[0].as.f64 = -0.0;
	ck_assert(!table_equal(&a, &b));
}
END_TEST

START_TEST(wire_size_counts_names_kinds_and_nesting)
{
	struct table table = {0};

	ck_assert_uint_eq(table_wire_size(&table), 4);
	table_add_bool(&table, &arena, "b", true); /* 1 + 1 + 1 + 1 */
	ck_assert_uint_eq(table_wire_size(&table), 8);
	table_add_text(&table, &arena, "s", TEXT("xyz")); /* 2 + 1 + 4 + 3 */
	ck_assert_uint_eq(table_wire_size(&table), 18);
	struct field *nested =
		table_add(&table, &arena, TEXT("t"), FIELD_TABLE);
	table_add_i64(&nested->as.table, &arena, "l", 1); /* 4 + 2 + 9 */
	ck_assert_uint_eq(table_wire_size(&table), 18 + 2 + 1 + 15);
}
END_TEST

Suite *table_suite(void)
{
	Suite *suite = suite_create("table");
	TCase *tables = tcase_create("tables");

	tcase_add_checked_fixture(tables, setup, teardown);
	tcase_add_test(tables, tables_grow_and_keep_their_order);
	tcase_add_test(tables, whole_numbers_of_any_width_are_read);
	tcase_add_test(tables, floats_are_compared_by_their_bits);
	tcase_add_test(tables, wire_size_counts_names_kinds_and_nesting);
	suite_add_tcase(suite, tables);
	return suite;
}
