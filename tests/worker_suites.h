/* SPDX-License-Identifier: Apache-2.0 */
/* worker_suites.h - every suite of worker/ that needs no broker. */
#ifndef TESTS_WORKER_SUITES_H
#define TESTS_WORKER_SUITES_H

#include <check.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

Suite *config_advice_suite(void);
Suite *answer_suite(void);
Suite *broker_tls_suite(void);
Suite *arena_suite(void);
Suite *audit_suite(void);
Suite *trail_suite(void);
Suite *config_broker_suite(void);
Suite *config_derive_suite(void);
Suite *config_files_suite(void);
Suite *config_changes_suite(void);
Suite *config_pass_suite(void);
Suite *config_reader_suite(void);
Suite *config_policies_suite(void);
Suite *config_rules_suite(void);
Suite *config_suite(void);
Suite *config_syntax_suite(void);
Suite *config_tls_suite(void);
Suite *config_tuning_suite(void);
Suite *config_understand_suite(void);
Suite *config_values_suite(void);
Suite *credential_suite(void);
Suite *deadline_suite(void);
Suite *delivered_suite(void);
Suite *engine_again_suite(void);
Suite *engine_rules_suite(void);
Suite *engine_deadline_suite(void);
Suite *engine_health_suite(void);
Suite *engine_quick_suite(void);
Suite *engine_success_suite(void);
Suite *engine_forecast_suite(void);
Suite *engine_suite(void);
Suite *engine_tap_suite(void);
Suite *envelope_size_suite(void);
Suite *envelope_suite(void);
Suite *errors_page_suite(void);
Suite *gather_suite(void);
Suite *parked_suite(void);
Suite *policies_page_suite(void);
Suite *setting_suite(void);
Suite *setting_example_suite(void);
Suite *json_suite(void);
Suite *log_line_suite(void);
Suite *log_suite(void);
Suite *file_watch_suite(void);
Suite *http_connections_suite(void);
Suite *http_credential_suite(void);
Suite *http_ends_suite(void);
Suite *http_exchange_suite(void);
Suite *http_field_suite(void);
Suite *http_kept_suite(void);
Suite *http_proxy_suite(void);
Suite *http_sockets_suite(void);
Suite *http_retry_after_suite(void);
Suite *http_suite(void);
Suite *http_tls_suite(void);
Suite *link_suite(void);
Suite *json_pointer_suite(void);
Suite *loop_suite(void);
Suite *mailbox_suite(void);
Suite *notify_suite(void);
Suite *regex_suite(void);
Suite *loop_process_suite(void);
Suite *rulings_suite(void);
Suite *shut_list_suite(void);
Suite *table_suite(void);
Suite *template_suite(void);
Suite *thread_suite(void);
Suite *topology_compare_suite(void);
Suite *topology_plan_suite(void);
Suite *topology_prune_suite(void);
Suite *unacked_suite(void);
Suite *understand_fhir_suite(void);
Suite *understand_suite(void);
Suite *utf8_suite(void);
Suite *when_suite(void);
Suite *window_suite(void);

#endif
