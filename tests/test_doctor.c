/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_doctor.c - what makes a broker unsafe is found, graded, and has its
 * mend.
 */
#include <string.h>

#include "tests/topology_sample.h"
#include "tests/worker_suites.h"
#include "worker/doctor.h"

static struct arena arena;
static struct config *config;
static struct findings findings;
static struct topology_seen seen;
static struct doctor_facts facts;
static struct doctor_report report;
static struct doctor doctor;

static void setup(void)
{
	arena_init(&arena);
	config = sample_config(&arena, "r.");
	config->file = "a.cfg";
	config->broker.vhost = "/";
	findings = (struct findings){0};
	seen = (struct topology_seen){.queues = json_new_array()};
	report = (struct doctor_report){0};
	facts = (struct doctor_facts){
		.version = "3.10.20", .findings = &findings, .seen = &seen};
	doctor = (struct doctor){.config = config,
				 .facts = &facts,
				 .arena = &arena,
				 .report = &report};
}

static void teardown(void)
{
	json_free(seen.queues);
	arena_fini(&arena);
}

/* The only finding that is not ok; NULL: there is none. */
static const struct doctor_finding *bad(void)
{
	ck_assert_uint_le(report.warn + report.unsafe, 1);
	for (size_t i = 0; i < report.count; i++)
		if (report.list[i].grade != DOCTOR_OK)
			return &report.list[i];
	return NULL;
}

static void ck_assert_bad(enum doctor_grade grade, const char *text,
			  const char *mend)
{
	const struct doctor_finding *f = bad();

	if (grade == DOCTOR_OK) {
		ck_assert_msg(f == NULL, "%s", f != NULL ? f->text : "");
		return;
	}
	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(f->grade, grade);
	ck_assert_msg(strstr(f->text, text) != NULL, "%s", f->text);
	if (mend == NULL)
		ck_assert_ptr_null(f->mend);
	else
		ck_assert_str_eq(f->mend, mend);
}

static const struct release {
	const char *version;
	enum doctor_grade grade;
	const char *text;
} releases[] = {
	{"3.9.29", DOCTOR_UNSAFE, "no dead letters at least once"},
	{"3.10.8", DOCTOR_WARN, "Upgrade to 3.10.20"},
	{"3.10.20", DOCTOR_OK, NULL},
	{"3.13.2", DOCTOR_WARN, "Upgrade to 3.13.7"},
	{"3.13.7", DOCTOR_OK, NULL},
	{"4.2.6", DOCTOR_WARN, "Upgrade to 4.2.7"},
	{"4.3.3", DOCTOR_OK, NULL},
	{"5.0.0", DOCTOR_OK, NULL},
	{"fast", DOCTOR_WARN, "says nothing"},
};

START_TEST(a_version_says_what_it_implies)
{
	facts.version = releases[_i].version;
	doctor_examine_broker(&doctor);
	ck_assert_uint_eq(report.count, 1);
	ck_assert_bad(releases[_i].grade, releases[_i].text, NULL);
}
END_TEST

START_TEST(a_version_says_the_limit_of_queues_without_one)
{
	facts.version = _i == 0 ? "3.13.7" : "4.3.3";
	doctor_examine_broker(&doctor);
	ck_assert_ptr_nonnull(strstr(report.list[0].text,
				     _i == 0 ? "has none" : "one of 20"));
}
END_TEST

#define SET_DISK "rabbitmqctl set_disk_free_limit 2GB"

static const struct node {
	const char *json;
	enum doctor_grade grade;
	const char *text;
	const char *mend;
} nodes[] = {
	{"{\"running\":true,\"disk_free_limit\":2000000000}", DOCTOR_OK, NULL,
	 NULL},
	{"{\"disk_free_limit\":50000000}", DOCTOR_WARN, "50 MB", SET_DISK},
	{"{\"disk_free_alarm\":true,\"disk_free_limit\":5}", DOCTOR_WARN,
	 "disk alarm is on", "rabbitmq-diagnostics alarms"},
	{"{\"mem_alarm\":true}", DOCTOR_WARN, "memory alarm is on",
	 "rabbitmq-diagnostics memory_breakdown"},
	{"{\"running\":false}", DOCTOR_WARN, "does not run",
	 "rabbitmqctl start_app"},
};

START_TEST(an_alarm_is_found)
{
	struct json *list = json_new_array();

	json_append(list, json_parse(text_of(nodes[_i].json)));
	facts.nodes = list;
	doctor_examine_broker(&doctor);
	ck_assert_uint_eq(report.count, 2);
	ck_assert_bad(nodes[_i].grade, nodes[_i].text, nodes[_i].mend);
	json_free(list);
}
END_TEST

START_TEST(nodes_that_are_not_seen_are_warned_of)
{
	facts.nodes_unseen = "Ask again.";
	doctor_examine_broker(&doctor);
	ck_assert_bad(DOCTOR_WARN, "not seen. Ask again.", NULL);
}
END_TEST

/* --- what differs -------------------------------------------------------- */

static const struct difference {
	enum finding_cause cause;
	const char *object;
	enum doctor_grade grade;
	const char *mend;
} differences[] = {
	{CAUSE_MISSING, "queue r.a", DOCTOR_UNSAFE,
	 "rebound topology apply -c 'a.cfg'"},
	{CAUSE_FOREIGN, "exchange r.shared", DOCTOR_UNSAFE, NULL},
	{CAUSE_DECLARED, "queue r.a", DOCTOR_UNSAFE,
	 "rabbitmqctl delete_queue -p '/' 'r.a' --if-empty && "
	 "rebound topology apply -c 'a.cfg'"},
	{CAUSE_DECLARED, "exchange r.a", DOCTOR_UNSAFE,
	 "rabbitmqadmin -V '/' delete exchange name='r.a' && "
	 "rebound topology apply -c 'a.cfg'"},
	{CAUSE_POLICY, "queue r.a", DOCTOR_UNSAFE,
	 "rabbitmqctl clear_policy -p '/' 'it'\\''s'"},
	{CAUSE_STRAY, "binding x -> r.a", DOCTOR_WARN,
	 "rebound topology prune -c 'a.cfg'"},
};

START_TEST(a_difference_has_its_mend)
{
	const struct difference *w = &differences[_i];

	json_append(seen.queues, json_parse(TEXT("{\"name\":\"r.a\","
						 "\"policy\":\"it's\"}")));
	findings_add(&findings, &arena, FINDING_DIFFERS, w->object, "So.");
	findings_because(&findings, w->cause);
	doctor_examine_topology(&doctor);
	ck_assert_uint_eq(report.count, 1);
	ck_assert_bad(w->grade, "So.", w->mend);
}
END_TEST

START_TEST(what_is_unknown_is_said_once_a_reason)
{
	findings_add(&findings, &arena, FINDING_OK, "queue o", "Good.");
	findings_add_unknown(&findings, &arena, "queue p", "Dark.", "There.");
	findings_add_unknown(&findings, &arena, "queue q", "Dark.", "There.");
	doctor_examine_topology(&doctor);
	ck_assert_uint_eq(report.count, 2);
	ck_assert_bad(DOCTOR_WARN, "Of 2 objects not all can be judged. Dark.",
		      NULL);
}
END_TEST

/* --- queues -------------------------------------------------------------- */

#define KEPT                                                                   \
	"\"x-queue-type\":\"quorum\",\"x-dead-letter-exchange\":\"x\","        \
	"\"x-dead-letter-strategy\":\"at-least-once\""
#define CLEAR "rabbitmqctl clear_policy -p '/' 'tidy'"
#define ADOPT                                                                  \
	"rabbitmqctl set_policy -p '/' --apply-to queues --priority 10 "       \
	"'r.b' '^r.foreign$' '{\"dead-letter-exchange\":\"r.b.parking\","      \
	"\"dead-letter-strategy\":\"at-least-once\","                          \
	"\"overflow\":\"reject-publish\",\"delivery-limit\":20}'"

static const struct sick {
	const char *name;
	const char *version;
	const char *arguments;
	const char *policies;
	enum doctor_grade grade;
	const char *text;
	const char *mend;
} sicks[] = {
	{"r.a", "3.10.20", KEPT ",\"x-delivery-limit\":20", "", DOCTOR_OK, NULL,
	 NULL},
	/* The smaller one counts. */
	{"r.a", "3.10.20", KEPT ",\"x-delivery-limit\":20",
	 "\"delivery-limit\":50", DOCTOR_OK, NULL, NULL},
	{"r.a", "3.10.20", KEPT ",\"x-delivery-limit\":20",
	 "\"delivery-limit\":3", DOCTOR_WARN, "in force is 3", CLEAR},
	{"r.a", "3.10.20", KEPT ",\"x-delivery-limit\":20",
	 "\"delivery-limit\":-1", DOCTOR_UNSAFE, "destroys", CLEAR},
	{"r.a", "4.3.3", KEPT ",\"x-delivery-limit\":-1", "", DOCTOR_WARN,
	 "none on RabbitMQ 4", NULL},
	{"r.a", "3.10.20", KEPT, "", DOCTOR_WARN, "No delivery limit", NULL},
	{"r.a", "4.3.3", KEPT, "", DOCTOR_OK, NULL, NULL},
	{"r.a", "4.3.3", "\"x-queue-type\":\"quorum\"", "", DOCTOR_UNSAFE,
	 "is dropped", NULL},
	{"r.a", "3.10.20", KEPT ",\"x-delivery-limit\":20",
	 "\"dead-letter-routing-key\":\"k\"", DOCTOR_UNSAFE, "another key",
	 CLEAR},
	{"r.a.delay.v1.ehr.5s", "3.10.20", KEPT,
	 "\"dead-letter-routing-key\":\"k\"", DOCTOR_UNSAFE, "another key",
	 CLEAR},
	{"r.a.parking", "3.10.20", "\"x-delivery-limit\":1000000", "",
	 DOCTOR_OK, NULL, NULL},
	{"r.a.parking", "3.10.20", "\"x-delivery-limit\":1000000",
	 "\"delivery-limit\":20", DOCTOR_UNSAFE, "looked at", CLEAR},
	{"r.a.parking", "4.3.3", "", "", DOCTOR_UNSAFE, "looked at", NULL},
	{"r.a.parking", "3.10.20", "\"x-delivery-limit\":1000000",
	 "\"dead-letter-exchange\":\"bin\"", DOCTOR_WARN, "exchange bin",
	 CLEAR},
	/* Of somebody else. */
	{"r.foreign", "3.10.20", KEPT ",\"x-delivery-limit\":20", "", DOCTOR_OK,
	 NULL, NULL},
	{"r.foreign", "3.10.20", "\"x-queue-type\":\"quorum\"",
	 "\"dead-letter-exchange\":\"x\",\"delivery-limit\":20,"
	 "\"dead-letter-strategy\":\"at-least-once\"",
	 DOCTOR_OK, NULL, NULL},
	{"r.foreign", "3.10.20", "", "", DOCTOR_WARN, "no quorum queue", NULL},
	{"r.foreign", "3.10.20",
	 "\"x-queue-type\":\"quorum\",\"x-dead-letter-exchange\":\"x\","
	 "\"x-delivery-limit\":20",
	 "", DOCTOR_WARN, "lost on their way", ADOPT},
	{"r.foreign", "3.10.20",
	 KEPT ",\"x-delivery-limit\":20,\"x-message-ttl\":5", "", DOCTOR_UNSAFE,
	 "message-ttl", NULL},
	{"r.foreign", "3.10.20", KEPT ",\"x-delivery-limit\":20",
	 "\"expires\":5", DOCTOR_UNSAFE, "expires", NULL},
	{"r.foreign", "3.10.20",
	 KEPT ",\"x-delivery-limit\":20,\"x-max-length\":5", "", DOCTOR_UNSAFE,
	 "oldest messages are dropped", NULL},
	{"r.foreign", "3.10.20",
	 KEPT ",\"x-delivery-limit\":20,\"x-overflow\":\"reject-publish\"",
	 "\"max-length\":5", DOCTOR_OK, NULL, NULL},
	/* The broker policy counts. */
	{"r.foreign", "3.10.20",
	 KEPT ",\"x-delivery-limit\":20,\"x-overflow\":\"reject-publish\"",
	 "\"max-length\":5,\"overflow\":\"drop-head\"", DOCTOR_UNSAFE,
	 "oldest messages are dropped", NULL},
};

static void see_queue(const char *name, const char *arguments,
		      const char *policies)
{
	json_append(seen.queues,
		    json_parse(text_of(arena_printf(
			    &arena,
			    "{\"name\":\"%s\",\"policy\":\"tidy\","
			    "\"arguments\":{%s},"
			    "\"effective_policy_definition\":{%s}}",
			    name, arguments, policies))));
}

START_TEST(a_queue_is_judged_by_what_is_in_force)
{
	const struct sick *s = &sicks[_i];

	facts.version = s->version;
	see_queue(s->name, s->arguments, s->policies);
	doctor_examine_queues(&doctor);
	ck_assert_bad(s->grade, s->text, s->mend);
}
END_TEST

START_TEST(policies_of_both_kinds_are_named)
{
	struct json *queue = json_parse(
		TEXT("{\"policy\":\"p\",\"operator_policy\":\"o\"}"));

	ck_assert_str_eq(doctor_clear_policies(&doctor, queue),
			 "rabbitmqctl clear_policy -p '/' 'p', or "
			 "rabbitmqctl clear_operator_policy -p '/' 'o'");
	json_free(queue);
	queue = json_parse(TEXT("{\"operator_policy\":\"o\"}"));
	ck_assert_str_eq(doctor_clear_policies(&doctor, queue),
			 "rabbitmqctl clear_operator_policy -p '/' 'o'");
	json_free(queue);
}
END_TEST

START_TEST(a_source_without_a_consumer_is_warned_of)
{
	struct json *queue;

	see_queue("r.a", KEPT ",\"x-delivery-limit\":20", "");
	queue = json_at(seen.queues, 0);
	json_put_integer(queue, "consumers", _i);
	doctor_examine_queues(&doctor);
	ck_assert_bad(_i == 0 ? DOCTOR_WARN : DOCTOR_OK, "Nobody consumes",
		      "rebound run -c 'a.cfg'");
}
END_TEST

START_TEST(another_pipeline_is_left_alone)
{
	doctor.only = &config->pipelines[1];
	see_queue("r.a", "", "");
	doctor_examine_queues(&doctor);
	ck_assert_uint_eq(report.count, 0);
}
END_TEST

Suite *doctor_suite(void)
{
	Suite *suite = suite_create("doctor");
	TCase *judged = tcase_create("judged");

	tcase_add_checked_fixture(judged, setup, teardown);
	tcase_add_loop_test(judged, a_version_says_what_it_implies, 0,
			    COUNT(releases));
	tcase_add_loop_test(
		judged, a_version_says_the_limit_of_queues_without_one, 0, 2);
	tcase_add_loop_test(judged, an_alarm_is_found, 0, COUNT(nodes));
	tcase_add_test(judged, nodes_that_are_not_seen_are_warned_of);
	tcase_add_loop_test(judged, a_difference_has_its_mend, 0,
			    COUNT(differences));
	tcase_add_test(judged, what_is_unknown_is_said_once_a_reason);
	tcase_add_loop_test(judged, a_queue_is_judged_by_what_is_in_force, 0,
			    COUNT(sicks));
	tcase_add_test(judged, policies_of_both_kinds_are_named);
	tcase_add_loop_test(judged, a_source_without_a_consumer_is_warned_of, 0,
			    2);
	tcase_add_test(judged, another_pipeline_is_left_alone);
	suite_add_tcase(suite, judged);
	return suite;
}
