/* SPDX-License-Identifier: Apache-2.0 */
/* test_broker_tls.c - why a node is not trusted; that it is not, is shown by
   tests/live/test_tls.py. */
#include "worker/broker_tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/worker_suites.h"

static const struct {
	long flaw;
	const char *says;
} rows[] = {
	{X509_V_ERR_CERT_REVOKED, "revoked"},
	{X509_V_ERR_UNABLE_TO_GET_CRL, "broker.crl_file has no list"},
	{X509_V_ERR_CRL_HAS_EXPIRED, "out of date"},
	{X509_V_ERR_CRL_NOT_YET_VALID, "out of date"},
	{X509_V_ERR_CERT_HAS_EXPIRED, "expired"},
	{X509_V_ERR_CERT_NOT_YET_VALID, "clock"},
	{X509_V_ERR_HOSTNAME_MISMATCH, "another name"},
	{X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, "broker.ca_file"},
	{X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, "broker.ca_file"},
};

START_TEST(a_flaw_of_a_certificate_is_said_with_its_mend)
{
	const struct broker_handshake handshake = {.flaw = rows[_i].flaw};

	ck_assert_ptr_nonnull(
		strstr(broker_tls_why(&handshake), rows[_i].says));
}
END_TEST

START_TEST(what_openssl_does_not_know_is_not_made_up)
{
	const struct broker_handshake handshake = {0};

	ERR_clear_error();
	ck_assert_ptr_null(broker_tls_why(&handshake));
	ERR_raise(ERR_LIB_SSL, SSL_R_TLSV1_ALERT_PROTOCOL_VERSION);
	ck_assert_ptr_nonnull(
		strstr(broker_tls_why(&handshake), "broker.tls_min"));
	ERR_raise(ERR_LIB_SSL, SSL_R_WRONG_VERSION_NUMBER);
	ck_assert_ptr_nonnull(strstr(broker_tls_why(&handshake), "5671"));
	ERR_raise(ERR_LIB_SSL, SSL_R_TLSV1_ALERT_DECRYPT_ERROR);
	ck_assert_ptr_null(broker_tls_why(&handshake));
	ERR_clear_error();
}
END_TEST

static bool is_set(struct broker_config config, int *lowest)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	struct broker_handshake handshake = {.flaw = 1};
	bool is_fit = broker_tls_set(context, &config, &handshake);

	ck_assert_int_eq(handshake.flaw, 0);
	*lowest = (int)SSL_CTX_get_min_proto_version(context);
	ck_assert_int_eq(SSL_CTX_get_verify_mode(context) == SSL_VERIFY_PEER,
			 !config.insecure_skip_verify);
	SSL_CTX_free(context);
	return is_fit;
}

START_TEST(the_lowest_version_and_a_list_that_is_none)
{
	char file[] = "/tmp/rebound-crl-XXXXXX";
	int lowest;

	close(mkstemp(file));
	ck_assert(is_set((struct broker_config){0}, &lowest));
	ck_assert_int_eq(lowest, TLS1_2_VERSION);
	ck_assert(is_set((struct broker_config){.tls_min = TLS_MIN_1_3},
			 &lowest));
	ck_assert_int_eq(lowest, TLS1_3_VERSION);
	ck_assert(!is_set((struct broker_config){.crl_file = file}, &lowest));
	ck_assert(!is_set((struct broker_config){.crl_file = "/nowhere/crl"},
			  &lowest));
	ck_assert(is_set((struct broker_config){.crl_file = file,
						.insecure_skip_verify = true},
			 &lowest));
	unlink(file);
}
END_TEST

Suite *broker_tls_suite(void)
{
	Suite *suite = suite_create("broker_tls");
	TCase *tcase = tcase_create("tls");

	tcase_add_loop_test(tcase,
			    a_flaw_of_a_certificate_is_said_with_its_mend, 0,
			    COUNT(rows));
	tcase_add_test(tcase, what_openssl_does_not_know_is_not_made_up);
	tcase_add_test(tcase, the_lowest_version_and_a_list_that_is_none);
	suite_add_tcase(suite, tcase);
	return suite;
}
