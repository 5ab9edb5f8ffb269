/* SPDX-License-Identifier: Apache-2.0 */
/*
 * setting_table.c - the table of all settings, and what finds in it.
 *
 * One flat table, so that it is longer than files usually are here.
 */
#include "worker/setting.h"

#include <string.h>

#include "policy/lanes.h"
#include "worker/config_draft.h"

#define IN(type, field) .offset = offsetof(type, field)

static const struct setting table[] = {
	{SCOPE_TOP, SETTING_TEXT, "prefix", IN(struct config, prefix),
	 .fallback = "rebound.", .example = "prefix = \"lab.\";",
	 .help = "Begins the name of everything that rebound declares on the "
		 "broker. Letters, digits, \".\", \"_\", \"-\" and \":\"; at "
		 "most "
		 "100. Changing it leaves the old queues, and what waits in "
		 "them, behind."},
	{SCOPE_TOP, SETTING_BOOL, "declare", IN(struct config, declare),
	 .fallback = "true", .example = "declare = false;",
	 .help = "Workers declare what is missing on the broker when they "
		 "start. In production set it to false and declare with "
		 "\"rebound topology apply\" as another user."},
	{SCOPE_TOP, SETTING_DURATION, "shutdown_grace",
	 IN(struct config, shutdown_grace), .min = 0, .max = MILLIS_PER_HOUR,
	 .fallback = "30s", .example = "shutdown_grace = \"1m\";",
	 .help = "How long a worker that is told to stop waits for the calls "
		 "under way. What is not finished then stays with the "
		 "broker."},
	{SCOPE_TOP, SETTING_DURATION, "confirm_timeout",
	 IN(struct config, confirm_timeout), .min = MILLIS_PER_SECOND,
	 .max = MILLIS_PER_HOUR, .fallback = "2m",
	 .example = "confirm_timeout = \"5m\";",
	 .help = "How long a copy may wait for the broker's confirm before "
		 "the connection is cut and the copy published once more."},
	{SCOPE_TOP, SETTING_CHOICE, "log_format", IN(struct config, log_format),
	 .fallback = "auto", .choices = "auto|json|human",
	 .example = "log_format = \"json\";",
	 .help = "How log lines are written. auto: for people on a terminal, "
		 "JSON elsewhere."},
	{SCOPE_TOP, SETTING_GROUP, "broker",
	 .example = "broker = { nodes = \"amqp://rabbit.example.org\"; };",
	 .help = "The RabbitMQ cluster that holds the messages."},
	{SCOPE_TOP, SETTING_NAMED, "downstreams",
	 .example = "pipelines = { lab-results = { deliver_to = \"ehr\"; }; }; "
		    "downstreams = { ehr = { url = \"http://localhost:8081/\"; "
		    "}; };",
	 .help = "The HTTP services that are called, each under a name of "
		 "its own: small letters, digits, \"-\" and \"_\", beginning "
		 "with a letter."},
	{SCOPE_TOP, SETTING_NAMED, "pipelines", .required = true,
	 .example = "pipelines = { lab-results = { deliver_to = "
		    "\"http://localhost:8081/\"; }; };",
	 .help = "What is delivered to whom, each under a name of its own: "
		 "small letters, digits, \"-\" and \"_\", beginning with a "
		 "letter."},
	{SCOPE_TOP, SETTING_NAMED, "policies",
	 .example = "pipelines = { lab-results = { deliver_to = "
		    "\"http://localhost:8081/\"; policy = \"careful\"; }; }; "
		    "policies = { careful = { max_attempts = 12; }; };",
	 .help = "What is done about errors, each under a name of its own. "
		 "The policy \"built-in\" is always there."},
	{SCOPE_BROKER, SETTING_TEXTS, "nodes", IN(struct broker_draft, nodes),
	 .fallback = "amqp://localhost:5672",
	 .example = "nodes = [ \"amqp://rabbit-1.example.org\", "
		    "\"amqp://rabbit-2.example.org:5673\" ];",
	 .help = "The nodes of the cluster, as amqp:// or amqps:// urls; "
		 "they are tried in turn. A user, password and vhost in a "
		 "url must be those beside it. A url that ends in \"/\" means "
		 "the vhost \"/\"."},
	{SCOPE_BROKER, SETTING_TEXT, "vhost",
	 IN(struct broker_draft, broker.vhost), .fallback = "/",
	 .example = "vhost = \"clinical\";", .help = "The virtual host."},
	{SCOPE_BROKER, SETTING_TEXT, "user",
	 IN(struct broker_draft, broker.worker.user), .fallback = "guest",
	 .example = "user = \"rebound\"; password_file = \"broker.password\";",
	 .help = "Who the workers are to the broker."},
	{SCOPE_BROKER, SETTING_SECRET, "password",
	 IN(struct broker_draft, broker.worker.password),
	 .otherwise = "\"guest\" for the user guest",
	 .example = "user = \"rebound\"; password_env = \"BROKER_PASSWORD\";",
	 .help = "Better given by password_file or password_env."},
	{SCOPE_BROKER, SETTING_DURATION, "connect_timeout",
	 IN(struct broker_draft, broker.connect_timeout), .min = 100,
	 .max = 10 * MILLIS_PER_MINUTE, .fallback = "5s",
	 .example = "connect_timeout = \"2s\";",
	 .help = "How long connecting to one node may take."},
	{SCOPE_BROKER, SETTING_DURATION, "heartbeat",
	 IN(struct broker_draft, broker.heartbeat), .min = MILLIS_PER_SECOND,
	 .max = MILLIS_PER_MINUTE, .fallback = "15s",
	 .example = "heartbeat = \"30s\";",
	 .help = "The heartbeat that is proposed to the broker, in whole "
		 "seconds."},
	{SCOPE_BROKER, SETTING_DURATION, "rpc_timeout",
	 IN(struct broker_draft, broker.rpc_timeout), .min = 100,
	 .max = 10 * MILLIS_PER_MINUTE, .fallback = "10s",
	 .example = "rpc_timeout = \"30s\";",
	 .help = "How long the broker may take to answer a declaration or "
		 "the like."},
	{SCOPE_BROKER, SETTING_DURATION, "reconnect_max",
	 IN(struct broker_draft, broker.reconnect_max), .min = 100,
	 .max = MILLIS_PER_HOUR, .fallback = "30s",
	 .example = "reconnect_max = \"1m\";",
	 .help = "The longest wait between two tries to connect."},
	{SCOPE_BROKER, SETTING_TEXT, "management",
	 IN(struct broker_draft, broker.management),
	 .example = "management = \"http://rabbit.example.org:15672\";",
	 .help = "The address of the management API, such as "
		 "\"http://localhost:15672\". With it rebound can see what "
		 "AMQP does not show. The login is admin's, or else "
		 "operator's, or else the workers'; it takes the tag "
		 "monitoring."},
	{SCOPE_BROKER, SETTING_PATH, "ca_file",
	 IN(struct broker_draft, broker.ca_file), .otherwise = "the system's",
	 .example = "nodes = \"amqps://rabbit.example.org\"; ca_file = "
		    "\"broker-ca.pem\";",
	 .help = "The certificates (PEM) that an amqps:// node is checked "
		 "against. The node must be named as its certificate does."},
	{SCOPE_BROKER, SETTING_PATH, "crl_file",
	 IN(struct broker_draft, broker.crl_file),
	 .example = "nodes = \"amqps://rabbit.example.org\"; crl_file = "
		    "\"broker-crl.pem\";",
	 .help = "Lists (PEM) of certificates that their authorities have "
		 "revoked, one of each authority up to the root. Without it "
		 "nobody asks; with one that is out of date no amqps:// node "
		 "is connected to. It is read for each new connection."},
	{SCOPE_BROKER, SETTING_PATH, "cert_file",
	 IN(struct broker_draft, broker.cert_file),
	 .example = "nodes = \"amqps://rabbit.example.org\"; cert_file = "
		    "\"worker.pem\"; key_file = \"worker.key\";",
	 .help = "The certificate (PEM, with what leads to its authority) that "
		 "amqps:// nodes are shown."},
	{SCOPE_BROKER, SETTING_PATH, "key_file",
	 IN(struct broker_draft, broker.key_file),
	 .example = "nodes = \"amqps://rabbit.example.org\"; cert_file = "
		    "\"worker.pem\"; key_file = \"worker.key\";",
	 .help = "The private key (PEM, without a pass phrase) of "
		 "broker.cert_file."},
	{SCOPE_BROKER, SETTING_CHOICE, "tls_min",
	 IN(struct broker_draft, broker.tls_min), .fallback = "1.2",
	 .choices = "1.2|1.3",
	 .example =
		 "nodes = \"amqps://rabbit.example.org\"; tls_min = \"1.3\";",
	 .help = "The lowest version of TLS that is spoken with amqps:// "
		 "nodes."},
	{SCOPE_BROKER, SETTING_CHOICE, "auth",
	 IN(struct broker_draft, broker.auth), .fallback = "plain",
	 .choices = "plain|external",
	 .example = "nodes = \"amqps://rabbit.example.org\"; user = "
		    "\"worker\"; auth = \"external\"; cert_file = "
		    "\"worker.pem\"; key_file = \"worker.key\";",
	 .help = "How workers log in. plain: with user and password. external: "
		 "as the owner of broker.cert_file, where the broker has "
		 "rabbitmq_auth_mechanism_ssl; then user is the name that the "
		 "broker gives that owner, and there is no password. The admin "
		 "and the operator log in with theirs."},
	{SCOPE_BROKER, SETTING_BOOL, "insecure_skip_verify",
	 IN(struct broker_draft, broker.insecure_skip_verify),
	 .fallback = "false", .example = "insecure_skip_verify = false;",
	 .help = "Take any amqps:// node for the right one, whatever its "
		 "certificate. Whoever stands on the way there can then read "
		 "and change all messages, so every start warns of it."},
	{SCOPE_BROKER, SETTING_GROUP, "admin",
	 .example = "admin = { user = \"rebound-declarer\"; password_file = "
		    "\"declarer.password\"; };",
	 .help = "Who declares queues and exchanges, if not the workers' "
		 "user."},
	{SCOPE_BROKER, SETTING_GROUP, "operator",
	 .example = "operator = { user = \"rebound-operator\"; password_file = "
		    "\"operator.password\"; };",
	 .help = "Who handles parked messages, if not the workers' user."},
	{SCOPE_BROKER, SETTING_GROUP, "publisher",
	 .example = "publisher = { user = \"rebound-publisher\"; password_file "
		    "= \"publisher.password\"; };",
	 .help = "Who publishes by hand (rebound publish), if not the "
		 "workers' user."},
	{SCOPE_LOGIN, SETTING_TEXT, "user", IN(struct login_config, user),
	 .required = true,
	 .example = "user = \"rebound-declarer\"; password_file = "
		    "\"declarer.password\";",
	 .help = "The user."},
	{SCOPE_LOGIN, SETTING_SECRET, "password",
	 IN(struct login_config, password), .required = true,
	 .example = "user = \"rebound-declarer\"; password_file = "
		    "\"declarer.password\";",
	 .help = "Better given by password_file or password_env."},
	{SCOPE_DOWNSTREAM, SETTING_TEXT, "url",
	 IN(struct downstream_config, url), .required = true,
	 .example = "url = \"https://ehr.example.org/fhir/Observation\";",
	 .help = "Where the requests go: an http:// or https:// url without "
		 "user and password, which belong into auth.basic."},
	{SCOPE_DOWNSTREAM, SETTING_WORD, "method",
	 IN(struct downstream_config, method), .fallback = "POST",
	 .choices = "POST|PUT|PATCH", .example = "method = \"PUT\";",
	 .help = "The method of the requests."},
	{SCOPE_DOWNSTREAM, SETTING_BOOL, "idempotent",
	 IN(struct downstream_config, rules.is_idempotent),
	 .otherwise = "true for PUT (RFC 9110, section 9.2.2), else false",
	 .example = "idempotent = true;",
	 .help = "The same request twice does no more than once, because of "
		 "its nature or because the service honours the "
		 "Idempotency-Key. Where that is not so, \"rebound check\" "
		 "says what an ambiguous answer comes to."},
	{SCOPE_DOWNSTREAM, SETTING_DURATION, "timeout",
	 IN(struct downstream_config, timeout), .min = 1,
	 .max = MILLIS_PER_HOUR, .fallback = "30s",
	 .example = "timeout = \"5s\";",
	 .help = "How long a call may take in all, connecting included."},
	{SCOPE_DOWNSTREAM, SETTING_DURATION, "connect_timeout",
	 IN(struct downstream_config, connect_timeout), .min = 1,
	 .max = MILLIS_PER_HOUR, .fallback = "5s",
	 .example = "connect_timeout = \"2s\";",
	 .help = "How long connecting may take, with the TLS handshake."},
	{SCOPE_DOWNSTREAM, SETTING_DURATION, "connection_max_age",
	 IN(struct downstream_config, connection_max_age),
	 .min = 2 * MILLIS_PER_SECOND, .max = MILLIS_PER_DAY, .fallback = "5m",
	 .example = "connection_max_age = \"1m\";",
	 .help = "How old a connection may become; the next call then makes a "
		 "new one, for which the name is looked up anew, so that a "
		 "service that moves by DNS is followed. Counted in whole "
		 "seconds, and not while calls share the connection without "
		 "a pause, as HTTP/2 may."},
	{SCOPE_DOWNSTREAM, SETTING_TEXT, "proxy",
	 IN(struct downstream_config, proxy),
	 .otherwise = "no proxy, whatever "
		      "the environment says",
	 .example = "proxy = \"http://proxy.example.org:3128\";",
	 .help = "An HTTP proxy that the calls go through, such as "
		 "\"http://proxy.example:3128\", without user and password. To "
		 "an https:// service it carries the connection, and sees "
		 "nothing of what is sent."},
	{SCOPE_DOWNSTREAM, SETTING_COUNT, "concurrency",
	 IN(struct downstream_config, concurrency), .min = 1, .max = 10000,
	 .fallback = "32", .example = "concurrency = 8;",
	 .help = "How many calls one worker has under way at once, for all "
		 "pipelines that deliver to it."},
	{SCOPE_DOWNSTREAM, SETTING_SIZE, "response_limit",
	 IN(struct downstream_config, response_limit), .min = 0,
	 .max = 16 << 20, .fallback = "64KiB",
	 .example = "response_limit = \"1MiB\";",
	 .help = "How much of a response is kept for rules to look at; the "
		 "rest is read and thrown away."},
	{SCOPE_DOWNSTREAM, SETTING_LIST, "success",
	 .example =
		 "success = ( { means = \"already-done\"; status = 409; } );",
	 .help = "Rules that say of some answers what they mean, the first "
		 "that holds; else a status of 200 to 299 is a success, and no "
		 "other is."},
	{SCOPE_DOWNSTREAM, SETTING_BOOL, "follow_redirects",
	 IN(struct downstream_config, follow_redirects), .fallback = "false",
	 .example = "follow_redirects = true;",
	 .help = "Follow redirects (307 and 308 alone, five at most, never "
		 "from https to http), instead of taking them for an error. "
		 "The body and all headers but Authorization and Cookie go "
		 "along, to another host too."},
	{SCOPE_DOWNSTREAM, SETTING_PATH, "ca_file",
	 IN(struct downstream_config, ca_file), .otherwise = "the system's",
	 .example = "url = \"https://ehr.example.org/\"; ca_file = "
		    "\"ehr-ca.pem\";",
	 .help = "The certificates (PEM) that an https:// service is checked "
		 "against."},
	{SCOPE_DOWNSTREAM, SETTING_PATH, "crl_file",
	 IN(struct downstream_config, crl_file),
	 .example = "url = \"https://ehr.example.org/\"; crl_file = "
		    "\"ehr-crl.pem\";",
	 .help = "Lists (PEM) of certificates that their authorities have "
		 "revoked, one of each authority up to the root. Without it "
		 "nobody asks; with one that is out of date no call is made."},
	{SCOPE_DOWNSTREAM, SETTING_PATH, "cert_file",
	 IN(struct downstream_config, cert_file),
	 .example = "url = \"https://ehr.example.org/\"; cert_file = "
		    "\"rebound.pem\"; key_file = \"rebound.key\";",
	 .help = "The certificate (PEM, with what leads to its authority) that "
		 "an https:// service is shown. A new one in its place is used "
		 "for new connections."},
	{SCOPE_DOWNSTREAM, SETTING_PATH, "key_file",
	 IN(struct downstream_config, key_file),
	 .example = "url = \"https://ehr.example.org/\"; cert_file = "
		    "\"rebound.pem\"; key_file = \"rebound.key\";",
	 .help = "The private key (PEM, without a pass phrase) of cert_file."},
	{SCOPE_DOWNSTREAM, SETTING_CHOICE, "tls_min",
	 IN(struct downstream_config, tls_min), .fallback = "1.2",
	 .choices = "1.2|1.3",
	 .example = "url = \"https://ehr.example.org/\"; tls_min = \"1.3\";",
	 .help = "The lowest version of TLS that is spoken."},
	{SCOPE_DOWNSTREAM, SETTING_BOOL, "insecure_skip_verify",
	 IN(struct downstream_config, insecure_skip_verify),
	 .fallback = "false", .example = "insecure_skip_verify = false;",
	 .help = "Take any https:// service for the right one, whatever its "
		 "certificate. Whoever stands on the way there can then read "
		 "and change what is sent, so every start warns of it."},
	{SCOPE_DOWNSTREAM, SETTING_OR_WORD, "understand",
	 IN(struct downstream_config, understand.as),
	 .choices = "fhir|hl7v2|problem",
	 .otherwise = "the status alone counts",
	 .example =
		 "understand = { format = \"fhir\"; done = \"duplicate\"; };",
	 .help = "What the service says in the body of an answer. fhir: an "
		 "OperationOutcome, or a Bundle that answers a batch, in JSON. "
		 "hl7v2: an acknowledgement. problem: problem details (RFC "
		 "9457) in JSON. docs/policies.md has what becomes of them."},
	{SCOPE_DOWNSTREAM, SETTING_GROUP, "auth",
	 .example = "auth = { bearer_file = \"ehr.token\"; };",
	 .help = "What the service is shown with every call: one of basic, "
		 "bearer and header."},
	{SCOPE_DOWNSTREAM, SETTING_FREE, "headers",
	 .example = "headers = { X-Facility = \"north\"; X-Api-Key_file = "
		    "\"ehr.key\"; };",
	 .help = "Headers of every request: Name = \"value\"; or Name_file and "
		 "Name_env for values that are secrets."},
	{SCOPE_DOWNSTREAM, SETTING_FREE, "map_headers",
	 .example = "map_headers = { X-Reply-To = \"property:reply-to\"; "
		    "X-Patient = \"header:patient\"; };",
	 .help = "Headers with values of the message: Name = "
		 "\"property:reply-to\"; or Name = \"header:patient-id\";. "
		 "What "
		 "a message does not have is not sent."},
	{SCOPE_AUTH, SETTING_GROUP, "basic",
	 .example = "basic = { user = \"rebound\"; password_file = "
		    "\"ehr.password\"; };",
	 .help = "User and password (RFC 7617)."},
	{SCOPE_AUTH, SETTING_SECRET, "bearer", IN(struct auth_config, secret),
	 .example = "bearer_file = \"ehr.token\";",
	 .help = "A token (RFC 6750)."},
	{SCOPE_AUTH, SETTING_GROUP, "header",
	 .example = "header = { name = \"X-Api-Key\"; value_file = "
		    "\"ehr.key\"; };",
	 .help = "A header of another name, such as X-Api-Key."},
	{SCOPE_BASIC, SETTING_TEXT, "user", IN(struct auth_config, user),
	 .required = true,
	 .example = "user = \"rebound\"; password_file = \"ehr.password\";",
	 .help = "The user, without a colon."},
	{SCOPE_BASIC, SETTING_SECRET, "password",
	 IN(struct auth_config, secret), .required = true,
	 .example = "user = \"rebound\"; password_env = \"EHR_PASSWORD\";",
	 .help = "The password."},
	{SCOPE_AUTH_HEADER, SETTING_TEXT, "name", IN(struct auth_config, name),
	 .required = true,
	 .example = "name = \"X-Api-Key\"; value_file = \"ehr.key\";",
	 .help = "The name of the header."},
	{SCOPE_AUTH_HEADER, SETTING_SECRET, "value",
	 IN(struct auth_config, secret), .required = true,
	 .example = "name = \"X-Api-Key\"; value_env = \"EHR_KEY\";",
	 .help = "Its value."},
	{SCOPE_UNDERSTAND, SETTING_OPTION, "format",
	 IN(struct understand_draft, as), .required = true,
	 .choices = "fhir|hl7v2|problem", .example = "format = \"problem\";",
	 .help = "How the service says it, as above."},
	{SCOPE_UNDERSTAND, SETTING_TEXTS, "done",
	 IN(struct understand_draft, done),
	 .example =
		 "format = \"fhir\"; done = [ \"duplicate\", \"conflict\" ];",
	 .help = "Codes that mean that the message was carried out before: "
		 "issue types of FHIR, such as \"duplicate\" and "
		 "\"conflict\"; error codes of HL7 v2, such as \"205\"; the "
		 "last part of a problem's type."},
	{SCOPE_UNDERSTAND, SETTING_TEXTS, "transient",
	 IN(struct understand_draft, transient),
	 .example =
		 "format = \"fhir\"; transient = [ \"expired\", \"login\" ];",
	 .help = "Codes that mean that it may succeed later. For HL7 v2, "
		 "\"AE\" and the like too, for all errors whose code is in no "
		 "list."},
	{SCOPE_UNDERSTAND, SETTING_TEXTS, "permanent",
	 IN(struct understand_draft, permanent),
	 .example = "format = \"hl7v2\"; permanent = \"AE\";",
	 .help = "Codes that mean that it never will."},
	{SCOPE_PIPELINE, SETTING_GROUP, "source",
	 .example = "source = { exchange = \"clinical-events\"; keys = [ "
		    "\"lab.#\" ]; };",
	 .help = "Where the messages come from. Without it the pipeline has "
		 "an exchange of its own to publish to: its name on the "
		 "broker with .in behind it."},
	{SCOPE_PIPELINE, SETTING_TEXTS, "deliver_to",
	 IN(struct pipeline_draft, deliver_to), .required = true,
	 .example = "deliver_to = \"ehr\";",
	 .help = "The downstream that gets the messages, by name; or a url, "
		 "which makes a downstream named like the pipeline. Exactly "
		 "one in this version."},
	{SCOPE_PIPELINE, SETTING_TEXT, "policy",
	 IN(struct pipeline_draft, policy), .fallback = "built-in",
	 .example = "policy = \"careful\";",
	 .help = "The policy that decides about errors."},
	{SCOPE_PIPELINE, SETTING_COUNT, "prefetch",
	 IN(struct pipeline_draft, prefetch), .min = 1, .max = 65535,
	 .otherwise = "twice the downstream's concurrency",
	 .example = "prefetch = 16;",
	 .help = "How many messages one worker has in hand at once."},
	{SCOPE_PIPELINE, SETTING_SIZE, "in_flight_bytes",
	 IN(struct pipeline_draft, in_flight_bytes), .min = 1 << 20,
	 .max = (int64_t)64 << 30, .fallback = "256MiB",
	 .example = "in_flight_bytes = \"64MiB\";",
	 .help = "How much the bodies of those may be together: while they "
		 "are more, no other is taken, until half of it is done. One "
		 "larger body is delivered all the same."},
	{SCOPE_PIPELINE, SETTING_COUNT, "max_lanes",
	 IN(struct pipeline_draft, max_lanes), .min = 1, .max = LANES_MAX,
	 .fallback = "128", .example = "max_lanes = 200;",
	 .help = "The most delay queues (lanes) that the policy may make for "
		 "this pipeline."},
	{SCOPE_PIPELINE, SETTING_TEXT, "type_from",
	 IN(struct pipeline_draft, type_from), .fallback = "type",
	 .example = "type_from = \"body:/resourceType\";",
	 .help = "Where the type of a message stands, by which policies tell "
		 "messages apart. type: the type property, or else the "
		 "routing key. routing-key: the routing key. header:NAME: a "
		 "message header that is a text. body:/POINTER: a text in a "
		 "JSON body (RFC 6901); each body is then parsed. A message "
		 "that has none there has its type property, or else its "
		 "routing key."},
	{SCOPE_PIPELINE, SETTING_TEXT, "deadline_header",
	 IN(struct pipeline_draft, deadline_header),
	 .example = "deadline_header = \"valid-until\";",
	 .help = "A message header that says until when the message is worth "
		 "delivering: an AMQP timestamp, milliseconds since 1970 as a "
		 "whole number, or a time of RFC 3339 as a text. After it the "
		 "message is parked without a call, and no call is waited for "
		 "that would come after it. A header that is none of these is "
		 "ignored, and the log says so."},
	{SCOPE_PIPELINE, SETTING_LATER, "routes", .help = ""},
	{SCOPE_PIPELINE, SETTING_LATER, "journal_in_body", .help = ""},
	{SCOPE_PIPELINE, SETTING_LATER, "send_journal", .help = ""},
	{SCOPE_PIPELINE, SETTING_LATER, "id_from", .help = ""},
	{SCOPE_SOURCE, SETTING_TEXT, "exchange",
	 IN(struct source_draft, exchange),
	 .example = "exchange = \"clinical-events\"; keys = \"lab.#\";",
	 .help = "An exchange of yours, which has to exist. It is bound to "
		 "the pipeline and never declared."},
	{SCOPE_SOURCE, SETTING_TEXTS, "keys", IN(struct source_draft, keys),
	 .otherwise = "\"#\"",
	 .example = "exchange = \"clinical-events\"; keys = [ \"lab.#\", "
		    "\"order.*.urgent\" ];",
	 .help = "The routing keys that are taken from it, with \"*\" and "
		 "\"#\" "
		 "if it is a topic exchange."},
	{SCOPE_SOURCE, SETTING_TEXT, "queue", IN(struct source_draft, queue),
	 .example = "queue = \"lab-inbox\";",
	 .help = "A queue that exists and belongs to somebody else, to be "
		 "consumed instead of a queue of ours. Its arguments are "
		 "left alone."},
	{SCOPE_POLICY, SETTING_OR_WORD, "ambiguous",
	 IN(struct policy, own.ambiguous), .otherwise = "retry",
	 .choices = "retry|park",
	 .example = "ambiguous = { schedule = { kind = \"fixed\"; first = "
		    "\"5m\"; }; max_attempts = 3; };",
	 .help = "What follows when the request was sent and no answer came, "
		 "so that it may have been carried out. A group stands for "
		 "\"retry\" with a schedule, limits and so on of its own."},
	{SCOPE_POLICY, SETTING_LIST, "errors",
	 .example = "errors = ( { name = \"schema\"; status = [ \"400\", "
		    "\"422\" ]; class = \"permanent\"; } );",
	 .help = "Rules that name errors and say what they are, tried in "
		 "order; behind them stand the built-in ones."},
	{SCOPE_POLICY, SETTING_LIST, "types",
	 .example = "types = ( { match = \"lab.result.critical\"; max_attempts "
		    "= 20; } );",
	 .help = "Settings for messages of some types; the most specific "
		 "match counts."},
	{SCOPE_ERROR, SETTING_TEXT, "name", IN(struct error_rule, name),
	 .required = true, .example = "name = \"maintenance\"; status = 503;",
	 .help = "What the error is called in headers, logs and metrics: "
		 "small letters, digits, \"-\" and \"_\"."},
	{SCOPE_ERROR, SETTING_STATUSES, "status", IN(struct error_rule, when),
	 .example = "status = [ \"429\", \"500-503\" ];",
	 .help = "The HTTP statuses that it stands for: \"429\", \"5xx\", "
		 "\"500-503\"; at most 32."},
	{SCOPE_ERROR, SETTING_TRANSPORTS, "transport",
	 IN(struct error_rule, when),
	 .choices =
		 "dns|connect|tls|timeout-before-send|timeout-after-send|reset-"
		 "before-send|reset-after-send|protocol|cut-response|header",
	 .example = "transport = [ \"dns\", \"connect\" ];",
	 .help = "The ways a call can fail that it stands for."},
	{SCOPE_ERROR, SETTING_MATCH, "downstream",
	 .choices = "a name, or a list of names", .otherwise = "all",
	 .example = "status = 404; downstream = [ \"ehr\" ];",
	 .help = "The downstreams whose answers it is for."},
	{SCOPE_ERROR, SETTING_MATCH, "understood",
	 .choices = "a name, or a list of names",
	 .example = "understood = [ \"fhir-throttled\", \"fhir-lock-error\" ];",
	 .help = "Names that a success rule of the downstream, or its "
		 "\"understand\", gives the answer."},
	{SCOPE_ERROR, SETTING_MATCH, "header",
	 .choices = "a group, or a list of groups",
	 .example = "status = 401; header = { name = \"WWW-Authenticate\"; "
		    "regex = \"invalid_token\"; };",
	 .help = "What header fields of the response are."},
	{SCOPE_ERROR, SETTING_MATCH, "pointer",
	 .choices = "a group, or a list of groups",
	 .example = "status = 500; pointer = { at = \"/issue/0/code\"; in = [ "
		    "\"lock-error\", \"deadlock\" ]; };",
	 .help = "What places in a JSON body hold."},
	{SCOPE_ERROR, SETTING_MATCH, "text", .choices = "a regular expression",
	 .example =
		 "status = \"5xx\"; text = \"OutOfMemoryError|out of memory\";",
	 .help = "What is found somewhere in the body, as far as it is kept "
		 "(response_limit)."},
	{SCOPE_ERROR, SETTING_MATCH, "content_type",
	 .choices = "a content type, or a list of them, such as "
		    "\"application/json\" or \"text/*\"",
	 .example = "status = \"4xx\"; content_type = \"text/*\";",
	 .help = "What the Content-Type is, parameters aside."},
	{SCOPE_ERROR, SETTING_CHOICE, "class", IN(struct error_rule, class),
	 .fallback = "transient", .choices = "transient|permanent|ambiguous",
	 .example = "status = 401; class = \"transient\";",
	 .help = "transient: tried again. permanent: parked at once. "
		 "ambiguous: the policy says."},
	{SCOPE_TYPE, SETTING_TEXT, "match", IN(struct type_rule, match),
	 .required = true,
	 .example = "match = \"lab.*.critical\"; max_attempts = 20;",
	 .help = "The message types, which are the type property or else the "
		 "routing key: words between dots, \"*\" for one, \"#\" for "
		 "any "
		 "number."},
	{SCOPE_TYPE, SETTING_LIST, "errors",
	 .example = "match = \"lab.#\"; errors = ( { name = \"throttled\"; "
		    "max_attempts = 50; } );",
	 .help = "Settings for some errors of such messages."},
	{SCOPE_TYPE_ERROR, SETTING_TEXT, "name", IN(struct type_error, error),
	 .required = true,
	 .example = "name = \"throttled\"; max_attempts = 50;",
	 .help = "The error type: of a rule of this policy, built in, or named "
		 "by a downstream."},
	{SCOPE_TUNING, SETTING_GROUP, "schedule",
	 .otherwise = "exponential, from 2s by 3 to 30m",
	 .example = "schedule = { kind = \"linear\"; first = \"5s\"; max = "
		    "\"1m\"; };",
	 .help = "How long a message waits between two tries."},
	{SCOPE_TUNING, SETTING_COUNT, "max_attempts",
	 IN(struct tuning, max_attempts), .min = 1, .max = ATTEMPTS_MAX,
	 .otherwise = "8", .example = "max_attempts = 12;",
	 .help = "How many times a message is tried in all, the first time "
		 "included; then it is parked. 100000 leaves it to "
		 "give_up_after."},
	{SCOPE_TUNING, SETTING_FOREVER, "give_up_after",
	 IN(struct tuning, give_up_after), .min = 1,
	 .max = 3650 * MILLIS_PER_DAY, .otherwise = "24h",
	 .example = "give_up_after = \"3d\";",
	 .help = "How old a message may become, counted from when a worker "
		 "first saw it; then it is parked."},
	{SCOPE_TUNING, SETTING_UNLESS_FALSE, "quick", .otherwise = "false",
	 .example = "quick = { tries = 2; within = \"1s\"; };",
	 .help = "Quick retries: a few more calls at once, while the message "
		 "is held, each time that it is taken from its queue. They "
		 "count as attempts, and leave the schedule where it is."},
	{SCOPE_TUNING, SETTING_OPTION, "ambiguous",
	 IN(struct tuning, ambiguous), .otherwise = "retry",
	 .choices = "retry|park", .example = "ambiguous = \"park\";",
	 .help = "What an ambiguous answer comes to: another try, which may "
		 "carry the request out twice, or parking."},
	{SCOPE_TUNING, SETTING_MAYBE, "honour_retry_after",
	 IN(struct tuning, honour), .otherwise = "true",
	 .example = "honour_retry_after = false;",
	 .help = "Wait as long as a Retry-After asks for, if the schedule "
		 "does not wait longer."},
	{SCOPE_TUNING, SETTING_DURATION, "retry_after_floor",
	 IN(struct tuning, retry_after_floor), .min = 1,
	 .max = 7 * MILLIS_PER_DAY, .otherwise = "none",
	 .example = "retry_after_floor = \"5s\";",
	 .help = "The shortest wait that a Retry-After gives."},
	{SCOPE_TUNING, SETTING_DURATION, "retry_after_ceiling",
	 IN(struct tuning, retry_after_ceiling), .min = MILLIS_PER_SECOND,
	 .max = 7 * MILLIS_PER_DAY, .otherwise = "1h",
	 .example = "retry_after_ceiling = \"2h\";",
	 .help = "The longest wait that a Retry-After gives, before it is "
		 "rounded up, by an eighth or a second at most, to what the "
		 "delay queues can wait."},
	{SCOPE_TUNING, SETTING_TEXT, "park_as", IN(struct tuning, park_as),
	 .example = "park_as = \"interface-team\";",
	 .help = "A word of yours for messages that are parked so, beside the "
		 "reason: in the header rebound-parked-as, and in the log. "
		 "Small letters, digits, \"-\" and \"_\"."},
	{SCOPE_QUICK, SETTING_COUNT, "tries", IN(struct quick, tries), .min = 1,
	 .max = QUICK_TRIES_MAX, .required = true,
	 .example = "tries = 3; within = \"2s\";",
	 .help = "How many more calls are made."},
	{SCOPE_QUICK, SETTING_DURATION, "within", IN(struct quick, within),
	 .min = 1, .max = QUICK_WITHIN_MAX, .required = true,
	 .example = "tries = 2; within = \"500ms\";",
	 .help = "The time for them, from the first failure on. The waits "
		 "between them double and fill it."},
	{SCOPE_SCHEDULE, SETTING_CHOICE, "kind", IN(struct schedule, kind),
	 .fallback = "exponential",
	 .choices = "exponential|linear|fixed|custom",
	 .example = "kind = \"fixed\"; first = \"1m\";",
	 .help = "exponential: first, then times factor, up to max. linear: "
		 "first, then plus step, up to max. fixed: first, always. "
		 "custom: the list of delays."},
	{SCOPE_SCHEDULE, SETTING_DURATION, "first", IN(struct schedule, first),
	 .min = 1, .max = SCHEDULE_DELAY_MAX, .fallback = "2s",
	 .example = "first = \"10s\";",
	 .help = "The first wait. Not for custom."},
	{SCOPE_SCHEDULE, SETTING_FACTOR, "factor", IN(struct schedule, factor),
	 .min = 1, .max = 100, .fallback = "3",
	 .example = "kind = \"exponential\"; factor = 1.5;",
	 .help = "How many times longer each wait is than the one before. "
		 "For exponential."},
	{SCOPE_SCHEDULE, SETTING_DURATION, "step", IN(struct schedule, step),
	 .min = 0, .max = SCHEDULE_DELAY_MAX, .otherwise = "as long as first",
	 .example = "kind = \"linear\"; first = \"5s\"; step = \"10s\";",
	 .help = "How much longer each wait is than the one before. For "
		 "linear."},
	{SCOPE_SCHEDULE, SETTING_DURATION, "max", IN(struct schedule, max),
	 .min = 1, .max = SCHEDULE_DELAY_MAX,
	 .otherwise = "\"30m\", or first if that is longer",
	 .example = "kind = \"exponential\"; max = \"1h\";",
	 .help = "The longest wait. For exponential and linear."},
	{SCOPE_SCHEDULE, SETTING_DURATIONS, "delays",
	 IN(struct schedule, delays),
	 .example = "kind = \"custom\"; delays = [ \"10s\", \"1m\", \"10m\" ];",
	 .help = "The waits, one after the other, at most 64. For custom."},
	{SCOPE_SCHEDULE, SETTING_FLAG, "then", IN(struct schedule, then_park),
	 .fallback = "repeat", .choices = "repeat|park",
	 .example = "kind = \"custom\"; delays = [ \"10s\", \"1m\" ]; then = "
		    "\"park\";",
	 .help = "What follows the last of the delays: the last again, or "
		 "parking. For custom."},
	{SCOPE_SCHEDULE, SETTING_PERCENT, "jitter",
	 IN(struct schedule, jitter_pct), .min = 0, .max = 100,
	 .fallback = "0%",
	 .example = "kind = \"fixed\"; first = \"1m\"; jitter = \"50%\";",
	 .help = "How much shorter a wait may be, by chance, so that "
		 "messages do not all come back at once: \"none\", a share, "
		 "or \"full\", which is \"100%\". Each wait makes three delay "
		 "queues with it."},
	{SCOPE_SUCCESS, SETTING_CHOICE, "means",
	 IN(struct success_draft, rule.meaning), .required = true,
	 .choices = "done|already-done|failed",
	 .example = "means = \"already-done\"; status = 409;",
	 .help = "done: the downstream has it. already-done: it had it from "
		 "an earlier call, which the log says. failed: whatever the "
		 "status says, it has not."},
	{SCOPE_SUCCESS, SETTING_TEXT, "error",
	 IN(struct success_draft, rule.error),
	 .otherwise = "what the answer is understood as, or else the "
		      "built-in name for its status",
	 .example = "means = \"failed\"; error = \"login-page\"; content_type "
		    "= \"text/html\";",
	 .help = "For failed: what the error is called. An error rule of the "
		 "policy finds it by understood."},
	{SCOPE_SUCCESS, SETTING_OPTION, "class",
	 IN(struct success_draft, class),
	 .choices = "transient|permanent|ambiguous",
	 .otherwise = "as the answer is understood, or else as built in",
	 .example = "means = \"failed\"; class = \"permanent\"; content_type = "
		    "\"text/html\";",
	 .help = "For failed: what it is where no error rule of the policy "
		 "says otherwise."},
	{SCOPE_SUCCESS, SETTING_STATUSES, "status",
	 IN(struct success_draft, rule.when),
	 .example = "means = \"already-done\"; status = [ \"409\", \"412\" ];",
	 .help = "The HTTP statuses that it is for, successes too: \"200\", "
		 "\"2xx\", \"409\"; at most 32."},
	{SCOPE_SUCCESS, SETTING_MATCH, "understood",
	 .choices = "a name, or a list of names",
	 .example =
		 "means = \"already-done\"; understood = \"fhir-duplicate\";",
	 .help = "Names that the downstream's \"understand\" gives the "
		 "answer."},
	{SCOPE_SUCCESS, SETTING_MATCH, "header",
	 .choices = "a group, or a list of groups",
	 .example = "means = \"done\"; header = { name = \"X-Stored\"; equals "
		    "= \"yes\"; };",
	 .help = "What header fields of the response are."},
	{SCOPE_SUCCESS, SETTING_MATCH, "pointer",
	 .choices = "a group, or a list of groups",
	 .example = "means = \"failed\"; status = \"2xx\"; pointer = { at = "
		    "\"/status\"; equals = \"error\"; };",
	 .help = "What places in a JSON body hold."},
	{SCOPE_SUCCESS, SETTING_MATCH, "text",
	 .choices = "a regular expression",
	 .example = "means = \"failed\"; text = \"(?i)queue is full\";",
	 .help = "What is found somewhere in the body, as far as it is kept "
		 "(response_limit)."},
	{SCOPE_SUCCESS, SETTING_MATCH, "content_type",
	 .choices = "a content type, or a list of them, such as "
		    "\"application/json\" or \"text/*\"",
	 .example = "means = \"done\"; status = 500; content_type = [ "
		    "\"application/json\", \"text/*\" ];",
	 .help = "What the Content-Type is, parameters aside."},
	{SCOPE_HEADER, SETTING_TEXT, "name", IN(struct test_draft, place),
	 .required = true, .example = "name = \"Location\"; exists = true;",
	 .help = "The field, in any case. Several of the same name are one, "
		 "joined with \", \" (RFC 9110, section 5.3), of which the "
		 "first 8 KiB are kept."},
	{SCOPE_HEADER, SETTING_MATCH, "equals", .choices = "a text",
	 .example = "name = \"X-Stored\"; equals = \"yes\";",
	 .help = "It is there, and just this."},
	{SCOPE_HEADER, SETTING_MATCH, "in", .choices = "a list of texts",
	 .example = "name = \"Server\"; in = [ \"proxy\", \"gateway\" ];",
	 .help = "It is there, and one of these."},
	{SCOPE_HEADER, SETTING_MAYBE, "exists", IN(struct test_draft, exists),
	 .example = "name = \"X-Request-Id\"; exists = false;",
	 .help = "It is there, or it is not."},
	{SCOPE_HEADER, SETTING_TEXT, "regex", IN(struct test_draft, regex),
	 .example = "name = \"Location\"; regex = \"/Observation/\\\\d+\";",
	 .help = "It is there, and this is found in it."},
	{SCOPE_POINTER, SETTING_TEXT, "at", IN(struct test_draft, place),
	 .required = true, .example = "at = \"/issue/0/code\"; exists = true;",
	 .help = "The place, as a JSON pointer (RFC 6901): "
		 "\"/issue/0/code\"."},
	{SCOPE_POINTER, SETTING_MATCH, "equals",
	 .choices = "a text, a number, true or false",
	 .example = "at = \"/stored\"; equals = true;",
	 .help = "It holds just this: a text is a string there, a number a "
		 "number."},
	{SCOPE_POINTER, SETTING_MATCH, "in",
	 .choices = "a list of texts, numbers, true and false",
	 .example = "at = \"/code\"; in = ( \"duplicate\", 409 );",
	 .help = "It holds one of these."},
	{SCOPE_POINTER, SETTING_MAYBE, "exists", IN(struct test_draft, exists),
	 .example = "at = \"/final\"; exists = false;",
	 .help = "There is such a place, whatever it holds, null too; or there "
		 "is not, or the body is no JSON."},
	{SCOPE_POINTER, SETTING_MAYBE, "is_null",
	 IN(struct test_draft, is_null),
	 .example = "at = \"/error\"; is_null = true;",
	 .help = "It holds null; or it holds something else."},
	{SCOPE_POINTER, SETTING_TEXT, "regex", IN(struct test_draft, regex),
	 .example = "at = \"/version\"; regex = \"^[0-9]+$\";",
	 .help = "It holds a string in which this is found, or a number, as it "
		 "is written."},
};

const struct setting *setting_table(size_t *count)
{
	*count = sizeof(table) / sizeof(table[0]);
	return table;
}

const char *setting_scope_path(enum setting_scope scope)
{
	switch (scope) {
	case SCOPE_TOP:
		return "";
	case SCOPE_BROKER:
		return "broker.";
	case SCOPE_LOGIN:
		return "broker.admin.";
	case SCOPE_DOWNSTREAM:
		return "downstreams.<name>.";
	case SCOPE_AUTH:
		return "downstreams.<name>.auth.";
	case SCOPE_BASIC:
		return "downstreams.<name>.auth.basic.";
	case SCOPE_AUTH_HEADER:
		return "downstreams.<name>.auth.header.";
	case SCOPE_UNDERSTAND:
		return "downstreams.<name>.understand.";
	case SCOPE_PIPELINE:
		return "pipelines.<name>.";
	case SCOPE_SOURCE:
		return "pipelines.<name>.source.";
	case SCOPE_POLICY:
		return "policies.<name>.";
	case SCOPE_ERROR:
		return "policies.<name>.errors[].";
	case SCOPE_TYPE:
		return "policies.<name>.types[].";
	case SCOPE_TYPE_ERROR:
		return "policies.<name>.types[].errors[].";
	case SCOPE_TUNING:
		return "policies.<name>.";
	case SCOPE_QUICK:
		return "quick.";
	case SCOPE_SCHEDULE:
		return "schedule.";
	case SCOPE_SUCCESS:
		return "downstreams.<name>.success[].";
	case SCOPE_HEADER:
		return "header.";
	case SCOPE_POINTER:
		return "pointer.";
	}
	return "?";
}

const struct setting *setting_find(enum setting_scope scope, const char *name)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].scope == scope && strcmp(table[i].name, name) == 0)
			return &table[i];
	return NULL;
}

bool setting_tuning(enum setting_scope scope, size_t *offset)
{
	switch (scope) {
	case SCOPE_DOWNSTREAM:
		*offset = offsetof(struct downstream_config, rules.own);
		return true;
	case SCOPE_POLICY:
		*offset = offsetof(struct policy, own);
		return true;
	case SCOPE_ERROR:
		*offset = offsetof(struct error_rule, own);
		return true;
	case SCOPE_TYPE:
		*offset = offsetof(struct type_rule, own);
		return true;
	case SCOPE_TYPE_ERROR:
		*offset = offsetof(struct type_error, own);
		return true;
	default:
		return false;
	}
}

bool setting_has_env(const struct setting *setting)
{
	return setting->kind <= SETTING_WORD ||
	       setting->kind == SETTING_OR_WORD;
}
