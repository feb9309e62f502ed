/* A check of one's own in C: it looks at what a rule grants it. */
#ifndef RULED_CHECK_H
#define RULED_CHECK_H

#include "ruled.h"

typedef enum { RULED_CONNECT, RULED_READ, RULED_FETCH } ruled_grant;

/* A grant that the check cannot do without. */
typedef struct {
    ruled_grant kind;
    const char *example; /* what stands between the quotation marks in a customary rule */
    const char *purpose; /* "to count the messages in the queues" */
} ruled_need;

typedef struct {
    const char *name;    /* as rules write it: `check plugin NAME using "file.wasm"` */
    const char *version; /* of the plugin */
    const char *summary; /* one line for people */
    const char *page;    /* what else the manual page says; may be NULL */
    const ruled_option *options; /* the last has no name */
    const ruled_metric *metrics; /* the last has no name */
    const ruled_need *needs;     /* the last has no example */
    uint16_t port;       /* for `grant connect "host"` without a port; 0 for nothing */
} ruled_check;

/* What a check defines: what it is, and the check. */
extern const ruled_check check;
ruled_result check_run(void);

/* Files, each below what one `grant read "/path"` of the rule names. What a check does not call it does not ask for.
   Those that return a bool return false where something went wrong; then see ruled_io_failed. */

/* The first path that the rule grants; NULL where there is none. */
const char *ruled_first_path(void);
/* Reads all of a file, with a NUL behind it. More than `at_most` bytes are RULED_PLUGIN_TYPES_IO_ERROR_TOO_LONG. */
bool ruled_read(const char *path, size_t at_most, char **content, size_t *length);
/* What is known of a file without opening it; a link is followed. */
bool ruled_inspect(const char *path, ruled_plugin_files_metadata_t *metadata);
/* What is in a directory: names and kinds. More than 10,000 entries are RULED_PLUGIN_TYPES_IO_ERROR_TOO_LONG. */
bool ruled_entries(const char *path, ruled_plugin_files_list_entry_t *entries);
/* How many files, directories, links and others are in a directory and so many levels below it. */
bool ruled_count(const char *path, uint32_t levels, ruled_plugin_files_tally_t *tally);

/* Requests over HTTP, each to an origin that one `grant fetch "https://origin"` of the rule names. */

/* The first origin that the rule grants; NULL where there is none. */
const char *ruled_first_origin(void);
/* How many redirects ruled_get follows, each only to an origin that the rule grants; one that is too many is the answer. */
enum { RULED_REDIRECTS = 5 };
/* Asks with GET, and waits for the whole answer; a longer body is RULED_PLUGIN_TYPES_IO_ERROR_TOO_LONG. Other requests,
   with headers, a body, or another number of redirects, are made with ruled_plugin_http_fetch. */
bool ruled_get(const char *url, size_t at_most, ruled_plugin_http_response_t *response);

/* Connections, each to what one `grant connect "host:port"` of the rule names. */

/* The first endpoint that the rule grants; NULL where there is none. */
const char *ruled_first_endpoint(void);
/* Opens one, by its name or by the text of its grant. */
bool ruled_open(const char *name, ruled_connection *connection);
/* Closes it; at the end of the check it is closed anyway. */
void ruled_close(ruled_connection connection);

#endif
