/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config.h - the configuration, as the rest of the program sees it.
 *
 * Read once, then constant. Everything in it lives until config_free. Names
 * refer by pointer: a pipeline points to its downstreams and its policy.
 */
#ifndef WORKER_CONFIG_H
#define WORKER_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "policy/breaker.h"
#include "policy/bucket.h"
#include "policy/hold.h"
#include "policy/millis.h"
#include "policy/policy.h"
#include "policy/route.h"
#include "policy/text.h"

#define PROGRAM_ERRORS_MAX 200 /* that one reading reports */

struct matcher;  /* matcher.h */
struct template; /* template.h */
struct when;     /* when.h */

struct node_config {
	const char *host;
	int port;
	bool tls; /* amqps:// */
};

struct login_config {
	const char *user;
	const char *password; /* the secret itself; never printed */
};

/* How a worker shows the broker who it is. */
enum broker_auth {
	BROKER_AUTH_PLAIN,    /* user and password */
	BROKER_AUTH_EXTERNAL, /* by its certificate (SASL EXTERNAL) */
};

enum tls_min {
	TLS_MIN_1_2,
	TLS_MIN_1_3,
};

struct broker_config {
	struct node_config *nodes;
	size_t node_count; /* >= 1 */
	const char *vhost;
	struct login_config worker;    /* broker.user, broker.password */
	struct login_config admin;     /* who declares; user NULL: the worker */
	struct login_config operator;  /* user NULL: the worker */
	struct login_config publisher; /* user NULL: the worker */
	millis connect_timeout;
	millis heartbeat; /* whole seconds; 1 s .. 60 s */
	millis rpc_timeout;
	millis reconnect_max;      /* longest wait between two tries */
	const char *management;    /* url of the management API, or NULL */
	const char *ca_file;       /* for amqps; NULL: the system's */
	const char *crl_file;      /* NULL: nobody asks what was revoked */
	const char *cert_file;     /* shown to the broker; NULL: none */
	const char *key_file;      /* of cert_file; NULL exactly if that is */
	enum tls_min tls_min;      /* for amqps */
	enum broker_auth auth;     /* of the login `worker` alone */
	bool insecure_skip_verify; /* nobody is checked: warned of */
};

/* One header of a request: a fixed value, or where a value comes from. */
enum header_source {
	HEADER_FIXED,    /* value */
	HEADER_PROPERTY, /* value names a property: "reply-to" */
	HEADER_HEADER,   /* value names a message header */
};

struct header_config {
	const char *name;
	enum header_source source;
	const char *value;
	bool is_secret; /* HEADER_FIXED: never printed */
};

enum auth_kind {
	AUTH_NONE,
	AUTH_BASIC,  /* user and secret, RFC 7617 */
	AUTH_BEARER, /* secret is the token, RFC 6750 */
	AUTH_HEADER, /* secret is the value of a header */
};

/* What a downstream is shown with each call. */
struct auth_config {
	enum auth_kind kind;
	const char *user;        /* of AUTH_BASIC */
	const char *name;        /* of the header of AUTH_HEADER */
	const char *secret;      /* as it was at first; never printed */
	const char *secret_file; /* to read it again; NULL: it stays */
};

/* The format of a downstream's answers. */
enum understand_as {
	UNDERSTAND_NOTHING,
	UNDERSTAND_FHIR,
	UNDERSTAND_HL7V2,
	UNDERSTAND_PROBLEM,
};

struct code_list {
	const char *const *codes;
	size_t count;
};

/* Codes that mean something else here than the format says. */
struct understand_config {
	enum understand_as as;
	struct code_list done; /* by an earlier call */
	struct code_list transient;
	struct code_list permanent;
};

/* A request that tells whether a downstream is healthy. */
struct probe_config {
	const char *url; /* NULL: there is none */
	const char *method;
	millis interval;
	millis timeout;
	struct condition expect; /* its statuses; none: 200 .. 299 */
	bool always;             /* asked while the breaker is closed, too */
};

/* When a downstream counts as healthy, and how much it is asked to do. */
struct health_config {
	struct breaker_rules breaker;
	struct rate rate; /* count 0: none */
	const char *rate_written;
	uint32_t burst; /* 0: what comes in a second */
	struct probe_config probe;
	const struct hold_window *windows;
	size_t window_count;
};

struct downstream_config {
	const char *name;
	struct health_config health;
	struct downstream_rules rules; /* what policies know of it */
	struct understand_config understand;
	size_t index; /* position in config.downstreams */
	const char *url;
	const char *method; /* POST, PUT or PATCH */
	millis timeout;
	millis connect_timeout;
	uint32_t concurrency;      /* calls at once, of one worker */
	uint64_t response_limit;   /* bytes of a response that are kept */
	millis connection_max_age; /* an idle older one is not used again */
	bool follow_redirects;
	const char *proxy;     /* "http://host:port"; NULL: none */
	const char *ca_file;   /* for https; NULL: the system's */
	const char *crl_file;  /* NULL: nobody asks what was revoked */
	const char *cert_file; /* shown to the server; NULL: none */
	const char *key_file;  /* of cert_file; NULL exactly if that is */
	enum tls_min tls_min;
	bool insecure_skip_verify; /* nobody is checked: warned of */
	struct auth_config auth;
	const struct header_config *headers;
	size_t header_count;
	const char *const *wanted; /* fields of a response, for matchers; but
				      for Content-Type, Date, Retry-After */
	size_t wanted_count;
};

/* Where the type of a message stands. */
enum type_from {
	TYPE_FROM_PROPERTY, /* the type property, else the routing key */
	TYPE_FROM_KEY,      /* the routing key */
	TYPE_FROM_HEADER,   /* the message header `name` */
	TYPE_FROM_BODY,     /* the JSON pointer `name` into the body */
};

struct type_source {
	enum type_from from;
	const char *name;
	const char *written; /* as configuration spells all of it */
};

/*
 * One call of a route: to a downstream, under a name of its own, which is the
 * downstream's unless given. The undo of a step is one too: its name is the
 * step's with ".undo" behind it.
 */
struct step_config {
	const char *name;
	const struct downstream_config *downstream;
	const struct policy *policy; /* its own, or the pipeline's */
	/* The downstream's rules, with what the step itself says (`step`). */
	struct downstream_rules rules;
	struct tuning own;                 /* what rules.step points to */
	const struct when *when;           /* NULL: always */
	const char *method;                /* its own, or the downstream's */
	const struct template *url;        /* NULL: the downstream's url */
	const struct template *body;       /* undo; NULL: the message's */
	const struct template *key;        /* Idempotency-Key; NULL: made of
					pipeline, id and name (ruling of
					digest_idempotency_key) */
	const struct step_header *headers; /* beside the downstream's */
	size_t header_count;
	const struct step_config *undo; /* NULL: none */
	struct source_line written;
};

/* A header of a step's own. */
struct step_header {
	const char *name;
	const struct template *value;
};

/* Where the messages of some types go. */
struct route_config {
	const char *match; /* a pattern on the message type; never NULL */
	struct route rules;
	const struct step_config *steps; /* rules.step_count of them */
	bool otherwise_ack; /* no step applies: acked, and not parked */
	struct source_line written;
};

/* The delay queues of one downstream in a pipeline. */
struct lane_set {
	const struct downstream_config *downstream;
	const millis *delays; /* ascending */
	size_t count;
};

struct pipeline_config {
	const char *name;
	size_t index; /* position in config.pipelines */
	/* Names on the broker, all with the prefix. */
	const char *exchange;          /* the source exchange */
	const char *queue;             /* the source queue */
	bool queue_is_ours;            /* false: source.queue names it */
	const char *delay_exchange;    /* headers exchange of the lanes */
	const char *parking;           /* parking exchange and queue */
	const char *business_exchange; /* bound to ours; NULL: none */
	bool business_is_ours;   /* it is <pipeline>.in, which we declare */
	const char *const *keys; /* binding keys to the business exchange */
	size_t key_count;
	const struct route_config *routes; /* route_count of them, >= 1 */
	size_t route_count;
	/* Every downstream of its routes and their undos, once. */
	struct downstream_config *const *deliver_to;
	size_t deliver_to_count;
	const struct policy *policy; /* one of config.policies or built_in */
	uint32_t prefetch;           /* deliveries in flight; 1 .. 65535 */
	uint32_t priority;           /* 0 .. 9, the highest first (share.h) */
	uint64_t in_flight_bytes;    /* of their bodies; 1 MiB and more */
	struct type_source type_from;
	const char *deadline_header; /* a message header; NULL: none */
	uint32_t max_lanes;  /* refuse more than that, the ladder included */
	const millis *lanes; /* waits of the policy, ascending */
	size_t lane_count;
	const millis *ladder;     /* rungs for Retry-After, ascending */
	size_t ladder_count;      /* 0: the policy never honours it */
	const uint16_t *matchers; /* numbers of those that its policy and its
				     downstreams ask for, ascending */
	size_t matcher_count;
};

/* What of a message goes into the audit trail. */
enum audit_record {
	AUDIT_ALL,      /* each delivery too */
	AUDIT_FAILURES, /* a delivery only where a call had failed before */
	AUDIT_OFF,      /* nothing, of what people do neither */
};

enum audit_mode {
	AUDIT_BEST_EFFORT, /* beside the acks */
	AUDIT_REQUIRED,    /* acks wait for it */
};

enum audit_queue {
	AUDIT_STREAM,
	AUDIT_QUORUM, /* for brokers without streams */
};

/* The audit trail (audit.h): an exchange, and a queue of the same name. */
struct audit_config {
	enum audit_record record;
	enum audit_mode mode;
	enum audit_queue queue;
	millis max_age;       /* kept that long, at least a day */
	uint64_t max_size;    /* bytes; then the oldest goes */
	millis heads;         /* how often ends of chains go to the log */
	const char *exchange; /* with the prefix */
};

enum log_format {
	LOG_AUTO, /* human on a terminal, JSON elsewhere */
	LOG_JSON,
	LOG_HUMAN,
};

struct config {
	const char *file;
	const char *const *files; /* it and what it includes */
	size_t file_count;
	const char *prefix; /* of all names on the broker */
	bool declare;
	millis shutdown_grace;
	millis confirm_timeout;
	enum log_format log_format;
	struct audit_config audit;
	int audit_word; /* used while it is read */
	struct broker_config broker;
	struct downstream_config *downstreams;
	size_t downstream_count;
	struct pipeline_config *pipelines;
	size_t pipeline_count;
	struct policy *policies; /* those of the file */
	size_t policy_count;
	const struct policy *built_in; /* policy = "built-in", the default */
	struct matcher *matchers;      /* of all rules, by number */
	size_t matcher_count;          /* <= MATCHERS_MAX */
	void *memory;                  /* what config_free frees */
};

/* One thing that is wrong in a configuration, or looks so. */
struct config_error {
	const char *file;
	unsigned line;    /* 0: the file as a whole */
	const char *text; /* a sentence: setting, expected, how to mend */
	bool is_warning;  /* it can be run all the same */
};

struct config_errors {
	struct config_error *errors;
	size_t count;
	size_t more;  /* errors that were found beyond these */
	void *memory; /* what config_errors_free frees */
};

/*
 * Reads `file` and everything it includes. Returns the configuration, owned
 * by the caller, with at most warnings in *errors; or NULL with all that is
 * wrong in *errors, at most PROGRAM_ERRORS_MAX, in order of file and line.
 * *errors is to be freed in both cases. (Not config_read: libconfig exports
 * a function of that name.)
 */
struct config *config_load(const char *file, struct config_errors *errors);

/*
 * The same for a process that must not die of it, in two steps, since libconfig
 * may end the process that parses. config_try is for another process: it reads
 * the file as config_load does, and writes the text that it has tried to `to`;
 * false if it is wrong. config_load_tried reads that text, which was of `file`,
 * and no file but those of secrets.
 */
bool config_try(const char *file, FILE *to, struct config_errors *errors);
struct config *config_load_tried(const char *file, struct text tried,
				 struct config_errors *errors);

void config_free(struct config *config);               /* takes NULL */
void config_errors_free(struct config_errors *errors); /* leaves it empty */

/* "FILE:LINE: TEXT" or "FILE:LINE: warning: TEXT", one a line. */
void config_errors_print(const struct config_errors *errors, FILE *to);

/*
 * Prints the effective configuration, defaults included, in the syntax of a
 * configuration file: reading that gives the same configuration, but for the
 * secrets, which are printed as "********".
 */
void config_print(const struct config *config, FILE *to);

#define POLICY_VERSION_MAX 13 /* 12 hexadecimal digits and a NUL */

/*
 * The version of the policies: the beginning of the SHA-256 of the policies,
 * what they know of the downstreams, and which pipeline has which, as
 * config_print would print them, in the order of their names. The same for
 * files that differ in comments, includes, the order of groups, urls, or the
 * broker alone. Returns the buffer.
 */
char *config_policy_version(const struct config *config,
			    char buffer[POLICY_VERSION_MAX]);

/* `login`, which is one of the broker's, or the worker's if it is not set. */
const struct login_config *config_login(const struct broker_config *broker,
					const struct login_config *login);

/* The pipeline of that name, or NULL. */
const struct pipeline_config *config_pipeline(const struct config *config,
					      const char *name);

#endif
