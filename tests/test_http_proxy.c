/* SPDX-License-Identifier: Apache-2.0 */
/* test_http_proxy.c - proxies, as worker/config.h and worker/http.h promise. */
#include "tests/http_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/worker_suites.h"

static char proxy[64];

/* Puts a server that answers so in the way, as the downstream's proxy. */
static void serve_as_proxy(const char *bytes, const char *url)
{
	serve_one(bytes, SERVER_KEEPS);
	snprintf(proxy, sizeof(proxy), "http://127.0.0.1:%d",
		 http_server_port(rig.server));
	snprintf(rig.url, sizeof(rig.url), "%s", url);
	rig.downstream.proxy = proxy;
}

START_TEST(calls_go_through_the_proxy_that_is_configured)
{
	serve_as_proxy(OK, "http://ehr.invalid/fhir");
	call();
	expect(TRANSPORT_COMPLETE, 200);
	ck_assert_ptr_eq(strstr(http_server_head(rig.server),
				"POST http://ehr.invalid/fhir HTTP/1.1\r\n"),
			 http_server_head(rig.server));
	ck_assert(has_line("User-Agent: rebound/" REBOUND_VERSION));
}
END_TEST

START_TEST(the_environment_takes_no_call_past_the_proxy)
{
	setenv("no_proxy", "*", 1);
	serve_as_proxy(OK, "http://ehr.invalid/");
	call();
	unsetenv("no_proxy");
	expect(TRANSPORT_COMPLETE, 200);
}
END_TEST

/* Its answer is not the downstream's, which was never reached. */
START_TEST(a_proxy_that_does_not_connect_is_no_connection)
{
	serve_as_proxy("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n",
		       "https://ehr.invalid/");
	call();
	expect(TRANSPORT_CONNECT, 0);
	ck_assert_ptr_eq(strstr(http_server_head(rig.server),
				"CONNECT ehr.invalid:443 HTTP/1.1\r\n"),
			 http_server_head(rig.server));
	ck_assert(!has_field("Idempotency-Key"));
}
END_TEST

START_TEST(a_proxy_without_an_address_is_told)
{
	char far[100];

	/* A label over 63 bytes needs no DNS to be refused. */
	snprintf(far, sizeof(far), "http://%064d.invalid:1", 0);
	snprintf(rig.url, sizeof(rig.url), "http://127.0.0.1:1/");
	rig.downstream.proxy = far;
	call();
	expect(TRANSPORT_DNS, 0);
}
END_TEST

Suite *http_proxy_suite(void)
{
	Suite *suite = suite_create("http proxy");
	TCase *tcase = tcase_create("proxy");

	tcase_add_checked_fixture(tcase, http_rig_setup, http_rig_teardown);
	tcase_add_test(tcase, calls_go_through_the_proxy_that_is_configured);
	tcase_add_test(tcase, the_environment_takes_no_call_past_the_proxy);
	tcase_add_test(tcase, a_proxy_that_does_not_connect_is_no_connection);
	tcase_add_test(tcase, a_proxy_without_an_address_is_told);
	suite_add_tcase(suite, tcase);
	return suite;
}
