/* SPDX-License-Identifier: Apache-2.0 */
/* test_mailbox.c - the promises of worker/mailbox.h. */
#include "worker/mailbox.h"

#include <poll.h>
#include <pthread.h>
#include <stdint.h>

#include "tests/worker_suites.h"

#define MANY 20000

static bool is_raised(const struct mailbox *mailbox)
{
	struct pollfd poll_one = {.fd = mailbox_fd(mailbox), .events = POLLIN};

	return poll(&poll_one, 1, 0) == 1;
}

START_TEST(items_come_out_in_the_order_they_went_in)
{
	struct mailbox *mailbox = mailbox_new(sizeof(int), 3, NULL, NULL);
	int item = -1;

	/* Seven rounds of two: the ring of three turns over and over. */
	for (int i = 0; i < 14; i += 2) {
		ck_assert(mailbox_push(mailbox, &(int){i}));
		ck_assert(mailbox_push(mailbox, &(int){i + 1}));
		ck_assert(mailbox_pop(mailbox, &item));
		ck_assert_int_eq(item, i);
		ck_assert(mailbox_pop(mailbox, &item));
		ck_assert_int_eq(item, i + 1);
	}
	mailbox_free(mailbox);
}
END_TEST

START_TEST(a_full_mailbox_takes_nothing_and_keeps_what_it_has)
{
	struct mailbox *mailbox = mailbox_new(sizeof(int), 2, NULL, NULL);
	int item = -1;

	ck_assert(mailbox_push(mailbox, &(int){1}));
	ck_assert(mailbox_push(mailbox, &(int){2}));
	ck_assert(!mailbox_push(mailbox, &(int){3}));
	ck_assert_uint_eq(mailbox_count(mailbox), 2);
	ck_assert(mailbox_pop(mailbox, &item));
	ck_assert_int_eq(item, 1);
	ck_assert(mailbox_push(mailbox, &(int){4}));
	ck_assert(mailbox_pop(mailbox, &item));
	ck_assert_int_eq(item, 2);
	ck_assert(mailbox_pop(mailbox, &item));
	ck_assert_int_eq(item, 4);
	mailbox_free(mailbox);
}
END_TEST

START_TEST(an_empty_mailbox_leaves_the_item_alone)
{
	struct mailbox *mailbox = mailbox_new(sizeof(int), 1, NULL, NULL);
	int item = 42;

	ck_assert(!mailbox_pop(mailbox, &item));
	ck_assert_int_eq(item, 42);
	mailbox_free(mailbox);
}
END_TEST

START_TEST(the_descriptor_is_readable_while_there_are_items)
{
	struct mailbox *mailbox = mailbox_new(sizeof(int), 4, NULL, NULL);
	int item;

	ck_assert(!is_raised(mailbox));
	mailbox_push(mailbox, &(int){1});
	mailbox_push(mailbox, &(int){2});
	ck_assert(is_raised(mailbox));
	mailbox_pop(mailbox, &item);
	ck_assert(is_raised(mailbox));
	mailbox_pop(mailbox, &item);
	ck_assert(!is_raised(mailbox));
	mailbox_free(mailbox);
}
END_TEST

struct probe {
	struct mailbox *mailbox;
	int wakes;
	size_t seen; /* items, as counted by the wake-up itself */
};

static void note_wake(void *context)
{
	struct probe *probe = context;

	probe->wakes++;
	probe->seen = mailbox_count(probe->mailbox);
}

/* mailbox_count would never return if the lock were held by the pusher. */
START_TEST(the_receiver_is_woken_outside_the_lock)
{
	struct probe probe = {0};

	probe.mailbox = mailbox_new(sizeof(int), 1, note_wake, &probe);
	ck_assert_int_eq(mailbox_fd(probe.mailbox), -1);
	ck_assert(mailbox_push(probe.mailbox, &(int){1}));
	ck_assert_int_eq(probe.wakes, 1);
	ck_assert_uint_eq(probe.seen, 1);
	ck_assert(!mailbox_push(probe.mailbox, &(int){2}));
	ck_assert_int_eq(probe.wakes, 1);
	mailbox_free(probe.mailbox);
}
END_TEST

START_TEST(the_receiver_is_woken_once_until_it_has_emptied_the_mailbox)
{
	struct probe probe = {0};
	int item;

	probe.mailbox = mailbox_new(sizeof(int), 4, note_wake, &probe);
	ck_assert(mailbox_push(probe.mailbox, &(int){1}));
	ck_assert(mailbox_push(probe.mailbox, &(int){2}));
	ck_assert(mailbox_pop(probe.mailbox, &item));
	ck_assert(mailbox_push(probe.mailbox, &(int){3}));
	ck_assert_int_eq(probe.wakes, 1);
	while (mailbox_pop(probe.mailbox, &item))
		continue;
	ck_assert(mailbox_push(probe.mailbox, &(int){4}));
	ck_assert_int_eq(probe.wakes, 2);
	mailbox_free(probe.mailbox);
}
END_TEST

START_TEST(what_is_posted_wakes_nobody_until_the_mailbox_is_raised)
{
	struct mailbox *mailbox = mailbox_new(sizeof(int), 4, NULL, NULL);
	int item;

	mailbox_raise(mailbox);
	ck_assert(!is_raised(mailbox));
	ck_assert(mailbox_post(mailbox, &(int){1}));
	ck_assert(!is_raised(mailbox));
	mailbox_raise(mailbox);
	ck_assert(is_raised(mailbox));
	ck_assert(mailbox_pop(mailbox, &item));
	ck_assert(!is_raised(mailbox));
	/* A push wakes for what was posted before it, too. */
	ck_assert(mailbox_post(mailbox, &(int){2}));
	ck_assert(mailbox_push(mailbox, &(int){3}));
	ck_assert(is_raised(mailbox));
	mailbox_free(mailbox);
}
END_TEST

static void *push_many(void *context)
{
	struct mailbox *mailbox = context;

	/* Most in groups, some alone. */
	for (int i = 0; i < MANY; i++) {
		while (!mailbox_post(mailbox, &i)) {
			mailbox_raise(mailbox);
			poll(NULL, 0, 1);
		}
		if (i % 7 == 0 || i == MANY - 1)
			mailbox_raise(mailbox);
	}
	return NULL;
}

/* The receiver sleeps on the descriptor alone, as a thread of ours does: a
   wake-up that is lost shows as a poll that times out. */
START_TEST(no_item_and_no_wake_up_is_lost_between_two_threads)
{
	struct mailbox *mailbox = mailbox_new(sizeof(int), 64, NULL, NULL);
	struct pollfd wait = {.fd = mailbox_fd(mailbox), .events = POLLIN};
	pthread_t pusher;
	int expected = 0;
	int item;

	ck_assert_int_eq(pthread_create(&pusher, NULL, push_many, mailbox), 0);
	while (expected < MANY) {
		ck_assert_int_eq(poll(&wait, 1, 5000), 1);
		while (mailbox_pop(mailbox, &item))
			ck_assert_int_eq(item, expected++);
	}
	pthread_join(pusher, NULL);
	ck_assert_uint_eq(mailbox_count(mailbox), 0);
	mailbox_free(mailbox);
}
END_TEST

START_TEST(many_threads_may_push)
{
	struct mailbox *mailbox = mailbox_new(sizeof(int), 16, NULL, NULL);
	pthread_t pushers[3];
	int64_t sum = 0;
	int item;

	for (size_t i = 0; i < COUNT(pushers); i++)
		pthread_create(&pushers[i], NULL, push_many, mailbox);
	for (int taken = 0; taken < 3 * MANY;)
		if (mailbox_pop(mailbox, &item)) {
			sum += item;
			taken++;
		}
	for (size_t i = 0; i < COUNT(pushers); i++)
		pthread_join(pushers[i], NULL);
	ck_assert_int_eq(sum, 3 * (int64_t)MANY * (MANY - 1) / 2);
	mailbox_free(mailbox);
}
END_TEST

Suite *mailbox_suite(void)
{
	Suite *suite = suite_create("mailbox");
	TCase *tcase = tcase_create("mailbox");

	tcase_set_timeout(tcase, 30);
	tcase_add_test(tcase, items_come_out_in_the_order_they_went_in);
	tcase_add_test(tcase,
		       a_full_mailbox_takes_nothing_and_keeps_what_it_has);
	tcase_add_test(tcase, an_empty_mailbox_leaves_the_item_alone);
	tcase_add_test(tcase, the_descriptor_is_readable_while_there_are_items);
	tcase_add_test(tcase, the_receiver_is_woken_outside_the_lock);
	tcase_add_test(
		tcase,
		the_receiver_is_woken_once_until_it_has_emptied_the_mailbox);
	tcase_add_test(tcase,
		       what_is_posted_wakes_nobody_until_the_mailbox_is_raised);
	tcase_add_test(tcase,
		       no_item_and_no_wake_up_is_lost_between_two_threads);
	tcase_add_test(tcase, many_threads_may_push);
	suite_add_tcase(suite, tcase);
	return suite;
}
