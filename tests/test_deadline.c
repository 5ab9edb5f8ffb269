/* SPDX-License-Identifier: Apache-2.0 */
/* test_deadline.c - until when a message is worth delivering, and its type. */
#include "worker/deadline.h"

#include "tests/worker_suites.h"
#include "worker/message_type.h"

#define REFUSED -1

static millis read(const struct field *field)
{
	millis wall = REFUSED;

	if (!deadline_read(field, &wall))
		ck_assert_int_eq(wall, REFUSED);
	return wall;
}

START_TEST(a_deadline_is_a_time_of_rfc_3339)
{
	static const struct {
		const char *text;
		millis wall;
	} cases[] = {
		{"2026-11-24T09:41:32Z", INT64_C(1795513292000)},
		{"2026-11-24t09:41:32z", INT64_C(1795513292000)},
		{"2026-11-24 09:41:32Z", INT64_C(1795513292000)},
		{"2026-11-24T09:41:32.5Z", INT64_C(1795513292500)},
		{"2026-11-24T09:41:32.0409999999999999Z",
		 INT64_C(1795513292040)},
		{"2026-11-24T10:41:32+01:00", INT64_C(1795513292000)},
		{"2026-11-24T04:11:32-05:30", INT64_C(1795513292000)},
		{"2028-02-29T00:00:00Z", INT64_C(1835395200000)},
		{"2016-12-31T23:59:60Z", INT64_C(1483228800000)},
		{"1969-12-31T23:59:59Z", -1000},
		{"", REFUSED},
		{"soon", REFUSED},
		{"2026-11-24", REFUSED},
		{"2026-11-24T09:41:32", REFUSED},
		{"2026-11-24T09:41Z", REFUSED},
		{"2026-11-24T09:41:32.Z", REFUSED},
		{"2026-11-24T09:41:32Z ", REFUSED},
		{"2026-11-24T09:41:32+0100", REFUSED},
		{"2026-11-24T09:41:32+24:00", REFUSED},
		{"2026-11-31T09:41:32Z", REFUSED},
		{"2026-13-01T09:41:32Z", REFUSED},
		{"2026-00-01T09:41:32Z", REFUSED},
		{"2026-01-00T09:41:32Z", REFUSED},
		{"2027-02-29T00:00:00Z", REFUSED},
		{"2026-11-24T24:00:00Z", REFUSED},
		{"2026-11-24T09:60:00Z", REFUSED},
		{"2026-11-24T09:41:61Z", REFUSED},
		{"2026-13-24T23:59:60Z", REFUSED},
		{"2026-11-31T23:59:60Z", REFUSED},
		{"1795513292", REFUSED},
		{"20261-11-24T09:41:32Z", REFUSED},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct field field = {
			.kind = FIELD_STRING,
			.as = {.text = text_of(cases[i].text)}};

		ck_assert_msg(read(&field) == cases[i].wall, "%s: %lld",
			      cases[i].text, (long long)read(&field));
	}
}
END_TEST

START_TEST(a_deadline_is_a_timestamp_or_milliseconds)
{
	const struct {
		struct field field;
		millis wall;
	} cases[] = {
		{{.kind = FIELD_TIMESTAMP, .as = {.u64 = 1795513292}},
		 INT64_C(1795513292000)},
		{{.kind = FIELD_TIMESTAMP, .as = {.u64 = 0}}, 0},
		/* Milliseconds where seconds belong. */
		{{.kind = FIELD_TIMESTAMP,
		  .as = {.u64 = UINT64_C(1795513292000)}},
		 REFUSED},
		{{.kind = FIELD_TIMESTAMP, .as = {.u64 = UINT64_MAX}}, REFUSED},
		{{.kind = FIELD_I64, .as = {.i64 = INT64_C(1795513292123)}},
		 INT64_C(1795513292123)},
		{{.kind = FIELD_U64, .as = {.u64 = UINT64_C(1795513292123)}},
		 INT64_C(1795513292123)},
		/* Seconds where milliseconds belong. */
		{{.kind = FIELD_I32, .as = {.i64 = 1795513292}}, REFUSED},
		{{.kind = FIELD_I64, .as = {.i64 = INT64_C(-1)}}, REFUSED},
		{{.kind = FIELD_I64, .as = {.i64 = INT64_MAX}}, REFUSED},
		{{.kind = FIELD_U64, .as = {.u64 = UINT64_MAX}}, REFUSED},
		{{.kind = FIELD_F64, .as = {.f64 = 1795513292123.0}}, REFUSED},
		{{.kind = FIELD_BOOL, .as = {.boolean = true}}, REFUSED},
		{{.kind = FIELD_TABLE}, REFUSED},
		{{.kind = FIELD_VOID}, REFUSED},
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		ck_assert_msg(read(&cases[i].field) == cases[i].wall,
			      "case %zu", i);
}
END_TEST

START_TEST(the_type_is_where_the_pipeline_says_or_else_where_it_always_is)
{
	static const struct {
		struct type_source source;
		const char *property; /* NULL: none */
		const char *body;
		const char *type;
	} cases[] = {
		{{TYPE_FROM_PROPERTY, NULL, ""}, "lab", "", "lab"},
		{{TYPE_FROM_PROPERTY, NULL, ""}, NULL, "", "the.key"},
		{{TYPE_FROM_KEY, NULL, ""}, "lab", "", "the.key"},
		{{TYPE_FROM_HEADER, "kind", ""}, "lab", "", "by.header"},
		{{TYPE_FROM_HEADER, "none", ""}, "lab", "", "lab"},
		{{TYPE_FROM_HEADER, "number", ""}, "lab", "", "lab"},
		{{TYPE_FROM_HEADER, "none", ""}, NULL, "", "the.key"},
		{{TYPE_FROM_BODY, "/a/0/b~1c", ""},
		 "lab",
		 "{\"a\":[{\"b/c\":\"by.body\"}]}",
		 "by.body"},
		{{TYPE_FROM_BODY, "", ""}, "lab", " \"whole\" ", "whole"},
		{{TYPE_FROM_BODY, "/a", ""},
		 "lab",
		 "\xef\xbb\xbf{\"a\":\"b\"}",
		 "b"},
		{{TYPE_FROM_BODY, "/a", ""}, "lab", "{\"a\":7}", "lab"},
		{{TYPE_FROM_BODY, "/a", ""}, "lab", "{\"a\":\"\"}", "lab"},
		{{TYPE_FROM_BODY, "/a", ""}, "lab", "{\"a\":\"b\\nc\"}", "lab"},
		{{TYPE_FROM_BODY, "/a", ""}, "lab", "{\"a\":null}", "lab"},
		{{TYPE_FROM_BODY, "/b", ""}, "lab", "{\"a\":\"x\"}", "lab"},
		{{TYPE_FROM_BODY, "/a", ""}, NULL, "no JSON", "the.key"},
		{{TYPE_FROM_BODY, "/a", ""}, NULL, "", "the.key"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct message *m = message_new();

		m->routing_key = TEXT("the.key");
		m->properties.type = text_of(cases[i].property);
		m->body = text_of(cases[i].body);
		table_add_text(&m->headers, &m->arena, "kind",
			       TEXT("by.header"));
		table_add_i64(&m->headers, &m->arena, "number", 7);
		struct text type = message_type(&cases[i].source, m);

		ck_assert_msg(text_is(type, cases[i].type), "case %zu: %.*s", i,
			      (int)type.len, type.at);
		message_free(m);
	}
}
END_TEST

START_TEST(a_type_is_no_longer_than_a_property_can_be)
{
	const struct type_source source = {TYPE_FROM_HEADER, "kind", ""};
	static const char letters[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
				      "aaaaaaaaaaaaaaaaaaaaaaaa"
				      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
				      "aaaaaaaaaaaaaaaaaaaaaaaa"
				      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
				      "aaaaaaaaaaaaaaaaaaaaaaaa"
				      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
				      "aaaaaaaaaaaaaaaaaaaaaaaa";
	struct message *m = message_new();

	m->routing_key = TEXT("the.key");
	table_add_text(&m->headers, &m->arena, "kind", TEXT(letters));
	ck_assert_uint_eq(sizeof(letters) - 1, MESSAGE_TYPE_MAX + 1);
	ck_assert(text_is(message_type(&source, m), "the.key"));
	m->headers.fields[0].as.text.len--;
	ck_assert_uint_eq(message_type(&source, m).len, MESSAGE_TYPE_MAX);
	message_free(m);
}
END_TEST

Suite *deadline_suite(void)
{
	Suite *suite = suite_create("deadline");
	TCase *t = tcase_create("deadline");

	suite_add_tcase(suite, t);
	tcase_add_test(t, a_deadline_is_a_time_of_rfc_3339);
	tcase_add_test(t, a_deadline_is_a_timestamp_or_milliseconds);
	tcase_add_test(
		t,
		the_type_is_where_the_pipeline_says_or_else_where_it_always_is);
	tcase_add_test(t, a_type_is_no_longer_than_a_property_can_be);
	return suite;
}
