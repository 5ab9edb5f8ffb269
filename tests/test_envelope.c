/* SPDX-License-Identifier: Apache-2.0 */
/* test_envelope.c - the promises of worker/envelope.h. */
#include "worker/envelope.h"

#include <string.h>

#include "tests/worker_suites.h"

#define WALL ((millis)1700000000000)

static const struct pipeline_config pipeline = {
	.name = "lab",
	.exchange = "rebound.lab",
	.delay_exchange = "rebound.lab.delay",
	.parking = "rebound.lab.parking",
};

static const struct envelope_stamp stamp = {.policy_version = "abc",
					    .frame_max = 131072};

static struct message *new_message(const char *exchange)
{
	struct message *m = message_new();

	m->exchange = arena_text(&m->arena, text_of(exchange));
	m->routing_key = TEXT("lab.result");
	m->properties.message_id = TEXT("msg-1");
	m->body = TEXT("body");
	return m;
}

/* What the broker delivers when it has kept a copy: `exchange` is its word. */
static struct message *deliver(const struct copy *copy, const char *exchange)
{
	struct message *m = message_new();

	m->exchange = text_of(exchange);
	m->routing_key = copy->routing_key;
	m->properties = copy->properties;
	m->body = copy->body;
	for (size_t i = 0; i < copy->headers.count; i++)
		table_add(&m->headers, &m->arena, copy->headers.fields[i].name,
			  copy->headers.fields[i].kind)
			->as = copy->headers.fields[i].as;
	return m;
}

static void fail_once(struct envelope *e, const char *error, millis delay)
{
	struct step *step = envelope_step(e, "ehr");

	step->attempts++;
	step->status = 503;
	step->at_wall = WALL;
	step->error = text_of(error);
	step_count_failure(step, text_of(error));
	envelope_note(e, &(struct envelope_attempt){
				 .at_wall = WALL,
				 .step = step->name,
				 .error = error,
				 .class = CLASS_TRANSIENT,
				 .status = 503,
				 .duration = 12,
				 .delay = delay,
				 .policy_version = "abc",
				 .worker = "w1",
			 });
}

START_TEST(a_first_arrival_is_new_and_named_by_its_message_id)
{
	struct message *m = new_message("clinical-events");
	struct envelope e;

	ck_assert(envelope_open(&e, &pipeline, m, WALL, "fresh"));
	ck_assert(!e.is_return);
	ck_assert(text_is(e.id, "msg-1"));
	ck_assert(text_is(e.type, "lab.result"));
	ck_assert_int_eq(e.first_seen_wall, WALL);
	ck_assert_int_eq(e.rest, 0);
	ck_assert_uint_eq(e.step_count, 0);
	message_free(m);
}
END_TEST

START_TEST(a_message_without_id_gets_one_and_the_type_property_wins)
{
	struct message *m = new_message("clinical-events");
	struct envelope e;

	m->properties.message_id = TEXT("");
	m->properties.type = TEXT("ORU^R01");
	ck_assert(envelope_open(&e, &pipeline, m, WALL, "fresh"));
	ck_assert(text_is(e.id, "fresh"));
	ck_assert(text_is(e.type, "ORU^R01"));
	message_free(m);
}
END_TEST

START_TEST(state_goes_through_a_retry_and_comes_back)
{
	struct message *m = new_message("clinical-events");
	struct envelope e;
	struct envelope back;

	ck_assert(envelope_open(&e, &pipeline, m, WALL, "fresh"));
	fail_once(&e, "unavailable", 2000);
	fail_once(&e, "throttled", 5000);
	struct copy copy =
		envelope_retry(&e, &stamp, TEXT("v1._.4s"), (millis)3000);

	ck_assert(text_is(copy.exchange, "rebound.lab.delay"));
	ck_assert(text_is(copy.routing_key, "lab.result"));
	ck_assert_uint_eq(copy.properties.delivery_mode, 2);

	struct message *again = deliver(&copy, "rebound.lab");

	ck_assert(envelope_open(&back, &pipeline, again, WALL + 9, "other"));
	ck_assert(back.is_return);
	ck_assert(text_is(back.id, "msg-1"));
	ck_assert_int_eq(back.first_seen_wall, WALL);
	ck_assert_int_eq(back.rest, 3000);
	ck_assert(text_is(back.origin_exchange, "clinical-events"));
	ck_assert_uint_eq(back.step_count, 1);
	ck_assert_uint_eq(back.steps[0].attempts, 2);
	ck_assert_uint_eq(step_failures(&back.steps[0], TEXT("throttled")), 1);
	ck_assert_int_eq(back.steps[0].status, 503);
	ck_assert_uint_eq(back.journal.count, 2);
	message_free(again);
	message_free(m);
}
END_TEST

/* What comes back of a step that had `rest` to wait, when the message had
   `least`, was let go early or not, and was in that state. */
static const struct {
	enum step_state state;
	millis rest;
	millis least;
	bool is_released;
	millis back;
} rests[] = {
	{STEP_WAITING, 0, 0, false, 0},
	{STEP_WAITING, 7000, 0, false, 7000},
	{STEP_WAITING, 7000, 3000, false, 7000},
	{STEP_WAITING, 0, 3000, false, 3000}, /* written before steps said it */
	{STEP_WAITING, 7000, 3000, true, 4000},
	{STEP_WAITING, 3000, 3000, true, 0},
	{STEP_DONE, 7000, 3000, false, 0},
	{STEP_FAILED, 7000, 0, false, 0},
};

static void release(struct message *m)
{
	struct table death = {0};
	struct table deaths = {0};

	table_add_text(&death, &m->arena, "reason", TEXT("rejected"));
	table_add(&deaths, &m->arena, TEXT(""), FIELD_TABLE)->as.table = death;
	table_add(&m->headers, &m->arena, TEXT("x-death"), FIELD_ARRAY)
		->as.table = deaths;
}

START_TEST(each_step_has_its_own_rest)
{
	struct message *m = new_message("clinical-events");
	struct envelope e;
	struct envelope back;

	ck_assert(envelope_open(&e, &pipeline, m, WALL, "fresh"));
	fail_once(&e, "unavailable", 2000);
	envelope_step(&e, "ehr")->state = rests[_i].state;
	envelope_step(&e, "ehr")->rest = rests[_i].rest;
	struct copy copy =
		envelope_retry(&e, &stamp, TEXT("v1.ehr.2s"), rests[_i].least);
	struct message *again = deliver(&copy, "rebound.lab");

	if (rests[_i].is_released)
		release(again);
	ck_assert(envelope_open(&back, &pipeline, again, WALL + 9, "x"));
	ck_assert_uint_eq(back.step_count, 1);
	ck_assert_int_eq(back.steps[0].rest, rests[_i].back);
	ck_assert_int_eq(back.rest,
			 rests[_i].is_released ? 0 : rests[_i].least);
	message_free(again);
	message_free(m);
}
END_TEST

START_TEST(a_message_that_is_taken_back_says_so_and_since_when)
{
	struct message *m = new_message("clinical-events");
	struct envelope e;
	struct envelope back;

	ck_assert(envelope_open(&e, &pipeline, m, WALL, "fresh"));
	ck_assert_int_eq(e.state, ROUTE_DELIVERING);
	e.state = ROUTE_COMPENSATING;
	e.compensating_since_wall = WALL + 5;
	envelope_step(&e, "ehr")->state = STEP_DONE;
	envelope_step(&e, "ehr.undo")->rest = 4000;
	struct copy copy = envelope_retry(&e, &stamp, TEXT("v1.ehr.2s"), 0);
	struct message *again = deliver(&copy, "rebound.lab");

	ck_assert(envelope_open(&back, &pipeline, again, WALL + 9, "x"));
	ck_assert_int_eq(back.state, ROUTE_COMPENSATING);
	ck_assert_int_eq(back.compensating_since_wall, WALL + 5);
	ck_assert_int_eq(envelope_step(&back, "ehr")->state, STEP_DONE);
	ck_assert_int_eq(envelope_step(&back, "ehr.undo")->rest, 4000);
	message_free(again);

	/* Not from here: it is new, and goes along its route. */
	again = deliver(&copy, "clinical-events");
	ck_assert(envelope_open(&back, &pipeline, again, WALL + 9, "x"));
	ck_assert_int_eq(back.state, ROUTE_DELIVERING);
	message_free(again);
	message_free(m);
}
END_TEST

START_TEST(a_parked_copy_names_what_is_missing_and_what_is_left)
{
	struct message *m = new_message("clinical-events");
	struct envelope_parking parking = {.reason = PARK_PERMANENT,
					   .at_wall = WALL};
	const struct field *names;
	struct envelope e;
	struct text name;

	ck_assert(envelope_open(&e, &pipeline, m, WALL, "fresh"));
	envelope_step(&e, "ehr")->rest = 4000;
	envelope_name(&e, &parking.missing, "ehr");
	envelope_name(&e, &parking.missing, "billing");
	struct copy copy = envelope_park(&e, &stamp, &parking);

	names = table_find(&copy.headers, "rebound-parked-missing");
	ck_assert_ptr_nonnull(names);
	ck_assert_int_eq(names->kind, FIELD_ARRAY);
	ck_assert_uint_eq(names->as.table.count, 2);
	ck_assert(field_text(&names->as.table.fields[1], &name));
	ck_assert(text_is(name, "billing"));
	ck_assert_ptr_null(table_find(&copy.headers, "rebound-parked-left"));

	/* It waits for nothing but a person. */
	const struct field *steps = table_find(&copy.headers, "rebound-steps");

	ck_assert_ptr_null(
		table_find(&steps->as.table.fields[0].as.table, "rest-ms"));
	message_free(m);
}
END_TEST

/* Where the state of a copy is not believed: the broker's exchange, and the
   pipeline it names. */
static const struct {
	const char *exchange;
	const char *owner;
} forgeries[] = {
	{"clinical-events", "lab"},     {"", "lab"},
	{"rebound.lab.parking", "lab"}, {"rebound.lab", "billing"},
	{"rebound.other", "other"},
};

START_TEST(forged_and_stale_state_is_set_aside)
{
	struct message *m = new_message("rebound.lab");
	struct envelope e;
	struct envelope back;

	ck_assert(envelope_open(&e, &pipeline, m, WALL, "fresh"));
	fail_once(&e, "unavailable", 2000);
	e.id = TEXT("forged");
	struct copy copy = envelope_retry(&e, &stamp, TEXT("v1.ehr.2s"), 0);
	struct message *again = deliver(&copy, forgeries[_i].exchange);

	for (size_t i = 0; i < again->headers.count; i++)
		if (text_is(again->headers.fields[i].name, "rebound-pipeline"))
			again->headers.fields[i].as.text =
				text_of(forgeries[_i].owner);
	ck_assert(envelope_open(&back, &pipeline, again, WALL + 5, "other"));
	ck_assert(!back.is_return);
	ck_assert(text_is(back.id, "msg-1"));
	ck_assert_int_eq(back.first_seen_wall, WALL + 5);
	ck_assert_uint_eq(back.step_count, 0);

	struct copy parked = envelope_park(
		&back, &stamp,
		&(struct envelope_parking){.reason = PARK_PERMANENT,
					   .at_wall = WALL});
	struct text was;

	ck_assert(field_text(table_find(&parked.headers, "rebound-was-id"),
			     &was));
	ck_assert(text_is(was, "forged"));
	ck_assert_ptr_nonnull(
		table_find(&parked.headers, "rebound-was-journal"));
	ck_assert_ptr_null(table_find(&parked.headers, "rebound-journal"));
	message_free(again);
	message_free(m);
}
END_TEST

START_TEST(what_would_break_a_copy_does_not_travel_and_is_kept)
{
	struct message *m = new_message("clinical-events");
	struct envelope e;
	struct text value;

	for (const char **name =
		     (const char *[]){"x-death", "x-first-death-queue",
				      "x-last-death-reason", "x-delivery-count",
				      "x-acquired-count", "BCC", NULL};
	     *name != NULL; name++)
		table_add_text(&m->headers, &m->arena, *name, TEXT("x"));
	table_add(&m->headers, &m->arena, TEXT("CC"), FIELD_ARRAY);
	table_add_text(&m->headers, &m->arena, "x-tenant", TEXT("north"));
	m->properties.expiration = TEXT("60000");
	m->properties.user_id = TEXT("lis");
	m->properties.reply_to = TEXT("q");
	ck_assert(envelope_open(&e, &pipeline, m, WALL, "fresh"));
	struct copy copy = envelope_retry(&e, &stamp, TEXT("v1.ehr.2s"), 0);

	ck_assert(text_starts(copy.headers.fields[0].name, "x-tenant"));
	for (size_t i = 1; i < copy.headers.count; i++)
		ck_assert(text_starts(copy.headers.fields[i].name, "rebound-"));
	ck_assert_ptr_null(copy.properties.expiration.at);
	ck_assert_ptr_null(copy.properties.user_id.at);
	ck_assert(text_is(copy.properties.reply_to, "q"));
	ck_assert(field_text(
		table_find(&copy.headers, "rebound-original-expiration"),
		&value));
	ck_assert(text_is(value, "60000"));
	ck_assert(field_text(
		table_find(&copy.headers, "rebound-original-user-id"), &value));
	ck_assert_int_eq(table_find(&copy.headers, "rebound-original-cc")->kind,
			 FIELD_ARRAY);

	/* And stays kept, once, when the message comes round again. */
	struct message *again = deliver(&copy, "rebound.lab");
	struct envelope back;

	ck_assert(envelope_open(&back, &pipeline, again, WALL, "x"));
	struct copy second =
		envelope_retry(&back, &stamp, TEXT("v1.ehr.6s"), 0);

	ck_assert_uint_eq(second.headers.count, copy.headers.count);
	message_free(again);
	message_free(m);
}
END_TEST

START_TEST(originals_that_a_publisher_made_up_displace_no_true_ones)
{
	struct message *m = new_message("clinical-events");
	struct envelope e;
	struct text value;

	table_add_text(&m->headers, &m->arena, "rebound-original-expiration",
		       TEXT("1"));
	m->properties.expiration = TEXT("60000");
	ck_assert(envelope_open(&e, &pipeline, m, WALL, "fresh"));
	struct copy copy = envelope_retry(&e, &stamp, TEXT("v1.ehr.2s"), 0);

	ck_assert(field_text(
		table_find(&copy.headers, "rebound-original-expiration"),
		&value));
	ck_assert(text_is(value, "60000"));
	ck_assert(field_text(
		table_find(&copy.headers, "rebound-was-original-expiration"),
		&value));
	ck_assert(text_is(value, "1"));
	message_free(m);
}
END_TEST

START_TEST(parked_copies_say_why_and_have_no_lane)
{
	struct message *m = new_message("clinical-events");
	struct envelope e;
	struct text value;
	const struct {
		const char *name;
		const char *value;
	} expected[] = {
		{"rebound-parked-reason", "attempts"},
		{"rebound-parked-class", "transient"},
		{"rebound-parked-error", "unavailable"},
		{"rebound-parked-step", "ehr"},
		{"rebound-origin-exchange", "clinical-events"},
		{"rebound-origin-key", "lab.result"},
		{"rebound-pipeline", "lab"},
		{"rebound-policy", "abc"},
		{"rebound-state", "delivering"},
	};

	ck_assert(envelope_open(&e, &pipeline, m, WALL, "fresh"));
	fail_once(&e, "unavailable", 0);
	struct copy copy = envelope_park(
		&e, &stamp,
		&(struct envelope_parking){.reason = PARK_ATTEMPTS,
					   .class = "transient",
					   .error = "unavailable",
					   .step = TEXT("ehr"),
					   .at_wall = WALL + 7});
	ck_assert(text_is(copy.exchange, "rebound.lab.parking"));
	for (size_t i = 0; i < COUNT(expected); i++) {
		const struct field *field =
			table_find(&copy.headers, expected[i].name);

		ck_assert_msg(field != NULL, "%s", expected[i].name);
		ck_assert(field_text(field, &value));
		ck_assert(text_is(value, expected[i].value));
	}
	int64_t at;

	ck_assert(field_integer(
		table_find(&copy.headers, "rebound-parked-at-ms"), &at));
	ck_assert_int_eq(at, WALL + 7);
	ck_assert_ptr_null(table_find(&copy.headers, "rebound-lane"));
	message_free(m);
}
END_TEST

START_TEST(the_journal_keeps_its_first_entry_and_the_newest)
{
	struct message *m = new_message("clinical-events");
	struct envelope e;
	int64_t value;

	ck_assert(envelope_open(&e, &pipeline, m, WALL, "fresh"));
	for (int i = 0; i < ENVELOPE_JOURNAL_MAX + 30; i++)
		fail_once(&e, "unavailable", i);
	struct copy copy = envelope_retry(&e, &stamp, TEXT("v1.ehr.2s"), 0);
	const struct field *journal =
		table_find(&copy.headers, "rebound-journal");

	ck_assert_uint_eq(journal->as.table.count, ENVELOPE_JOURNAL_MAX);
	ck_assert(field_integer(
		table_find(&journal->as.table.fields[0].as.table, "delay-ms"),
		&value));
	ck_assert_int_eq(value, 0);
	ck_assert(field_integer(
		table_find(&journal->as.table.fields[1].as.table, "delay-ms"),
		&value));
	ck_assert_int_eq(value, 31);
	ck_assert(field_integer(
		table_find(&copy.headers, "rebound-journal-dropped"), &value));
	ck_assert_int_eq(value, 30);
	message_free(m);
}
END_TEST

START_TEST(our_headers_stay_below_a_quarter_of_the_frame)
{
	struct message *m = new_message("clinical-events");
	struct envelope e;
	const struct envelope_stamp narrow = {.policy_version = "abc",
					      .frame_max = 8192};
	struct table ours = {0};

	ck_assert(envelope_open(&e, &pipeline, m, WALL, "fresh"));
	for (int i = 0; i < 40; i++)
		fail_once(&e, "unavailable", i);
	struct copy copy = envelope_retry(&e, &narrow, TEXT("v1.ehr.2s"), 0);

	for (size_t i = 0; i < copy.headers.count; i++)
		table_add(&ours, &m->arena, copy.headers.fields[i].name,
			  copy.headers.fields[i].kind)
			->as = copy.headers.fields[i].as;
	ck_assert_uint_lt(table_wire_size(&ours), 8192 / 4 + 200);
	ck_assert_uint_ge(
		table_find(&copy.headers, "rebound-journal")->as.table.count,
		2);
	message_free(m);
}
END_TEST

START_TEST(a_slim_copy_leaves_out_what_can_be_left_out)
{
	struct message *m = new_message("clinical-events");
	struct envelope e;
	const struct envelope_stamp slim = {
		.policy_version = "abc", .frame_max = 131072, .slim = true};

	table_add_text(&m->headers, &m->arena, "rebound-anything", TEXT("x"));
	table_add(&m->headers, &m->arena, TEXT("CC"), FIELD_ARRAY);
	ck_assert(envelope_open(&e, &pipeline, m, WALL, "fresh"));
	for (int i = 0; i < 5; i++)
		fail_once(&e, "unavailable", i);
	struct copy copy = envelope_retry(&e, &slim, TEXT("v1.ehr.2s"), 0);

	ck_assert_ptr_null(table_find(&copy.headers, "rebound-was-anything"));
	ck_assert_ptr_null(table_find(&copy.headers, "rebound-original-cc"));
	ck_assert_uint_eq(
		table_find(&copy.headers, "rebound-journal")->as.table.count,
		1);
	message_free(m);
}
END_TEST

/* One header of ours that somebody has corrupted. */
static const struct {
	const char *name;
	enum field_kind kind;
} corruptions[] = {
	{"rebound-v", FIELD_STRING},
	{"rebound-id", FIELD_I64},
	{"rebound-first-seen-ms", FIELD_STRING},
	{"rebound-steps", FIELD_ARRAY},
	{"rebound-steps", FIELD_STRING},
	{"rebound-journal", FIELD_TABLE},
	{"rebound-state", FIELD_I64},
	{"rebound-compensating-since-ms", FIELD_STRING},
};

START_TEST(corrupted_headers_of_ours_are_named)
{
	struct message *m = new_message("clinical-events");
	struct envelope e;
	struct envelope back;

	ck_assert(envelope_open(&e, &pipeline, m, WALL, "fresh"));
	fail_once(&e, "unavailable", 1);
	e.state = ROUTE_COMPENSATING;
	struct copy copy = envelope_retry(&e, &stamp, TEXT("v1.ehr.2s"), 0);
	struct message *again = deliver(&copy, "rebound.lab");

	for (size_t i = 0; i < again->headers.count; i++) {
		struct field *field = &again->headers.fields[i];

		if (!text_is(field->name, corruptions[_i].name))
			continue;
		field->kind = corruptions[_i].kind;
		memset(&field->as, 0, sizeof(field->as));
	}
	ck_assert(!envelope_open(&back, &pipeline, again, WALL, "x"));
	ck_assert_ptr_nonnull(strstr(back.flaw, corruptions[_i].name));
	ck_assert(text_is(back.id, "msg-1"));
	ck_assert_uint_eq(back.step_count, 0);
	message_free(again);
	message_free(m);
}
END_TEST

START_TEST(a_released_lane_is_due_but_the_ladder_is_not)
{
	for (int ladder = 0; ladder < 2; ladder++) {
		struct message *m = new_message("rebound.lab");
		struct arena *a = &m->arena;
		struct table death = {0};
		struct table deaths = {0};
		struct envelope e;

		table_add_text(&death, a, "reason", TEXT("rejected"));
		table_add(&deaths, a, TEXT(""), FIELD_TABLE)->as.table = death;
		table_add(&m->headers, a, TEXT("x-death"), FIELD_ARRAY)
			->as.table = deaths;
		table_add_i32(&m->headers, a, "rebound-v", 1);
		table_add_text(&m->headers, a, "rebound-pipeline", TEXT("lab"));
		table_add_text(&m->headers, a, "rebound-id", TEXT("i"));
		table_add_i64(&m->headers, a, "rebound-first-seen-ms", 1);
		table_add_i64(&m->headers, a, "rebound-rest-ms", 500);
		table_add_text(&m->headers, a, "rebound-lane",
			       ladder ? TEXT("v1._.4s") : TEXT("v1.ehr.4s"));
		ck_assert(envelope_open(&e, &pipeline, m, WALL, "x"));
		ck_assert_int_eq(e.rest, ladder ? 500 : 0);
		message_free(m);
	}
}
END_TEST

Suite *envelope_suite(void)
{
	Suite *suite = suite_create("envelope");
	TCase *tests = tcase_create("envelopes");

	tcase_add_test(
		tests,
		originals_that_a_publisher_made_up_displace_no_true_ones);
	tcase_add_test(tests,
		       a_first_arrival_is_new_and_named_by_its_message_id);
	tcase_add_test(
		tests,
		a_message_without_id_gets_one_and_the_type_property_wins);
	tcase_add_test(tests, state_goes_through_a_retry_and_comes_back);
	tcase_add_loop_test(tests, each_step_has_its_own_rest, 0, COUNT(rests));
	tcase_add_test(tests,
		       a_message_that_is_taken_back_says_so_and_since_when);
	tcase_add_test(tests,
		       a_parked_copy_names_what_is_missing_and_what_is_left);
	tcase_add_loop_test(tests, forged_and_stale_state_is_set_aside, 0,
			    COUNT(forgeries));
	tcase_add_test(tests,
		       what_would_break_a_copy_does_not_travel_and_is_kept);
	tcase_add_test(tests, parked_copies_say_why_and_have_no_lane);
	tcase_add_test(tests, the_journal_keeps_its_first_entry_and_the_newest);
	tcase_add_test(tests, our_headers_stay_below_a_quarter_of_the_frame);
	tcase_add_test(tests, a_slim_copy_leaves_out_what_can_be_left_out);
	tcase_add_loop_test(tests, corrupted_headers_of_ours_are_named, 0,
			    COUNT(corruptions));
	tcase_add_test(tests, a_released_lane_is_due_but_the_ladder_is_not);
	suite_add_tcase(suite, tests);
	return suite;
}
