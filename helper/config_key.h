/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the configuration's file and its keys share: a parser in the file, and
 * the table of keys.
 */
#ifndef KSECD_CONFIG_KEY_H
#define KSECD_CONFIG_KEY_H

#include "helper/config.h"

#define CONFIG_KEYS	44

/* The sections of which there are many: "[service NAME]", "[tls NAME]" */
#define CONFIG_SERVICE	"service"
#define CONFIG_TLS	"tls"

/* Where in the file the parser is, and where complaints go. */
struct config_parser {
	const char *path;
	unsigned int line;
	struct config_error *err;
};

struct config_key;
typedef int (*config_parse_fn)(const struct config_parser *p, const struct config_key *key,
			       const char *value, void *field);

/**
 * struct config_key - one key
 * @section: where it belongs
 * @name:    its name
 * @parse:   read its value into the field; 0, -EINVAL after config_complain(), or
 *           -ENOMEM
 * @offset:  of the field in struct config; in struct kerberos_service for
 *           CONFIG_SERVICE and in struct tls_section for CONFIG_TLS
 * @min:     least value of a number
 * @max:     largest value of a number; room for a string, in bytes
 * @many:    it may be given again, which adds to what there is
 */
struct config_key {
	const char *section;
	const char *name;
	config_parse_fn parse;
	size_t offset;
	uint32_t min;
	uint32_t max;
	bool many;
};

extern const struct config_key config_keys[CONFIG_KEYS];

/* config_tls.c */
int config_parse_certificate(const struct config_parser *p, const struct config_key *key,
			     const char *value, void *field);
int config_parse_tls_key(const struct config_parser *p, const struct config_key *key,
			 const char *value, void *field);
int config_parse_tls_path(const struct config_parser *p, const struct config_key *key,
			  const char *value, void *field);
int config_parse_client(const struct config_parser *p, const struct config_key *key,
			const char *value, void *field);
int config_parse_tls_rule(const struct config_parser *p, const struct config_key *key,
			  const char *value, void *field);
int config_parse_protocols(const struct config_parser *p, const struct config_key *key,
			   const char *value, void *field);
int config_begin_tls(const struct config_parser *p, const char *label, struct config *cfg,
		     void **ret_base);
int config_check_tls(struct config_parser *p, const struct config *cfg);

int config_parse_path(const struct config_parser *p, const struct config_key *key,
		      const char *value, void *field);
char *config_next_element(char **list);
bool config_have_section(const char *name);
const struct config_key *config_find_key(const char *section, const char *name);
const char *config_section_of(const char *name);
int config_complain(const struct config_parser *p, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif /* KSECD_CONFIG_KEY_H */
