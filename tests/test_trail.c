/* SPDX-License-Identifier: Apache-2.0 */
/* test_trail.c - the promises of worker/trail.h, in pretended time. */
#include "worker/trail.h"

#include <stdio.h>
#include <string.h>

#include "tests/worker_suites.h"

#define WALL      INT64_C(1764063692123)
#define LINES_MAX 64

static const struct audit_actor actor = {
	.login = "rebound", .os_user = "me", .host = "w1", .program = "run"};

/* What was published, line by line, of batches that were confirmed. */
static struct {
	struct config config;
	struct pipeline_config pipeline;
	struct message message;
	struct trail *trail;
	const struct copy *copy; /* under way */
	size_t published;        /* batches, again ones too */
	size_t acks;
	uint64_t tag; /* of the last ack */
	const char *state;
	char lines[LINES_MAX][2048];
	size_t line_count;
} world;

static void port_publish(void *context, const struct copy *copy)
{
	(void)context;
	ck_assert_ptr_null(world.copy);
	world.copy = copy;
	world.published++;
}

static void port_ack(void *context, size_t pipeline, uint64_t epoch,
		     uint64_t tag)
{
	(void)context;
	ck_assert_uint_eq(pipeline, 0);
	ck_assert_uint_eq(epoch, 7);
	world.acks++;
	world.tag = tag;
}

static void port_say(void *context, const char *state, const char *text)
{
	(void)context;
	(void)text;
	world.state = state;
}

static millis port_wall(void *context)
{
	(void)context;
	return WALL;
}

static void start(enum audit_record record, enum audit_mode mode)
{
	const struct trail_ports ports = {.publish = port_publish,
					  .ack = port_ack,
					  .say = port_say,
					  .wall = port_wall};

	memset(&world, 0, sizeof(world));
	world.config.audit = (struct audit_config){.record = record,
						   .mode = mode,
						   .heads = 600000,
						   .exchange = "rebound.audit"};
	world.pipeline.name = "lab";
	world.message.body = TEXT("a body that is nobody's business");
	world.message.properties.correlation_id = TEXT("c-1");
	world.trail = trail_new(&world.config, &actor, &ports);
	trail_can_publish(world.trail, true, 0);
	(void)trail_tick(world.trail, 0); /* the first head */
}

static void tear_down(void)
{
	trail_free(world.trail);
	world.trail = NULL;
}

static void answer(enum copy_result result, millis now)
{
	struct text body, line;
	const struct copy *copy = world.copy;

	ck_assert_ptr_nonnull(copy);
	ck_assert_uint_eq(copy->job, (uint64_t)(uintptr_t)world.trail);
	for (body = copy->body;
	     result == COPY_CONFIRMED && audit_next_line(&body, &line);) {
		ck_assert_uint_lt(world.line_count, LINES_MAX);
		snprintf(world.lines[world.line_count++], 2048, "%.*s",
			 (int)line.len, line.at);
	}
	world.copy = NULL;
	trail_copied(world.trail, result, now);
}

/* Lets it publish all there is. */
static void settle(millis now)
{
	(void)trail_tick(world.trail, now);
	while (world.copy != NULL) {
		answer(COPY_CONFIRMED, now);
		(void)trail_tick(world.trail, now);
	}
}

static struct report verdict(enum verdict_kind kind, uint32_t attempt)
{
	return (struct report){
		.kind = REPORT_VERDICT,
		.verdict = kind,
		.pipeline = &world.pipeline,
		.id = TEXT("m-1"),
		.type = TEXT("lab.result"),
		.attempt = attempt,
		.downstream = "ehr",
		.status = 503,
		.policy = "0123456789ab",
		.first_seen_wall = WALL - 61000,
		.message = &world.message,
		.has_failed = attempt > 1,
	};
}

static void report_one(const struct report *report, millis now)
{
	trail_report(world.trail, report, now);
}

/* The events of all confirmed lines, which are one chain, "a b c". */
static const char *events(void)
{
	static char all[4096];
	char before[SHA256_HEX_MAX] = "";

	all[0] = '\0';
	for (size_t i = 0; i < world.line_count; i++) {
		struct text text = text_of(world.lines[i]);
		struct audit_line line;

		ck_assert_int_eq(audit_read(text, &line), AUDIT_READ_OK);
		ck_assert_int_eq(line.seq, (int64_t)i + 1);
		ck_assert(text_is(line.prev, before));
		snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s%s",
			 i == 0 ? "" : " ", audit_event_name(line.entry.event));
		digest_sha256(text, before);
		audit_line_fini(&line);
	}
	return all;
}

/* --- what is recorded ---------------------------------------------------- */

START_TEST(the_turning_points_of_a_message_form_a_chain)
{
	const struct outcome outcome = {
		.transport = TRANSPORT_COMPLETE, .status = 503, .duration = 12};
	struct report report = verdict(VERDICT_RETRY, 1);

	start(AUDIT_ALL, AUDIT_BEST_EFFORT);
	report.kind = REPORT_CALL;
	report.is_first_failure = true;
	report.outcome = &outcome;
	report_one(&report, 0);
	report = verdict(VERDICT_RETRY, 1);
	report_one(&report, 0);
	report.is_held = true;
	report_one(&report, 0);
	report = verdict(VERDICT_DONE, 3);
	report_one(&report, 0);
	report = verdict(VERDICT_PARK, 3);
	report_one(&report, 0);
	report.kind = REPORT_REJECTED;
	report_one(&report, 0);
	settle(TRAIL_GATHER);
	ck_assert_str_eq(events(), "opened failed retry held delivered parked "
				   "rejected");
}
END_TEST

START_TEST(an_entry_says_what_is_known_and_never_the_body)
{
	struct report report = verdict(VERDICT_RETRY, 2);
	struct audit_line line;

	start(AUDIT_ALL, AUDIT_BEST_EFFORT);
	report.error = "server-error";
	report.class = "transient";
	report.delay = 5000;
	report.lane = TEXT("v1.ehr.5s");
	report_one(&report, 0);
	settle(TRAIL_GATHER);
	ck_assert_uint_eq(world.line_count, 2);
	ck_assert_ptr_null(strstr(world.lines[1], "nobody"));
	ck_assert_int_eq(audit_read(text_of(world.lines[1]), &line),
			 AUDIT_READ_OK);
	ck_assert_int_eq(line.entry.event, AUDIT_RETRY);
	ck_assert(text_is(line.entry.id, "m-1"));
	ck_assert(text_is(line.entry.correlation, "c-1"));
	ck_assert(text_is(line.entry.error, "server-error"));
	ck_assert(text_is(line.entry.lane, "v1.ehr.5s"));
	ck_assert(text_is(line.entry.policy, "0123456789ab"));
	ck_assert_int_eq(line.entry.delay, 5000);
	ck_assert_int_eq(line.entry.status, 503);
	ck_assert_uint_eq(line.entry.attempt, 2);
	ck_assert_int_eq(line.entry.age, 61000);
	ck_assert_int_eq(line.entry.bytes, 32);
	ck_assert(text_is(line.login, "rebound"));
	audit_line_fini(&line);
}
END_TEST

START_TEST(what_says_nothing_new_is_no_entry)
{
	struct report report = verdict(VERDICT_DONE, 0);

	start(AUDIT_ALL, AUDIT_BEST_EFFORT);
	report.is_again = true;
	report.how = DELIVERED_COPIED;
	report_one(&report, 0);
	report = verdict(VERDICT_RETRY, 2);
	report.kind = REPORT_CALL;
	report_one(&report, 0);
	report.kind = REPORT_VOID;
	report_one(&report, 0);
	report.kind = REPORT_HOLDING;
	report_one(&report, 0);
	settle(TRAIL_GATHER);
	ck_assert_str_eq(events(), "opened");
}
END_TEST

START_TEST(failures_leave_out_what_is_delivered_at_once)
{
	struct report report;

	start(AUDIT_FAILURES, AUDIT_BEST_EFFORT);
	report = verdict(VERDICT_DONE, 1);
	report_one(&report, 0);
	settle(TRAIL_GATHER);
	ck_assert_str_eq(events(), "opened");
	report = verdict(VERDICT_DONE, 2);
	report_one(&report, 0);
	settle(3 * TRAIL_GATHER);
	ck_assert_str_eq(events(), "opened delivered");
}
END_TEST

START_TEST(off_is_nothing_at_all)
{
	struct report report;

	start(AUDIT_OFF, AUDIT_REQUIRED);
	report = verdict(VERDICT_PARK, 2);
	report_one(&report, 0);
	trail_ack(world.trail, 0, 7, 1);
	ck_assert_uint_eq(world.acks, 1);
	trail_close(world.trail, 0);
	ck_assert_int_eq(trail_tick(world.trail, 1000), -1);
	ck_assert_uint_eq(world.published, 0);
	ck_assert(trail_is_settled(world.trail));
}
END_TEST

/* --- batches ------------------------------------------------------------- */

START_TEST(entries_are_gathered_for_a_while)
{
	struct report report;

	start(AUDIT_ALL, AUDIT_BEST_EFFORT);
	report = verdict(VERDICT_DONE, 1);
	for (int i = 0; i < 10; i++)
		report_one(&report, i);
	ck_assert_int_eq(trail_tick(world.trail, 9), TRAIL_GATHER - 9);
	ck_assert_uint_eq(world.published, 0);
	settle(TRAIL_GATHER);
	ck_assert_uint_eq(world.published, 1);
	ck_assert_uint_eq(world.line_count, 11);
	ck_assert_uint_eq(trail_unconfirmed(world.trail), 0);
}
END_TEST

START_TEST(one_batch_is_under_way_at_a_time)
{
	struct report report;

	start(AUDIT_ALL, AUDIT_BEST_EFFORT);
	(void)trail_tick(world.trail, TRAIL_GATHER);
	report = verdict(VERDICT_DONE, 1);
	report_one(&report, TRAIL_GATHER);
	(void)trail_tick(world.trail, 9 * TRAIL_GATHER);
	ck_assert_uint_eq(world.published, 1);
	settle(9 * TRAIL_GATHER);
	ck_assert_str_eq(events(), "opened delivered");
}
END_TEST

START_TEST(what_was_lost_is_published_again_at_once)
{
	start(AUDIT_ALL, AUDIT_BEST_EFFORT);
	(void)trail_tick(world.trail, TRAIL_GATHER);
	answer(COPY_LOST, TRAIL_GATHER);
	trail_can_publish(world.trail, false, TRAIL_GATHER);
	(void)trail_tick(world.trail, 5000);
	ck_assert_ptr_null(world.copy);
	ck_assert(trail_is_settled(world.trail));
	trail_can_publish(world.trail, true, 6000);
	settle(6000);
	ck_assert_str_eq(events(), "opened");
	ck_assert_uint_eq(world.published, 2);
}
END_TEST

START_TEST(what_is_returned_is_said_once_and_published_again_ever_later)
{
	millis now = TRAIL_GATHER;

	start(AUDIT_ALL, AUDIT_BEST_EFFORT);
	for (millis wait = 1000; wait <= 16000; wait *= 2) {
		(void)trail_tick(world.trail, now);
		world.state = NULL;
		answer(COPY_RETURNED, now);
		ck_assert(wait > 1000 || strcmp(world.state, "holding") == 0);
		ck_assert(wait == 1000 || world.state == NULL);
		ck_assert_int_eq(trail_tick(world.trail, now), wait);
		now += wait;
	}
	settle(now);
	ck_assert_str_eq(world.state, "moving");
	ck_assert_str_eq(events(), "opened");
}
END_TEST

START_TEST(what_does_not_fit_is_dropped_and_counted_in_the_chain)
{
	struct report report;
	uint64_t before;
	uint64_t kept;

	start(AUDIT_FAILURES, AUDIT_BEST_EFFORT);
	settle(TRAIL_GATHER);
	trail_can_publish(world.trail, false, TRAIL_GATHER);
	report = verdict(VERDICT_PARK, 2);
	do {
		before = trail_unconfirmed(world.trail);
		report_one(&report, TRAIL_GATHER);
	} while (trail_unconfirmed(world.trail) > before);
	kept = before;
	report_one(&report, TRAIL_GATHER);
	report_one(&report, TRAIL_GATHER);
	ck_assert_uint_eq(trail_unconfirmed(world.trail), kept);
	trail_can_publish(world.trail, true, TRAIL_GATHER);
	(void)trail_tick(world.trail, 2 * TRAIL_GATHER);
	ck_assert_uint_le(world.copy->body.len, TRAIL_BATCH_MAX);
	report_one(&report, 2 * TRAIL_GATHER);
	/* The number of those dropped, and the one that came now. */
	ck_assert_uint_eq(trail_unconfirmed(world.trail), kept + 2);
}
END_TEST

START_TEST(a_batch_that_cannot_be_published_is_counted_as_dropped)
{
	struct report report;

	start(AUDIT_ALL, AUDIT_BEST_EFFORT);
	(void)trail_tick(world.trail, TRAIL_GATHER);
	answer(COPY_TOO_BIG, TRAIL_GATHER);
	ck_assert_str_eq(world.state, "too-big");
	report = verdict(VERDICT_DONE, 1);
	report_one(&report, TRAIL_GATHER);
	(void)trail_tick(world.trail, 9 * TRAIL_GATHER);
	ck_assert_ptr_nonnull(
		strstr(world.copy->body.at, "\"event\":\"dropped\""));
	ck_assert_ptr_nonnull(strstr(world.copy->body.at, "\"count\":1"));
}
END_TEST

/* --- required ------------------------------------------------------------ */

START_TEST(an_ack_waits_for_what_was_reported_before_it)
{
	struct report report;

	start(AUDIT_ALL, AUDIT_REQUIRED);
	settle(0);
	report = verdict(VERDICT_DONE, 1);
	report_one(&report, 10);
	trail_ack(world.trail, 0, 7, 41);
	(void)trail_tick(world.trail, 10);
	report_one(&report, 11);
	trail_ack(world.trail, 0, 7, 42);
	ck_assert_uint_eq(world.acks, 0);
	answer(COPY_CONFIRMED, 12);
	ck_assert_uint_eq(world.acks, 1);
	ck_assert_uint_eq(world.tag, 41);
	(void)trail_tick(world.trail, 12);
	answer(COPY_CONFIRMED, 13);
	ck_assert_uint_eq(world.acks, 2);
	ck_assert_uint_eq(world.tag, 42);
	/* With nothing on its way there is nothing to wait for. */
	trail_ack(world.trail, 0, 7, 43);
	ck_assert_uint_eq(world.acks, 3);
}
END_TEST

START_TEST(best_effort_acks_wait_for_nothing)
{
	struct report report;

	start(AUDIT_ALL, AUDIT_BEST_EFFORT);
	report = verdict(VERDICT_DONE, 1);
	report_one(&report, 0);
	trail_ack(world.trail, 0, 7, 41);
	ck_assert_uint_eq(world.acks, 1);
}
END_TEST

START_TEST(required_drops_nothing)
{
	struct report report;

	start(AUDIT_ALL, AUDIT_REQUIRED);
	trail_can_publish(world.trail, false, 0);
	report = verdict(VERDICT_DONE, 1);
	for (int i = 0; i < 30000; i++)
		report_one(&report, 0);
	ck_assert_uint_eq(trail_unconfirmed(world.trail), 30001);
}
END_TEST

/* --- the end ------------------------------------------------------------- */

START_TEST(the_end_is_an_entry_and_is_not_gathered)
{
	start(AUDIT_ALL, AUDIT_BEST_EFFORT);
	trail_close(world.trail, 5);
	ck_assert(!trail_is_settled(world.trail));
	ck_assert_str_eq(world.state, "head");
	settle(5);
	ck_assert_str_eq(events(), "opened closed");
	ck_assert(trail_is_settled(world.trail));
}
END_TEST

START_TEST(the_head_is_logged_at_intervals_if_it_has_moved)
{
	struct report report;

	start(AUDIT_ALL, AUDIT_BEST_EFFORT);
	settle(TRAIL_GATHER);
	world.state = NULL;
	(void)trail_tick(world.trail, 600000);
	ck_assert_ptr_null(world.state);
	report = verdict(VERDICT_DONE, 1);
	report_one(&report, 600001);
	settle(600000 + 600000);
	ck_assert_str_eq(world.state, "head");
}
END_TEST

Suite *trail_suite(void)
{
	Suite *suite = suite_create("trail");
	TCase *tests = tcase_create("trail");

	tcase_add_checked_fixture(tests, NULL, tear_down);
	tcase_add_test(tests, the_turning_points_of_a_message_form_a_chain);
	tcase_add_test(tests, an_entry_says_what_is_known_and_never_the_body);
	tcase_add_test(tests, what_says_nothing_new_is_no_entry);
	tcase_add_test(tests, failures_leave_out_what_is_delivered_at_once);
	tcase_add_test(tests, off_is_nothing_at_all);
	tcase_add_test(tests, entries_are_gathered_for_a_while);
	tcase_add_test(tests, one_batch_is_under_way_at_a_time);
	tcase_add_test(tests, what_was_lost_is_published_again_at_once);
	tcase_add_test(
		tests,
		what_is_returned_is_said_once_and_published_again_ever_later);
	tcase_add_test(tests,
		       what_does_not_fit_is_dropped_and_counted_in_the_chain);
	tcase_add_test(tests,
		       a_batch_that_cannot_be_published_is_counted_as_dropped);
	tcase_add_test(tests, an_ack_waits_for_what_was_reported_before_it);
	tcase_add_test(tests, best_effort_acks_wait_for_nothing);
	tcase_add_test(tests, required_drops_nothing);
	tcase_add_test(tests, the_end_is_an_entry_and_is_not_gathered);
	tcase_add_test(tests, the_head_is_logged_at_intervals_if_it_has_moved);
	suite_add_tcase(suite, tests);
	return suite;
}
