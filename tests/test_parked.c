/* SPDX-License-Identifier: Apache-2.0 */
/* test_parked.c - the promises of operator/parked_item.h and parked_filter.h.
 */
#include "operator/parked_filter.h"

#include <string.h>

#include "tests/worker_suites.h"

#define PARKED_AT INT64_C(1764000000000) /* 2025-11-24T16:00:00.000Z */
#define HOUR      INT64_C(3600000)

static const struct pipeline_config pipeline = {
	.name = "lab",
	.exchange = "rebound.lab",
	.parking = "rebound.lab.parking",
};

static struct message *parked_message(void)
{
	struct message *m = message_new();

	m->exchange = TEXT("rebound.lab.parking");
	m->routing_key = TEXT("lab.result");
	m->body = TEXT("{}");
	return m;
}

static void put(struct message *m, const char *name, struct text value)
{
	table_add_text(&m->headers, &m->arena, name, value);
}

/* One that a worker parked. */
static struct message *by_worker(void)
{
	struct message *m = parked_message();
	struct field *steps;
	struct field *step;

	put(m, "rebound-pipeline", TEXT("lab"));
	put(m, "rebound-id", TEXT("a@b"));
	put(m, "rebound-parked-reason", TEXT("attempts"));
	put(m, "rebound-parked-as", TEXT("late"));
	put(m, "rebound-parked-error", TEXT("throttled"));
	put(m, "rebound-parked-step", TEXT("ehr"));
	put(m, "urgent", TEXT("yes"));
	table_add_i64(&m->headers, &m->arena, "bed", 12);
	table_add_bool(&m->headers, &m->arena, "icu", true);
	table_add_i64(&m->headers, &m->arena, "rebound-parked-at-ms",
		      PARKED_AT);
	steps = table_add(&m->headers, &m->arena, TEXT("rebound-steps"),
			  FIELD_TABLE);
	step = table_add(&steps->as.table, &m->arena, TEXT("ehr"), FIELD_TABLE);
	table_add_i64(&step->as.table, &m->arena, "attempts", 3);
	return m;
}

static void add_death(struct message *m, struct text reason)
{
	struct field *deaths =
		table_add(&m->headers, &m->arena, TEXT("x-death"), FIELD_ARRAY);
	struct field *death =
		table_add(&deaths->as.table, &m->arena, TEXT(""), FIELD_TABLE);

	table_add_text(&death->as.table, &m->arena, "reason", reason);
	table_add(&death->as.table, &m->arena, TEXT("time"), FIELD_TIMESTAMP)
		->as.u64 = PARKED_AT / 1000;
}

START_TEST(what_a_worker_wrote_is_read)
{
	struct message *m = by_worker();
	struct parked_item item;

	parked_item_read(&item, &pipeline, m);
	ck_assert(text_is(item.id, "a@b"));
	ck_assert(text_is(item.type, "lab.result"));
	ck_assert(text_is(item.reason, "attempts"));
	ck_assert(text_is(item.as, "late"));
	ck_assert(text_is(item.error, "throttled"));
	ck_assert(text_is(item.downstream, "ehr"));
	ck_assert_int_eq(item.attempts, 3);
	ck_assert_int_eq(item.parked_wall, PARKED_AT);
	ck_assert_int_eq(item.first_seen_wall, PARKED_UNKNOWN);
	ck_assert(!item.is_by_broker);
	message_free(m);
}
END_TEST

START_TEST(what_the_broker_parked_is_told_by_x_death_whatever_was_written)
{
	struct message *m = by_worker();
	struct parked_item item;

	add_death(m, TEXT("delivery_limit"));
	parked_item_read(&item, &pipeline, m);
	ck_assert(item.is_by_broker);
	ck_assert(text_is(item.reason, "delivery_limit"));
	ck_assert_int_eq(item.parked_wall, PARKED_AT);
	ck_assert_uint_eq(item.error.len, 0);
	ck_assert_int_eq(item.attempts, 3);
	message_free(m);
}
END_TEST

START_TEST(what_has_neither_was_unroutable_and_is_named_by_its_body)
{
	struct message *m = parked_message();
	struct parked_item item;

	parked_item_read(&item, &pipeline, m);
	ck_assert(text_is(item.reason, "unroutable"));
	ck_assert(item.is_by_broker);
	/* printf '{}' | sha256sum */
	ck_assert(text_is(item.id,
			  "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77"
			  "e8310c060f61caaff8a"));
	ck_assert_int_eq(item.parked_wall, PARKED_UNKNOWN);
	message_free(m);
}
END_TEST

START_TEST(the_state_of_another_pipeline_is_not_believed)
{
	static const struct pipeline_config other = {
		.name = "orders", .parking = "rebound.lab.parking"};
	struct message *m = by_worker();
	struct parked_item item;

	m->properties.message_id = TEXT("mine");
	parked_item_read(&item, &other, m);
	ck_assert(text_is(item.id, "mine"));
	ck_assert(text_is(item.reason, "unroutable"));
	ck_assert_int_eq(item.attempts, 0);
	message_free(m);
}
END_TEST

START_TEST(headers_of_a_wrong_type_are_as_if_not_there)
{
	struct message *m = parked_message();
	struct parked_item item;

	put(m, "rebound-pipeline", TEXT("lab"));
	put(m, "rebound-steps", TEXT("x"));
	put(m, "rebound-journal", TEXT("x"));
	put(m, "rebound-parked-at-ms", TEXT("x"));
	put(m, "x-death", TEXT("x"));
	parked_item_read(&item, &pipeline, m);
	ck_assert_ptr_null(item.steps);
	ck_assert_ptr_null(item.journal);
	ck_assert_int_eq(item.parked_wall, PARKED_UNKNOWN);
	ck_assert(text_is(item.reason, "unroutable"));
	message_free(m);
}
END_TEST

START_TEST(a_filter_wants_all_that_it_names)
{
	const struct {
		struct parked_filter filter;
		bool matches;
	} cases[] = {
		{{0}, true},
		{{.id = "a@b"}, true},
		{{.id = "a@b@2025-11-24T16:00:00.000Z"}, true},
		{{.id = "a@b@2025-11-24T16:00:00.001Z"}, false},
		{{.id = "a"}, false},
		{{.id = "a@b@"}, false},
		{{.id = "a@bb"}, false},
		{{.type = "lab.result"}, true},
		{{.type = "lab"}, false},
		{{.reason = "attempts"}, true},
		{{.reason = "late"}, true},
		{{.reason = "age"}, false},
		{{.error = "throttled"}, true},
		{{.error = "auth"}, false},
		{{.downstream = "ehr"}, true},
		{{.downstream = "ehr", .error = "auth"}, false},
		{{.older = HOUR - 1}, true},
		{{.older = HOUR}, false},
		{{.newer = HOUR}, true},
		{{.newer = HOUR - 1}, false},
	};
	struct message *m = by_worker();
	struct parked_item item;

	parked_item_read(&item, &pipeline, m);
	for (size_t i = 0; i < COUNT(cases); i++)
		ck_assert_msg(parked_filter_matches(&cases[i].filter, &item,
						    PARKED_AT + HOUR) ==
				      cases[i].matches,
			      "case %zu", i);
	item.parked_wall = PARKED_UNKNOWN;
	ck_assert(!parked_filter_matches(&cases[16].filter, &item, PARKED_AT));
	message_free(m);
}
END_TEST

START_TEST(a_header_is_compared_as_it_is_written)
{
	const struct {
		const char *where;
		bool matches;
	} cases[] = {
		{"urgent=yes", true}, {"urgent=ye", false},
		{"urgent=", false},   {"bed=12", true},
		{"bed=1", false},     {"icu=true", true},
		{"icu=false", false}, {"nothing=yes", false},
		{"urgen=yes", false}, {"rebound-steps=x", false},
	};
	struct message *m = by_worker();
	struct parked_item item;

	parked_item_read(&item, &pipeline, m);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct parked_filter filter = {0};

		ck_assert(parked_filter_where(&filter, cases[i].where));
		ck_assert(!parked_filter_is_empty(&filter));
		ck_assert_msg(parked_filter_matches(&filter, &item, 0) ==
				      cases[i].matches,
			      "%s", cases[i].where);
	}
	message_free(m);
}
END_TEST

START_TEST(a_header_asked_for_needs_a_name_and_room)
{
	struct parked_filter filter = {0};

	ck_assert(!parked_filter_where(&filter, "urgent"));
	ck_assert(!parked_filter_where(&filter, "=yes"));
	for (size_t i = 0; i < PARKED_WHERE_MAX; i++)
		ck_assert(parked_filter_where(&filter, "a=b"));
	ck_assert(!parked_filter_where(&filter, "a=b"));
}
END_TEST

Suite *parked_suite(void)
{
	Suite *suite = suite_create("parked");
	TCase *tcase = tcase_create("parked");

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, what_a_worker_wrote_is_read);
	tcase_add_test(
		tcase,
		what_the_broker_parked_is_told_by_x_death_whatever_was_written);
	tcase_add_test(
		tcase,
		what_has_neither_was_unroutable_and_is_named_by_its_body);
	tcase_add_test(tcase, the_state_of_another_pipeline_is_not_believed);
	tcase_add_test(tcase, headers_of_a_wrong_type_are_as_if_not_there);
	tcase_add_test(tcase, a_filter_wants_all_that_it_names);
	tcase_add_test(tcase, a_header_is_compared_as_it_is_written);
	tcase_add_test(tcase, a_header_asked_for_needs_a_name_and_room);
	return suite;
}
