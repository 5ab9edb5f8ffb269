/* SPDX-License-Identifier: Apache-2.0 */
/*
 * broker_tests.c - runs the suites that need a real broker. See
 * broker_suites.h for the environment; without it they are skipped.
 */
#include "tests/broker_suites.h"

#include <stdio.h>
#include <stdlib.h>

#define SKIPPED 77 /* as automake's test driver understands it */

static Suite *(*const suites[])(void) = {
	broker_errors_suite,
	broker_messages_suite,
	broker_suite,
	topology_suite,
};

int main(void)
{
	SRunner *runner;

	if (getenv("REBOUND_TEST_AMQP") == NULL) {
		printf("skipped: REBOUND_TEST_AMQP names no broker\n");
		return SKIPPED;
	}
	runner = srunner_create(NULL);
	for (size_t i = 0; i < COUNT(suites); i++)
		srunner_add_suite(runner, suites[i]());
	srunner_run_all(runner, CK_ENV);
	int run = srunner_ntests_run(runner);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);

	printf("%d passed, %d failed\n", run - failed, failed);
	return failed != 0 || run == 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
