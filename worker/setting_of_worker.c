/* SPDX-License-Identifier: Apache-2.0 */
/*
 * setting_of_worker.c - the settings of the worker and of its broker.
 */
#include "worker/config_draft.h"
#include "worker/setting_rows.h"

static const struct setting rows[] = {
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
	{SCOPE_TOP, SETTING_OR_WORD, "audit", IN(struct config, audit_word),
	 .choices = "all|failures|off|best-effort|required",
	 .otherwise = "all, best-effort",
	 .example = "audit = { record = \"failures\"; max_age = \"365d\"; };",
	 .help = "The record of what became of each message. A word stands for "
		 "a group that says audit.record or audit.mode alone."},
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
};

const struct setting_rows setting_of_worker = ALL_OF(rows);
