/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/audit.h"

#include <stdio.h>
#include <string.h>

#include "tests/worker_suites.h"

#define AT INT64_C(1764063692123) /* 2025-11-25T09:41:32.123Z */

static const struct audit_actor actor = {
	.login = "rebound",
	.os_user = "integration",
	.host = "w1",
	.program = "run",
	.pid = 42,
};

static struct audit_chain chain;
static struct log_lines lines;

static void set_up(void)
{
	audit_chain_init(&chain, &actor);
}

static void tear_down(void)
{
	log_lines_fini(&lines);
}

static struct text written(void)
{
	return (struct text){.at = lines.bytes, .len = lines.len};
}

/* Everything that an entry can have. */
static struct audit_entry whole(void)
{
	struct audit_entry e = audit_entry_of(AUDIT_RETRY, AT);

	e.id = TEXT("msg-\"1\"");
	e.type = TEXT("lab.result");
	e.correlation = TEXT("c-7");
	e.pipeline = "lab-results";
	e.step = TEXT("page");
	e.downstream = "notify";
	e.attempt = 3;
	e.error = TEXT("throttled");
	e.class = TEXT("transient");
	e.status = 429;
	e.transport = "ok";
	e.duration = 12;
	e.delay = 5000;
	e.lane = TEXT("v1.notify.5s");
	e.age = 61000;
	e.reason = TEXT("attempts");
	e.note = TEXT("words");
	e.policy = TEXT("0123456789ab");
	e.other_id = TEXT("msg-2");
	e.run = TEXT("run-1");
	e.count = 7;
	e.bytes = 3;
	return e;
}

/* The format is docs/audit.md's, and other programs read it. */
START_TEST(a_line_is_as_documented)
{
	struct audit_entry e = whole();
	char hex[SHA256_HEX_MAX];
	char expected[2000];

	audit_body(&e, TEXT("abc"), hex);
	audit_add(&chain, &lines, &e);
	snprintf(expected, sizeof(expected),
		 "{\"v\":1,\"chain\":\"%s\",\"seq\":1,\"prev\":\"\","
		 "\"at\":\"2025-11-25T09:41:32.123Z\",\"event\":\"retry\","
		 "\"pipeline\":\"lab-results\",\"id\":\"msg-\\\"1\\\"\","
		 "\"type\":\"lab.result\",\"correlation\":\"c-7\","
		 "\"bytes\":3,\"sha256\":\"ba7816bf8f01cfea414140de5dae2223"
		 "b00361a396177a9cb410ff61f20015ad\",\"age_ms\":61000,"
		 "\"step\":\"page\",\"downstream\":\"notify\",\"attempt\":3,"
		 "\"status\":429,\"transport\":\"ok\",\"duration_ms\":12,"
		 "\"error\":\"throttled\",\"class\":\"transient\","
		 "\"delay_ms\":5000,\"lane\":\"v1.notify.5s\","
		 "\"policy\":\"0123456789ab\",\"reason\":\"attempts\","
		 "\"note\":\"words\",\"other_id\":\"msg-2\",\"run\":\"run-1\","
		 "\"count\":7,\"login\":\"rebound\","
		 "\"os_user\":\"integration\",\"host\":\"w1\"}\n",
		 chain.id);
	ck_assert_uint_eq(lines.len, strlen(expected));
	ck_assert_mem_eq(lines.bytes, expected, lines.len);
}
END_TEST

START_TEST(what_is_not_known_is_not_written)
{
	struct audit_entry e = audit_entry_of(AUDIT_VIEWED, AT);
	char expected[500];

	audit_add(&chain, &lines, &e);
	snprintf(expected, sizeof(expected),
		 "{\"v\":1,\"chain\":\"%s\",\"seq\":1,\"prev\":\"\","
		 "\"at\":\"2025-11-25T09:41:32.123Z\",\"event\":\"viewed\","
		 "\"login\":\"rebound\",\"os_user\":\"integration\","
		 "\"host\":\"w1\"}\n",
		 chain.id);
	ck_assert_uint_eq(lines.len, strlen(expected));
	ck_assert_mem_eq(lines.bytes, expected, lines.len);
}
END_TEST

START_TEST(the_first_line_says_who_writes)
{
	struct audit_entry e = audit_entry_of(AUDIT_OPENED, AT);
	struct audit_line line;

	audit_add(&chain, &lines, &e);
	ck_assert_int_eq(audit_read(written(), &line), AUDIT_READ_OK);
	ck_assert(text_is(line.program, "run"));
	ck_assert(text_is(line.login, "rebound"));
	ck_assert(text_is(line.os_user, "integration"));
	ck_assert(text_is(line.host, "w1"));
	ck_assert_ptr_nonnull(strstr(lines.bytes, "\"pid\":42"));
	audit_line_fini(&line);
}
END_TEST

START_TEST(an_entry_is_read_as_it_was_written)
{
	struct audit_entry e = whole();
	char hex[SHA256_HEX_MAX];
	struct audit_line line;

	audit_body(&e, TEXT("abc"), hex);
	audit_add(&chain, &lines, &e);
	ck_assert_int_eq(audit_read(written(), &line), AUDIT_READ_OK);
	const struct audit_entry *r = &line.entry;

	ck_assert(text_is(line.chain, chain.id));
	ck_assert_int_eq(line.seq, 1);
	ck_assert_int_eq(r->event, AUDIT_RETRY);
	ck_assert_int_eq(r->at_wall, AT);
	ck_assert(text_eq(r->id, e.id));
	ck_assert(text_eq(r->type, e.type));
	ck_assert(text_eq(r->correlation, e.correlation));
	ck_assert_str_eq(r->pipeline, "lab-results");
	ck_assert(text_eq(r->step, e.step));
	ck_assert_str_eq(r->downstream, "notify");
	ck_assert_uint_eq(r->attempt, 3);
	ck_assert(text_eq(r->error, e.error));
	ck_assert(text_eq(r->class, e.class));
	ck_assert_int_eq(r->status, 429);
	ck_assert_str_eq(r->transport, "ok");
	ck_assert_int_eq(r->duration, 12);
	ck_assert_int_eq(r->delay, 5000);
	ck_assert(text_eq(r->lane, e.lane));
	ck_assert_int_eq(r->age, 61000);
	ck_assert(text_eq(r->reason, e.reason));
	ck_assert(text_eq(r->note, e.note));
	ck_assert(text_eq(r->policy, e.policy));
	ck_assert(text_eq(r->other_id, e.other_id));
	ck_assert(text_eq(r->run, e.run));
	ck_assert_int_eq(r->count, 7);
	ck_assert_int_eq(r->bytes, 3);
	ck_assert(text_eq(r->sha256, e.sha256));
	audit_line_fini(&line);
}
END_TEST

START_TEST(each_line_names_the_hash_of_the_one_before)
{
	struct audit_entry e = audit_entry_of(AUDIT_PARKED, AT);
	struct text body;
	struct text text;
	struct audit_line line;
	char head[SHA256_HEX_MAX] = "";
	int64_t seq = 0;

	for (int i = 0; i < 5; i++)
		audit_add(&chain, &lines, &e);
	body = written();
	while (audit_next_line(&body, &text)) {
		ck_assert_int_eq(audit_read(text, &line), AUDIT_READ_OK);
		ck_assert_int_eq(line.seq, ++seq);
		ck_assert(text_is(line.prev, head));
		digest_sha256(text, head);
		audit_line_fini(&line);
	}
	ck_assert_int_eq(seq, 5);
	ck_assert_str_eq(chain.head, head);
	ck_assert_uint_eq(chain.seq, 5);
}
END_TEST

START_TEST(each_chain_has_a_name_of_its_own)
{
	struct audit_chain other;

	audit_chain_init(&other, &actor);
	ck_assert_str_ne(chain.id, other.id);
}
END_TEST

/* Cut in the middle of a character, a line would not be UTF-8. */
START_TEST(a_long_text_is_cut_at_the_end_of_a_character)
{
	struct audit_entry e = audit_entry_of(AUDIT_PARKED, AT);
	char note[AUDIT_TEXT_MAX + 2];
	struct audit_line line;

	memset(note, 'x', sizeof(note));
	memcpy(note + AUDIT_TEXT_MAX - 1, "\xc3\xa4", 2);
	e.note = (struct text){.at = note, .len = sizeof(note)};
	audit_add(&chain, &lines, &e);
	ck_assert_int_eq(audit_read(written(), &line), AUDIT_READ_OK);
	ck_assert_uint_eq(line.entry.note.len, AUDIT_TEXT_MAX - 1);
	audit_line_fini(&line);
}
END_TEST

START_TEST(every_event_has_a_name_that_leads_back)
{
	enum audit_event event = AUDIT_OPENED;

	ck_assert(audit_event_of(
		text_of(audit_event_name((enum audit_event)_i)), &event));
	ck_assert_int_eq(event, _i);
	ck_assert(!audit_event_of(TEXT("no-such-event"), &event));
}
END_TEST

static const struct {
	const char *text;
	enum audit_read_status status;
} odd[] = {
	{"", AUDIT_READ_BAD},
	{"nothing", AUDIT_READ_BAD},
	{"[]", AUDIT_READ_BAD},
	{"{}", AUDIT_READ_BAD},
	/* Without a place in a chain. */
	{"{\"v\":1,\"seq\":1,\"at\":\"2025-11-25T09:41:32Z\","
	 "\"event\":\"parked\"}",
	 AUDIT_READ_BAD},
	{"{\"v\":1,\"chain\":\"c\",\"seq\":0,\"at\":\"2025-11-25T09:41:32Z\","
	 "\"event\":\"parked\"}",
	 AUDIT_READ_BAD},
	/* With a time or an event that is none. */
	{"{\"v\":1,\"chain\":\"c\",\"seq\":1,\"at\":\"yesterday\","
	 "\"event\":\"parked\"}",
	 AUDIT_READ_BAD},
	{"{\"v\":1,\"chain\":\"c\",\"seq\":1,\"at\":\"2025-11-25T09:41:32Z\","
	 "\"event\":\"lost\"}",
	 AUDIT_READ_BAD},
	/* Of a later version: its place is known, and no more. */
	{"{\"v\":2,\"chain\":\"c\",\"seq\":1}", AUDIT_READ_NEWER},
	{"{\"v\":1,\"chain\":\"c\",\"seq\":1,\"at\":\"2025-11-25T09:41:32Z\","
	 "\"event\":\"parked\"}",
	 AUDIT_READ_OK},
};

START_TEST(what_is_no_entry_is_not_taken_for_one)
{
	struct audit_line line;

	ck_assert_int_eq(audit_read(text_of(odd[_i].text), &line),
			 odd[_i].status);
	audit_line_fini(&line);
}
END_TEST

START_TEST(lines_are_found_with_and_without_a_line_end)
{
	struct text body = TEXT("one\n\ntwo");
	struct text line;

	ck_assert(audit_next_line(&body, &line));
	ck_assert(text_is(line, "one"));
	ck_assert(audit_next_line(&body, &line));
	ck_assert(text_is(line, "two"));
	ck_assert(!audit_next_line(&body, &line));
}
END_TEST

/* The broker checks the user-id property against the login. */
START_TEST(a_message_of_entries_bears_the_login)
{
	const struct config config = {.audit = {.exchange = "rebound.audit"}};
	char id[80];
	char expected[80];
	struct copy copy = audit_copy(&config, &chain, TEXT("{}\n"), 17, id);

	ck_assert(text_is(copy.properties.user_id, "rebound"));
	ck_assert(text_is(copy.exchange, "rebound.audit"));
	ck_assert(text_is(copy.routing_key, "v1"));
	ck_assert_uint_eq(copy.properties.delivery_mode, 2);
	ck_assert(copy.properties.has_delivery_mode);
	snprintf(expected, sizeof(expected), "%s/17", chain.id);
	ck_assert(text_is(copy.properties.message_id, expected));
}
END_TEST

START_TEST(this_process_has_a_user_and_a_host)
{
	struct audit_actor here;
	char names[2][AUDIT_NAME_MAX];

	audit_actor_here(&here, "me", "run", names);
	ck_assert_str_eq(here.login, "me");
	ck_assert_uint_gt(strlen(here.os_user), 0);
	ck_assert_uint_gt(strlen(here.host), 0);
	ck_assert_int_gt(here.pid, 0);
}
END_TEST

Suite *audit_suite(void)
{
	Suite *suite = suite_create("audit");
	TCase *tcase = tcase_create("entries");

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, a_line_is_as_documented);
	tcase_add_test(tcase, what_is_not_known_is_not_written);
	tcase_add_test(tcase, the_first_line_says_who_writes);
	tcase_add_test(tcase, an_entry_is_read_as_it_was_written);
	tcase_add_test(tcase, each_line_names_the_hash_of_the_one_before);
	tcase_add_test(tcase, each_chain_has_a_name_of_its_own);
	tcase_add_test(tcase, a_long_text_is_cut_at_the_end_of_a_character);
	tcase_add_loop_test(tcase, every_event_has_a_name_that_leads_back, 0,
			    AUDIT_EVENT_COUNT);
	tcase_add_loop_test(tcase, what_is_no_entry_is_not_taken_for_one, 0,
			    (int)COUNT(odd));
	tcase_add_test(tcase, lines_are_found_with_and_without_a_line_end);
	tcase_add_test(tcase, a_message_of_entries_bears_the_login);
	tcase_add_test(tcase, this_process_has_a_user_and_a_host);
	suite_add_tcase(suite, tcase);
	return suite;
}
