/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_http_tls.c - TLS and HTTP/2, as worker/http.h promises, against nginx.
 *
 * Makes a folder with a certificate of its own and starts an nginx in it. Where
 * there is no nginx or no openssl command, nothing is tested, and it says so.
 */
#include "tests/http_rig.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/worker_suites.h"
#include "worker/mem.h"

#define NGINX   "/usr/sbin/nginx"
#define OPENSSL "/usr/bin/openssl"

static char folder[] = "/tmp/rebound-tls-XXXXXX";
static char ca_file[64];
static int port_h2, port_h1;
static pid_t nginx;
static struct http_server *down; /* redirects to http */
static struct http_server *deaf; /* reads nothing */

/* A port that is free now; somebody may be faster, and the test then fails. */
static int free_port(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, len), 0);
	getsockname(fd, (struct sockaddr *)&address, &len);
	close(fd);
	return ntohs(address.sin_port);
}

static pid_t start(const char *const *command)
{
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid > 0)
		return pid;
	if (chdir(folder) == 0 && freopen("log", "a", stderr) != NULL &&
	    freopen("/dev/null", "w", stdout) != NULL)
		execv(command[0], (char *const *)command);
	_exit(127);
}

static int wait_for(pid_t pid)
{
	int status = -1;

	waitpid(pid, &status, 0);
	return status;
}

static void make_certificate(void)
{
	static const char *const command[] = {OPENSSL,
					      "req",
					      "-x509",
					      "-newkey",
					      "ec",
					      "-pkeyopt",
					      "ec_paramgen_curve:prime256v1",
					      "-nodes",
					      "-keyout",
					      "key",
					      "-out",
					      "ca",
					      "-days",
					      "1",
					      "-subj",
					      "/CN=rebound test",
					      "-addext",
					      "subjectAltName=IP:127.0.0.1",
					      NULL};

	ck_assert_int_eq(wait_for(start(command)), 0);
	snprintf(ca_file, sizeof(ca_file), "%s/ca", folder);
}

/* All requests are read before they are answered: libcurl 7.88 takes an answer
   that comes sooner over HTTP/2 for a broken stream, at times. */
static void write_settings(void)
{
	int port = http_server_port(rig.server);
	char path[64];

	snprintf(path, sizeof(path), "%s/conf", folder);
	FILE *file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	fprintf(file,
		"daemon off; master_process off; pid pid; error_log log;\n"
		"events { }\n"
		"http {\n"
		"  client_max_body_size 64m; client_body_temp_path tmp;\n"
		"  proxy_temp_path tmp; fastcgi_temp_path tmp;\n"
		"  uwsgi_temp_path tmp; scgi_temp_path tmp;\n"
		"  log_format short \"$status\"; access_log access short;\n"
		"  ssl_certificate ca; ssl_certificate_key key;\n"
		"  proxy_redirect off;\n"
		"  server { listen 127.0.0.1:%d ssl http2;\n"
		"    location / { proxy_pass http://127.0.0.1:%d; }\n"
		"    location /down { proxy_pass http://127.0.0.1:%d; }\n"
		"    location /stuck { proxy_request_buffering off;\n"
		"      proxy_pass http://127.0.0.1:%d; }\n"
		"    location /cut { return 444; } }\n"
		"  server { listen 127.0.0.1:%d ssl;\n"
		"    location / { proxy_pass http://127.0.0.1:%d; } }\n"
		"}\n",
		port_h2, port, http_server_port(down), http_server_port(deaf),
		port_h1, port);
	fclose(file);
}

/* Until it takes connections, or 5 s. */
static void wait_for_port(int port)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_port = htons((uint16_t)port)};
	int result = -1;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	for (int i = 0; i < 500 && result != 0; i++) {
		int fd = socket(AF_INET, SOCK_STREAM, 0);

		result = connect(fd, (struct sockaddr *)&address,
				 sizeof(address));
		close(fd);
		if (result != 0)
			poll(NULL, 0, 10);
	}
	ck_assert_int_eq(result, 0);
}

static void go_to(const char *host, int port, const char *path)
{
	snprintf(rig.url, sizeof(rig.url), "https://%s:%d%s", host, port, path);
}

static void start_servers(void)
{
	static const struct server_answer hangs = {
		.then = SERVER_HANGS, .reads = SERVER_READS_NOTHING};
	struct server_answer redirects = {.then = SERVER_CLOSES};
	char bytes[256];

	serve_one(OK, SERVER_KEEPS);
	snprintf(bytes, sizeof(bytes),
		 "HTTP/1.1 307 Down\r\nContent-Length: 0\r\n"
		 "Location: http://127.0.0.1:%d/\r\n\r\n",
		 http_server_port(rig.server));
	redirects.bytes = bytes;
	down = http_server_start(&redirects, 1);
	deaf = http_server_start(&hangs, 1);
}

static void setup(void)
{
	static const char *const command[] = {NGINX, "-p",   ".",
					      "-c",  "conf", NULL};

	http_rig_setup();
	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	start_servers();
	port_h2 = free_port();
	port_h1 = free_port();
	make_certificate();
	write_settings();
	nginx = start(command);
	wait_for_port(port_h1);
	rig.downstream.ca_file = ca_file;
	go_to("127.0.0.1", port_h2, "/");
}

static void teardown(void)
{
	static const char *const names[] = {"ca",  "key",    "conf", "log",
					    "pid", "access", "tmp"};
	char path[64];

	kill(nginx, SIGTERM);
	wait_for(nginx);
	http_server_stop(down);
	http_server_stop(deaf);
	http_rig_teardown();
	for (size_t i = 0; i < COUNT(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		remove(path);
	}
	ck_assert_int_eq(rmdir(folder), 0);
}

START_TEST(http_2_is_spoken_where_the_server_has_it)
{
	call();
	expect(TRANSPORT_COMPLETE, 200);
	ck_assert_int_eq(rig.result.answer.http_version, 20);
}
END_TEST

START_TEST(http_1_1_is_spoken_where_it_has_not)
{
	go_to("127.0.0.1", port_h1, "/");
	call();
	expect(TRANSPORT_COMPLETE, 200);
	ck_assert_int_eq(rig.result.answer.http_version, 11);
	call();
	ck_assert(rig.result.answer.reused);
}
END_TEST

static int made; /* connections */

static void note_connection(void *context, const struct http_answer *answer)
{
	note_answer(context, answer);
	expect(TRANSPORT_COMPLETE, 200);
	made += !answer->reused;
}

START_TEST(calls_at_once_share_one_connection_of_http_2)
{
	const struct http_request request = {.downstream = &rig.downstream,
					     .body = TEXT("abc")};

	made = 0;
	for (int i = 0; i < 16; i++)
		http_call(rig.http, &request, note_connection, NULL);
	loop_run(rig.loop);
	ck_assert_int_eq(rig.result.calls, 16);
	ck_assert_int_eq(made, 1);
}
END_TEST

START_TEST(bodies_arrive_whole_over_http_2)
{
	const struct text body = {.at = mem_array(4 << 20, 1), .len = 4 << 20};

	for (size_t i = 0; i < body.len; i++)
		((char *)body.at)[i] = (char)(i * 7 + i / 256);
	call_with(body, NULL, 0);
	expect(TRANSPORT_COMPLETE, 200);
	ck_assert_int_eq(rig.result.answer.http_version, 20);
	ck_assert(text_eq(http_server_body(rig.server), body));
	free((char *)body.at);
}
END_TEST

START_TEST(time_that_runs_out_within_a_request_of_http_2_says_so)
{
	const size_t len = 32 << 20;
	char *body = mem_array(len, 1);

	rig.downstream.timeout = 500;
	go_to("127.0.0.1", port_h2, "/stuck");
	call_with((struct text){.at = body, .len = len}, NULL, 0);
	expect(TRANSPORT_TIMEOUT_BEFORE_SEND, 0);
	free(body);
}
END_TEST

static int count_requests(void)
{
	char path[64];
	int lines = 0;

	snprintf(path, sizeof(path), "%s/access", folder);
	FILE *file = fopen(path, "r");
	for (int c = 0; file != NULL && c != EOF; c = getc(file))
		lines += c == '\n';
	if (file != NULL)
		fclose(file);
	return lines;
}

START_TEST(a_request_is_not_sent_twice_over_http_2)
{
	call();
	expect(TRANSPORT_COMPLETE, 200);
	go_to("127.0.0.1", port_h2, "/cut");
	http_free(rig.http);
	rig.http = http_new(rig.loop, &rig.config);
	call();
	/* nginx may end the stream before the body is on its way. */
	if (rig.result.answer.outcome.transport != TRANSPORT_RESET_BEFORE_SEND)
		expect(TRANSPORT_RESET_AFTER_SEND, 0);
	ck_assert_int_eq(count_requests(), 2);
}
END_TEST

START_TEST(a_certificate_of_nobody_we_trust_is_refused)
{
	rig.downstream.ca_file = NULL;
	call();
	expect(TRANSPORT_TLS, 0);
}
END_TEST

START_TEST(a_certificate_for_another_host_is_refused)
{
	go_to("localhost", port_h2, "/");
	call();
	expect(TRANSPORT_TLS, 0);
}
END_TEST

START_TEST(a_ca_file_that_is_not_there_is_told)
{
	rig.downstream.ca_file = "/nowhere/ca";
	call();
	expect(TRANSPORT_TLS, 0);
}
END_TEST

START_TEST(no_redirect_leads_from_https_to_http)
{
	rig.downstream.follow_redirects = true;
	go_to("127.0.0.1", port_h2, "/down");
	call();
	expect(TRANSPORT_COMPLETE, 307);
	ck_assert_int_eq(http_server_requests(rig.server), 0);
}
END_TEST

Suite *http_tls_suite(void)
{
	Suite *suite = suite_create("http tls");
	TCase *tcase = tcase_create("tls");

	if (access(NGINX, X_OK) != 0 || access(OPENSSL, X_OK) != 0) {
		puts("http tls: no " NGINX " or no " OPENSSL ", skipped");
		return suite;
	}
	tcase_set_timeout(tcase, 30);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, http_2_is_spoken_where_the_server_has_it);
	tcase_add_test(tcase, http_1_1_is_spoken_where_it_has_not);
	tcase_add_test(tcase, calls_at_once_share_one_connection_of_http_2);
	tcase_add_test(tcase, bodies_arrive_whole_over_http_2);
	tcase_add_test(tcase,
		       time_that_runs_out_within_a_request_of_http_2_says_so);
	tcase_add_test(tcase, a_request_is_not_sent_twice_over_http_2);
	tcase_add_test(tcase, a_certificate_of_nobody_we_trust_is_refused);
	tcase_add_test(tcase, a_certificate_for_another_host_is_refused);
	tcase_add_test(tcase, a_ca_file_that_is_not_there_is_told);
	tcase_add_test(tcase, no_redirect_leads_from_https_to_http);
	suite_add_tcase(suite, tcase);
	return suite;
}
