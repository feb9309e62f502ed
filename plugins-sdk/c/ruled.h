/*
 * What a plugin of ruled is written with, in C. A plugin includes probe.h or check.h, which include this.
 *
 * An instance lives for one check, so the library keeps what the check is about: which options the rule sets, what went
 * wrong last, and what has been found. Nothing needs to be freed. What is behind all this is in plugin.h, which is generated
 * from the contract between ruled and its plugins; its functions can be called, too.
 *
 * Texts are UTF-8. In those that a plugin returns or notes, U+FFFD takes the place of what is none, as of bytes that a peer
 * said.
 *
 * malloc, string.h, stdio.h for strings, time() and the like are there, from wasi-libc. There is no operating system below:
 * no files but those of check.h, no sockets, no threads, no environment. What is printed goes into the log.
 */
#ifndef RULED_H
#define RULED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plugin.h"

/* What a plugin says about itself. */

typedef enum {
    RULED_TEXT,
    RULED_SECRET,     /* like a text, but masked wherever it would be shown */
    RULED_INTEGER,    /* between .least and .greatest */
    RULED_NUMBER,
    RULED_BOOLEAN,
    RULED_DURATION,   /* in milliseconds */
    RULED_SIZE,       /* in bytes */
    RULED_CHOICE,     /* one of .words */
    RULED_TEXTS,      /* may be written several times */
    RULED_COMPARISON, /* a condition on a whole number: `= 404` */
    RULED_SHARE,      /* a condition on a share in per cent */
    RULED_PATTERN,    /* a regular expression */
    RULED_CHECKSUM,
    RULED_HEADERS,
} ruled_option_kind;

/* The value of an option that a rule does not set. */
typedef struct {
    bool set;
    const char *text; /* of texts and choices */
    int64_t integer;  /* of whole numbers, durations, sizes, and as 0 or 1 of booleans */
    double number;    /* of numbers */
} ruled_default;

typedef struct {
    const char *name; /* as rules write it: small letters, digits and _ */
    const char *help; /* one line for people */
    ruled_option_kind kind;
    bool required;
    int64_t least, greatest;
    const char *const *words; /* ends with NULL */
    ruled_default unless_set;
    const char *page; /* what else the manual page says; may be NULL */
} ruled_option;

typedef enum { RULED_GAUGE, RULED_COUNTER, RULED_MILLISECONDS, RULED_BYTES, RULED_PERCENT } ruled_metric_kind;

typedef struct {
    const char *name;
    const char *help;
    ruled_metric_kind kind;
} ruled_metric;

/* What the check of a plugin returns; the functions below give it. */
typedef enum { RULED_HAS_PASSED, RULED_HAS_FAILED } ruled_result;

/* The check passed; one line for people, as printf makes it. */
ruled_result ruled_passed(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Before that: a number that rules may test, and a fact worth showing. At most 64 and 32. */
void ruled_found(const char *metric, double value);
void ruled_fact(const char *name, const char *text);

/* The peer does not speak the protocol, or what was found is no good; a sentence without its full stop. */
ruled_result ruled_protocol_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The peer speaks the protocol and says no; what it said. */
ruled_result ruled_rejected(const char *said);
/* The peer answered, but not what the rule wants: "the WHAT is FOUND, expected EXPECTED". */
ruled_result ruled_mismatch(const char *what, const char *expected, const char *found);
/* The settings make no sense together, which is an error of the rule. */
ruled_result ruled_misconfigured(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Nothing is known: the peer may be as the rule wants it or not; a sentence without its full stop. */
ruled_result ruled_unknown(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* A function that returns a bool has returned false: what went wrong is in ruled_error, and ruled knows the sentence. */
ruled_result ruled_io_failed(void);

/* What went wrong last: RULED_PLUGIN_TYPES_IO_ERROR_TIMED_OUT and the like, see plugin.h. */
extern ruled_plugin_types_io_error_t ruled_error;

/* What the rule sets, by the name of the option. */

/* Of texts, secrets and choices; NULL where it is not set. */
const char *ruled_text(const char *option);
/* Of whole numbers, durations, sizes and booleans. */
int64_t ruled_integer(const char *option, int64_t otherwise);
double ruled_number(const char *option, double otherwise);
/* Whether a number meets a comparison, or bytes meet a pattern. Where the option is not set, everything does. */
bool ruled_holds(const char *option, int64_t found);
bool ruled_matches(const char *option, const void *data, size_t length);
/* A value of any kind; NULL where it is not set. */
const ruled_plugin_types_value_t *ruled_setting(const char *option);

/* Connections. Those that return a bool return false where something went wrong; then see ruled_io_failed. */

typedef ruled_plugin_net_borrow_connection_t ruled_connection;

/* Writes all of it. Over datagrams it is one datagram. */
bool ruled_send(ruled_connection connection, const void *data, size_t length);
/* Writes a text, without its NUL. */
bool ruled_send_text(ruled_connection connection, const char *text);
/* Reads a line that ends in LF or CR LF into the room, without its end and with a NUL. A line that does not fit, with its
   end, is RULED_PLUGIN_TYPES_IO_ERROR_TOO_LONG. */
bool ruled_line(ruled_connection connection, char *line, size_t room);
/* Reads at least one byte, however much has arrived. Over datagrams it is one datagram. */
bool ruled_receive(ruled_connection connection, void *data, size_t room, size_t *length);
/* Reads so many bytes. */
bool ruled_exactly(ruled_connection connection, void *data, size_t count);
/* Reads up to and including the delimiter; what does not fit with it is RULED_PLUGIN_TYPES_IO_ERROR_TOO_LONG. */
bool ruled_until(ruled_connection connection, const char *delimiter, void *data, size_t room, size_t *length);
/* Reads as ruled_receive does, and gives up after so many milliseconds with RULED_PLUGIN_TYPES_IO_ERROR_TIMED_OUT. */
bool ruled_receive_within(ruled_connection connection, uint32_t wait_ms, void *data, size_t room, size_t *length);
/* Reads until the peer closes; more than fit are RULED_PLUGIN_TYPES_IO_ERROR_TOO_LONG. */
bool ruled_all(ruled_connection connection, void *data, size_t room, size_t *length);
/* Encrypts the connection from here on. */
bool ruled_start_tls(ruled_connection connection);
/* Tells the peer that nothing more will be sent. */
bool ruled_finish_sending(ruled_connection connection);

/* Writes a line into the log. */
void ruled_note(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Seconds since 1970. */
double ruled_now(void);

/* What probe.c and check.c are made of. */

void ruled_describe(ruled_plugin_types_description_t *out, const char *name, const char *version, const char *summary, const char *page,
                    const ruled_option *options, const ruled_metric *metrics);
void ruled_begin(const ruled_plugin_types_setting_t *settings, size_t count);
bool ruled_end(ruled_result result, ruled_plugin_types_outcome_t *passed, ruled_plugin_types_failure_t *failed);
bool ruled_io(bool done, ruled_plugin_types_io_error_t error);
plugin_string_t ruled_string(const char *text);
plugin_string_t ruled_utf8(const void *bytes, size_t length);

#endif
