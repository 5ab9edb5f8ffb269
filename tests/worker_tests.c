/* SPDX-License-Identifier: Apache-2.0 */
/*
 * worker_tests.c - runs the suites of the shell that need no broker.
 */
#include "tests/worker_suites.h"

#include <stdio.h>
#include <stdlib.h>

static Suite *(*const suites[])(void) = {
	answer_suite,
	arena_suite,
	audit_suite,
	audit_check_suite,
	trail_suite,
	broker_tls_suite,
	config_advice_suite,
	config_broker_suite,
	config_changes_suite,
	config_derive_suite,
	config_files_suite,
	config_pass_suite,
	config_policies_suite,
	config_reader_suite,
	config_rules_suite,
	config_suite,
	config_syntax_suite,
	config_tls_suite,
	config_tuning_suite,
	config_understand_suite,
	config_values_suite,
	credential_suite,
	deadline_suite,
	delivered_suite,
	engine_again_suite,
	engine_deadline_suite,
	engine_forecast_suite,
	engine_quick_suite,
	engine_health_suite,
	engine_rules_suite,
	engine_success_suite,
	engine_suite,
	engine_tap_suite,
	envelope_size_suite,
	envelope_suite,
	errors_page_suite,
	file_watch_suite,
	gather_suite,
	http_connections_suite,
	http_credential_suite,
	http_ends_suite,
	http_exchange_suite,
	http_field_suite,
	http_kept_suite,
	http_proxy_suite,
	http_retry_after_suite,
	http_sockets_suite,
	http_suite,
	http_tls_suite,
	json_pointer_suite,
	json_suite,
	link_suite,
	log_line_suite,
	log_suite,
	loop_process_suite,
	loop_suite,
	mailbox_suite,
	notify_suite,
	parked_suite,
	policies_page_suite,
	regex_suite,
	rulings_suite,
	setting_example_suite,
	setting_suite,
	shut_list_suite,
	table_suite,
	template_suite,
	thread_suite,
	doctor_suite,
	topology_compare_suite,
	topology_plan_suite,
	topology_prune_suite,
	unacked_suite,
	understand_fhir_suite,
	understand_suite,
	utf8_suite,
	when_suite,
	window_suite,
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
