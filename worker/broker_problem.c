/* SPDX-License-Identifier: Apache-2.0 */
/*
 * broker_problem.c - what went wrong, as a status and a sentence with its
 * mend. What a broker says is quoted: it names objects and users, no secret.
 */
#include "worker/broker_amqp.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define QUOTE_MAX 256

enum broker_status broker_say(struct broker_problem *problem,
			      enum broker_status status, int code,
			      const char *format, ...)
{
	va_list args;

	problem->status = status;
	problem->code = code;
	va_start(args, format);
	vsnprintf(problem->text, sizeof(problem->text), format, args);
	va_end(args);
	return status;
}

/* The broker's own words, without what would disturb a terminal. */
static const char *quote(amqp_bytes_t words, char buffer[QUOTE_MAX])
{
	const unsigned char *at = words.bytes;
	size_t len = words.len < QUOTE_MAX ? words.len : QUOTE_MAX - 1;

	for (size_t i = 0; i < len; i++)
		buffer[i] = (char)(isprint(at[i]) ? at[i] : '?');
	buffer[len] = '\0';
	return buffer;
}

/* --- no connection ------------------------------------------------------- */

static const char *why_not_connected(int library_status)
{
	switch (library_status) {
	case AMQP_STATUS_HOSTNAME_RESOLUTION_FAILED:
		return "its name has no address. Check the name in "
		       "broker.nodes, and the DNS";
	case AMQP_STATUS_SOCKET_ERROR:
		return "nothing accepts connections there. Is RabbitMQ "
		       "running, is the port right (5672, or 5671 for "
		       "amqps), does a firewall let it through?";
	case AMQP_STATUS_TIMEOUT:
		return "no answer came within broker.connect_timeout. Is the "
		       "address right, and does a firewall let it through?";
	case AMQP_STATUS_SSL_HOSTNAME_VERIFY_FAILED:
		return "its certificate is for another name. Name the node in "
		       "broker.nodes as its certificate does: by name, not "
		       "by address";
	case AMQP_STATUS_SSL_PEER_VERIFY_FAILED:
	case AMQP_STATUS_SSL_CONNECTION_FAILED:
		return "the TLS handshake failed. Does the port speak TLS "
		       "(5671), and is its certificate signed by an authority "
		       "in broker.ca_file?";
	case AMQP_STATUS_SSL_ERROR:
		return "TLS could not be set up. Are broker.ca_file, crl_file, "
		       "cert_file and key_file readable PEM files, the key "
		       "without a pass phrase, and the key that of the "
		       "certificate?";
	case AMQP_STATUS_CONNECTION_CLOSED:
	case AMQP_STATUS_BAD_AMQP_DATA:
	case AMQP_STATUS_INCOMPATIBLE_AMQP_VERSION:
	case AMQP_STATUS_UNEXPECTED_STATE:
		return "it ended the connection before the login. Is it "
		       "just starting or stopping, does the port speak AMQP "
		       "0-9-1 (5672), and does it want amqps://?";
	default:
		return NULL;
	}
}

enum broker_status broker_not_connected(struct broker *b, int library_status,
					struct broker_problem *problem)
{
	const char *why = NULL;

	if (library_status == AMQP_STATUS_SSL_PEER_VERIFY_FAILED ||
	    library_status == AMQP_STATUS_SSL_CONNECTION_FAILED)
		why = broker_tls_why(&b->handshake);
	if (why == NULL)
		why = why_not_connected(library_status);

	b->is_sound = false;
	if (why == NULL)
		why = amqp_error_string2(library_status);
	return broker_say(problem, BROKER_UNREACHABLE, 0,
			  "The broker %s cannot be reached: %s%s", b->node, why,
			  why[strlen(why) - 1] == '?' ? "" : ".");
}

static enum broker_status wrong_credentials(const struct broker *b,
					    struct broker_problem *problem)
{
	const char *user = b->login->user;
	const char *s = b->login_setting;
	bool is_guest = strcmp(user, "guest") == 0;

	return broker_say(
		problem, BROKER_CREDENTIALS, AMQP_ACCESS_REFUSED,
		"The broker %s refused user \"%s\". Check %s.user and "
		"%s.password (or password_file, password_env), or set the "
		"password: rabbitmqctl change_password %s NEW_PASSWORD.%s",
		b->node, user, s, s, user,
		is_guest ? " By default guest may log in from the broker's own "
			   "machine only: make a user for rebound."
			 : "");
}

/* 530 at connection.open: no such vhost, not this user's, or a limit. */
static enum broker_status wrong_vhost(const struct broker *b, const char *words,
				      struct broker_problem *problem)
{
	const char *vhost = b->config->vhost;
	const char *user = b->login->user;

	if (strstr(words, "limit") != NULL)
		return broker_say(problem, BROKER_UNREACHABLE, AMQP_NOT_ALLOWED,
				  "The broker %s takes no more connections: "
				  "%s. Raise that limit.",
				  b->node, words);
	if (strstr(words, "not found") != NULL)
		return broker_say(problem, BROKER_VHOST, AMQP_NOT_ALLOWED,
				  "The broker %s has no vhost \"%s\". Create "
				  "it (rabbitmqctl add_vhost \"%s\"), or mend "
				  "broker.vhost.",
				  b->node, vhost, vhost);
	return broker_say(
		problem, BROKER_VHOST, AMQP_NOT_ALLOWED,
		"User \"%s\" has no rights in vhost \"%s\" of the broker %s. "
		"Grant them: rabbitmqctl set_permissions -p \"%s\" %s "
		"CONFIGURE WRITE READ; \"rebound topology print "
		"--permissions\" writes that command out.",
		user, vhost, b->node, vhost, user);
}

static enum broker_status login_refused(const struct broker *b,
					const amqp_connection_close_t *close,
					struct broker_problem *problem)
{
	char words[QUOTE_MAX];

	quote(close->reply_text, words);
	if (close->reply_code == AMQP_ACCESS_REFUSED)
		return wrong_credentials(b, problem);
	if (close->reply_code == AMQP_NOT_ALLOWED)
		return wrong_vhost(b, words, problem);
	return broker_say(problem, BROKER_UNREACHABLE, close->reply_code,
			  "The broker %s does not take connections now: %s.",
			  b->node, words);
}

enum broker_status broker_login_failed(struct broker *b,
				       const amqp_rpc_reply_t *reply,
				       struct broker_problem *problem)
{
	b->is_sound = false;
	if (reply->reply_type == AMQP_RESPONSE_SERVER_EXCEPTION &&
	    reply->reply.id == AMQP_CONNECTION_CLOSE_METHOD)
		return login_refused(b, reply->reply.decoded, problem);
	/* It was connected: what broke then is not the way there. */
	if (reply->library_error == AMQP_STATUS_SOCKET_ERROR)
		return broker_not_connected(b, AMQP_STATUS_CONNECTION_CLOSED,
					    problem);
	return broker_not_connected(b, reply->library_error, problem);
}

/* --- a connection that ends ---------------------------------------------- */

static enum broker_status bad_data(const struct broker *b, const char *doing,
				   struct broker_problem *problem)
{
	return broker_say(problem, BROKER_BAD_DATA, 0,
			  "The broker %s sent a frame that cannot be decoded, "
			  "while %s. Headers that fill a whole frame do that "
			  "when the broker adds its own: set frame_max of the "
			  "broker to %d or more, and above what publishers "
			  "use.",
			  b->node, doing, BROKER_FRAME_MAX);
}

enum broker_status broker_broke(struct broker *b, int library_status,
				const char *doing,
				struct broker_problem *problem)
{
	b->is_sound = false;
	switch (library_status) {
	case AMQP_STATUS_TIMEOUT:
		return broker_say(problem, BROKER_LOST, 0,
				  "The broker %s gave no answer within "
				  "broker.rpc_timeout, while %s. It may be "
				  "overloaded, or have too few nodes up.",
				  b->node, doing);
	case AMQP_STATUS_HEARTBEAT_TIMEOUT:
		return broker_say(problem, BROKER_LOST, 0,
				  "The broker %s sent no heartbeat in time, "
				  "while %s.",
				  b->node, doing);
	case AMQP_STATUS_BAD_AMQP_DATA:
	case AMQP_STATUS_UNKNOWN_CLASS:
	case AMQP_STATUS_UNKNOWN_METHOD:
		return bad_data(b, doing, problem);
	default:
		return broker_say(problem, BROKER_LOST, 0,
				  "The connection to the broker %s broke while "
				  "%s: %s.",
				  b->node, doing,
				  amqp_error_string2(library_status));
	}
}

enum broker_status broker_ended(struct broker *b,
				const amqp_connection_close_t *close,
				struct broker_problem *problem)
{
	amqp_connection_close_ok_t ok = {0};
	char words[QUOTE_MAX];

	quote(close->reply_text, words);
	/* The answer is a courtesy: the broker closes anyway. */
	(void)amqp_send_method(b->connection, 0,
			       AMQP_CONNECTION_CLOSE_OK_METHOD, &ok);
	b->is_sound = false;
	return broker_say(problem, BROKER_LOST, close->reply_code,
			  "The broker %s closed the connection: %s.", b->node,
			  words);
}

/* --- a channel that is closed -------------------------------------------- */

static enum broker_status forbidden(const struct broker *b,
				    const struct broker_wish *wish,
				    const char *words,
				    struct broker_problem *problem)
{
	const char *user = b->login->user;

	if (wish == NULL || wish->rights == NULL)
		return broker_say(
			problem, BROKER_FORBIDDEN, AMQP_ACCESS_REFUSED,
			"User \"%s\" lacks a permission: %s. Publishing takes "
			"write on the exchange. Grant it: rabbitmqctl "
			"set_permissions -p \"%s\" %s CONFIGURE WRITE READ; "
			"\"rebound topology print --permissions\" writes that "
			"command out.",
			user, words, b->config->vhost, user);
	return broker_say(
		problem, BROKER_FORBIDDEN, AMQP_ACCESS_REFUSED,
		"User \"%s\" may not %s %s %s. It takes %s (%s). Grant it: "
		"rabbitmqctl set_permissions -p \"%s\" %s CONFIGURE WRITE "
		"READ; \"rebound topology print --permissions\" writes that "
		"command out.",
		user, wish->verb, wish->kind, wish->name, wish->rights, words,
		b->config->vhost, user);
}

/* One quoted word of the broker's: behind `before`, up to the next quote. */
static bool quoted_after(const char *words, const char *before,
			 char found[QUOTE_MAX])
{
	const char *at = strstr(words, before);
	size_t len;

	if (at == NULL)
		return false;
	at += strlen(before);
	len = strcspn(at, "'");
	memcpy(found, at, len);
	found[len] = '\0';
	return true;
}

/*
 * "PRECONDITION_FAILED - inequivalent arg 'x-message-ttl' for queue 'q' in
 * vhost '/': received '5000' but current is '6000'"; for an argument that is
 * missing on one side "received none" or "current is none", and else "the
 * value '5000' of type 'signedint'" on the other.
 */
static enum broker_status conflict(const struct broker *b,
				   const struct broker_wish *wish,
				   const char *words,
				   struct broker_problem *problem)
{
	char argument[QUOTE_MAX];
	char wanted[QUOTE_MAX];
	char present[QUOTE_MAX];

	if (!quoted_after(words, "inequivalent arg '", argument))
		return broker_say(
			problem, BROKER_CONFLICT, AMQP_PRECONDITION_FAILED,
			"The broker %s will not %s %s %s: %s.", b->node,
			wish->verb, wish->kind, wish->name, words);
	if (!quoted_after(words, "received '", wanted) &&
	    !quoted_after(words, "received the value '", wanted))
		strcpy(wanted, "none");
	if (!quoted_after(words, "current is '", present) &&
	    !quoted_after(words, "current is the value '", present))
		strcpy(present, "none");
	return broker_say(
		problem, BROKER_CONFLICT, AMQP_PRECONDITION_FAILED,
		"There is a %s %s already, with another %s: it has %s, and %s "
		"is wanted. The broker never changes that in place: empty and "
		"delete the %s and apply the topology again, or choose "
		"another prefix.",
		wish->kind, wish->name, argument, present, wanted, wish->kind);
}

/* Unasked: something that was sent before cannot be done. */
static enum broker_status channel_closed(const struct broker *b, int code,
					 const char *words,
					 struct broker_problem *problem)
{
	if (strstr(words, "message size") != NULL)
		return broker_say(problem, BROKER_TOO_BIG, code,
				  "The broker %s takes no body of that size: "
				  "%s. Raise max_message_size of the broker.",
				  b->node, words);
	return broker_say(problem, BROKER_FAILED, code,
			  "The broker %s closed the channel: %s.", b->node,
			  words);
}

/* A queue whose node, or leader, is not there is not missing: it comes back by
   itself, some moments after a node has started, and nothing is to be
   declared. RabbitMQ says 404 for both. */
static enum broker_status not_found(const struct broker *b, const char *words,
				    struct broker_problem *problem)
{
	if (strstr(words, "is down or inaccessible") != NULL)
		return broker_say(problem, BROKER_FAILED, AMQP_NOT_FOUND,
				  "The broker %s cannot reach it now: %s.",
				  b->node, words);
	return broker_say(problem, BROKER_MISSING, AMQP_NOT_FOUND,
			  "The broker %s has it not: %s. Declare it: "
			  "rebound topology apply.",
			  b->node, words);
}

enum broker_status broker_refused(struct broker *b,
				  const struct broker_wish *wish,
				  const amqp_channel_close_t *close,
				  struct broker_problem *problem)
{
	char words[QUOTE_MAX];
	int code = close->reply_code;

	quote(close->reply_text, words);
	if (code == AMQP_ACCESS_REFUSED)
		return forbidden(b, wish, words, problem);
	if (code == AMQP_NOT_FOUND)
		return not_found(b, words, problem);
	if (code == AMQP_PRECONDITION_FAILED && wish != NULL &&
	    wish->kind != NULL)
		return conflict(b, wish, words, problem);
	return channel_closed(b, code, words, problem);
}
