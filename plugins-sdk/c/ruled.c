/* The library for plugins in C; ruled.h says what it does. */

#include "ruled.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { METRICS_MAX = 64, FACTS_MAX = 32, SENTENCE_MAX = 1024 };

ruled_plugin_types_io_error_t ruled_error;

static const ruled_plugin_types_setting_t *settings;
static size_t setting_count;

static ruled_plugin_types_outcome_t outcome;
static ruled_plugin_types_failure_t failure;

/* plugin.c wants an object that carries the world of the plugin. There is none: `ruled-plugin build` adds the world. */
void __component_type_object_force_link_plugin(void);
void __component_type_object_force_link_plugin(void)
{
}

static void *room_for(size_t count, size_t size)
{
    void *room = calloc(count ? count : 1, size);
    if (!room)
        abort();
    return room;
}

/* How many bytes the character has that begins there; where none does, of how many bytes U+FFFD takes the place. */
static size_t character(const uint8_t *bytes, size_t length, bool *is_one)
{
    uint8_t first = bytes[0];
    size_t count = first < 0x80 ? 1 : first < 0xc2 || first > 0xf4 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    /* The second byte has narrower bounds where the first alone would allow what is no character, or a longer form of one. */
    uint8_t least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    uint8_t greatest = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    *is_one = count > 0;
    for (size_t taken = 1; taken < count; taken++) {
        if (taken == length || bytes[taken] < least || bytes[taken] > greatest) {
            *is_one = false;
            return taken;
        }
        least = 0x80;
        greatest = 0xbf;
    }
    return count > 0 ? count : 1;
}

/* Texts that are handed to the host must be UTF-8, and be freed by their owner, who uses free(). */
plugin_string_t ruled_utf8(const void *data, size_t length)
{
    static const uint8_t instead[] = {0xef, 0xbf, 0xbd};
    const uint8_t *bytes = data;
    size_t size = 0;
    bool is_one;
    for (size_t at = 0; at < length;) {
        size_t taken = character(bytes + at, length - at, &is_one);
        size += is_one ? taken : sizeof instead;
        at += taken;
    }
    plugin_string_t text = {room_for(size, 1), 0};
    for (size_t at = 0; at < length;) {
        size_t taken = character(bytes + at, length - at, &is_one);
        size_t written = is_one ? taken : sizeof instead;
        memcpy(text.ptr + text.len, is_one ? bytes + at : instead, written);
        text.len += written;
        at += taken;
    }
    return text;
}

plugin_string_t ruled_string(const char *text)
{
    return ruled_utf8(text ? text : "", text ? strlen(text) : 0);
}

/* What a plugin says about itself. */

static ruled_plugin_types_option_type_t option_type(const ruled_option *option)
{
    static const uint8_t tags[] = {
        [RULED_TEXT] = RULED_PLUGIN_TYPES_OPTION_TYPE_TEXT,
        [RULED_SECRET] = RULED_PLUGIN_TYPES_OPTION_TYPE_SECRET,
        [RULED_INTEGER] = RULED_PLUGIN_TYPES_OPTION_TYPE_INTEGER,
        [RULED_NUMBER] = RULED_PLUGIN_TYPES_OPTION_TYPE_NUMBER,
        [RULED_BOOLEAN] = RULED_PLUGIN_TYPES_OPTION_TYPE_BOOLEAN,
        [RULED_DURATION] = RULED_PLUGIN_TYPES_OPTION_TYPE_DURATION,
        [RULED_SIZE] = RULED_PLUGIN_TYPES_OPTION_TYPE_SIZE,
        [RULED_CHOICE] = RULED_PLUGIN_TYPES_OPTION_TYPE_CHOICE,
        [RULED_TEXTS] = RULED_PLUGIN_TYPES_OPTION_TYPE_TEXTS,
        [RULED_COMPARISON] = RULED_PLUGIN_TYPES_OPTION_TYPE_COMPARISON,
        [RULED_SHARE] = RULED_PLUGIN_TYPES_OPTION_TYPE_SHARE,
        [RULED_PATTERN] = RULED_PLUGIN_TYPES_OPTION_TYPE_PATTERN,
        [RULED_CHECKSUM] = RULED_PLUGIN_TYPES_OPTION_TYPE_HASH,
        [RULED_HEADERS] = RULED_PLUGIN_TYPES_OPTION_TYPE_HEADERS,
    };
    ruled_plugin_types_option_type_t type = {.tag = tags[option->kind]};
    if (option->kind == RULED_INTEGER) {
        type.val.integer.f0 = option->least;
        type.val.integer.f1 = option->greatest;
    }
    if (option->kind == RULED_CHOICE) {
        size_t count = 0;
        while (option->words && option->words[count])
            count++;
        type.val.choice.ptr = room_for(count, sizeof *type.val.choice.ptr);
        type.val.choice.len = count;
        for (size_t at = 0; at < count; at++)
            type.val.choice.ptr[at] = ruled_string(option->words[at]);
    }
    return type;
}

static ruled_plugin_types_value_t default_value(const ruled_option *option)
{
    const ruled_default *given = &option->unless_set;
    ruled_plugin_types_value_t value = {0};
    switch (option->kind) {
    case RULED_INTEGER:
        value.tag = RULED_PLUGIN_TYPES_VALUE_INTEGER;
        value.val.integer = given->integer;
        break;
    case RULED_NUMBER:
        value.tag = RULED_PLUGIN_TYPES_VALUE_NUMBER;
        value.val.number = given->number;
        break;
    case RULED_BOOLEAN:
        value.tag = RULED_PLUGIN_TYPES_VALUE_BOOLEAN;
        value.val.boolean = given->integer != 0;
        break;
    case RULED_DURATION:
        value.tag = RULED_PLUGIN_TYPES_VALUE_DURATION_MS;
        value.val.duration_ms = (uint64_t)given->integer;
        break;
    case RULED_SIZE:
        value.tag = RULED_PLUGIN_TYPES_VALUE_SIZE_BYTES;
        value.val.size_bytes = (uint64_t)given->integer;
        break;
    default:
        value.tag = RULED_PLUGIN_TYPES_VALUE_TEXT;
        value.val.text = ruled_string(given->text);
    }
    return value;
}

void ruled_describe(ruled_plugin_types_description_t *out, const char *name, const char *version, const char *summary,
                    const char *page, const ruled_option *options, const ruled_metric *metrics)
{
    static const uint8_t kinds[] = {
        [RULED_GAUGE] = RULED_PLUGIN_TYPES_METRIC_KIND_GAUGE,
        [RULED_COUNTER] = RULED_PLUGIN_TYPES_METRIC_KIND_COUNTER,
        [RULED_MILLISECONDS] = RULED_PLUGIN_TYPES_METRIC_KIND_DURATION_MS,
        [RULED_BYTES] = RULED_PLUGIN_TYPES_METRIC_KIND_BYTES,
        [RULED_PERCENT] = RULED_PLUGIN_TYPES_METRIC_KIND_PERCENT,
    };
    size_t option_count = 0, metric_count = 0;
    while (options && options[option_count].name)
        option_count++;
    while (metrics && metrics[metric_count].name)
        metric_count++;

    out->name = ruled_string(name);
    out->version = ruled_string(version);
    out->summary = ruled_string(summary);
    out->page = ruled_string(page);
    out->options.ptr = room_for(option_count, sizeof *out->options.ptr);
    out->options.len = option_count;
    for (size_t at = 0; at < option_count; at++) {
        const ruled_option *option = &options[at];
        ruled_plugin_types_option_spec_t *spec = &out->options.ptr[at];
        spec->name = ruled_string(option->name);
        spec->help = ruled_string(option->help);
        spec->page = ruled_string(option->page);
        spec->kind = option_type(option);
        spec->required = option->required;
        spec->default_.is_some = option->unless_set.set;
        if (option->unless_set.set)
            spec->default_.val = default_value(option);
    }
    out->metrics.ptr = room_for(metric_count, sizeof *out->metrics.ptr);
    out->metrics.len = metric_count;
    for (size_t at = 0; at < metric_count; at++) {
        out->metrics.ptr[at].name = ruled_string(metrics[at].name);
        out->metrics.ptr[at].help = ruled_string(metrics[at].help);
        out->metrics.ptr[at].kind = kinds[metrics[at].kind];
    }
}

/* How a check ends. */

void ruled_begin(const ruled_plugin_types_setting_t *of_the_rule, size_t count)
{
    settings = of_the_rule;
    setting_count = count;
    outcome.metrics.ptr = room_for(METRICS_MAX, sizeof *outcome.metrics.ptr);
    outcome.facts.ptr = room_for(FACTS_MAX, sizeof *outcome.facts.ptr);
}

bool ruled_end(ruled_result result, ruled_plugin_types_outcome_t *passed, ruled_plugin_types_failure_t *failed)
{
    if (result == RULED_HAS_PASSED)
        *passed = outcome;
    else
        *failed = failure;
    return result == RULED_HAS_PASSED;
}

static plugin_string_t sentence(const char *format, va_list words)
{
    char text[SENTENCE_MAX];
    vsnprintf(text, sizeof text, format, words);
    return ruled_string(text);
}

ruled_result ruled_passed(const char *format, ...)
{
    va_list words;
    va_start(words, format);
    outcome.summary = sentence(format, words);
    va_end(words);
    return RULED_HAS_PASSED;
}

void ruled_found(const char *metric, double value)
{
    if (outcome.metrics.len == METRICS_MAX)
        return;
    ruled_plugin_types_metric_t *found = &outcome.metrics.ptr[outcome.metrics.len++];
    found->name = ruled_string(metric);
    found->value = value;
}

void ruled_fact(const char *name, const char *text)
{
    if (outcome.facts.len == FACTS_MAX)
        return;
    plugin_tuple2_string_string_t *fact = &outcome.facts.ptr[outcome.facts.len++];
    fact->f0 = ruled_string(name);
    fact->f1 = ruled_string(text);
}

ruled_result ruled_protocol_error(const char *format, ...)
{
    va_list words;
    va_start(words, format);
    failure.tag = RULED_PLUGIN_TYPES_FAILURE_PROTOCOL;
    failure.val.protocol = sentence(format, words);
    va_end(words);
    return RULED_HAS_FAILED;
}

ruled_result ruled_rejected(const char *said)
{
    failure.tag = RULED_PLUGIN_TYPES_FAILURE_REJECTED;
    failure.val.rejected = ruled_string(said);
    return RULED_HAS_FAILED;
}

ruled_result ruled_mismatch(const char *what, const char *expected, const char *found)
{
    failure.tag = RULED_PLUGIN_TYPES_FAILURE_MISMATCH;
    failure.val.mismatch.what = ruled_string(what);
    failure.val.mismatch.expected = ruled_string(expected);
    failure.val.mismatch.found = ruled_string(found);
    return RULED_HAS_FAILED;
}

ruled_result ruled_misconfigured(const char *format, ...)
{
    va_list words;
    va_start(words, format);
    failure.tag = RULED_PLUGIN_TYPES_FAILURE_MISCONFIGURED;
    failure.val.misconfigured = sentence(format, words);
    va_end(words);
    return RULED_HAS_FAILED;
}

ruled_result ruled_unknown(const char *format, ...)
{
    va_list words;
    va_start(words, format);
    failure.tag = RULED_PLUGIN_TYPES_FAILURE_UNKNOWN;
    failure.val.unknown = sentence(format, words);
    va_end(words);
    return RULED_HAS_FAILED;
}

ruled_result ruled_io_failed(void)
{
    failure.tag = RULED_PLUGIN_TYPES_FAILURE_IO;
    failure.val.io = ruled_error;
    return RULED_HAS_FAILED;
}

bool ruled_io(bool done, ruled_plugin_types_io_error_t error)
{
    if (!done)
        ruled_error = error;
    return done;
}

/* What the rule sets. */

static bool same(plugin_string_t text, const char *other)
{
    return text.len == strlen(other) && memcmp(text.ptr, other, text.len) == 0;
}

const ruled_plugin_types_value_t *ruled_setting(const char *option)
{
    for (size_t at = 0; at < setting_count; at++)
        if (same(settings[at].name, option))
            return &settings[at].value;
    return NULL;
}

const char *ruled_text(const char *option)
{
    const ruled_plugin_types_value_t *value = ruled_setting(option);
    if (!value || value->tag != RULED_PLUGIN_TYPES_VALUE_TEXT)
        return NULL;
    char *text = room_for(value->val.text.len + 1, 1);
    memcpy(text, value->val.text.ptr, value->val.text.len);
    return text;
}

int64_t ruled_integer(const char *option, int64_t otherwise)
{
    const ruled_plugin_types_value_t *value = ruled_setting(option);
    switch (value ? value->tag : RULED_PLUGIN_TYPES_VALUE_TEXT) {
    case RULED_PLUGIN_TYPES_VALUE_INTEGER:
        return value->val.integer;
    case RULED_PLUGIN_TYPES_VALUE_BOOLEAN:
        return value->val.boolean;
    case RULED_PLUGIN_TYPES_VALUE_DURATION_MS:
        return (int64_t)value->val.duration_ms;
    case RULED_PLUGIN_TYPES_VALUE_SIZE_BYTES:
        return (int64_t)value->val.size_bytes;
    default:
        return otherwise;
    }
}

double ruled_number(const char *option, double otherwise)
{
    const ruled_plugin_types_value_t *value = ruled_setting(option);
    return value && value->tag == RULED_PLUGIN_TYPES_VALUE_NUMBER ? value->val.number : otherwise;
}

bool ruled_holds(const char *option, int64_t found)
{
    const ruled_plugin_types_value_t *value = ruled_setting(option);
    if (!value || value->tag != RULED_PLUGIN_TYPES_VALUE_COMPARISON)
        return true;
    int64_t number = value->val.comparison.number;
    switch (value->val.comparison.relation) {
    case RULED_PLUGIN_TYPES_RELATION_EQUAL:
        return found == number;
    case RULED_PLUGIN_TYPES_RELATION_NOT_EQUAL:
        return found != number;
    case RULED_PLUGIN_TYPES_RELATION_LESS:
        return found < number;
    case RULED_PLUGIN_TYPES_RELATION_LESS_OR_EQUAL:
        return found <= number;
    case RULED_PLUGIN_TYPES_RELATION_GREATER:
        return found > number;
    default:
        return found >= number;
    }
}

bool ruled_matches(const char *option, const void *data, size_t length)
{
    const ruled_plugin_types_value_t *value = ruled_setting(option);
    if (!value || value->tag != RULED_PLUGIN_TYPES_VALUE_PATTERN)
        return true;
    plugin_string_t name = {(uint8_t *)option, strlen(option)};
    plugin_list_u8_t bytes = {(uint8_t *)data, length};
    return ruled_plugin_patterns_matches(&name, &bytes) != value->val.pattern.negated;
}

/* The log and the time. */

void ruled_note(const char *format, ...)
{
    va_list words;
    va_start(words, format);
    plugin_string_t line = sentence(format, words);
    va_end(words);
    ruled_plugin_log_write(RULED_PLUGIN_LOG_LEVEL_INFO, &line);
    plugin_string_free(&line);
}

double ruled_now(void)
{
    plugin_tuple2_u64_u32_t now;
    ruled_plugin_ambient_now(&now);
    return (double)now.f0 + now.f1 / 1e9;
}
