/*
 * sql.h - the SQL of a schema: what the file declares and the statements that use it.
 *
 * All of it follows from the const tables. Values are never part of a text, only parameters; the
 * texts of declarations are part of the stored format: a change of one is a new layout.
 */
#ifndef HF_STORE_SQLITE_SQL_H
#define HF_STORE_SQLITE_SQL_H

#include <holdfast/store.h>
#include <stdbool.h>

#define HF__SQLITE_LAYOUT      1          /* of the declarations and of the bookkeeping */
#define HF__SQLITE_APPLICATION 0x48465354 /* "HFST" */
#define HF__SQLITE_SQL_MAX     16384      /* bytes of the longest text */
#define HF__SQLITE_KEY_COLUMNS 24         /* most columns of an index's whole key */
#define HF__SQLITE_COLUMNS     128        /* most columns of a table */
#define HF__SQLITE_MANY        32         /* rows of a statement that inserts many */
#define HF__SQLITE_ASKED       16         /* keys or prefixes of a statement that reads many */
#define HF__SQLITE_ASKED_MIN   3          /* fewer cost less one by one */

/* The aggregate that takes the rows of a statement that reads many, see connection.h. */
#define HF__SQLITE_TAKE "hf_take"

/* A text that grows in a fixed buffer; `failed` once it did not fit. */
typedef struct hf__sqlite_text {
    char *start;
    size_t capacity;
    size_t used;
    bool failed;
} hf__sqlite_text;

void hf__sqlite_text_init(hf__sqlite_text *text, char *buffer, size_t capacity);
void hf__sqlite_add(hf__sqlite_text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The ordinals of an index's whole key: its columns, then the rest of the primary key. */
uint32_t hf__sqlite_key(const hf_table *table, uint32_t index, uint8_t out[HF__SQLITE_KEY_COLUMNS]);

/* True when the last column of a longer primary key is a number, as of the lines of an order. */
bool hf__sqlite_numbered(const hf_table *table);

/* True for a column of the primary key. */
bool hf__sqlite_in_key(const hf_table *table, uint32_t column);

/* True when "none" is stored as NULL: times, ids, names and bytes outside the primary key. */
bool hf__sqlite_nullable(const hf_table *table, uint32_t column);

/* Something the file declares, with the text that stands in sqlite_schema. */
typedef struct hf__sqlite_object {
    const char *type; /* "table", "index", "view" */
    char name[80];
    uint32_t table; /* position in the schema; UINT32_MAX for the bookkeeping */
    uint32_t index; /* 1.. for an index, else 0 */
    bool optional;  /* the bookkeeping of files before schema 4 does not have it */
} hf__sqlite_object;

/* The nth declaration, in the order in which they are made. False after the last. */
bool hf__sqlite_object_at(const hf_schema *schema, uint32_t n, hf__sqlite_object *out,
                          hf__sqlite_text *sql);

/* Which rows a scan statement reads, always in key order. */
typedef struct hf__sqlite_shape {
    uint32_t index;
    uint32_t equal;      /* first columns of the key that are given */
    uint32_t ranged;     /* 1: the next column lies beyond one more value */
    uint32_t descending; /* 1: from high to low, the range is below that value */
    uint32_t many;       /* 1: of HF__SQLITE_ASKED prefixes; not ranged, and not descending */
} hf__sqlite_shape;

#define HF__SQLITE_SHAPES 5u /* for each count of equal columns */

/*
 * Statement texts. Parameter n + 1 is column n; the one after the last column is the checksum.
 * Where a text inserts several rows, the parameters of each follow those of the one before.
 * get_many: the parameters are the key columns of HF__SQLITE_ASKED keys, one key behind the other;
 * a key of NULLs finds nothing. Where the last key column is a number, each key is a run: that
 * column's first value, and behind it its last one. Each row is given to HF__SQLITE_TAKE: its
 * columns, the checksum, and the place of the key, from 0.
 */
void hf__sqlite_sql_get(const hf_table *table, hf__sqlite_text *out);
void hf__sqlite_sql_get_many(const hf_table *table, hf__sqlite_text *out);
void hf__sqlite_sql_insert(const hf_table *table, uint32_t rows, hf__sqlite_text *out);
void hf__sqlite_sql_update(const hf_table *table, bool indexed, hf__sqlite_text *out);
void hf__sqlite_sql_delete(const hf_table *table, hf__sqlite_text *out);

/*
 * Here parameters are the given key columns in order, then the bound of the range; with `many`
 * those of HF__SQLITE_ASKED prefixes, as of get_many.
 */
void hf__sqlite_sql_scan(const hf_table *table, const hf__sqlite_shape *shape,
                         hf__sqlite_text *out);

/* Column `column` of a table is part of an index or decides who is in one. */
bool hf__sqlite_indexed(const hf_table *table, uint32_t column);

/* The condition of a partial index; nothing for an index of every row. */
void hf__sqlite_sql_where(const hf_table *table, uint32_t index, hf__sqlite_text *out);

#endif
