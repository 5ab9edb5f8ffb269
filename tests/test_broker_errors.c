/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_broker_errors.c - what goes wrong has a status, and a sentence that
 * says what, where and how to mend it, and no password.
 */
#include "tests/broker_suites.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "worker/broker_amqp.h"
#include "worker/clock.h"

#define SECRET "not-the-password"

static struct arena arena;
static struct broker *broker;
static struct broker_problem problem;

static void setup(void)
{
	arena_init(&arena);
	broker = NULL;
	problem = (struct broker_problem){0};
}

static void teardown(void)
{
	broker_close(broker);
	arena_fini(&arena);
}

#define ck_assert_says(wanted)                                                 \
	ck_assert_msg(strstr(problem.text, wanted) != NULL,                    \
		      "\"%s\" is not in: %s", wanted, problem.text)

/* Opens, and expects that status. */
static void refused(const struct broker_config *config,
		    enum broker_status status)
{
	struct broker_role role = {NULL, "errors", NULL};

	ck_assert_ptr_null(broker_open(config, &role, &problem));
	ck_assert_str_eq(broker_status_name(problem.status),
			 broker_status_name(status));
	ck_assert_ptr_null(strstr(problem.text, SECRET));
}

START_TEST(wrong_credentials_are_said_with_their_settings)
{
	struct broker_config *config = rig_config();

	config->worker.user = "nurse";
	config->worker.password = SECRET;
	refused(config, BROKER_CREDENTIALS);
	ck_assert_int_eq(problem.code, 403);
	ck_assert_says("user \"nurse\"");
	ck_assert_says("broker.password");
	ck_assert_says("rabbitmqctl change_password nurse");
}
END_TEST

START_TEST(other_logins_are_said_by_their_own_settings)
{
	struct broker_config *config = rig_config();
	struct broker_role role = {NULL, "errors", &config->admin};

	config->admin = (struct login_config){"chief", SECRET};
	ck_assert_ptr_null(broker_open(config, &role, &problem));
	ck_assert_says("broker.admin.user");
}
END_TEST

START_TEST(an_unknown_vhost_is_said_with_its_mend)
{
	struct broker_config *config = rig_config();

	config->vhost = "no-such-vhost";
	refused(config, BROKER_VHOST);
	ck_assert_int_eq(problem.code, 530);
	ck_assert_says("rabbitmqctl add_vhost \"no-such-vhost\"");
}
END_TEST

/* A socket that listens on a free port; the port in *port. */
static int listener(int *port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t size = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, size), 0);
	ck_assert_int_eq(listen(fd, 5), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &size),
			 0);
	*port = ntohs(address.sin_port);
	return fd;
}

START_TEST(a_port_where_nobody_listens_is_unreachable)
{
	struct broker_config *config = rig_config();

	close(listener(&config->nodes[0].port));
	refused(config, BROKER_UNREACHABLE);
	ck_assert_says("nothing accepts connections there");
}
END_TEST

START_TEST(a_name_without_an_address_is_unreachable)
{
	struct broker_config *config = rig_config();

	config->nodes[0].host = "broker.invalid";
	refused(config, BROKER_UNREACHABLE);
	ck_assert_says("its name has no address");
}
END_TEST

START_TEST(a_silent_peer_is_given_up_in_time)
{
	struct broker_config *config = rig_config();
	int fd = listener(&config->nodes[0].port);
	millis start = clock_monotonic();

	config->connect_timeout = 300;
	refused(config, BROKER_UNREACHABLE);
	ck_assert_says("broker.connect_timeout");
	ck_assert_int_ge(clock_monotonic() - start, 250);
	ck_assert_int_lt(clock_monotonic() - start, 5000);
	close(fd);
}
END_TEST

START_TEST(a_peer_that_hangs_up_is_not_taken_for_a_closed_port)
{
	struct broker_config *config = rig_config();
	int fd = listener(&config->nodes[0].port);
	pid_t child = fork();

	if (child == 0) {
		close(accept(fd, NULL, NULL));
		_exit(0);
	}
	refused(config, BROKER_UNREACHABLE);
	ck_assert_says("it ended the connection before the login");
	close(fd);
}
END_TEST

START_TEST(one_of_several_nodes_is_enough)
{
	struct broker_config *config = rig_config();
	struct broker_role role = {NULL, "errors", NULL};
	struct node_config nodes[3] = {config->nodes[0], config->nodes[0],
				       config->nodes[0]};

	close(listener(&nodes[0].port));
	close(listener(&nodes[2].port));
	config->nodes = nodes;
	config->node_count = 3;
	/* The first is chosen by chance: all are tried sooner or later. */
	for (int i = 0; i < 8; i++) {
		broker = broker_open(config, &role, &problem);
		ck_assert_ptr_nonnull(broker);
		broker_close(broker);
	}
	broker = NULL;
}
END_TEST

START_TEST(what_is_missing_is_said_and_leaves_the_connection_usable)
{
	uint32_t messages, consumers;

	broker = rig_open("errors");
	ck_assert_int_eq(
		broker_exchange_exists(broker, "no.such.exchange", &problem),
		BROKER_MISSING);
	ck_assert_says("no.such.exchange");
	ck_assert_int_eq(broker_queue_exists(broker, "no.such.queue", &messages,
					     &consumers, &problem),
			 BROKER_MISSING);
	ck_assert_int_eq(broker_exchange_exists(broker, "amq.topic", &problem),
			 BROKER_OK);
}
END_TEST

/* What a node says in the first moments after its start, of a queue that it
   knows and that is not there yet. No test can have it say so at will. */
START_TEST(a_queue_that_is_not_there_yet_is_not_missing)
{
	static struct broker b = {.node = "here:5672"};
	const struct broker_wish wish = {"declare", "queue", "rebound.audit",
					 "configure on the queue"};
	amqp_channel_close_t close = {
		.reply_code = AMQP_NOT_FOUND,
		.reply_text = amqp_cstring_bytes(
			"NOT_FOUND - home node 'rabbit@here' of durable queue "
			"'rebound.audit' in vhost '/' is down or "
			"inaccessible"),
	};

	ck_assert_int_eq(broker_refused(&b, &wish, &close, &problem),
			 BROKER_FAILED);
	ck_assert_int_eq(problem.code, 404);
	ck_assert_says("cannot reach it now");
	ck_assert_says("home node 'rabbit@here'");
	ck_assert_ptr_null(strstr(problem.text, "Declare it"));
	close.reply_text = amqp_cstring_bytes(
		"NOT_FOUND - no queue 'rebound.audit' in vhost '/'");
	ck_assert_int_eq(broker_refused(&b, &wish, &close, &problem),
			 BROKER_MISSING);
}
END_TEST

START_TEST(consuming_a_missing_queue_is_said)
{
	broker = rig_open("errors");
	ck_assert_int_eq(broker_consume(broker, "no.such.queue", 1, &problem),
			 BROKER_MISSING);
	ck_assert_says("no.such.queue");
}
END_TEST

START_TEST(publishing_to_a_missing_exchange_ends_the_channel)
{
	struct copy copy = {.exchange = TEXT("no.such.exchange")};
	struct broker_event event;
	enum broker_status status = BROKER_TIMEOUT;

	broker = rig_open("errors");
	ck_assert_int_eq(broker_publish(broker, &copy, &problem), BROKER_OK);
	for (int i = 0; i < 1000 && status == BROKER_TIMEOUT; i++) {
		usleep(10000);
		status = broker_next(broker, &event, &problem);
	}
	ck_assert_int_eq(status, BROKER_MISSING);
	ck_assert_says("no.such.exchange");
	ck_assert_int_eq(broker_publish(broker, &copy, &problem), BROKER_LOST);
}
END_TEST

/* A queue with x-message-ttl `there` is declared with `wanted`; 0: none. */
static const struct conflict {
	int there;
	int wanted;
	const char *text;
} conflicts[] = {
	{5000, 6000, "it has 5000, and 6000 is wanted"},
	{5000, 0, "it has 5000, and none is wanted"},
	{0, 6000, "it has none, and 6000 is wanted"},
};

START_TEST(arguments_that_differ_are_said)
{
	const struct conflict *c = &conflicts[_i];
	const char *name;
	struct table there = {0}, wanted = {0};

	broker = rig_open("errors");
	name = rig_name(&arena, "conflict");
	table_add_i32(&there, &arena, "x-expires", 60000);
	table_add_i32(&wanted, &arena, "x-expires", 60000);
	if (c->there != 0)
		table_add_i32(&there, &arena, "x-message-ttl", c->there);
	if (c->wanted != 0)
		table_add_i32(&wanted, &arena, "x-message-ttl", c->wanted);
	ck_assert_int_eq(broker_declare_queue(broker, name, &there, &problem),
			 BROKER_OK);
	ck_assert_int_eq(broker_declare_queue(broker, name, &wanted, &problem),
			 BROKER_CONFLICT);
	ck_assert_int_eq(problem.code, 406);
	ck_assert_says(name);
	ck_assert_says("x-message-ttl");
	ck_assert_says(c->text);
	/* The rest can still be looked at. */
	ck_assert_int_eq(broker_declare_queue(broker, name, &there, &problem),
			 BROKER_OK);
}
END_TEST

START_TEST(another_type_of_exchange_is_said)
{
	struct table none = {0};

	broker = rig_open("errors");
	ck_assert_int_eq(broker_declare_exchange(broker, "amq.topic", "fanout",
						 &none, &problem),
			 BROKER_CONFLICT);
	ck_assert_says("with another type: it has topic, and fanout is wanted");
}
END_TEST

/* --- with rabbitmqctl ---------------------------------------------------- */

static struct broker_config *as_clerk(const char *permissions)
{
	struct broker_config *config = rig_config();

	rig_ctl(&arena, "delete_user clerk 2>/dev/null");
	ck_assert_ptr_nonnull(
		rig_ctl(&arena, "add_user clerk " SECRET " >/dev/null"));
	if (permissions != NULL)
		ck_assert_ptr_nonnull(rig_ctl(
			&arena, arena_printf(&arena, "set_permissions clerk %s",
					     permissions)));
	config->worker = (struct login_config){"clerk", SECRET};
	return config;
}

START_TEST(a_vhost_that_is_not_permitted_is_said_with_its_mend)
{
	refused(as_clerk(NULL), BROKER_VHOST);
	ck_assert_says("rabbitmqctl set_permissions -p \"/\" clerk");
	rig_ctl(&arena, "delete_user clerk");
}
END_TEST

START_TEST(a_missing_permission_is_said_with_its_mend)
{
	struct broker_role role = {NULL, "errors", NULL};
	struct table none = {0};

	broker = broker_open(as_clerk("'^$' '^$' '^$'"), &role, &problem);
	ck_assert_ptr_nonnull(broker);
	ck_assert_int_eq(
		broker_declare_queue(broker, "ward.7", &none, &problem),
		BROKER_FORBIDDEN);
	ck_assert_says("User \"clerk\" may not declare queue ward.7");
	ck_assert_says("configure on the queue");
	ck_assert_says("rabbitmqctl set_permissions -p \"/\" clerk");
	/* The connection is still good for more. */
	ck_assert_int_eq(broker_consume(broker, "ward.7", 1, &problem),
			 BROKER_FORBIDDEN);
	ck_assert_says("read on the queue");
	ck_assert_ptr_null(strstr(problem.text, SECRET));
	rig_ctl(&arena, "delete_user clerk");
}
END_TEST

Suite *broker_errors_suite(void)
{
	Suite *suite = suite_create("broker errors");
	TCase *errors = tcase_create("errors");

	tcase_set_timeout(errors, 60);
	tcase_add_checked_fixture(errors, setup, teardown);
	tcase_add_test(errors, wrong_credentials_are_said_with_their_settings);
	tcase_add_test(errors, other_logins_are_said_by_their_own_settings);
	tcase_add_test(errors, an_unknown_vhost_is_said_with_its_mend);
	tcase_add_test(errors, a_port_where_nobody_listens_is_unreachable);
	tcase_add_test(errors, a_name_without_an_address_is_unreachable);
	tcase_add_test(errors, a_silent_peer_is_given_up_in_time);
	tcase_add_test(errors,
		       a_peer_that_hangs_up_is_not_taken_for_a_closed_port);
	tcase_add_test(errors, one_of_several_nodes_is_enough);
	tcase_add_test(
		errors,
		what_is_missing_is_said_and_leaves_the_connection_usable);
	tcase_add_test(errors, a_queue_that_is_not_there_yet_is_not_missing);
	tcase_add_test(errors, consuming_a_missing_queue_is_said);
	tcase_add_test(errors,
		       publishing_to_a_missing_exchange_ends_the_channel);
	tcase_add_loop_test(errors, arguments_that_differ_are_said, 0,
			    COUNT(conflicts));
	tcase_add_test(errors, another_type_of_exchange_is_said);
	if (rig_has_ctl()) {
		tcase_add_test(
			errors,
			a_vhost_that_is_not_permitted_is_said_with_its_mend);
		tcase_add_test(errors,
			       a_missing_permission_is_said_with_its_mend);
	}
	suite_add_tcase(suite, errors);
	return suite;
}
