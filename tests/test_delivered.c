/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_delivered.c - the memory of what was seen to.
 */
#include "worker/delivered.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/worker_suites.h"

/* A sanitizer has an allocator of its own, and more addresses than any limit. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define IS_SANITIZED 1
#endif
#endif
#ifndef IS_SANITIZED
#define IS_SANITIZED 0
#endif

#define WALL ((millis)1700000000000)

static struct message *sample(void)
{
	struct message *m = message_new();

	m->exchange = TEXT("rebound.lab");
	m->routing_key = TEXT("lab.result");
	m->properties.message_id = TEXT("msg-1");
	m->properties.type = TEXT("lab.result.final");
	m->body = TEXT("potassium 4.1");
	table_add_i64(&m->headers, &m->arena, "attempts", 1);
	return m;
}

static struct delivered_key key_of(const struct message *message)
{
	struct delivered_key key = {""};

	ck_assert(delivered_key("lab", message, &key));
	return key;
}

static bool same(const struct message *a, const struct message *b)
{
	struct delivered_key x = key_of(a);
	struct delivered_key y = key_of(b);

	return strcmp(x.hash, y.hash) == 0;
}

START_TEST(a_delivery_that_comes_again_has_the_same_key)
{
	struct message *a = sample();
	struct message *b = sample();

	b->redelivered = true;
	b->tag = 9;
	table_add_i64(&b->headers, &b->arena, "x-delivery-count", 1);
	table_add_i64(&b->headers, &b->arena, "x-acquired-count", 1);
	ck_assert(same(a, b));
	message_free(a);
	message_free(b);
}
END_TEST

/* No more memory than there is now, but for a little. */
static void starve(void)
{
	unsigned long pages = 0;
	FILE *statm = fopen("/proc/self/statm", "r");
	struct rlimit limit;

	if (statm == NULL || fscanf(statm, "%lu", &pages) != 1)
		_exit(1);
	fclose(statm);
	limit.rlim_cur = pages * (rlim_t)sysconf(_SC_PAGESIZE) + (1 << 20);
	limit.rlim_max = limit.rlim_cur;
	if (setrlimit(RLIMIT_AS, &limit) != 0)
		_exit(1);
}

/* A key of a part of a message would be that of many: a message that was
   never delivered could pass for one that was. */
START_TEST(without_memory_for_all_of_a_message_there_is_no_key_of_it)
{
	struct message *m = sample();
	struct text large = {.len = 8 << 20};
	pid_t child;
	int status = 0;

	if (IS_SANITIZED) {
		message_free(m);
		return;
	}
	large.at = arena_alloc(&m->arena, large.len);
	table_add_text(&m->headers, &m->arena, "large", large);
	child = fork();
	if (child == 0) {
		struct delivered_key key;

		starve();
		(void)close(STDERR_FILENO);
		(void)delivered_key("lab", m, &key);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFSIGNALED(status));
	ck_assert_int_eq(WTERMSIG(status), SIGABRT);
	message_free(m);
}
END_TEST

static void other_body(struct message *m)
{
	m->body = TEXT("potassium 7.1");
}

static void other_id(struct message *m)
{
	m->properties.message_id = TEXT("msg-2");
}

static void other_type(struct message *m)
{
	m->properties.type = TEXT("lab.result.amended");
}

static void other_routing_key(struct message *m)
{
	m->routing_key = TEXT("lab.amended");
}

static void other_exchange(struct message *m)
{
	m->exchange = TEXT("clinical-events");
}

static void other_attempts(struct message *m)
{
	m->headers.fields[0].as.i64 = 2;
}

static void other_kind_of_header(struct message *m)
{
	m->headers.fields[0].kind = FIELD_I32;
}

static void other_name_of_header(struct message *m)
{
	m->headers.fields[0].name = TEXT("attempt");
}

static void one_header_more(struct message *m)
{
	table_add_text(&m->headers, &m->arena, "rebound-lane", TEXT("x"));
}

static void nested_header(struct message *m)
{
	m->headers.fields[0].kind = FIELD_TABLE;
	m->headers.fields[0].as.table = (struct table){0};
}

static void other_timestamp(struct message *m)
{
	m->properties.has_timestamp = true;
	m->properties.timestamp = 1;
}

static void (*const changes[])(struct message *) = {
	other_body,           other_id,
	other_type,           other_routing_key,
	other_exchange,       other_attempts,
	other_kind_of_header, other_name_of_header,
	one_header_more,      nested_header,
	other_timestamp,
};

START_TEST(whatever_else_differs_makes_another_key)
{
	struct message *a = sample();
	struct message *b = sample();

	changes[_i](b);
	ck_assert(!same(a, b));
	message_free(a);
	message_free(b);
}
END_TEST

START_TEST(another_pipeline_makes_another_key)
{
	struct message *m = sample();
	struct delivered_key lab = key_of(m);
	struct delivered_key billing;

	ck_assert(delivered_key("billing", m, &billing));
	ck_assert_str_ne(lab.hash, billing.hash);
	message_free(m);
}
END_TEST

START_TEST(a_message_without_an_id_or_with_a_flaw_has_no_key)
{
	struct message *m = sample();
	struct delivered_key key;

	m->flaw = "its headers are nested too deeply to be kept";
	ck_assert(!delivered_key("lab", m, &key));
	m->flaw = NULL;
	m->properties.message_id = (struct text){0};
	ck_assert(!delivered_key("lab", m, &key));
	message_free(m);
}
END_TEST

static struct delivered_key numbered(size_t n)
{
	struct delivered_key key;

	snprintf(key.hash, sizeof(key.hash), "%zu", n);
	return key;
}

static void note(struct delivered *d, size_t n, millis wall)
{
	struct delivered_key key = numbered(n);

	delivered_note(d, &key, DELIVERED_COPIED, wall);
}

static bool take(struct delivered *d, size_t n, millis wall)
{
	struct delivered_key key = numbered(n);
	enum delivered_how how = DELIVERED_CALLED;
	bool is_there = delivered_take(d, &key, wall, &how);

	ck_assert_int_eq(how, is_there ? DELIVERED_COPIED : DELIVERED_CALLED);
	return is_there;
}

START_TEST(an_entry_serves_once)
{
	struct delivered *d = delivered_new();

	ck_assert(delivered_is_empty(d));
	note(d, 1, WALL);
	ck_assert(!delivered_is_empty(d));
	ck_assert(!take(d, 2, WALL));
	ck_assert(take(d, 1, WALL));
	ck_assert(!take(d, 1, WALL));
	ck_assert(delivered_is_empty(d));
	delivered_free(d);
}
END_TEST

START_TEST(the_oldest_goes_for_the_newest)
{
	struct delivered *d = delivered_new();

	for (size_t n = 0; n < DELIVERED_MAX + 2; n++)
		note(d, n, WALL);
	ck_assert(!take(d, 0, WALL));
	ck_assert(!take(d, 1, WALL));
	ck_assert(take(d, 2, WALL));
	ck_assert(take(d, DELIVERED_MAX + 1, WALL));
	delivered_free(d);
}
END_TEST

START_TEST(an_entry_is_good_for_ten_minutes_of_a_clock_that_goes_on)
{
	const struct {
		millis later;
		bool is_there;
	} rows[] = {
		{0, true},
		{DELIVERED_LIFE, true},
		{DELIVERED_LIFE + 1, false},
		{-1, false}, /* the clock was set back */
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct delivered *d = delivered_new();

		note(d, 1, WALL);
		ck_assert(take(d, 1, WALL + rows[i].later) == rows[i].is_there);
		delivered_free(d);
	}
}
END_TEST

START_TEST(each_way_has_a_name_of_its_own)
{
	ck_assert_str_eq(delivered_how_name(DELIVERED_CALLED),
			 "delivered-before");
	ck_assert_str_eq(delivered_how_name(DELIVERED_COPIED), "copied-before");
}
END_TEST

Suite *delivered_suite(void)
{
	Suite *suite = suite_create("delivered");
	TCase *t = tcase_create("keys");

	tcase_add_test(t, a_delivery_that_comes_again_has_the_same_key);
	tcase_add_loop_test(t, whatever_else_differs_makes_another_key, 0,
			    COUNT(changes));
	tcase_add_test(t, another_pipeline_makes_another_key);
	tcase_add_test(t, a_message_without_an_id_or_with_a_flaw_has_no_key);
	tcase_add_test(
		t, without_memory_for_all_of_a_message_there_is_no_key_of_it);
	suite_add_tcase(suite, t);
	t = tcase_create("memory");
	tcase_add_test(t, an_entry_serves_once);
	tcase_add_test(t, the_oldest_goes_for_the_newest);
	tcase_add_test(
		t, an_entry_is_good_for_ten_minutes_of_a_clock_that_goes_on);
	tcase_add_test(t, each_way_has_a_name_of_its_own);
	suite_add_tcase(suite, t);
	return suite;
}
