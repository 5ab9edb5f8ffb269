/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy_tests.c - runs the suites of the functional core.
 *
 * It links libpolicy.a and Check and nothing else: if the core ever needs a
 * broker, a socket or a clock, this program stops linking.
 */
#include "tests/policy_suites.h"

#include <stdio.h>
#include <stdlib.h>

static Suite *(*const suites[])(void) = {
	breaker_random_suite, breaker_suite,   bucket_suite,     hold_suite,
	share_suite,          condition_suite, duration_suite,   forecast_suite,
	judge_suite,          lanes_suite,     load_suite,       names_suite,
	pattern_suite,        policy_suite,    properties_suite, quick_suite,
	route_random_suite,   route_suite,     schedule_suite,   text_suite,
	tuning_suite,
};

int main(void)
{
	SRunner *runner = srunner_create(NULL);

	for (size_t i = 0; i < COUNT(suites); i++)
		srunner_add_suite(runner, suites[i]());
	srunner_run_all(runner, CK_ENV);
	int run = srunner_ntests_run(runner);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);

	printf("%d passed, %d failed\n", run - failed, failed);
	return failed != 0 || run == 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
