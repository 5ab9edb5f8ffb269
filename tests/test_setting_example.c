/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_setting_example.c - the example of every setting is read, in its place,
 * without a word against it.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/test_config_folder.h"
#include "tests/worker_suites.h"
#include "worker/setting.h"

#define EHR "downstreams = { ehr = { url = \"http://localhost:8081/\"; "
#define TO_EHR                                                                 \
	"pipelines = { a = { deliver_to = \"ehr\"; policy = \"careful\"; }; "  \
	"};\n"
#define TO_URL                                                                 \
	"pipelines = { a = { deliver_to = \"http://h/\"; policy = "            \
	"\"careful\"; }; };\n"
#define CAREFUL "policies = { careful = { }; };\n"

/* A file around the examples of a scope: `%` is where they stand, behind
   `more`, unless they begin with the same setting. */
static const struct {
	const char *file;
	const char *more;
} frames[SCOPE_COUNT] = {
	[SCOPE_TOP] = {"%", "pipelines = { a = { deliver_to = \"http://h/\"; "
			    "}; };\n"},
	[SCOPE_BROKER] = {"broker = { % };\n" CAREFUL TO_URL, ""},
	[SCOPE_LOGIN] = {"broker = { admin = { % }; };\n" CAREFUL TO_URL, ""},
	[SCOPE_AUDIT] = {"audit = { % };\n" CAREFUL TO_URL, ""},
	[SCOPE_DOWNSTREAM] =
		{"downstreams = { ehr = { % }; };\n" CAREFUL TO_EHR,
		 "url = \"http://localhost:8081/\";"},
	[SCOPE_AUTH] = {EHR "auth = { % }; }; };\n" CAREFUL TO_EHR, ""},
	[SCOPE_BASIC] = {EHR
			 "auth = { basic = { % }; }; }; };\n" CAREFUL TO_EHR,
			 ""},
	[SCOPE_AUTH_HEADER] =
		{EHR "auth = { header = { % }; }; }; };\n" CAREFUL TO_EHR, ""},
	[SCOPE_UNDERSTAND] = {EHR "understand = { % }; }; };\n" CAREFUL TO_EHR,
			      ""},
	[SCOPE_BREAKER] = {EHR "breaker = { % }; }; };\n" CAREFUL TO_EHR, ""},
	[SCOPE_HEALTH] = {EHR "health = { % }; }; };\n" CAREFUL TO_EHR, ""},
	[SCOPE_HOLD] = {EHR "hold = ( { % } ); }; };\n" CAREFUL TO_EHR, ""},
	[SCOPE_PIPELINE] = {EHR "}; };\n" CAREFUL
				"pipelines = { a = { % }; b = { deliver_to = "
				"\"ehr\"; policy = \"careful\"; }; };",
			    "deliver_to = \"ehr\";"},
	[SCOPE_SOURCE] = {"pipelines = { a = { deliver_to = \"http://h/\"; "
			  "source = { % }; }; };\n",
			  ""},
	[SCOPE_POLICY] = {"policies = { careful = { % }; };\n" TO_URL, ""},
	[SCOPE_ERROR] = {EHR "understand = \"fhir\"; }; };\n" TO_EHR
			     "policies = { careful = { errors = ( { % } ); }; "
			     "};",
			 "name = \"e\";"},
	[SCOPE_TYPE] = {"policies = { careful = { types = ( { % } ); }; "
			"};\n" TO_URL,
			""},
	[SCOPE_TYPE_ERROR] = {"policies = { careful = { types = ( { match = "
			      "\"a\"; errors = ( { % } ); } ); }; };\n" TO_URL,
			      ""},
	[SCOPE_TUNING] = {"policies = { careful = { types = ( { match = "
			  "\"a\"; % } ); }; };\n" TO_URL,
			  ""},
	[SCOPE_QUICK] =
		{"policies = { careful = { quick = { % }; }; };\n" TO_URL, ""},
	[SCOPE_SCHEDULE] = {"policies = { careful = { max_attempts = 3; "
			    "schedule = { % }; }; };\n" TO_URL,
			    ""},
	[SCOPE_SUCCESS] = {EHR "understand = \"fhir\"; success = ( { % } ); }; "
			       "};\n" CAREFUL TO_EHR,
			   ""},
	[SCOPE_HEADER] = {EHR "success = ( { means = \"done\"; header = { % }; "
			      "} ); }; };\n" CAREFUL TO_EHR,
			  ""},
	[SCOPE_POINTER] = {EHR "success = ( { means = \"done\"; pointer = { % "
			       "}; } ); }; };\n" CAREFUL TO_EHR,
			   ""},
};

static const char *const files[] = {
	"broker.password",   "declarer.password",
	"operator.password", "publisher.password",
	"ehr.password",      "ehr.token",
	"ehr.key",           "broker-ca.pem",
	"broker-crl.pem",    "worker.pem",
	"worker.key",        "ehr-ca.pem",
	"ehr-crl.pem",       "rebound.pem",
	"rebound.key",
};

static void set_up(void)
{
	folder_enter();
	for (size_t i = 0; i < COUNT(files); i++)
		folder_write(files[i], "x");
	setenv("BROKER_PASSWORD", "x", 1);
	setenv("EHR_PASSWORD", "x", 1);
	setenv("EHR_KEY", "x", 1);
}

static struct config *load_with(const struct setting *s, const char *example)
{
	const char *file = frames[s->scope].file;
	const char *more = frames[s->scope].more;
	const char *hole = strchr(file, '%');
	size_t word = strcspn(more, " ");
	bool has_more = strncmp(example, more, word) == 0;
	char text[2000];

	snprintf(text, sizeof(text), "%.*s%s %s%s", (int)(hole - file), file,
		 has_more ? "" : more, example, hole + 1);
	return folder_load(text);
}

START_TEST(an_example_is_right)
{
	const struct setting *s = setting_at((size_t)_i);

	if (s->kind == SETTING_LATER)
		return;
	ck_assert_msg(s->example != NULL && frames[s->scope].file != NULL,
		      "%s%s has no example", setting_scope_path(s->scope),
		      s->name);
	struct config *config = load_with(s, s->example);
	ck_assert_msg(config != NULL && *folder_said() == '\0',
		      "the example of %s%s, %s\n%s",
		      setting_scope_path(s->scope), s->name, s->example,
		      folder_said());
	config_free(config);
}
END_TEST

/* An example sets its setting, by itself or by a twin: under another name it
   would be another setting, or none. */
START_TEST(an_example_is_of_its_setting)
{
	const struct setting *s = setting_at((size_t)_i);
	char name[60];

	if (s->kind == SETTING_LATER)
		return;
	const char *at = s->example;
	size_t len = (size_t)snprintf(name, sizeof(name), "%s", s->name);

	do {
		at = strstr(at, name);
		ck_assert_msg(at != NULL, "%s does not set %s", s->example,
			      s->name);
		at += len;
	} while (strncmp(at, " = ", 3) != 0 &&
		 strncmp(at, "_file = ", 8) != 0 &&
		 strncmp(at, "_env = ", 7) != 0);
}
END_TEST

Suite *setting_example_suite(void)
{
	Suite *suite = suite_create("setting_example");
	TCase *tcase = tcase_create("table");
	int count = 0;

	while (setting_at((size_t)count) != NULL)
		count++;
	tcase_add_checked_fixture(tcase, set_up, folder_leave);
	tcase_add_loop_test(tcase, an_example_is_right, 0, count);
	tcase_add_loop_test(tcase, an_example_is_of_its_setting, 0, count);
	suite_add_tcase(suite, tcase);
	return suite;
}
