/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/link.h"

#include <sys/socket.h>
#include <unistd.h>

#include "tests/worker_suites.h"
#include "worker/thread.h"

static const struct config config = {
	.broker = {.reconnect_max = 30 * MILLIS_PER_SECOND}};

START_TEST(test_waits_double_and_have_an_end)
{
	millis longest = 0;

	for (uint32_t failures = 1; failures <= 40; failures++) {
		millis most = failures < 7 ? 500 << (failures - 1) : 30000;
		millis wait = link_backoff(&config.broker, failures);

		ck_assert_int_le(wait, most);
		ck_assert_int_ge(wait, most / 2);
		longest = wait > longest ? wait : longest;
	}
	ck_assert_int_gt(longest, 10 * MILLIS_PER_SECOND);
	ck_assert_int_le(link_backoff(&config.broker, UINT32_MAX), 30000);
}
END_TEST

START_TEST(test_a_link_hangs_once_its_thread_has_not_turned_for_so_long)
{
	struct link link;

	link_init(&link, &config, (struct broker_role){.role = "test"});
	ck_assert_msg(!link_hangs(&link, 1000000, 10), "it is down");
	link_turn(&link, 1000);
	ck_assert(!link_hangs(&link, 1010, 10));
	ck_assert(link_hangs(&link, 1011, 10));
	/* A large body was announced: its time does not count. */
	link_turn(&link, 1000 + 500);
	ck_assert(!link_hangs(&link, 1510, 10));
	ck_assert(link_hangs(&link, 1511, 10));
	link_turn(&link, 0);
	ck_assert_msg(link_hangs(&link, 100, 10), "up since the clock began");
	link_fini(&link);
}
END_TEST

/* A peer that takes nothing more: the thread blocks in its write, as in a
   publish that never ends. */
static void write_for_ever(void *context)
{
	static const char bytes[65536];
	const int *fd = context;

	while (send(*fd, bytes, sizeof(bytes), MSG_NOSIGNAL) > 0)
		;
}

START_TEST(test_a_cut_ends_a_write_that_hangs)
{
	struct link link;
	struct thread *thread;
	int fds[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	link_init(&link, &config, (struct broker_role){.role = "test"});
	link.cut_fd = dup(fds[0]);
	thread = thread_start(write_for_ever, &fds[0]);
	ck_assert_msg(!thread_join(thread, 200), "it hangs");
	link_cut(&link);
	ck_assert(thread_join(thread, 10 * MILLIS_PER_SECOND));
	link_cut(&link); /* once more harms nothing */
	close(link.cut_fd);
	link.cut_fd = -1;
	link_cut(&link); /* nor does it on a link that is down */
	link_fini(&link);
	close(fds[0]);
	close(fds[1]);
}
END_TEST

Suite *link_suite(void)
{
	Suite *suite = suite_create("link");
	TCase *tcase = tcase_create("link");

	tcase_add_test(tcase, test_waits_double_and_have_an_end);
	tcase_add_test(
		tcase,
		test_a_link_hangs_once_its_thread_has_not_turned_for_so_long);
	tcase_add_test(tcase, test_a_cut_ends_a_write_that_hangs);
	suite_add_tcase(suite, tcase);
	return suite;
}
