/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_url.h - takes urls of a configuration apart (RFC 3986, section 3).
 */
#ifndef WORKER_CONFIG_URL_H
#define WORKER_CONFIG_URL_H

#include <stdbool.h>

#include "policy/text.h"
#include "worker/arena.h"

/* Parts as written, borrowed from the url; empty where they are not there. */
struct url {
	struct text scheme;
	bool has_user;
	bool has_password;
	struct text user;
	struct text password;
	struct text host; /* an IPv6 address without its brackets */
	int port;         /* 1 .. 65535; 0: none */
	bool has_path;
	struct text path; /* with its slash, up to query and fragment */
	bool has_query;
	bool has_fragment;
};

/*
 * Takes a url of the form scheme://... apart. NULL if it is one; otherwise
 * what is wrong with it, as the end of a sentence ("has no host"), never with
 * a part of the url in it. Static.
 */
const char *url_split(const char *url, struct url *parts);

/* Percent-decoded, in the arena; NULL if it is malformed or holds a NUL. */
const char *url_decode(struct arena *arena, struct text text);

#endif
