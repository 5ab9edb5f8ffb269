/* SPDX-License-Identifier: Apache-2.0 */
/*
 * setting_of_downstream.c - the settings of downstreams.
 */
#include "worker/config_draft.h"
#include "worker/setting_rows.h"

static const struct setting rows[] = {
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
};

const struct setting_rows setting_of_downstream = ALL_OF(rows);
