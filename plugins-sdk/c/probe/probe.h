/* A probe in C: it speaks a protocol over the connection that ruled opened. */
#ifndef RULED_PROBE_H
#define RULED_PROBE_H

#include "ruled.h"

typedef struct {
    const char *name;    /* as rules write it: `protocol NAME` */
    const char *version; /* of the plugin, not of the protocol */
    const char *summary; /* one line for people */
    const char *page;    /* what else the manual page says; may be NULL */
    const ruled_option *options; /* the last has no name */
    const ruled_metric *metrics; /* the last has no name */
    uint16_t port;       /* where a rule names none; 0 for nothing */
    uint16_t tls_port;   /* where it is encrypted from the start; 0 for nothing */
    bool start_tls;      /* whether encryption can begin within the protocol */
    bool datagrams;      /* whether it is spoken over UDP; otherwise it is TCP */
} ruled_probe;

/* What a probe defines: what it is, and the check of one service over one connection. */
extern const ruled_probe probe;
ruled_result probe_check(ruled_connection connection);

#endif
