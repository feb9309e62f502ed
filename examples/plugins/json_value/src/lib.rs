//! A value in what a JSON API answers.

use ruled_plugin::*;
use serde_json::Value as Json;

/// The largest answer that is read.
const BODY_BYTES_MAX: u32 = 256 << 10;

/// How much of a text is shown.
const SHOWN_MAX: usize = 60;

struct JsonValue;

impl Checker for JsonValue {
    fn describe() -> Describe {
        Describe::new("json_value", "A value in what a JSON API answers")
            .version(env!("CARGO_PKG_VERSION"))
            .page(
                "Asks by GET, expects a status from 200 to 299 and at most 256 KiB of JSON, and looks up one value in \
                 it. A number is the metric `value`, true is 1 and false 0, and for a list it is its length. Any other \
                 value is only shown, and can be compared by `equals`.",
            )
            .option("path", OptionType::Text, "What is asked of the server that the rule grants, with its query")
            .default_value(Value::Text("/".into()))
            .option("pointer", OptionType::Text, "Where the value stands (RFC 6901): \"/queues/0/depth\"")
            .default_value(Value::Text("".into()))
            .option(
                "equals",
                OptionType::Text,
                "What the value must be, as JSON writes it, or a text without its quotes",
            )
            .option("token", OptionType::Secret, "A token, sent as `Authorization: Bearer`")
            .metric("value", MetricKind::Gauge, "The value")
            .metric("answer_time", MetricKind::DurationMs, "How long the whole answer took")
            .needs(GrantKind::Fetch, "https://api.example.org", "to ask the API")
    }

    fn check(options: &Options) -> Check {
        let path = options.text("path").unwrap_or("/");
        let pointer = options.text("pointer").unwrap_or_default();
        for (option, text) in [("path", path), ("pointer", pointer)] {
            if !text.is_empty() && !text.starts_with('/') {
                return Err(Failure::Misconfigured(format!("the {option} {text:?} does not begin with /")));
            }
        }
        let url = format!("{}{path}", http::first()?);
        let mut request = http::get(&url).header("Accept", "application/json");
        if let Some(token) = options.secret("token") {
            request = request.header("Authorization", &format!("Bearer {token}"));
        }
        let answer = request.fetch(BODY_BYTES_MAX)?;
        if !(200..300).contains(&answer.status) {
            return Err(mismatch("status", "200 to 299", answer.status));
        }
        let Ok(json) = serde_json::from_slice::<Json>(&answer.body) else { fail!("the answer is no JSON") };
        let Some(value) = json.pointer(pointer) else { fail!("there is nothing at {pointer:?} in the answer") };
        let said = value.to_string();
        if let Some(wanted) = options.text("equals") {
            let is_same = said == wanted || value.as_str() == Some(wanted);
            if !is_same {
                return Err(mismatch("value", wanted, shown(&said)));
            }
        }
        let number = match value {
            Json::Number(number) => number.as_f64(),
            Json::Bool(truth) => Some(f64::from(u8::from(*truth))),
            Json::Array(list) => Some(list.len() as f64),
            _ => None,
        };
        let outcome = ok(shown(&said)).metric("answer_time", answer.finished_us as f64 / 1_000.0);
        match number {
            Some(number) => outcome.metric("value", number).into(),
            None => outcome.into(),
        }
    }
}
checker!(JsonValue);

fn mismatch(what: &str, expected: impl ToString, found: impl ToString) -> Failure {
    Failure::Mismatch { what: what.into(), expected: expected.to_string(), found: found.to_string() }
}

/// The beginning of a text.
fn shown(text: &str) -> String {
    let mut letters = text.chars();
    let beginning: String = letters.by_ref().take(SHOWN_MAX).collect();
    if letters.next().is_some() { beginning + "…" } else { beginning }
}

#[cfg(test)]
mod tests {
    use super::*;

    const API: &str = "https://api.example.org";

    fn answers(body: &str) -> Scene {
        let asked = exchange("GET", "https://api.example.org/status").header("Accept", "application/json");
        scene().fetches(API).with("path", "/status").exchange(asked.answers(200, body))
    }

    fn value(scene: Scene) -> Option<f64> {
        let outcome = scene.run::<JsonValue>().unwrap();
        outcome.metrics.iter().find(|(name, _)| name == "value").map(|(_, value)| *value)
    }

    #[test]
    fn numbers_truths_and_lists_are_metrics() {
        let body = r#"{"queues": [{"depth": 12}, {"depth": 2.5}], "up": true, "name": "a"}"#;
        assert_eq!(value(answers(body).with("pointer", "/queues/0/depth")), Some(12.0));
        assert_eq!(value(answers(body).with("pointer", "/queues/1/depth")), Some(2.5));
        assert_eq!(value(answers(body).with("pointer", "/queues")), Some(2.0));
        assert_eq!(value(answers(body).with("pointer", "/up")), Some(1.0));
        assert_eq!(value(answers(body).with("pointer", "/name")), None);
    }

    #[test]
    fn a_text_can_be_compared() {
        let body = r#"{"state": "green"}"#;
        assert!(answers(body).with("pointer", "/state").with("equals", "green").run::<JsonValue>().is_ok());
        let red = answers(body).with("pointer", "/state").with("equals", "red").run::<JsonValue>().unwrap_err();
        assert_eq!(red, mismatch("value", "red", "\"green\""));
    }

    #[test]
    fn what_is_no_answer_fails() {
        let failed = |scene: Scene| scene.run::<JsonValue>().unwrap_err();
        assert_eq!(failed(answers("<html>")), Failure::Protocol("the answer is no JSON".into()));
        let sentence = "there is nothing at \"/a/b\" in the answer".to_owned();
        assert_eq!(failed(answers("{}").with("pointer", "/a/b")), Failure::Protocol(sentence));
        let deep = "[".repeat(100_000);
        assert_eq!(failed(answers(&deep)), Failure::Protocol("the answer is no JSON".into()));
        let long = format!("[{}0]", "0,".repeat(200_000));
        assert_eq!(failed(answers(&long)), Failure::Io(IoError::TooLong));
        let asked = exchange("GET", "https://api.example.org/status").header("Accept", "application/json");
        let away = scene().fetches(API).with("path", "/status").exchange(asked.answers(503, "{}"));
        assert_eq!(failed(away), mismatch("status", "200 to 299", 503));
    }

    #[test]
    fn a_pointer_is_that_of_rfc_6901() {
        let body = r#"{"a/b": 1, "m~n": 2, "": 3, "list": [4, {"c d": 5}], "0": 6}"#;
        for (pointer, found) in
            [("/a~1b", 1.0), ("/m~0n", 2.0), ("/", 3.0), ("/list/0", 4.0), ("/list/1/c d", 5.0), ("/0", 6.0)]
        {
            assert_eq!(value(answers(body).with("pointer", pointer)), Some(found), "{pointer}");
        }
        // Without a pointer it is the whole answer.
        assert_eq!(value(answers("7.5")), Some(7.5));
        for pointer in ["/list/2", "/list/-", "/list/01", "/a"] {
            assert!(answers(body).with("pointer", pointer).run::<JsonValue>().is_err(), "{pointer}");
        }
    }

    #[test]
    fn what_begins_without_a_slash_is_a_mistake_of_the_rule() {
        let wrong = |option: &str| scene().fetches(API).with(option, "status").run::<JsonValue>().unwrap_err();
        for option in ["path", "pointer"] {
            let sentence = format!("the {option} \"status\" does not begin with /");
            assert_eq!(wrong(option), Failure::Misconfigured(sentence));
        }
    }

    #[test]
    fn a_token_goes_along() {
        let asked = exchange("GET", "https://api.example.org/")
            .header("Accept", "application/json")
            .header("Authorization", "Bearer s3cret");
        let outcome = scene().fetches(API).with("token", "s3cret").exchange(asked.answers(200, "7")).run::<JsonValue>();
        assert_eq!(outcome.unwrap().summary, "7");
    }
}
