/* SPDX-License-Identifier: Apache-2.0 */
/* test_config_tls.c - who is trusted, and what a worker shows of itself. */
#include <stdlib.h>
#include <string.h>

#include "tests/test_config_folder.h"
#include "tests/worker_suites.h"

#define A "pipelines = { a = { deliver_to = \"d\"; }; };\n"
#define B "pipelines = { a = { deliver_to = \"http://h/\"; }; };\n"

/* A file c.cfg, beside which are cert and key, and all that is said about it;
   it is refused unless that is a warning. */
static const struct {
	const char *text;
	const char *said;
} rows[] = {
	{"downstreams = { d = { url = \"https://h/\"; cert_file = \"cert\"; "
	 "}; };\n" A,
	 "c.cfg:1: downstreams.d.cert_file goes with downstreams.d.key_file, "
	 "which is missing.\n"},
	{"downstreams = { d = { url = \"https://h/\"; proxy = "
	 "\"http://u:sesam@p:3128\"; }; };\n" A,
	 "c.cfg:1: downstreams.d.proxy must look like "
	 "\"http://proxy.example:3128\", without user and password.\n"},
	{"downstreams = { d = { url = \"https://h/\"; proxy = \"p:3128\"; }; "
	 "};\n" A,
	 "c.cfg:1: downstreams.d.proxy must look like "
	 "\"http://proxy.example:3128\", without user and password.\n"},
	{"downstreams = { d = { url = \"https://h/\"; proxy = "
	 "\"http://p:3128/\"; }; };\n" A,
	 ""},
	{"downstreams = { d = { url = \"https://h/\"; connection_max_age = "
	 "\"1s\"; }; };\n" A,
	 "c.cfg:1: downstreams.d.connection_max_age must be a duration from 2s "
	 "to 1d, such as \"5s\" or \"1m30s\", not the text \"1s\".\n"},
	{"downstreams = { d = { url = \"https://h/\"; auth = { }; }; };\n" A,
	 "c.cfg:1: downstreams.d.auth must hold one of basic, bearer and "
	 "header.\n"},
	{"downstreams = { d = { url = \"https://h/\"; auth = { bearer = "
	 "\"sesam\"; basic = { user = \"u\"; password = \"sesam\"; }; }; }; "
	 "};\n" A,
	 "c.cfg:1: downstreams.d.auth must hold one of basic, bearer and "
	 "header.\n"},
	{"downstreams = { d = { url = \"https://h/\"; auth = { basic = { user "
	 "= \"u:v\"; password = \"sesam\"; }; }; }; };\n" A,
	 "c.cfg:1: downstreams.d.auth.basic.user holds a colon, which ends a "
	 "user (RFC 7617).\n"},
	{"downstreams = { d = { url = \"https://h/\"; auth = { basic = { user "
	 "= \"u\"; }; }; }; };\n" A,
	 "c.cfg:1: downstreams.d.auth.basic.password is missing: it must be a "
	 "text in double quotes.\n"},
	{"downstreams = { d = { url = \"https://h/\"; auth = { bearer = "
	 "\"se\\nsam\"; }; }; };\n" A,
	 "c.cfg:1: downstreams.d.auth: the secret holds a control character, "
	 "which HTTP does not allow.\n"},
	{"downstreams = { d = { url = \"https://h/\"; auth = { bearer_file = "
	 "\"token\"; }; headers = { authorization = \"sesam\"; }; }; };\n" A,
	 "c.cfg:1: downstreams.d.auth sets a header that is set already.\n"},
	{"downstreams = { d = { url = \"https://h/\"; auth = { header = { name "
	 "= \"Host\"; value = \"sesam\"; }; }; }; };\n" A,
	 "c.cfg:1: downstreams.d.auth cannot be set: it follows from the "
	 "url.\n"},
	{"downstreams = { d = { url = \"https://h/\"; auth = { header = { name "
	 "= \"X-Api-Key\"; value = \"sesam\"; }; }; follow_redirects = true; "
	 "}; };\n" A,
	 "c.cfg:1: downstreams.d.auth.header and follow_redirects exclude each "
	 "other: a redirect to another host would get the secret too.\n"},
	{"downstreams = { d = { url = \"https://h/\"; auth = { header = { name "
	 "= \"X-Api-Key\"; value_env = \"NO_SUCH_VARIABLE\"; }; }; }; };\n" A,
	 "c.cfg:1: downstreams.d.auth.header.value_env names the environment "
	 "variable NO_SUCH_VARIABLE, which is not set.\n"},
	{"broker = { nodes = \"amqps://h\"; key_file = \"key\"; };\n" B,
	 "c.cfg:1: broker.key_file goes with broker.cert_file, which is "
	 "missing.\n"},
	{"broker = { nodes = \"amqps://h\"; tls_min = \"1.3\"; crl_file = "
	 "\"cert\"; };\n" B,
	 ""},
	{"broker = { nodes = \"amqps://h\"; tls_min = \"1.0\"; };\n" B,
	 "c.cfg:1: broker.tls_min must be \"1.2\" or \"1.3\", not the text "
	 "\"1.0\". The nearest is \"1.2\".\n"},
	{"broker = { nodes = \"amqps://h\"; crl_file = \"gone\"; };\n" B,
	 "c.cfg:1: broker.crl_file names the file \"gone\", which cannot be "
	 "read: No such file or directory.\n"},
	{"downstreams = { d = { url = \"https://h/\"; tls_min = \"1.1\"; }; "
	 "};\n" A,
	 "c.cfg:1: downstreams.d.tls_min must be \"1.2\" or \"1.3\", not the "
	 "text \"1.1\". The nearest is \"1.2\".\n"},
	{"downstreams = { d = { url = \"https://h/\"; insecure_skip_verify = "
	 "true; }; };\n" A,
	 "c.cfg:1: warning: downstreams.d.insecure_skip_verify = true: whoever "
	 "stands on the way there can read and change what is sent. Better set "
	 "downstreams.d.ca_file to the certificate that signed.\n"},
	{"broker = { nodes = \"amqps://127.0.0.1\"; insecure_skip_verify = "
	 "true; };\n" B,
	 "c.cfg:1: warning: broker.insecure_skip_verify = true: whoever stands "
	 "on the way there can read and change what is sent. Better set "
	 "broker.ca_file to the certificate that signed.\n"},
	{"broker = { nodes = \"amqps://[::1]\"; };\n" B,
	 "c.cfg:1: warning: The amqps:// node ::1 is given by its address, and "
	 "certificates are checked by name: name it as its certificate "
	 "does.\n"},
	{"broker = { nodes = \"amqps://h\"; auth = \"external\"; };\n" B,
	 "c.cfg:1: broker.auth = \"external\" needs the certificate that says "
	 "who logs in: broker.cert_file and broker.key_file.\n"},
	{"broker = { nodes = \"amqp://h\"; auth = \"external\"; cert_file = "
	 "\"cert\"; key_file = \"key\"; };\n" B,
	 "c.cfg:1: broker.auth = \"external\" is for amqps:// nodes alone, and "
	 "h:5672 is none.\n"},
	{"broker = { nodes = \"amqps://h\"; auth = \"external\"; cert_file = "
	 "\"cert\"; key_file = \"key\"; user = \"u\"; };\n" B,
	 ""},
};

static void setup(void)
{
	folder_enter();
	folder_write("cert", "x");
	folder_write("key", "x");
	folder_write("token", "sesam\n");
}

START_TEST(flaws_are_said_with_place_and_mend)
{
	struct config *config = folder_load(rows[_i].text);
	bool is_fit = *rows[_i].said == '\0' ||
		      strstr(rows[_i].said, ": warning: ") != NULL;

	ck_assert_str_eq(folder_said(), rows[_i].said);
	ck_assert(is_fit == (config != NULL));
	config_free(config);
}
END_TEST

START_TEST(peers_are_checked_unless_the_risk_is_named)
{
	struct config *config = folder_load(B);

	ck_assert(!config->broker.insecure_skip_verify);
	ck_assert(!config->downstreams[0].insecure_skip_verify);
	ck_assert_int_eq(config->downstreams[0].tls_min, TLS_MIN_1_2);
	config_free(config);
}
END_TEST

/* What stands in auth, and what is printed of it. */
static const struct {
	const char *text;
	const char *printed;
	enum auth_kind kind;
	const char *secret_file;
} auths[] = {
	{"bearer = \"sesam\"", "\t\t\tbearer = \"********\";\n", AUTH_BEARER,
	 NULL},
	{"bearer_file = \"token\"", "\t\t\tbearer = \"********\";\n",
	 AUTH_BEARER, "token"},
	{"basic = { user = \"u\"; password_file = \"token\"; }",
	 "\t\t\tbasic = {\n\t\t\t\tuser = \"u\";\n"
	 "\t\t\t\tpassword = \"********\";\n\t\t\t};\n",
	 AUTH_BASIC, "token"},
	{"header = { name = \"X-Api-Key\"; value_env = \"A_SECRET\"; }",
	 "\t\t\theader = {\n\t\t\t\tname = \"X-Api-Key\";\n"
	 "\t\t\t\tvalue = \"********\";\n\t\t\t};\n",
	 AUTH_HEADER, NULL},
};

START_TEST(credentials_are_read_and_masked)
{
	char text[300];

	setenv("A_SECRET", "sesam", 1);
	snprintf(text, sizeof(text),
		 "downstreams = { d = { url = \"https://h/\"; auth = { %s; }; "
		 "}; "
		 "};\n" A,
		 auths[_i].text);
	struct config *config = folder_load(text);
	ck_assert_str_eq(folder_said(), "");
	const struct auth_config *auth = &config->downstreams[0].auth;
	ck_assert_int_eq(auth->kind, auths[_i].kind);
	ck_assert_str_eq(auth->secret, "sesam");
	ck_assert_pstr_eq(auth->secret_file, auths[_i].secret_file);
	char *printed = folder_print(config);
	ck_assert_ptr_nonnull(strstr(printed, auths[_i].printed));
	ck_assert_ptr_null(strstr(printed, "sesam"));
	free(printed);
	config_free(config);
	unsetenv("A_SECRET");
}
END_TEST

Suite *config_tls_suite(void)
{
	Suite *suite = suite_create("config_tls");
	TCase *tls = tcase_create("tls");

	tcase_add_checked_fixture(tls, setup, folder_leave);
	tcase_add_loop_test(tls, flaws_are_said_with_place_and_mend, 0,
			    COUNT(rows));
	tcase_add_loop_test(tls, credentials_are_read_and_masked, 0,
			    COUNT(auths));
	tcase_add_test(tls, peers_are_checked_unless_the_risk_is_named);
	suite_add_tcase(suite, tls);
	return suite;
}
