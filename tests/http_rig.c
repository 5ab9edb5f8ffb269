/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/http_rig.h"

#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

struct http_rig rig;

void http_rig_setup(void)
{
	signal(SIGPIPE, SIG_IGN);
	rig.result = (struct result){0};
	rig.downstream = (struct downstream_config){
		.name = "ehr",
		.url = rig.url,
		.method = "POST",
		.timeout = 5000,
		.connect_timeout = 2000,
		.concurrency = 8,
		.response_limit = sizeof(rig.result.body),
	};
	rig.config = (struct config){.downstreams = &rig.downstream,
				     .downstream_count = 1};
	rig.server = NULL;
	rig.loop = loop_new();
	rig.http = http_new(rig.loop, &rig.config);
}

void http_rig_teardown(void)
{
	http_free(rig.http);
	loop_free(rig.loop);
	http_server_stop(rig.server);
}

void serve(const struct server_answer *answers, size_t count)
{
	rig.server = http_server_start(answers, count);
	snprintf(rig.url, sizeof(rig.url),
		 "http://127.0.0.1:%d/fhir/Patient?id=secret",
		 http_server_port(rig.server));
}

void serve_one(const char *bytes, enum server_then then)
{
	static struct server_answer answer;

	answer = (struct server_answer){.bytes = bytes, .then = then};
	serve(&answer, 1);
}

void note_answer(void *context, const struct http_answer *answer)
{
	size_t len = answer->body.len;

	(void)context;
	ck_assert_uint_le(len, sizeof(rig.result.body));
	rig.result.calls++;
	rig.result.answer = *answer;
	if (len > 0)
		memcpy(rig.result.body, answer->body.at, len);
	rig.result.answer.body.at = rig.result.body;
	snprintf(rig.result.detail, sizeof(rig.result.detail), "%s",
		 answer->detail != NULL ? answer->detail : "");
	if (http_active(rig.http) == 0)
		loop_stop(rig.loop);
}

void call_with(struct text body, const struct http_header *headers,
	       size_t count)
{
	const struct http_request request = {.downstream = &rig.downstream,
					     .headers = headers,
					     .header_count = count,
					     .body = body};

	http_call(rig.http, &request, note_answer, NULL);
	loop_run(rig.loop);
}

void call(void)
{
	call_with(TEXT("abc"), NULL, 0);
}

void expect(enum transport transport, int status)
{
	const struct outcome *outcome = &rig.result.answer.outcome;

	ck_assert_msg(
		outcome->transport == transport && outcome->status == status,
		"expected %s %d, came to %s %d (%s)", transport_name(transport),
		status, transport_name(outcome->transport), outcome->status,
		rig.result.detail);
}

bool has_line(const char *line)
{
	char wanted[256];

	snprintf(wanted, sizeof(wanted), "\r\n%s\r\n", line);
	return strstr(http_server_head(rig.server), wanted) != NULL;
}

bool has_field(const char *name)
{
	char wanted[64];

	snprintf(wanted, sizeof(wanted), "\r\n%s:", name);
	return strstr(http_server_head(rig.server), wanted) != NULL;
}
