/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_broker.c - the promises of worker/broker.h about connections,
 * consumers, confirms and alarms.
 */
#include "tests/broker_suites.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct arena arena;
static struct broker *broker;
static struct broker_problem problem;

static void setup(void)
{
	arena_init(&arena);
	broker = rig_open("connection");
}

static void teardown(void)
{
	broker_close(broker);
	arena_fini(&arena);
}

static unsigned user_timeout(void)
{
	unsigned timeout = 1;
	socklen_t size = sizeof(timeout);

	ck_assert_int_eq(getsockopt(broker_fd(broker), IPPROTO_TCP,
				    TCP_USER_TIMEOUT, &timeout, &size),
			 0);
	return timeout;
}

static int flag(int level, int option)
{
	int value = 0;
	socklen_t size = sizeof(value);

	ck_assert_int_eq(
		getsockopt(broker_fd(broker), level, option, &value, &size), 0);
	return value;
}

START_TEST(the_socket_notices_dead_peers_and_dies_with_exec)
{
	ck_assert_uint_eq(user_timeout(), 20000);
	ck_assert_int_ne(flag(SOL_SOCKET, SO_KEEPALIVE), 0);
	ck_assert_int_ne(flag(IPPROTO_TCP, TCP_NODELAY), 0);
	ck_assert_int_ne(fcntl(broker_fd(broker), F_GETFD) & FD_CLOEXEC, 0);
}
END_TEST

START_TEST(what_was_negotiated_is_known)
{
	ck_assert_uint_ge(broker_frame_max(broker), 4096);
	ck_assert_uint_le(broker_frame_max(broker), BROKER_FRAME_MAX);
	ck_assert_ptr_nonnull(strchr(broker_version(broker), '.'));
	ck_assert_ptr_nonnull(strchr(broker_node(broker), ':'));
}
END_TEST

START_TEST(a_connection_is_cut_through_a_copy_of_its_descriptor)
{
	struct broker_event event;
	int copy = broker_fd_dup(broker);

	ck_assert_int_ne(copy, broker_fd(broker));
	ck_assert_int_eq(shutdown(copy, SHUT_RDWR), 0);
	ck_assert_int_eq(broker_next(broker, &event, &problem), BROKER_LOST);
	ck_assert_int_eq(broker_ack(broker, 1, false, &problem), BROKER_LOST);
	close(copy);
}
END_TEST

START_TEST(nothing_to_read_is_a_timeout)
{
	struct broker_event event;

	ck_assert_int_eq(broker_next(broker, &event, &problem), BROKER_TIMEOUT);
}
END_TEST

START_TEST(prefetch_bounds_what_is_in_flight)
{
	const char *queue = rig_queue(broker, &arena, "prefetch");
	struct broker_event event;
	uint64_t last = 0;

	for (int i = 0; i < 5; i++)
		rig_publish(broker, queue, TEXT("x"));
	ck_assert_int_eq(broker_consume(broker, queue, 2, &problem), BROKER_OK);
	for (int i = 0; i < 2; i++) {
		event = rig_event(broker);
		last = event.tag;
		message_free(event.message);
	}
	/* An RPC's answer comes behind all that was sent before it. */
	uint32_t messages, consumers;
	ck_assert_int_eq(broker_queue_exists(broker, queue, &messages,
					     &consumers, &problem),
			 BROKER_OK);
	ck_assert_int_eq(broker_next(broker, &event, &problem), BROKER_TIMEOUT);
	ck_assert_int_eq(broker_ack(broker, last, true, &problem), BROKER_OK);
	message_free(rig_event(broker).message);
	message_free(rig_event(broker).message);
}
END_TEST

START_TEST(a_rejected_delivery_goes_to_the_dead_letter_exchange)
{
	struct table arguments = {0};
	const char *dead = rig_queue(broker, &arena, "dead");
	const char *queue = rig_name(&arena, "rejected");
	struct broker_event event;

	table_add_i32(&arguments, &arena, "x-expires", 60000);
	table_add_text(&arguments, &arena, "x-dead-letter-exchange", TEXT(""));
	table_add_text(&arguments, &arena, "x-dead-letter-routing-key",
		       text_of(dead));
	ck_assert_int_eq(
		broker_declare_queue(broker, queue, &arguments, &problem),
		BROKER_OK);
	rig_publish(broker, queue, TEXT("x"));
	ck_assert_int_eq(broker_consume(broker, queue, 1, &problem), BROKER_OK);
	event = rig_event(broker);
	ck_assert_int_eq(broker_reject(broker, event.tag, &problem), BROKER_OK);
	message_free(event.message);
	broker_close(broker);
	broker = rig_open("dead");
	ck_assert_int_eq(broker_consume(broker, dead, 1, &problem), BROKER_OK);
	event = rig_event(broker);
	ck_assert(text_is(event.message->routing_key, dead));
	message_free(event.message);
}
END_TEST

START_TEST(cancelling_is_answered)
{
	const char *queue = rig_queue(broker, &arena, "cancelled");
	struct broker_event event;

	ck_assert_int_eq(broker_consume(broker, queue, 1, &problem), BROKER_OK);
	ck_assert_int_eq(broker_cancel(broker, &problem), BROKER_OK);
	event = rig_event(broker);
	ck_assert_int_eq(event.kind, BROKER_EVENT_CANCELLED);
	ck_assert(!event.by_broker);
	/* And can be taken back. */
	rig_publish(broker, queue, TEXT("x"));
	ck_assert_int_eq(broker_consume(broker, queue, 1, &problem), BROKER_OK);
	event = rig_event(broker);
	ck_assert_int_eq(event.kind, BROKER_EVENT_DELIVERY);
	message_free(event.message);
}
END_TEST

START_TEST(a_deleted_queue_cancels_its_consumer)
{
	const char *queue = rig_queue(broker, &arena, "deleted");
	struct broker_event event;

	ck_assert_int_eq(broker_consume(broker, queue, 1, &problem), BROKER_OK);
	rig_delete("queue", queue);
	event = rig_event(broker);
	ck_assert_int_eq(event.kind, BROKER_EVENT_CANCELLED);
	ck_assert(event.by_broker);
}
END_TEST

START_TEST(a_return_comes_before_its_ack)
{
	struct copy copy = {
		.exchange = TEXT(""),
		.routing_key = TEXT("no.such.queue"),
		.properties.message_id = TEXT("m-1"),
		.body = TEXT("to be returned"),
	};
	struct broker_event event;

	ck_assert_int_eq(broker_confirm_select(broker, &problem), BROKER_OK);
	ck_assert_int_eq(broker_publish(broker, &copy, &problem), BROKER_OK);
	event = rig_event(broker);
	ck_assert_int_eq(event.kind, BROKER_EVENT_RETURN);
	ck_assert_int_eq(event.code, 312);
	ck_assert_str_eq(event.text, "NO_ROUTE");
	ck_assert(text_is(event.message->properties.message_id, "m-1"));
	ck_assert(text_is(event.message->routing_key, "no.such.queue"));
	ck_assert(text_is(event.message->body, "to be returned"));
	message_free(event.message);
	event = rig_event(broker);
	ck_assert_int_eq(event.kind, BROKER_EVENT_ACK);
	ck_assert_uint_eq(event.tag, 1);
}
END_TEST

START_TEST(the_nth_publish_is_confirmed_as_tag_n)
{
	const char *queue = rig_queue(broker, &arena, "confirmed");
	uint64_t highest = 0;

	ck_assert_int_eq(broker_confirm_select(broker, &problem), BROKER_OK);
	for (int i = 0; i < 20; i++)
		rig_publish(broker, queue, TEXT("x"));
	while (highest < 20) {
		struct broker_event event = rig_event(broker);

		ck_assert_int_eq(event.kind, BROKER_EVENT_ACK);
		ck_assert_uint_le(event.tag, 20);
		if (event.tag > highest)
			highest = event.tag;
	}
}
END_TEST

START_TEST(a_full_queue_that_rejects_is_a_nack)
{
	struct table arguments = {0};
	const char *queue = rig_name(&arena, "full");

	table_add_i32(&arguments, &arena, "x-expires", 60000);
	table_add_i32(&arguments, &arena, "x-max-length", 1);
	table_add_text(&arguments, &arena, "x-overflow",
		       TEXT("reject-publish"));
	ck_assert_int_eq(
		broker_declare_queue(broker, queue, &arguments, &problem),
		BROKER_OK);
	ck_assert_int_eq(broker_confirm_select(broker, &problem), BROKER_OK);
	rig_publish(broker, queue, TEXT("first"));
	ck_assert_int_eq(rig_event(broker).kind, BROKER_EVENT_ACK);
	rig_publish(broker, queue, TEXT("second"));
	struct broker_event event = rig_event(broker);
	ck_assert_int_eq(event.kind, BROKER_EVENT_NACK);
	ck_assert_uint_eq(event.tag, 2);
}
END_TEST

START_TEST(messages_and_consumers_of_a_queue_are_counted)
{
	const char *queue = rig_queue(broker, &arena, "counted");
	uint32_t messages = 7, consumers = 7;

	ck_assert_int_eq(broker_confirm_select(broker, &problem), BROKER_OK);
	rig_publish(broker, queue, TEXT("x"));
	ck_assert_int_eq(rig_event(broker).kind, BROKER_EVENT_ACK);
	ck_assert_int_eq(broker_queue_exists(broker, queue, &messages,
					     &consumers, &problem),
			 BROKER_OK);
	ck_assert_uint_eq(messages, 1);
	ck_assert_uint_eq(consumers, 0);
}
END_TEST

/* A binding that is gone, or never was, is no problem; a headers exchange tells
   bindings by their arguments. */
START_TEST(a_queue_is_unbound_by_its_arguments)
{
	const char *queue = rig_queue(broker, &arena, "bound");
	const char *exchange = rig_name(&arena, "headers");
	const struct table none = {0};
	struct table match = {0};
	struct copy copy = {.exchange = text_of(exchange), .body = TEXT("x")};

	table_add_text(&match, &arena, "x-match", TEXT("all"));
	table_add_text(&match, &arena, "lane", TEXT("5s"));
	table_add_text(&copy.headers, &arena, "lane", TEXT("5s"));
	ck_assert_int_eq(broker_declare_exchange(broker, exchange, "headers",
						 &none, &problem),
			 BROKER_OK);
	ck_assert_int_eq(broker_bind_queue(broker, queue, exchange, "", &match,
					   &problem),
			 BROKER_OK);
	for (int times = 0; times < 2; times++)
		ck_assert_int_eq(broker_unbind_queue(broker, queue, exchange,
						     "", &match, &problem),
				 BROKER_OK);
	ck_assert_int_eq(broker_publish(broker, &copy, &problem), BROKER_OK);
	struct broker_event event = rig_event(broker);

	ck_assert_int_eq(event.kind, BROKER_EVENT_RETURN);
	message_free(event.message);
	rig_delete("exchange", exchange);
}
END_TEST

START_TEST(a_queue_is_deleted_and_one_that_is_gone_is_missing_or_no_problem)
{
	const char *queue = rig_queue(broker, &arena, "deleted");
	enum broker_status again;
	uint32_t messages, consumers;

	ck_assert_int_eq(broker_delete_queue(broker, queue, &problem),
			 BROKER_OK);
	ck_assert_int_eq(broker_queue_exists(broker, queue, &messages,
					     &consumers, &problem),
			 BROKER_MISSING);
	again = broker_delete_queue(broker, queue, &problem);
	ck_assert(again == BROKER_OK || again == BROKER_MISSING);
}
END_TEST

START_TEST(every_status_has_a_name_of_its_own)
{
	for (int a = BROKER_OK; a <= BROKER_FAILED; a++)
		for (int b = BROKER_OK; b < a; b++)
			ck_assert_str_ne(
				broker_status_name((enum broker_status)a),
				broker_status_name((enum broker_status)b));
	ck_assert_str_ne(broker_status_name(BROKER_FAILED), "?");
}
END_TEST

/* --- with rabbitmqctl ---------------------------------------------------- */

START_TEST(a_connection_says_who_it_is)
{
	char name[400];
	char host[256];
	const char *list = rig_ctl(&arena, "list_connections "
					   "client_properties");

	gethostname(host, sizeof(host));
	snprintf(name, sizeof(name), "rebound/test/%s/%ld/connection", host,
		 (long)getpid());
	ck_assert_ptr_nonnull(list);
	ck_assert_ptr_nonnull(strstr(list, name));
}
END_TEST

START_TEST(an_alarm_blocks_and_its_end_unblocks)
{
	const char *queue = rig_queue(broker, &arena, "blocked");
	struct broker_event event;

	ck_assert_ptr_nonnull(
		rig_ctl(&arena, "set_vm_memory_high_watermark 0.00001"));
	rig_publish(broker, queue, TEXT("x"));
	event = rig_event(broker);
	unsigned while_blocked = user_timeout();
	ck_assert_ptr_nonnull(
		rig_ctl(&arena, "set_vm_memory_high_watermark 0.4"));
	ck_assert_int_eq(event.kind, BROKER_EVENT_BLOCKED);
	ck_assert_ptr_nonnull(strstr(event.text, "memory"));
	ck_assert_uint_eq(while_blocked, 0);
	event = rig_event(broker);
	ck_assert_int_eq(event.kind, BROKER_EVENT_UNBLOCKED);
	ck_assert_uint_eq(user_timeout(), 20000);
}
END_TEST

Suite *broker_suite(void)
{
	Suite *suite = suite_create("broker");
	TCase *connection = tcase_create("connection");

	tcase_set_timeout(connection, 60);
	tcase_add_checked_fixture(connection, setup, teardown);
	tcase_add_test(connection,
		       the_socket_notices_dead_peers_and_dies_with_exec);
	tcase_add_test(connection, what_was_negotiated_is_known);
	tcase_add_test(connection,
		       a_connection_is_cut_through_a_copy_of_its_descriptor);
	tcase_add_test(connection, nothing_to_read_is_a_timeout);
	tcase_add_test(connection, prefetch_bounds_what_is_in_flight);
	tcase_add_test(connection,
		       a_rejected_delivery_goes_to_the_dead_letter_exchange);
	tcase_add_test(connection, cancelling_is_answered);
	tcase_add_test(connection, a_deleted_queue_cancels_its_consumer);
	tcase_add_test(connection, a_return_comes_before_its_ack);
	tcase_add_test(connection, the_nth_publish_is_confirmed_as_tag_n);
	tcase_add_test(connection, a_full_queue_that_rejects_is_a_nack);
	tcase_add_test(connection,
		       messages_and_consumers_of_a_queue_are_counted);
	tcase_add_test(connection, a_queue_is_unbound_by_its_arguments);
	tcase_add_test(
		connection,
		a_queue_is_deleted_and_one_that_is_gone_is_missing_or_no_problem);
	tcase_add_test(connection, every_status_has_a_name_of_its_own);
	if (rig_has_ctl()) {
		tcase_add_test(connection, a_connection_says_who_it_is);
		tcase_add_test(connection,
			       an_alarm_blocks_and_its_end_unblocks);
	}
	suite_add_tcase(suite, connection);
	return suite;
}
