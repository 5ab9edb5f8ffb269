/* SPDX-License-Identifier: Apache-2.0 */
/* test_template.c - the promises of worker/template.h. */
#include "worker/template.h"

#include <string.h>

#include "tests/worker_suites.h"

static struct message *message;
static struct message_view view;
static struct arena arena;

static void add_header(const char *name, const char *value)
{
	table_add_text(&message->headers, &message->arena, name,
		       text_of(value));
}

static void setup(void)
{
	arena_init(&arena);
	message = message_new();
	message->routing_key = TEXT("lab.result");
	message->body = TEXT(
		"{\"a\": \"x y\", \"n\": 12.50, \"t\": true, \"o\": {\"k\": "
		"[1, "
		"\"two\"]}, \"z\": null, \"q\": \"say \\\"hi\\\"\\n\", "
		"\"a/b\": \"slash\", \"big\": 123456789012345678901234567890, "
		"\"dots\": \"..\", \"empty\": \"\", \"u\": \"\xc3\xa9\"}");
	add_header("mrn", "M 1/2");
	add_header("up", "..");
	add_header("none", "");
	add_header("odd.name", "n");
	add_header("crlf", "a\r\nX: y");
	add_header("latin", "\xe9");
	add_header("curl", "a&b=c");
	table_add_i64(&message->headers, &message->arena, "number", -42);
	table_add_bool(&message->headers, &message->arena, "flag", true);
	(void)table_add(&message->headers, &message->arena, TEXT("table"),
			FIELD_TABLE);
	table_add(&message->headers, &message->arena, TEXT("nan"), FIELD_F64)
		->as.f64 = __builtin_nan("");
	message_view_init(&view, message, TEXT("id-1"), TEXT("lab.type"));
}

static void teardown(void)
{
	message_view_end(&view);
	message_free(message);
	arena_fini(&arena);
}

static const struct template *parse(enum template_kind kind, const char *text)
{
	const char *flaw = "";
	const struct template *t =
		template_parse(kind, text_of(text), &arena, &flaw);

	ck_assert_msg(t != NULL, "%s %s", text, flaw);
	return t;
}

#define U TEMPLATE_URL
#define H TEMPLATE_HEADER
#define K TEMPLATE_KEY
#define B TEMPLATE_BODY

static const struct {
	enum template_kind kind;
	const char *written;
	const char *result;
} fills[] = {
	{H, "plain", "plain"},
	{H, "{id}", "id-1"},
	{H, "<{type}/{routing_key}>", "<lab.type/lab.result>"},
	{H, "{{{id}}}", "{id-1}"},
	{H, "a}}{{b", "a}{b"},
	{H, "{header.mrn}", "M 1/2"},
	{H, "{header.odd.name}", "n"},
	{H, "{header.number} {header.flag}", "-42 true"},
	{H, "{header.none}x", "x"},
	{H, "{body/a}", "x y"},
	{H, "{body/n}", "12.50"},
	{H, "{body/t}", "true"},
	{H, "{body/o/k/1}", "two"},
	{H, "{body/a~1b}", "slash"},
	{H, "identifier={url:header.mrn}", "identifier=M%201%2F2"},
	/* What would end a header is for http_call to refuse. */
	{H, "{header.crlf}", "a\r\nX: y"},
	{K, "{type}:{id}", "lab.type:id-1"},
	{U, "http://h:1/a", "http://h:1/a"},
	{U, "http://h/{id}/b?c={body/a}", "http://h/id-1/b?c=x%20y"},
	{U, "https://h/{header.mrn}", "https://h/M%201%2F2"},
	{U, "http://h?q={header.curl}", "http://h?q=a%26b%3Dc"},
	{U, "http://h/?q={header.none}", "http://h/?q="},
	{U, "http://h/?q={header.up}/..", "http://h/?q=../.."},
	{U, "http://h/{header.latin}{body/u}", "http://h/%E9%C3%A9"},
	{U, "http://h/{header.crlf}", "http://h/a%0D%0AX%3A%20y"},
	{U, "http://h/v{header.up}", "http://h/v.."},
	{U, "http://h/a{header.none}", "http://h/a"},
	{U, "http://h/a/../{id}", "http://h/a/../id-1"},
	{U, "http://h/{{{id}}}", "http://h/%7Bid-1%7D"},
	{U, "http://h/%7e{url:id}", "http://h/%7eid-1"},
	{B, "", ""},
	{B, "a { b } {{ {id}", "a { b } { id-1"},
	{B, "id={url:header.mrn}", "id=M%201%2F2"},
	{B, "{\"id\": \"{id}\"}", "{\"id\": \"id-1\"}"},
	{B, "{\"a\":{\"b\":{body/n}}}", "{\"a\":{\"b\":12.50}}"},
	{B, "[\"{body/q}\"]", "[\"say \\\"hi\\\"\\n\"]"},
	{B, "[{body/q}]", "[\"say \\\"hi\\\"\\n\"]"},
	{B, "[{body/o}]", "[{\"k\":[1,\"two\"]}]"},
	{B, "[{body/z},{body/t}]", "[null,true]"},
	{B, "[{id},{header.number},{header.flag},{header.mrn}]",
	 "[\"id-1\",-42,true,\"M 1/2\"]"},
	{B, "[{header.nan}]", "[\"nan\"]"},
	{B, "[{url:body/a}, \"{url:body/a}\"]", "[\"x%20y\", \"x%20y\"]"},
	{B, "{\"{id}\": \"\\\"{id}\\\\\"}", "{\"id-1\": \"\\\"id-1\\\\\"}"},
	{B, "[\"{header.crlf}\"]", "[\"a\\r\\nX: y\"]"},
};

START_TEST(a_template_is_filled_in_for_where_its_values_stand)
{
	const struct template *t = parse(fills[_i].kind, fills[_i].written);
	const char *flaw = "";
	struct text result = {0};

	ck_assert_msg(template_expand(t, &view, &result, &flaw), "%s: %s",
		      fills[_i].written, flaw);
	ck_assert_str_eq(result.at, fills[_i].result);
	ck_assert_uint_eq(result.len, strlen(fills[_i].result));
	ck_assert_str_eq(template_written(t), fills[_i].written);
}
END_TEST

static const struct {
	enum template_kind kind;
	const char *written;
	const char *flaw;
} misses[] = {
	{H, "{header.gone}", "the message has no header for {header.gone}"},
	{H, "{header.MRN}", "the message has no header for {header.MRN}"},
	{H, "{header.table}",
	 "the message has a header that is no text, number, boolean or "
	 "timestamp for {header.table}"},
	{H, "{body/gone}", "the body has no place for {body/gone}"},
	{H, "{body/z}", "the body has null for {body/z}"},
	{H, "{body/o}", "the body has an object or array for {body/o}"},
	{H, "{body}", "the body has an object or array for {body}"},
	{H, "{body/big}",
	 "the body has a number beyond 64 bits for {body/big}"},
	{H, "{header.none}", "what comes of its template is empty"},
	/* A key that others have too is none. */
	{K, "k-{header.none}",
	 "the message has an empty text, which would be the same for others, "
	 "for {header.none}"},
	{U, "http://h/a/{header.none}/b",
	 "a segment of its path would be empty with the value of "
	 "{header.none}"},
	{U, "http://h/{header.none}?a",
	 "a segment of its path would be empty with the value of "
	 "{header.none}"},
	{U, "http://h/{header.up}/x",
	 "a segment of its path would be \".\" or \"..\" with the value of "
	 "{header.up}"},
	{U, "http://h/x/{header.up}",
	 "a segment of its path would be \".\" or \"..\" with the value of "
	 "{header.up}"},
	{U, "http://h/.{header.none}/",
	 "a segment of its path would be \".\" or \"..\" with the value of "
	 "{header.none}"},
	{U, "http://h/%2e{header.none}./",
	 "a segment of its path would be \".\" or \"..\" with the value of "
	 "{header.none}"},
	{U, "http://h/{body/dots};v=1",
	 "a segment of its path would be \".\" or \"..\" with the value of "
	 "{body/dots}"},
	{U, "http://h/a%2F{body/dots}",
	 "a segment of its path would be \".\" or \"..\" with the value of "
	 "{body/dots}"},
	{B, "[{body/big}]",
	 "the body has a number beyond 64 bits for {body/big}"},
	{B, "[\"{header.latin}\"]",
	 "the message has what is no UTF-8, as JSON has to be, for "
	 "{header.latin}"},
	{B, "[{header.gone}]", "the message has no header for {header.gone}"},
	{B, "[{body/gone}]", "the body has no place for {body/gone}"},
};

START_TEST(a_miss_names_the_placeholder_and_not_the_value)
{
	const struct template *t = parse(misses[_i].kind, misses[_i].written);
	const char *flaw = "";
	struct text result = TEXT("untouched");

	ck_assert(!template_expand(t, &view, &result, &flaw));
	ck_assert_str_eq(flaw, misses[_i].flaw);
	ck_assert_str_eq(result.at, "untouched");
}
END_TEST

#define SHAPE                                                                  \
	" Where a value stands by itself a placeholder does without quotes; "  \
	"a "                                                                   \
	"brace of JSON is not written twice."

static const struct {
	enum template_kind kind;
	const char *written;
	const char *flaw;
} wrongs[] = {
	{H, "", "is empty."},
	{K, "", "is empty."},
	{H, "a\nb", "holds a control character."},
	{U, "http://h/\t{id}", "holds a control character."},
	{H, "{route}",
	 "has a placeholder \"{route}\", which there is not. There are {id}, "
	 "{type}, {routing_key}, {header.NAME} and {body/POINTER}, and \"{{\" "
	 "for a brace."},
	{H, "{routing-key}",
	 "has a placeholder \"{routing-key}\", which there is not. The nearest "
	 "is {routing_key}."},
	{H, "{header.}",
	 "has a placeholder \"{header.}\", which there is not. There are {id}, "
	 "{type}, {routing_key}, {header.NAME} and {body/POINTER}, and \"{{\" "
	 "for a brace."},
	{B, "{bodyguard}",
	 "has a placeholder \"{bodyguard}\", which there is not. There are "
	 "{id}, {type}, {routing_key}, {header.NAME} and {body/POINTER}."},
	{H, "{url:}",
	 "has a placeholder \"{url:}\", which there is not. There are {id}, "
	 "{type}, {routing_key}, {header.NAME} and {body/POINTER}, and \"{{\" "
	 "for a brace."},
	{H, "{body/a~2}",
	 "has a placeholder \"{body/a~2}\", whose JSON pointer has a \"~\" "
	 "that "
	 "is neither \"~0\" (for \"~\") nor \"~1\" (for \"/\")."},
	{H, "a {id",
	 "has a \"{\" without its \"}\", at \"{id\". A brace by itself is "
	 "written twice."},
	{H, "a} b",
	 "has a \"}\" without its \"{\", at \"} b\". A brace by itself is "
	 "written twice."},
	{U, "{id}",
	 "has {id} in its scheme, host or port, which no message may "
	 "choose: a placeholder may stand in the path, or in the "
	 "query."},
	{U, "http://{id}/",
	 "has {id} in its scheme, host or port, which no message may choose: a "
	 "placeholder may stand in the path, or in the query."},
	{U, "http://h:8{id}/",
	 "has {id} in its scheme, host or port, which no message may choose: a "
	 "placeholder may stand in the path, or in the query."},
	{U, "http://h{id}",
	 "has {id} in its scheme, host or port, which no message may choose: a "
	 "placeholder may stand in the path, or in the query."},
	{U, "h/{id}", "does not begin with a scheme such as \"http://\"."},
	{U, "http://h/#{id}", "has {id} behind \"#\", which is never sent."},
	{U, "http://h/?a#b{id}", "has {id} behind \"#\", which is never sent."},
	/* It would make an encoded byte with what follows. */
	{U, "http://h/%{id}",
	 "has a \"%\" that two hexadecimal digits do not "
	 "follow (RFC 3986, section 2.1)."},
	{U, "http://h/%2{id}",
	 "has a \"%\" that two hexadecimal digits do not "
	 "follow (RFC 3986, section 2.1)."},
	{B, "{{\"a\": \"{id}\"}}",
	 "begins as JSON does, and is not JSON." SHAPE},
	{B, "[{id}{id}]", "begins as JSON does, and is not JSON." SHAPE},
	{B, "[1{id}]", "begins as JSON does, and is not JSON." SHAPE},
	{B, "[\"a\"{id}]", "begins as JSON does, and is not JSON." SHAPE},
	{B, "{{id}: 1}", "begins as JSON does, and is not JSON." SHAPE},
	{B, "[\"\\{id}\"]", "begins as JSON does, and is not JSON." SHAPE},
	{B, "[\"{id}]", "begins as JSON does, and is not JSON." SHAPE},
};

START_TEST(a_wrong_template_is_refused_with_place_and_mend)
{
	const char *flaw = "";

	ck_assert_ptr_null(template_parse(
		wrongs[_i].kind, text_of(wrongs[_i].written), &arena, &flaw));
	ck_assert_str_eq(flaw, wrongs[_i].flaw);
}
END_TEST

START_TEST(a_long_template_is_refused)
{
	static char text[TEMPLATE_MAX + 2];
	const char *flaw = "";

	memset(text, 'a', TEMPLATE_MAX + 1);
	ck_assert_ptr_null(template_parse(H, text_of(text), &arena, &flaw));
	ck_assert_str_eq(flaw, "is longer than 16 KiB.");
	text[TEMPLATE_MAX] = '\0';
	(void)parse(H, text);
}
END_TEST

static const struct {
	enum template_kind kind;
	const char *written;
	size_t value;     /* bytes */
	const char *flaw; /* NULL: none */
} lengths[] = {
	{K, "{header.long}", TEMPLATE_KEY_MAX, NULL},
	{K, "{header.long}", TEMPLATE_KEY_MAX + 1,
	 "what comes of its template is longer than 255 bytes"},
	{H, "{header.long}", TEMPLATE_HEADER_MAX, NULL},
	{H, "{header.long}", TEMPLATE_HEADER_MAX + 1,
	 "the message has more than 8000 bytes for {header.long}"},
	{H, "x{header.long}", TEMPLATE_HEADER_MAX,
	 "what comes of its template is longer than 8000 bytes"},
	{U, "http://h/{header.long}", TEMPLATE_URL_MAX - 9, NULL},
	{U, "http://h/{header.long}", TEMPLATE_URL_MAX - 8,
	 "what comes of its template is longer than 8000 bytes"},
	{B, "x{header.long}", 2 * TEMPLATE_URL_MAX, NULL},
};

START_TEST(what_is_too_long_is_not_sent)
{
	static char value[3 * TEMPLATE_URL_MAX];
	const char *flaw = NULL;
	struct text result;

	memset(value, 'v', sizeof(value));
	table_add_text(&message->headers, &message->arena, "long",
		       (struct text){value, lengths[_i].value});
	ck_assert(template_expand(parse(lengths[_i].kind, lengths[_i].written),
				  &view, &result,
				  &flaw) == (lengths[_i].flaw == NULL));
	ck_assert_pstr_eq(flaw, lengths[_i].flaw);
}
END_TEST

START_TEST(a_body_that_is_no_json_has_no_places)
{
	const struct template *t = parse(H, "{body/a}");
	const char *flaw = "";
	struct text result;

	message_view_end(&view);
	message->body = TEXT("MSH|^~\\&|");
	message_view_init(&view, message, TEXT("id-1"), TEXT("lab.type"));
	ck_assert(!template_expand(t, &view, &result, &flaw));
	ck_assert_str_eq(flaw,
			 "the body is no JSON, and is asked for {body/a}");
	message->body = TEXT("{\"a\": ");
	message_view_init(&view, message, TEXT("id-1"), TEXT("lab.type"));
	ck_assert(!template_expand(t, &view, &result, &flaw));
	ck_assert_str_eq(flaw, "the body is broken JSON, or nested too deeply, "
			       "and is asked for {body/a}");
	message_view_end(&view);
}
END_TEST

/* What JSON is put into JSON may be nested deeper than either. */
START_TEST(a_body_that_would_be_nested_too_deeply_is_not_sent)
{
	const struct template *t = parse(B, "[[{body}]]");
	const char *flaw = "";
	struct text result;

	message_view_end(&view);
	message->body =
		TEXT("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]"
		     "]]]]]]]]]]]]]]");
	message_view_init(&view, message, TEXT("id-1"), TEXT("lab.type"));
	ck_assert_ptr_nonnull(message_view_json(&view));
	ck_assert(!template_expand(t, &view, &result, &flaw));
	ck_assert_str_eq(flaw, "what comes of its template is nested too "
			       "deeply to be read as JSON");
}
END_TEST

START_TEST(a_sample_is_what_it_may_come_out_as)
{
	ck_assert_str_eq(
		template_sample(parse(U, "http://h/{id}?a={type}"), &arena),
		"http://h/x?a=x");
	ck_assert_str_eq(template_sample(parse(B, "[\"{id}\",{id}]"), &arena),
			 "[\"x\",0]");
	ck_assert(template_is_literal(parse(H, "a{{b}}")));
	ck_assert(!template_is_literal(parse(H, "a{id}")));
	ck_assert(template_is_json(parse(B, " [\"{id}\"]")));
	ck_assert(!template_is_json(parse(B, "<a>{id}</a>")));
	ck_assert(!template_is_json(parse(B, "")));
}
END_TEST

Suite *template_suite(void)
{
	Suite *suite = suite_create("template");
	TCase *tcase = tcase_create("texts");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase,
			    a_template_is_filled_in_for_where_its_values_stand,
			    0, COUNT(fills));
	tcase_add_loop_test(tcase,
			    a_miss_names_the_placeholder_and_not_the_value, 0,
			    COUNT(misses));
	tcase_add_loop_test(tcase,
			    a_wrong_template_is_refused_with_place_and_mend, 0,
			    COUNT(wrongs));
	tcase_add_test(tcase, a_long_template_is_refused);
	tcase_add_loop_test(tcase, what_is_too_long_is_not_sent, 0,
			    COUNT(lengths));
	tcase_add_test(tcase, a_body_that_is_no_json_has_no_places);
	tcase_add_test(tcase,
		       a_body_that_would_be_nested_too_deeply_is_not_sent);
	tcase_add_test(tcase, a_sample_is_what_it_may_come_out_as);
	suite_add_tcase(suite, tcase);
	return suite;
}
