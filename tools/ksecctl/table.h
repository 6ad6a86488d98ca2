/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tables for people: columns as wide as what is in them.
 */
#ifndef KSECCTL_TABLE_H
#define KSECCTL_TABLE_H

#include <stddef.h>
#include <stdio.h>

#define TABLE_COLUMNS_MAX	12

/**
 * struct table - cells, row by row; the first row is the heading
 * @columns: number of columns; set by the user, everything else is zero at first
 * @cells:   copies of the cells
 * @n:       number of @cells
 * @size:    room at @cells
 * @failed:  out of memory; table_print() says so
 */
struct table {
	unsigned int columns;
	char **cells;
	size_t n;
	size_t size;
	int failed;
};

void table_cell(struct table *table, const char *text);
void table_format(struct table *table, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
int table_print(struct table *table, FILE *file);
void table_clear(struct table *table);

#endif /* KSECCTL_TABLE_H */
