/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_understand.c - acknowledgements of HL7 v2, and problem details.
 */
#include "worker/understand.h"

#include <stdlib.h>
#include <string.h>

#include "tests/test_config_folder.h"
#include "tests/worker_suites.h"
#include "worker/hl7v2.h"

#define SENT "MSH|^~\\&|A|B|C|D|20260101||ORU^R01|M-1|P|2.5\rPID|1\r"
#define MSH  "MSH|^~\\&|L|H|A|B|20260101||ACK|77|P|2.5\r"

static const struct understand_config hl7v2 = {.as = UNDERSTAND_HL7V2};

struct expected {
	const struct understand_config *config;
	struct text body;
	enum sense sense;
	const char *error;  /* NULL: none */
	const char *detail; /* NULL: not looked at */
};

static void check_one(size_t i, const struct expected *c,
		      const struct understand_input *input)
{
	struct arena arena;
	struct understanding it;

	arena_init(&arena);
	it = understand(c->config, input, &arena);
	ck_assert_msg(it.sense == c->sense, "case %zu: sense %d", i, it.sense);
	if (c->error == NULL)
		ck_assert_msg(it.error == NULL, "case %zu: %s", i, it.error);
	else
		ck_assert_msg(it.error != NULL &&
				      strcmp(it.error, c->error) == 0,
			      "case %zu: %s", i, it.error);
	if (c->detail != NULL)
		ck_assert_msg(text_is(it.detail, c->detail), "case %zu: %.*s",
			      i, (int)it.detail.len, it.detail.at);
	arena_fini(&arena);
}

static void check(const struct expected *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct understand_input input = {.status = 200,
						       .body = cases[i].body,
						       .sent = TEXT(SENT)};

		check_one(i, &cases[i], &input);
	}
}

START_TEST(msa_1_says_how_it_went)
{
	const struct expected cases[] = {
		{&hl7v2, TEXT(MSH "MSA|AA|M-1\r"), SENSE_DONE, NULL, NULL},
		{&hl7v2, TEXT(MSH "MSA|CA|M-1"), SENSE_DONE, NULL, NULL},
		{&hl7v2, TEXT(MSH "MSA|AE|M-1|Busy\r"), SENSE_TRANSIENT,
		 "hl7v2-ae", "Busy"},
		{&hl7v2, TEXT(MSH "MSA|CE|M-1\r"), SENSE_TRANSIENT, "hl7v2-ce",
		 ""},
		{&hl7v2, TEXT(MSH "MSA|AR|M-1\r"), SENSE_PERMANENT, "hl7v2-ar",
		 NULL},
		{&hl7v2, TEXT(MSH "MSA|CR|M-1\r"), SENSE_PERMANENT, "hl7v2-cr",
		 NULL},
		{&hl7v2, TEXT(MSH "MSA|??|M-1\r"), SENSE_AMBIGUOUS,
		 "hl7v2-unknown", NULL},
		{&hl7v2, TEXT(MSH "MSA"), SENSE_AMBIGUOUS,
		 "hl7v2-other-message", NULL},
	};

	check(cases, COUNT(cases));
}
END_TEST

START_TEST(an_error_code_says_whether_an_error_may_pass)
{
	const struct expected cases[] = {
		{&hl7v2,
		 TEXT(MSH "MSA|AE|M-1\rERR||PID^1^3|101^Missing^HL70357|E\r"),
		 SENSE_PERMANENT, "hl7v2-101", "Missing"},
		{&hl7v2, TEXT(MSH "MSA|AE|M-1\rERR|||207^Internal|E\r"),
		 SENSE_TRANSIENT, "hl7v2-207", "Internal"},
		{&hl7v2, TEXT(MSH "MSA|AE|M-1\rERR|||206|E|||trace|Locked\r"),
		 SENSE_TRANSIENT, "hl7v2-206", "Locked"},
		{&hl7v2, TEXT(MSH "MSA|AE|M-1\rERR|||205|E\r"), SENSE_PERMANENT,
		 "hl7v2-205", NULL},
		/* As versions before 2.5 say it. */
		{&hl7v2,
		 TEXT(MSH "MSA|AE|M-1\rERR|PID^1^5^103&No such value\r"),
		 SENSE_PERMANENT, "hl7v2-103", "No such value"},
		{&hl7v2, TEXT(MSH "MSA|AE|M-1||||207^Down\r"), SENSE_TRANSIENT,
		 "hl7v2-207", "Down"},
		/* Codes of nobody's table: the severity. */
		{&hl7v2, TEXT(MSH "MSA|AE|M-1\rERR|||LAB 7|F\r"),
		 SENSE_TRANSIENT, "hl7v2-lab-7", NULL},
		{&hl7v2, TEXT(MSH "MSA|AE|M-1\rERR|||LAB 7|E\r"),
		 SENSE_PERMANENT, "hl7v2-lab-7", NULL},
		{&hl7v2, TEXT(MSH "MSA|AE|M-1\rERR||||E\r"), SENSE_PERMANENT,
		 "hl7v2-ae", NULL},
		{&hl7v2, TEXT(MSH "MSA|AE|M-1\rERR|||LAB 7\r"), SENSE_TRANSIENT,
		 "hl7v2-lab-7", NULL},
		/* Warnings are no errors. */
		{&hl7v2, TEXT(MSH "MSA|AE|M-1\rERR|||101|W\rERR|||207|E\r"),
		 SENSE_TRANSIENT, "hl7v2-207", NULL},
		{&hl7v2, TEXT(MSH "MSA|AE|M-1\rERR|||101|I\r"), SENSE_TRANSIENT,
		 "hl7v2-ae", NULL},
		/* What cannot pass weighs more. */
		{&hl7v2, TEXT(MSH "MSA|AE|M-1\rERR|||207|E\rERR|||101|E\r"),
		 SENSE_PERMANENT, "hl7v2-101", NULL},
		/* A rejection is one, whatever its code. */
		{&hl7v2, TEXT(MSH "MSA|AR|M-1\rERR|||207|F\r"), SENSE_PERMANENT,
		 "hl7v2-207", NULL},
	};

	check(cases, COUNT(cases));
}
END_TEST

START_TEST(what_the_configuration_says_of_a_code_counts)
{
	static const char *const done[] = {"205"};
	static const char *const transient[] = {"ar", "101"};
	static const char *const permanent[] = {"AE", "207"};
	const struct understand_config own = {
		.as = UNDERSTAND_HL7V2,
		.done = {.codes = done, .count = 1},
		.transient = {.codes = transient, .count = 2},
		.permanent = {.codes = permanent, .count = 2}};
	const struct expected cases[] = {
		{&own, TEXT(MSH "MSA|AE|M-1\rERR|||205|E\r"), SENSE_ALREADY,
		 "hl7v2-205", NULL},
		{&own, TEXT(MSH "MSA|AR|M-1\rERR|||205|E\r"), SENSE_ALREADY,
		 "hl7v2-205", NULL},
		{&own, TEXT(MSH "MSA|AE|M-1\rERR|||101|E\r"), SENSE_TRANSIENT,
		 "hl7v2-101", NULL},
		{&own, TEXT(MSH "MSA|CE|M-1\rERR|||207|E\r"), SENSE_PERMANENT,
		 "hl7v2-207", NULL},
		{&own, TEXT(MSH "MSA|AR|M-1\r"), SENSE_TRANSIENT, "hl7v2-ar",
		 NULL},
		{&own, TEXT(MSH "MSA|AE|M-1\r"), SENSE_PERMANENT, "hl7v2-ae",
		 NULL},
		{&own, TEXT(MSH "MSA|AE|M-1\rERR|||206|E\r"), SENSE_PERMANENT,
		 "hl7v2-206", NULL},
	};

	check(cases, COUNT(cases));
}
END_TEST

START_TEST(an_acknowledgement_of_another_message_tells_nothing_of_this_one)
{
	const struct {
		const char *sent;
		const char *msa;
		enum sense sense;
	} cases[] = {
		{SENT, "MSA|AA|M-2\r", SENSE_AMBIGUOUS},
		{SENT, "MSA|AR|M-2\r", SENSE_AMBIGUOUS},
		{SENT, "MSA|AA||\r", SENSE_AMBIGUOUS},
		{SENT, "MSA|AA|m-1\r", SENSE_AMBIGUOUS},
		{SENT, "MSA|AA| M-1 \r", SENSE_DONE},
		{"\xef\xbb\xbfMSH|^~\\&|||||||ORU^R01|M-1\n", "MSA|AA|M-1\r",
		 SENSE_DONE},
		{"MSH#*~\\&#######ORU^R01#M-1#P\n", "MSA|AA|M-1\r", SENSE_DONE},
		/* Nothing to compare with. */
		{"{\"not\": \"HL7\"}", "MSA|AA|M-2\r", SENSE_DONE},
		{"", "MSA|AA|M-2\r", SENSE_DONE},
		{"MSH|^~\\&|||||||ORU^R01||P|2.5\r", "MSA|AA|M-2\r",
		 SENSE_DONE},
		{"FHS|^~\\&|\rMSH|^~\\&|||||||ORU^R01|M-1\r", "MSA|AA|M-2\r",
		 SENSE_DONE},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const bool is_other = cases[i].sense == SENSE_AMBIGUOUS;
		char body[200];
		snprintf(body, sizeof(body), "%s%s", MSH, cases[i].msa);
		const struct understand_input input = {
			.status = 200,
			.body = text_of(body),
			.sent = text_of(cases[i].sent)};
		const struct expected expected = {
			&hl7v2,
			{0},
			cases[i].sense,
			is_other ? "hl7v2-other-message" : NULL,
			NULL};

		check_one(i, &expected, &input);
	}
}
END_TEST

START_TEST(an_acceptance_of_no_known_message_does_not_outweigh_the_status)
{
	const struct {
		int status;
		const char *sent;
		enum sense sense;
	} cases[] = {
		{200, "{}", SENSE_DONE}, {299, "", SENSE_DONE},
		{500, "{}", SENSE_NONE}, {199, "", SENSE_NONE},
		{300, "", SENSE_NONE},   {500, SENT, SENSE_DONE},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct understand_input input = {
			.status = cases[i].status,
			.body = TEXT(MSH "MSA|AA|M-1\r"),
			.sent = text_of(cases[i].sent)};
		const struct expected expected = {
			&hl7v2, {0}, cases[i].sense, NULL, NULL};

		check_one(i, &expected, &input);
	}
}
END_TEST

/* In one pass: as many as 16 MiB hold are no work. */
START_TEST(very_many_errors_are_read)
{
	const char *head = MSH "MSA|AE|M-1\r";
	size_t len = strlen(head) + ((size_t)4 << 20);
	char *body = malloc(len);

	ck_assert_ptr_nonnull(body);
	memcpy(body, head, strlen(head));
	for (size_t i = strlen(head); i < len; i++)
		body[i] = "ERR\r"[(i - strlen(head)) % 4];
	const struct understand_input input = {
		.status = 200, .body = {body, len}, .sent = TEXT(SENT)};
	const struct expected expected = {
		&hl7v2, {0}, SENSE_TRANSIENT, "hl7v2-ae", ""};

	check_one(0, &expected, &input);
	free(body);
}
END_TEST

START_TEST(line_ends_marks_and_frames_of_real_messages_are_tolerated)
{
	const struct expected cases[] = {
		{&hl7v2, TEXT("MSH|^~\\&|L\nMSA|AA|M-1\n"), SENSE_DONE, NULL,
		 NULL},
		{&hl7v2, TEXT("MSH|^~\\&|L\r\nMSA|AA|M-1\r\n"), SENSE_DONE,
		 NULL, NULL},
		{&hl7v2, TEXT("\xef\xbb\xbfMSH|^~\\&|L\r\rMSA|AA|M-1"),
		 SENSE_DONE, NULL, NULL},
		{&hl7v2, TEXT("\x0bMSH|^~\\&|L\rMSA|AA|M-1\x1c\rMSA|AR|M-1\r"),
		 SENSE_DONE, NULL, NULL},
		{&hl7v2, TEXT("\r\n MSH|^~\\&|L\rMSA|AA|M-1\r"), SENSE_DONE,
		 NULL, NULL},
		{&hl7v2, TEXT("MSH#:~\\&#L\rMSA#AE#M-1\rERR###101:Gone#E\r"),
		 SENSE_PERMANENT, "hl7v2-101", "Gone"},
		/* Another message behind it is not looked at. */
		{&hl7v2,
		 TEXT("MSH|^~\\&|L\rMSA|AA|M-1\rMSH|^~\\&|L\rMSA|AR|M-1\r"),
		 SENSE_DONE, NULL, NULL},
	};

	check(cases, COUNT(cases));
}
END_TEST

START_TEST(what_is_no_acknowledgement_says_nothing)
{
	const struct expected cases[] = {
		{&hl7v2, TEXT(""), SENSE_NONE, NULL, NULL},
		{&hl7v2, TEXT("MSH"), SENSE_NONE, NULL, NULL},
		{&hl7v2, TEXT("MSH|"), SENSE_NONE, NULL, NULL},
		{&hl7v2, TEXT("MSHxMSA|AA|M-1"), SENSE_NONE, NULL, NULL},
		{&hl7v2, TEXT("MSH\0MSA|AA|M-1"), SENSE_NONE, NULL, NULL},
		{&hl7v2, TEXT(MSH), SENSE_NONE, NULL, NULL},
		{&hl7v2, TEXT(MSH "MSAX|AR|M-1\r"), SENSE_NONE, NULL, NULL},
		{&hl7v2, TEXT("FHS|^~\\&|\r" MSH "MSA|AR|M-1\r"), SENSE_NONE,
		 NULL, NULL},
		{&hl7v2, TEXT("<ACK><MSA.1>AR</MSA.1></ACK>"), SENSE_NONE, NULL,
		 NULL},
	};

	check(cases, COUNT(cases));
}
END_TEST

START_TEST(fields_are_counted_as_the_standard_does)
{
	struct hl7v2 m;
	struct text msh;
	struct text rest;
	struct text pid;
	struct text part;

	ck_assert(hl7v2_open(
		TEXT("MSH|^~\\&|LAB|HOSP\rPID|1||77^^^A&1.2~88|\r"), &m));
	ck_assert(hl7v2_segment(&m, "MSH", &msh));
	ck_assert(text_is(hl7v2_field(&m, msh, 1), "|"));
	ck_assert(text_is(hl7v2_field(&m, msh, 2), "^~\\&"));
	ck_assert(text_is(hl7v2_field(&m, msh, 3), "LAB"));
	ck_assert(text_is(hl7v2_field(&m, msh, 4), "HOSP"));
	ck_assert_uint_eq(hl7v2_field(&m, msh, 5).len, 0);
	ck_assert(hl7v2_segment(&m, "PID", &pid));
	rest = m.body;
	ck_assert(hl7v2_next(&m, "PID", &rest, &pid));
	ck_assert(!hl7v2_next(&m, "PID", &rest, &pid));
	ck_assert(hl7v2_segment(&m, "PID", &pid));
	ck_assert(text_is(hl7v2_field(&m, pid, 1), "1"));
	ck_assert(text_is(hl7v2_field(&m, pid, 3), "77^^^A&1.2"));
	part = hl7v2_component(&m, hl7v2_field(&m, pid, 3), 4);
	ck_assert(text_is(hl7v2_part(&m, part, 2), "1.2"));
	ck_assert_uint_eq(hl7v2_part(&m, part, 3).len, 0);
}
END_TEST

START_TEST(real_messages_are_read)
{
	static const struct {
		const char *file;
		const char *id;
		const char *type;
	} samples[] = {
		{"samples/hl7v2/input.hl7", "201103290820062979", "ORU"},
		{"samples/hl7v2/message.hl7", "24553", "ADT"},
		{"samples/hl7v2/message3.hl7", "20171023134421", "RSP"},
	};

	for (size_t i = 0; i < COUNT(samples); i++) {
		char *body = folder_source(samples[i].file);
		struct hl7v2 m;
		struct text msh;

		ck_assert(hl7v2_open(text_of(body), &m));
		ck_assert(hl7v2_segment(&m, "MSH", &msh));
		ck_assert(text_is(hl7v2_field(&m, msh, 10), samples[i].id));
		ck_assert(
			text_is(hl7v2_component(&m, hl7v2_field(&m, msh, 9), 1),
				samples[i].type));
		free(body);
	}
}
END_TEST

START_TEST(a_real_acknowledgement_is_of_the_message_that_it_names)
{
	static const char id[] = "50cbf83f-e717-4775-b0df-dfd28a616787";
	char *ack = folder_source("samples/hl7v2/message3.hl7");
	char *other = folder_source("samples/hl7v2/input.hl7");
	char sent[200];
	const struct expected done = {&hl7v2, {0}, SENSE_DONE, NULL, NULL};
	const struct expected ambiguous = {
		&hl7v2, {0}, SENSE_AMBIGUOUS, "hl7v2-other-message", NULL};
	struct understand_input input = {.status = 200, .body = text_of(ack)};

	snprintf(sent, sizeof(sent), "MSH|^~\\&|||||||QBP^Q11|%s|P|2.5\n", id);
	input.sent = text_of(sent);
	check_one(0, &done, &input);
	input.sent = text_of(other);
	check_one(1, &ambiguous, &input);
	free(other);
	free(ack);
}
END_TEST

#define PROBLEM "application/problem+json"

START_TEST(a_problem_is_named_by_its_type_and_classed_by_the_real_status)
{
	static const char *const done[] = {"already-booked"};
	const struct understand_config plain = {.as = UNDERSTAND_PROBLEM};
	const struct understand_config own = {
		.as = UNDERSTAND_PROBLEM, .done = {.codes = done, .count = 1}};
	const struct {
		const struct understand_config *config;
		int status;
		const char *content_type;
		const char *body;
		enum sense sense;
		const char *error;
		const char *detail;
	} cases[] = {
		{&plain, 403, PROBLEM,
		 "{\"type\":\"https://example.com/probs/Out-Of-Credit\","
		 "\"title\":\"No credit.\",\"detail\":\"30 of 50\","
		 "\"status\":503}",
		 SENSE_FAILED, "problem-out-of-credit", "No credit.: 30 of 50"},
		{&plain, 503, "Application/Problem+JSON; charset=utf-8",
		 "{\"type\":\"/probs/busy/?x=1#y\",\"title\":\"Busy\"}",
		 SENSE_FAILED, "problem-busy", "Busy"},
		{&plain, 422, PROBLEM,
		 "{\"type\":\"urn:problem:no_unit\",\"detail\":\"kg?\"}",
		 SENSE_FAILED, "problem-no_unit", "kg?"},
		{&plain, 500, PROBLEM,
		 "{\"type\":\"about:blank\",\"title\":\"Oops\"}", SENSE_FAILED,
		 NULL, "Oops"},
		{&plain, 500, PROBLEM, "{}", SENSE_FAILED, NULL, ""},
		{&plain, 500, PROBLEM, "{\"type\":7,\"title\":[]}",
		 SENSE_FAILED, NULL, ""},
		{&own, 409, PROBLEM,
		 "{\"type\":\"https://example.com/already-booked\"}",
		 SENSE_ALREADY, "problem-already-booked", NULL},
		{&plain, 200, PROBLEM, "{\"type\":\"/a\",\"status\":500}",
		 SENSE_NONE, NULL, NULL},
		{&plain, 500, "application/json", "{\"type\":\"/a\"}",
		 SENSE_NONE, NULL, NULL},
		{&plain, 500, "application/problem+jsonx", "{\"type\":\"/a\"}",
		 SENSE_NONE, NULL, NULL},
		{&plain, 500, "", "{\"type\":\"/a\"}", SENSE_NONE, NULL, NULL},
		{&plain, 500, PROBLEM, "[]", SENSE_NONE, NULL, NULL},
		{&plain, 500, PROBLEM, "Internal error", SENSE_NONE, NULL,
		 NULL},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct understand_input input = {
			.status = cases[i].status,
			.content_type = text_of(cases[i].content_type),
			.body = text_of(cases[i].body)};
		const struct expected expected = {cases[i].config,
						  {0},
						  cases[i].sense,
						  cases[i].error,
						  cases[i].detail};

		check_one(i, &expected, &input);
	}
}
END_TEST

START_TEST(a_name_is_never_longer_than_configuration_can_write_it)
{
	const struct understand_config plain = {.as = UNDERSTAND_PROBLEM};
	const struct understand_input input = {
		.status = 500,
		.content_type = TEXT(PROBLEM),
		.body = TEXT(
			"{\"type\":\"/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
			"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}")};
	struct arena arena;

	arena_init(&arena);
	ck_assert_uint_eq(strlen(understand(&plain, &input, &arena).error),
			  UNDERSTAND_NAME_MAX);
	arena_fini(&arena);
}
END_TEST

START_TEST(nothing_is_understood_of_a_downstream_that_does_not_say_so)
{
	const struct understand_config nothing = {.as = UNDERSTAND_NOTHING};
	const struct expected expected = {&nothing, {0}, SENSE_NONE, NULL, ""};
	const struct understand_input input = {.status = 200,
					       .body = TEXT(MSH "MSA|AR|M-1")};

	check_one(0, &expected, &input);
}
END_TEST

Suite *understand_suite(void)
{
	Suite *suite = suite_create("understand");
	TCase *t = tcase_create("understand");

	suite_add_tcase(suite, t);
	tcase_add_test(t, msa_1_says_how_it_went);
	tcase_add_test(t, an_error_code_says_whether_an_error_may_pass);
	tcase_add_test(t, what_the_configuration_says_of_a_code_counts);
	tcase_add_test(
		t,
		an_acknowledgement_of_another_message_tells_nothing_of_this_one);
	tcase_add_test(
		t, line_ends_marks_and_frames_of_real_messages_are_tolerated);
	tcase_add_test(
		t,
		an_acceptance_of_no_known_message_does_not_outweigh_the_status);
	tcase_add_test(t, very_many_errors_are_read);
	tcase_add_test(t, what_is_no_acknowledgement_says_nothing);
	tcase_add_test(t, fields_are_counted_as_the_standard_does);
	tcase_add_test(
		t,
		a_problem_is_named_by_its_type_and_classed_by_the_real_status);
	tcase_add_test(t,
		       a_name_is_never_longer_than_configuration_can_write_it);
	tcase_add_test(
		t, nothing_is_understood_of_a_downstream_that_does_not_say_so);
	TCase *real = tcase_create("real");

	suite_add_tcase(suite, real);
	tcase_add_checked_fixture(real, folder_enter, folder_leave);
	tcase_add_test(real, real_messages_are_read);
	tcase_add_test(real,
		       a_real_acknowledgement_is_of_the_message_that_it_names);
	return suite;
}
