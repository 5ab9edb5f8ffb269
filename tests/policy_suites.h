/* SPDX-License-Identifier: Apache-2.0 */
/* policy_suites.h - every suite of the functional core, one line each. */
#ifndef TESTS_POLICY_SUITES_H
#define TESTS_POLICY_SUITES_H

#include <check.h>

/* ck_assert_msg for what is asserted a hundred thousand times: Check writes each
   place that a test has come to into a file, and this one only where it fails. */
#define ck_assert_often(what, ...)                                             \
	do {                                                                   \
		if (!(what))                                                   \
			ck_abort_msg(__VA_ARGS__);                             \
	} while (0)

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

Suite *breaker_random_suite(void);
Suite *breaker_suite(void);
Suite *bucket_suite(void);
Suite *condition_suite(void);
Suite *duration_suite(void);
Suite *forecast_suite(void);
Suite *hold_suite(void);
Suite *lanes_suite(void);
Suite *names_suite(void);
Suite *load_suite(void);
Suite *pattern_suite(void);
Suite *judge_suite(void);
Suite *policy_suite(void);
Suite *properties_suite(void);
Suite *quick_suite(void);
Suite *route_random_suite(void);
Suite *route_suite(void);
Suite *schedule_suite(void);
Suite *share_suite(void);
Suite *text_suite(void);
Suite *tuning_suite(void);

#endif
