/* A check that uses everything that a check has. There is one in each language, and all of them must see the same. */

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

static const char *const words[] = {"one", "other", NULL};

static const ruled_option options[] = {
    {.name = "text", .help = "A text", .kind = RULED_TEXT, .unless_set = {.set = true, .text = "usual"}},
    {.name = "secret", .help = "A secret", .kind = RULED_SECRET},
    {
        .name = "whole",
        .help = "A whole number",
        .kind = RULED_INTEGER,
        .least = -10,
        .greatest = 10,
        .unless_set = {.set = true, .integer = -3},
    },
    {.name = "number", .help = "A number", .kind = RULED_NUMBER, .unless_set = {.set = true, .number = 0.5}},
    {.name = "boolean", .help = "Yes or no", .kind = RULED_BOOLEAN, .unless_set = {.set = true, .integer = 1}},
    {.name = "span", .help = "A time span", .kind = RULED_DURATION, .unless_set = {.set = true, .integer = 1500}},
    {.name = "room", .help = "A number of bytes", .kind = RULED_SIZE, .unless_set = {.set = true, .integer = 2048}},
    {
        .name = "choice",
        .help = "One of two words",
        .kind = RULED_CHOICE,
        .words = words,
        .unless_set = {.set = true, .text = "other"},
    },
    {.name = "texts", .help = "Several texts", .kind = RULED_TEXTS},
    {.name = "comparison", .help = "A condition on a number", .kind = RULED_COMPARISON},
    {.name = "share", .help = "A condition on a share", .kind = RULED_SHARE},
    {.name = "pattern", .help = "A condition on bytes", .kind = RULED_PATTERN},
    {.name = "checksum", .help = "A checksum", .kind = RULED_CHECKSUM},
    {.name = "headers", .help = "Headers of a request", .kind = RULED_HEADERS},
    {0},
};

static const ruled_metric metrics[] = {
    {.name = "gauge", .help = "The number", .kind = RULED_GAUGE},
    {.name = "counter", .help = "Files below the folder", .kind = RULED_COUNTER},
    {.name = "span", .help = "The time span", .kind = RULED_MILLISECONDS},
    {.name = "room", .help = "The number of bytes", .kind = RULED_BYTES},
    {.name = "share", .help = "Half of a hundred", .kind = RULED_PERCENT},
    {0},
};

static const ruled_need needs[] = {
    {.kind = RULED_CONNECT, .example = "localhost:7", .purpose = "to speak with it"},
    {.kind = RULED_READ, .example = "/a/folder", .purpose = "to read in it"},
    {.kind = RULED_FETCH, .example = "http://localhost:7", .purpose = "to ask it"},
    {0},
};

const ruled_check check = {
    .name = "everything",
    .version = "0.1.0",
    .summary = "Uses everything that a check has",
    .options = options,
    .metrics = metrics,
    .needs = needs,
};

/* Something that is printed, in room of its own. */
__attribute__((format(printf, 1, 2))) static char *printed(const char *format, ...)
{
    char *text = calloc(1, 1024);
    va_list parts;
    va_start(parts, format);
    vsnprintf(text, 1024, format, parts);
    va_end(parts);
    return text;
}

static const char *truth(bool is_so)
{
    return is_so ? "true" : "false";
}

/* With what it failed. */
static const char *failing(bool done)
{
    if (done)
        return "nothing";
    switch (ruled_error) {
    case RULED_PLUGIN_TYPES_IO_ERROR_TIMED_OUT:
        return "timed-out";
    case RULED_PLUGIN_TYPES_IO_ERROR_TOO_LONG:
        return "too-long";
    case RULED_PLUGIN_TYPES_IO_ERROR_NOT_GRANTED:
        return "not-granted";
    case RULED_PLUGIN_TYPES_IO_ERROR_NOT_FOUND:
        return "not-found";
    default:
        return "something else";
    }
}

static void given(void)
{
    const char *secret = ruled_text("secret");
    ruled_fact("options", printed("%s %" PRId64 " %g %s %" PRId64 " %" PRId64 " %s", ruled_text("text"),
                                  ruled_integer("whole", 0), ruled_number("number", 0), truth(ruled_integer("boolean", 0)),
                                  ruled_integer("span", 0), ruled_integer("room", 0), ruled_text("choice")));
    ruled_fact("secret", secret ? secret : "unset");

    char all[256] = "";
    const ruled_plugin_types_value_t *value = ruled_setting("texts");
    for (size_t at = 0; value && at < value->val.texts.len; at++) {
        plugin_string_t text = value->val.texts.ptr[at];
        sprintf(all + strlen(all), "%s%.*s", at ? "|" : "", (int)text.len, text.ptr);
    }
    ruled_fact("texts", all);

    value = ruled_setting("checksum");
    plugin_string_t digits = value ? value->val.hash.digits : (plugin_string_t){0};
    bool is_sha256 = value && value->val.hash.kind == RULED_PLUGIN_TYPES_HASH_KIND_SHA256;
    ruled_fact("checksum", value ? printed("%s %.*s", truth(is_sha256), (int)digits.len, digits.ptr) : "unset");

    all[0] = '\0';
    value = ruled_setting("headers");
    for (size_t at = 0; value && at < value->val.headers.len; at++) {
        plugin_tuple2_string_string_t header = value->val.headers.ptr[at];
        sprintf(all + strlen(all), "%s%.*s=%.*s", at ? "|" : "", (int)header.f0.len, header.f0.ptr, (int)header.f1.len,
                header.f1.ptr);
    }
    ruled_fact("headers", all);
}

static void conditions(void)
{
    static const char bad[] = "Ärger", good[] = "kein Ärger";
    ruled_fact("conditions", printed("%s %s %s %s %s %s", truth(ruled_holds("comparison", 399)),
                                     truth(ruled_holds("comparison", 400)), truth(ruled_holds("share", 79)),
                                     truth(ruled_holds("share", 80)), truth(ruled_matches("pattern", bad, strlen(bad))),
                                     truth(ruled_matches("pattern", good, strlen(good)))));
}

static bool spoken(void)
{
    ruled_connection connection;
    char line[80], until[80], rest[100];
    char exactly[3], received[1], nothing[10];
    size_t until_length, received_length, rest_length, length;
    if (!ruled_open("broker", &connection))
        return false;
    ruled_plugin_net_peer_t peer;
    ruled_plugin_net_method_connection_peer(connection, &peer);
    ruled_plugin_net_tls_info_t tls;
    bool is_encrypted = ruled_plugin_net_method_connection_tls(connection, &tls);
    if (!ruled_send_text(connection, "HELLO Grüße\r\n") || !ruled_line(connection, line, sizeof line) ||
        !ruled_exactly(connection, exactly, sizeof exactly) ||
        !ruled_until(connection, ";", until, sizeof until, &until_length))
        return false;
    const char *silence = failing(ruled_receive_within(connection, 20, nothing, sizeof nothing, &length));
    if (!ruled_send_text(connection, "MORE\n") || !ruled_receive(connection, received, 1, &received_length) ||
        !ruled_finish_sending(connection) || !ruled_all(connection, rest, sizeof rest, &rest_length))
        return false;
    bool is_timely = ruled_plugin_net_method_connection_elapsed_us(connection) > 0 &&
                     ruled_plugin_net_method_connection_remaining_us(connection) > 0;
    ruled_close(connection);

    ruled_fact("heard", printed("%s|%.3s|%.*s|%.*s|%.*s", line, exactly, (int)until_length, until, (int)received_length,
                                received, (int)rest_length, rest));
    if (!ruled_open(ruled_first_endpoint(), &connection) || !ruled_send_text(connection, "HELLO again\r\n") ||
        !ruled_line(connection, line, sizeof line))
        return false;
    ruled_fact("granted", ruled_first_endpoint());
    ruled_fact("peer", printed("%s %.*s %s %s", truth(peer.transport == RULED_PLUGIN_TYPES_TRANSPORT_TCP),
                               (int)peer.name.len, peer.name.ptr, truth(peer.encrypted), truth(is_encrypted)));
    ruled_fact("silence", silence);
    ruled_fact("timely", truth(is_timely));
    ruled_fact("second", line);
    ruled_fact("nobody", failing(ruled_open("nobody", &connection)));
    return true;
}

static const char *kind_of(ruled_plugin_files_kind_t kind)
{
    static const char *const names[] = {"file", "directory", "link", "other"};
    return names[kind];
}

static int by_name(const void *one, const void *other)
{
    return strcmp(*(char *const *)one, *(char *const *)other);
}

static bool looked(void)
{
    const char *folder = ruled_first_path();
    ruled_plugin_files_list_entry_t entries;
    ruled_plugin_files_tally_t tally;
    if (!ruled_entries(folder, &entries) || !ruled_count(folder, 2, &tally))
        return false;
    char *names[16], all[256] = "";
    size_t count = entries.len < 16 ? entries.len : 16;
    for (size_t at = 0; at < count; at++)
        names[at] = printed("%.*s=%s", (int)entries.ptr[at].name.len, entries.ptr[at].name.ptr,
                            kind_of(entries.ptr[at].kind));
    qsort(names, count, sizeof *names, by_name);
    for (size_t at = 0; at < count; at++)
        sprintf(all + strlen(all), "%s%s", at ? " " : "", names[at]);

    const char *file = printed("%s/text", folder);
    ruled_plugin_files_metadata_t known;
    char *text, *odd, *nothing;
    size_t length;
    if (!ruled_inspect(file, &known) || !ruled_read(file, 100, &text, &length) ||
        !ruled_read(printed("%s/odd", folder), SIZE_MAX, &odd, &length))
        return false;
    ruled_fact("folder", folder);
    ruled_fact("entries", all);
    ruled_fact("tally", printed("%" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64, tally.files, tally.directories, tally.links,
                                tally.others));
    ruled_fact("file", printed("%s %" PRIu64 " %" PRIo32 " %" PRId64, kind_of(known.kind), known.size, known.mode & 0777,
                               known.modified.f0));
    ruled_fact("text", text);
    ruled_fact("odd", odd);
    const char *missing = failing(ruled_read(printed("%s/missing", folder), 9, &nothing, &length));
    const char *longer = failing(ruled_read(file, 4, &nothing, &length));
    const char *outside = failing(ruled_read("/etc/passwd", 9, &nothing, &length));
    ruled_fact("files", printed("%s %s %s", missing, longer, outside));
    ruled_found("counter", (double)tally.files);
    return true;
}

static const char *header(const ruled_plugin_http_response_t *response, const char *name)
{
    for (size_t at = 0; at < response->headers.len; at++) {
        plugin_tuple2_string_string_t header = response->headers.ptr[at];
        if (header.f0.len == strlen(name) && memcmp(header.f0.ptr, name, header.f0.len) == 0)
            return printed("%.*s", (int)header.f1.len, header.f1.ptr);
    }
    return "";
}

static bool asked(void)
{
    const char *origin = ruled_first_origin();
    ruled_plugin_http_response_t page, moved, kept, posted, nothing;
    if (!ruled_get(printed("%s/page", origin), 1000, &page) || !ruled_get(printed("%s/moved", origin), 1000, &moved))
        return false;

    /* What ruled_get does not do. */
    ruled_plugin_http_request_t request = {.method = ruled_string("GET"), .url = ruled_string(printed("%s/moved", origin))};
    if (!ruled_io(ruled_plugin_http_fetch(&request, 1000, &kept, &ruled_error), ruled_error))
        return false;
    plugin_tuple2_string_string_t headers[8];
    size_t count = 0;
    const ruled_plugin_types_value_t *value = ruled_setting("headers");
    for (; value && count < value->val.headers.len && count < 7; count++)
        headers[count] = value->val.headers.ptr[count];
    headers[count].f0 = ruled_string("x-secret");
    headers[count++].f1 = ruled_string(ruled_text("secret"));
    request.method = ruled_string("POST");
    request.url = ruled_string(printed("%s/echo", origin));
    request.headers = (plugin_list_tuple2_string_string_t){headers, count};
    request.body = (plugin_list_u8_t){(uint8_t *)"naïve", strlen("naïve")};
    if (!ruled_io(ruled_plugin_http_fetch(&request, 1000, &posted, &ruled_error), ruled_error))
        return false;

    ruled_fact("page", printed("%d %.*s %s", page.status, (int)page.body.len, page.body.ptr, header(&page, "x-answer")));
    ruled_fact("moved", printed("%d %.*s", moved.status, (int)moved.url.len, moved.url.ptr));
    ruled_fact("kept", printed("%d %.*s", kept.status, (int)kept.url.len, kept.url.ptr));
    ruled_fact("posted", printed("%.*s", (int)posted.body.len, posted.body.ptr));
    const char *longer = failing(ruled_get(printed("%s/page", origin), 4, &nothing));
    const char *elsewhere = failing(ruled_get("http://localhost:9/", 9, &nothing));
    ruled_fact("http", printed("%s %s", longer, elsewhere));
    return true;
}

ruled_result check_run(void)
{
    ruled_note("noted: %s", "Grüße");
    const char *text = ruled_text("text");
    ruled_connection connection;
    if (strcmp(text, "rejects") == 0)
        return ruled_rejected("no, says Grüße");
    if (strcmp(text, "misconfigures") == 0)
        return ruled_misconfigured("this makes no sense");
    if (strcmp(text, "knows nothing") == 0)
        return ruled_unknown("nobody knows");
    if (strcmp(text, "breaks") == 0 && !ruled_open("nobody", &connection))
        return ruled_io_failed();

    given();
    conditions();
    if (!spoken() || !looked() || !asked())
        return ruled_io_failed();
    plugin_list_u8_t random;
    ruled_plugin_ambient_random_bytes(8, &random);
    ruled_fact("ambient", printed("%s %zu", truth(ruled_now() > 1.7e9), random.len));
    ruled_found("gauge", ruled_number("number", 0));
    ruled_found("span", (double)ruled_integer("span", 0));
    ruled_found("room", (double)ruled_integer("room", 0));
    ruled_found("share", 50);
    return ruled_passed("everything: Grüße");
}
