// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tables for people: columns as wide as what is in them.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "helper/text.h"
#include "tools/ksecctl/table.h"

/**
 * table_cell() - add the next cell
 * @table: the table
 * @text: what is in it; copied, and made fit for a terminal
 */
void table_cell(struct table *table, const char *text)
{
	char shown[TEXT_NAME_MAX], **cells;
	size_t size;

	if (table->n == table->size) {
		size = table->size ? 2 * table->size : 64;
		cells = reallocarray(table->cells, size, sizeof(*cells));
		if (!cells) {
			table->failed = 1;
			return;
		}
		table->cells = cells;
		table->size = size;
	}
	table->cells[table->n] = strdup(text_show(shown, sizeof(shown), text));
	if (table->cells[table->n])
		table->n++;
	else
		table->failed = 1;
}

/**
 * table_format() - add the next cell
 * @table: the table
 * @format: as for printf(); shortened to 255 bytes
 */
void table_format(struct table *table, const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	table_cell(table, text);
}

/**
 * table_print() - print the table
 * @table: the table, with whole rows
 * @file: where to
 *
 * Return: 0, or -ENOMEM if cells were lost; nothing is printed then.
 */
int table_print(struct table *table, FILE *file)
{
	unsigned int width[TABLE_COLUMNS_MAX] = { 0 }, columns, column;
	size_t i;

	if (table->failed)
		return -ENOMEM;
	for (i = 0; i < table->n; i++) {
		columns = text_columns(table->cells[i]);
		column = (unsigned int)(i % table->columns);
		if (columns > width[column])
			width[column] = columns;
	}
	for (i = 0; i < table->n; i++) {
		column = (unsigned int)(i % table->columns);
		fputs(table->cells[i], file);
		if (column + 1 == table->columns)
			fputc('\n', file);
		else
			fprintf(file, "%*s", (int)(width[column] + 2 -
						   text_columns(table->cells[i])), "");
	}
	return 0;
}

/**
 * table_clear() - free the cells
 * @table: the table
 */
void table_clear(struct table *table)
{
	size_t i;

	for (i = 0; i < table->n; i++)
		free(table->cells[i]);
	free(table->cells);
	table->cells = NULL;
	table->n = 0;
	table->size = 0;
}
