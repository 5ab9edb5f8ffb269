/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_broker_messages.c - messages go through worker/broker.h unchanged,
 * whatever is in them.
 */
#include "tests/broker_suites.h"

#include <string.h>

static struct arena arena;
static struct broker *broker;
static const char *queue;

static void setup(void)
{
	struct broker_problem problem;

	arena_init(&arena);
	broker = rig_open("messages");
	queue = rig_queue(broker, &arena, "messages");
	ck_assert_int_eq(broker_consume(broker, queue, 10, &problem),
			 BROKER_OK);
}

static void teardown(void)
{
	broker_close(broker);
	arena_fini(&arena);
}

/* A copy to the queue, with nothing set. */
static struct copy blank(void)
{
	return (struct copy){.exchange = TEXT(""),
			     .routing_key = text_of(queue),
			     .body = TEXT("body")};
}

/* Publishes the copy and gives the delivery, acknowledged. */
static struct message *send_through(const struct copy *copy)
{
	struct broker_problem problem;
	struct broker_event event;

	ck_assert_msg(broker_publish(broker, copy, &problem) == BROKER_OK, "%s",
		      problem.text);
	event = rig_event(broker);
	ck_assert_int_eq(event.kind, BROKER_EVENT_DELIVERY);
	ck_assert_int_eq(
		broker_ack(broker, event.message->tag, false, &problem),
		BROKER_OK);
	return event.message;
}

/* One field of each kind, with its extremes. */
static void add_every_kind(struct table *table)
{
	struct arena *a = &arena;

	table_add_bool(table, a, "true", true);
	table_add_bool(table, a, "false", false);
	table_add(table, a, TEXT("i8"), FIELD_I8)->as.i64 = INT8_MIN;
	table_add(table, a, TEXT("u8"), FIELD_U8)->as.u64 = UINT8_MAX;
	table_add(table, a, TEXT("i16"), FIELD_I16)->as.i64 = INT16_MIN;
	table_add(table, a, TEXT("u16"), FIELD_U16)->as.u64 = UINT16_MAX;
	table_add(table, a, TEXT("i32"), FIELD_I32)->as.i64 = INT32_MIN;
	table_add(table, a, TEXT("u32"), FIELD_U32)->as.u64 = UINT32_MAX;
	table_add(table, a, TEXT("i64"), FIELD_I64)->as.i64 = INT64_MIN;
	table_add(table, a, TEXT("f32"), FIELD_F32)->as.f32 = -0.0F;
	table_add(table, a, TEXT("f64"), FIELD_F64)->as.f64 = 1.0 / 3;
	table_add(table, a, TEXT("decimal"), FIELD_DECIMAL)->as.decimal =
		(struct decimal){.places = 7, .value = UINT32_MAX};
	table_add_text(table, a, "string", TEXT("\xff\0\xc3\xa9 text"));
	table_add(table, a, TEXT("bytes"), FIELD_BYTES)->as.text =
		TEXT("\0\x80\xff");
	table_add(table, a, TEXT("empty"), FIELD_BYTES)->as.text = TEXT("");
	table_add(table, a, TEXT("time"), FIELD_TIMESTAMP)->as.u64 =
		(uint64_t)INT64_MAX;
	table_add(table, a, TEXT("void"), FIELD_VOID);
}

START_TEST(headers_of_every_kind_arrive_unchanged)
{
	struct copy copy = blank();
	struct field *nested;
	struct message *message;

	add_every_kind(&copy.headers);
	nested = table_add(&copy.headers, &arena, TEXT("table"), FIELD_TABLE);
	add_every_kind(&nested->as.table);
	nested = table_add(&copy.headers, &arena, TEXT("array"), FIELD_ARRAY);
	add_every_kind(&nested->as.table);
	for (size_t i = 0; i < nested->as.table.count; i++)
		nested->as.table.fields[i].name = (struct text){0};
	table_add(&copy.headers, &arena, TEXT("no-table"), FIELD_TABLE);
	table_add(&copy.headers, &arena, TEXT("no-array"), FIELD_ARRAY);
	copy.properties.has_headers = true;

	message = send_through(&copy);
	ck_assert(table_equal(&copy.headers, &message->headers));
	ck_assert_ptr_null(message->flaw);
	message_free(message);
}
END_TEST

START_TEST(absent_properties_stay_absent)
{
	struct copy copy = blank();
	struct message *message = send_through(&copy);
	static const struct properties none;

	ck_assert_mem_eq(&message->properties, &none, sizeof(none));
	ck_assert_uint_eq(message->headers.count, 0);
	message_free(message);
}
END_TEST

static void check_texts(const struct properties *a, const struct properties *b)
{
	ck_assert(text_eq(a->content_type, b->content_type));
	ck_assert(text_eq(a->content_encoding, b->content_encoding));
	ck_assert(text_eq(a->correlation_id, b->correlation_id));
	ck_assert(text_eq(a->reply_to, b->reply_to));
	ck_assert(text_eq(a->expiration, b->expiration));
	ck_assert(text_eq(a->message_id, b->message_id));
	ck_assert(text_eq(a->type, b->type));
	ck_assert(text_eq(a->user_id, b->user_id));
	ck_assert(text_eq(a->app_id, b->app_id));
	ck_assert(text_eq(a->cluster_id, b->cluster_id));
}

START_TEST(all_thirteen_properties_arrive_unchanged)
{
	struct copy copy = blank();
	struct message *message;
	char longest[255];

	memset(longest, 'x', sizeof(longest));
	copy.properties = (struct properties){
		.content_type = TEXT("application/fhir+json"),
		.content_encoding = TEXT("gzip"),
		.correlation_id = {longest, sizeof(longest)},
		.reply_to = TEXT("answers"),
		.expiration = TEXT("60000"),
		.message_id = TEXT("\xc3\xa9\0id"),
		.type = TEXT("lab.result"),
		.user_id = TEXT("guest"),
		.app_id = TEXT("app"),
		.cluster_id = TEXT("cluster"),
		.has_delivery_mode = true,
		.delivery_mode = 2,
		.has_priority = true,
		.priority = 255,
		.has_timestamp = true,
		.timestamp = 1795513292,
		.has_headers = true,
	};
	message = send_through(&copy);
	check_texts(&copy.properties, &message->properties);
	ck_assert_int_eq(message->properties.delivery_mode, 2);
	ck_assert_int_eq(message->properties.priority, 255);
	ck_assert_uint_eq(message->properties.timestamp, 1795513292);
	ck_assert(message->properties.has_headers);
	ck_assert_uint_eq(message->headers.count, 0);
	message_free(message);
}
END_TEST

START_TEST(an_empty_property_is_not_an_absent_one)
{
	struct copy copy = blank();
	struct message *message;

	copy.properties.type = TEXT("");
	message = send_through(&copy);
	ck_assert_ptr_nonnull(message->properties.type.at);
	ck_assert_uint_eq(message->properties.type.len, 0);
	ck_assert_ptr_null(message->properties.app_id.at);
	message_free(message);
}
END_TEST

/* Bodies around whole frames: a frame has room for frame_max - 8 bytes. */
START_TEST(bodies_of_any_length_arrive_whole)
{
	size_t room = broker_frame_max(broker) - 8;
	const size_t lengths[] = {0,        1,        room - 1, room,
				  room + 1, 2 * room, 3 * room, 16 << 20};
	char *bytes = arena_alloc(&arena, 16 << 20);

	for (size_t i = 0; i < 16 << 20; i++)
		bytes[i] = (char)(i * 2654435761U >> 24);
	memset(bytes, 0, 100);
	for (size_t i = 0; i < COUNT(lengths); i++) {
		struct copy copy = blank();
		struct message *message;

		copy.body = (struct text){bytes, lengths[i]};
		message = send_through(&copy);
		ck_assert_ptr_nonnull(message->body.at);
		ck_assert_msg(text_eq(message->body, copy.body), "length %zu",
			      lengths[i]);
		message_free(message);
	}
}
END_TEST

START_TEST(exchange_key_and_redelivery_are_known)
{
	struct broker *other = rig_open("other");
	struct broker_problem problem;
	struct broker_event event;

	rig_publish(other, queue, TEXT("x"));
	event = rig_event(broker);
	ck_assert(text_is(event.message->exchange, ""));
	ck_assert(text_is(event.message->routing_key, queue));
	ck_assert(!event.message->redelivered);
	message_free(event.message);
	ck_assert_int_eq(broker_consume(other, queue, 1, &problem), BROKER_OK);
	broker_close(broker); /* unacked */
	broker = other;
	event = rig_event(other);
	ck_assert(event.message->redelivered);
	message_free(event.message);
}
END_TEST

/* A header nested so deeply, as a table or an array. */
static void add_nested(struct table *headers, enum field_kind kind, int depth)
{
	struct table *at = headers;

	for (int i = 0; i < depth; i++)
		at = &table_add(at, &arena,
				at == headers || kind == FIELD_TABLE
					? TEXT("n")
					: (struct text){0},
				kind)
			      ->as.table;
}

START_TEST(nesting_is_kept_down_to_its_limit)
{
	struct copy copy = blank();
	struct message *message;

	/* The headers themselves are the first level. */
	add_nested(&copy.headers, FIELD_TABLE, TABLE_DEPTH_MAX - 1);
	message = send_through(&copy);
	ck_assert_ptr_null(message->flaw);
	ck_assert(table_equal(&copy.headers, &message->headers));
	message_free(message);
}
END_TEST

START_TEST(nesting_beyond_the_limit_is_a_flaw_and_not_a_loss)
{
	struct copy copy = blank();
	struct message *message;

	table_add_text(&copy.headers, &arena, "kept", TEXT("yes"));
	add_nested(&copy.headers, FIELD_TABLE, TABLE_DEPTH_MAX);
	message = send_through(&copy);
	ck_assert_ptr_nonnull(message->flaw);
	ck_assert_ptr_nonnull(table_find(&message->headers, "kept"));
	ck_assert(text_is(message->body, "body"));
	message_free(message);
}
END_TEST

/* 18,000 levels fill the frame of a publisher that wants to break readers. */
START_TEST(hostile_nesting_is_survived)
{
	const enum field_kind kind = _i == 0 ? FIELD_TABLE : FIELD_ARRAY;
	struct copy copy = blank();
	struct message *message;

	add_nested(&copy.headers, kind, 18000);
	message = send_through(&copy);
	ck_assert_ptr_nonnull(message->flaw);
	message_free(message);
}
END_TEST

/* Headers of exactly this size on the wire. */
static void fill(struct copy *copy, size_t size)
{
	size_t len = size - 2 - 4 - 2 - 5; /* flags, table, name, kind */
	char *bytes = arena_alloc(&arena, len);

	memset(bytes, 'x', len);
	copy->headers = (struct table){0};
	table_add_text(&copy->headers, &arena, "h", (struct text){bytes, len});
}

START_TEST(headers_may_fill_a_frame_and_no_more)
{
	size_t room = broker_frame_max(broker) - 8 - 12;
	struct copy copy = blank();
	struct broker_problem problem;
	struct message *message;

	fill(&copy, room + 1);
	ck_assert_int_eq(broker_publish(broker, &copy, &problem),
			 BROKER_TOO_BIG);
	ck_assert_ptr_nonnull(strstr(problem.text, "frame_max"));
	/* Nothing was sent: the next one goes its way. */
	fill(&copy, room);
	message = send_through(&copy);
	ck_assert(table_equal(&copy.headers, &message->headers));
	message_free(message);
}
END_TEST

START_TEST(texts_over_a_short_string_are_not_sent)
{
	char long_text[256];
	struct text text = {long_text, sizeof(long_text)};
	struct copy copy = blank();
	struct broker_problem problem;

	memset(long_text, 'x', sizeof(long_text));
	copy.properties.app_id = text;
	ck_assert_int_eq(broker_publish(broker, &copy, &problem),
			 BROKER_TOO_BIG);
	copy = blank();
	copy.routing_key = text;
	ck_assert_int_eq(broker_publish(broker, &copy, &problem),
			 BROKER_TOO_BIG);
	copy = blank();
	struct field *nested =
		table_add(&copy.headers, &arena, TEXT("t"), FIELD_TABLE);
	table_add(&nested->as.table, &arena, text, FIELD_VOID);
	ck_assert_int_eq(broker_publish(broker, &copy, &problem),
			 BROKER_TOO_BIG);
	copy = blank();
	message_free(send_through(&copy));
}
END_TEST

Suite *broker_messages_suite(void)
{
	Suite *suite = suite_create("broker messages");
	TCase *messages = tcase_create("messages");

	tcase_set_timeout(messages, 60);
	tcase_add_checked_fixture(messages, setup, teardown);
	tcase_add_test(messages, headers_of_every_kind_arrive_unchanged);
	tcase_add_test(messages, absent_properties_stay_absent);
	tcase_add_test(messages, all_thirteen_properties_arrive_unchanged);
	tcase_add_test(messages, an_empty_property_is_not_an_absent_one);
	tcase_add_test(messages, bodies_of_any_length_arrive_whole);
	tcase_add_test(messages, exchange_key_and_redelivery_are_known);
	tcase_add_test(messages, nesting_is_kept_down_to_its_limit);
	tcase_add_test(messages,
		       nesting_beyond_the_limit_is_a_flaw_and_not_a_loss);
	tcase_add_loop_test(messages, hostile_nesting_is_survived, 0, 2);
	tcase_add_test(messages, headers_may_fill_a_frame_and_no_more);
	tcase_add_test(messages, texts_over_a_short_string_are_not_sent);
	suite_add_tcase(suite, messages);
	return suite;
}
