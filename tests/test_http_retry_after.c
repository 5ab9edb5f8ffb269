/* SPDX-License-Identifier: Apache-2.0 */
/* test_http_retry_after.c - the promises of worker/http_retry_after.h. */
#include "worker/http_retry_after.h"

#include "tests/worker_suites.h"

#define NOW  INT64_C(1764000000000) /* 2025-11-24T16:00:00Z */
#define HERE "Mon, 24 Nov 2025 16:00:00 GMT"

static const struct {
	const char *value;
	const char *date;
	millis wait;
} waits[] = {
	{"", "", -1},
	{"0", "", 0},
	{"7", "", 7000},
	{"007", "", 7000},
	{"315360000", "", HTTP_RETRY_AFTER_MAX},
	{"315360001", "", HTTP_RETRY_AFTER_MAX},
	{"99999999999999999999999999999999999999", "", HTTP_RETRY_AFTER_MAX},
	{"7.5", "", -1},
	{"7 s", "", -1},
	{"7, 9", "", -1},
	{"-1", "", -1},
	{"+1", "", -1},
	{"soon", "", -1},
	/* Against our clock, where there is no other. */
	{"Mon, 24 Nov 2025 16:00:30 GMT", "", 30000},
	{"Mon, 24 Nov 2025 16:00:00 GMT", "", 0},
	{"Mon, 24 Nov 2025 15:59:59 GMT", "", 0},
	/* Against the server's, an hour ahead or behind. */
	{"Mon, 24 Nov 2025 17:00:30 GMT", "Mon, 24 Nov 2025 17:00:00 GMT",
	 30000},
	{"Mon, 24 Nov 2025 15:00:30 GMT", "Mon, 24 Nov 2025 15:00:00 GMT",
	 30000},
	{"Mon, 24 Nov 2025 16:00:30 GMT", "today", 30000},
	/* The Date has nothing to do with seconds. */
	{"7", "Mon, 24 Nov 2025 15:00:00 GMT", 7000},
	/* The obsolete forms, which a recipient must take. */
	{"Monday, 24-Nov-25 16:00:30 GMT", HERE, 30000},
	{"Mon Nov 24 16:00:30 2025", HERE, 30000},
	/* What curl knows, and HTTP does not. */
	{"24 Nov 2025 16:00:30", HERE, -1},
	{"Monday", HERE, -1},
	{"20251124 16:00:30", HERE, -1},
	{"Mon, 99 Foo 2025 16:00:30 GMT", HERE, -1},
	{"Mon, 24 Nov 9999 16:00:00 GMT", HERE, HTTP_RETRY_AFTER_MAX},
};

START_TEST(what_is_asked_for_is_seconds_or_a_date)
{
	ck_assert_int_eq(http_retry_after(text_of(waits[_i].value),
					  text_of(waits[_i].date), NOW),
			 waits[_i].wait);
}
END_TEST

Suite *http_retry_after_suite(void)
{
	Suite *suite = suite_create("http retry-after");
	TCase *tcase = tcase_create("values");

	tcase_add_loop_test(tcase, what_is_asked_for_is_seconds_or_a_date, 0,
			    (int)COUNT(waits));
	suite_add_tcase(suite, tcase);
	return suite;
}
