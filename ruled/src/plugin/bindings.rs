//! Generated from the WIT: the host's traits for what guests import, and the calls of what they export.

#![allow(missing_docs, unreachable_pub, reason = "generated code; the WIT documents it")]

wasmtime::component::bindgen!({
    path: "../plugins-sdk/wit/since-0.1",
    world: "probe",
    imports: {
        // Only what waits needs a fiber's switch; the others are plain calls.
        "ruled:plugin/net.[method]connection.send": async | trappable,
        "ruled:plugin/net.[method]connection.receive": async | trappable,
        "ruled:plugin/net.[method]connection.start-tls": async | trappable,
        "ruled:plugin/net.[method]connection.reopen": async | trappable,
        "ruled:plugin/net.[method]connection.receive-within": async | trappable,
        "ruled:plugin/net.[method]connection.receive-exactly": async | trappable,
        "ruled:plugin/net.[method]connection.receive-until": async | trappable,
        "ruled:plugin/net.[method]connection.receive-all": async | trappable,
        "ruled:plugin/net.[method]connection.finish-sending": async | trappable,
        default: trappable,
    },
    exports: { default: async },
    with: {
        "ruled:plugin/net.connection": crate::plugin::connection::Connection,
        "ruled:plugin/digests.digest": crate::plugin::digests::Digest,
    },
});
