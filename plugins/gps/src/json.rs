//! JSON (RFC 8259), as far as gpsd's reports need it: the members of an object, and those that are texts or lists of
//! objects. What is nested deeper is passed over, whatever it is.

/// An object: its names, each with its value as it is written.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Object(Vec<(String, String)>);

impl Object {
    /// The object that a line is; nothing where it is none.
    pub(crate) fn read(line: &str) -> Option<Object> {
        let inner = line.trim().strip_prefix('{')?.strip_suffix('}')?.trim();
        let mut members = Vec::new();
        for member in split(inner)? {
            let end = value_end(member)?;
            let (name, value) = member.split_at_checked(end)?;
            members.push((unquoted(name)?, value.trim_start().strip_prefix(':')?.trim().to_owned()));
        }
        Some(Object(members))
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(one, _)| one == name).map(|(_, value)| value.as_str())
    }

    /// The member of that name, where it is a text.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        unquoted(self.value(name)?)
    }

    /// The objects in the member of that name.
    pub(crate) fn objects(&self, name: &str) -> Vec<Object> {
        let inner = self.value(name).and_then(|list| list.strip_prefix('[')?.strip_suffix(']'));
        let items = inner.and_then(|inner| split(inner.trim())).unwrap_or_default();
        items.into_iter().filter_map(Object::read).collect()
    }
}

/// What stands between the commas that belong to no text and to nothing nested; nothing where that does not come out even.
fn split(text: &str) -> Option<Vec<&str>> {
    let mut parts = Vec::new();
    if text.is_empty() {
        return Some(parts);
    }
    let (mut start, mut depth, mut quoted, mut escaped) = (0, 0_usize, false, false);
    for (place, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.checked_sub(1)?,
            b',' if depth == 0 => {
                parts.push(text[start..place].trim());
                start = place + 1;
            }
            _ => {}
        }
    }
    parts.push(text[start..].trim());
    (depth == 0 && !quoted).then_some(parts)
}

/// Where the text ends with which this begins, its quotes included.
fn value_end(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (place, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(place + 1),
            _ => {}
        }
    }
    None
}

/// A text without its quotes, and with what is escaped in it.
fn unquoted(text: &str) -> Option<String> {
    let inner = text.strip_prefix('"')?.strip_suffix('"')?;
    let mut letters = inner.chars();
    let mut plain = String::with_capacity(inner.len());
    while let Some(letter) = letters.next() {
        plain.push(match letter {
            '\\' => match letters.next()? {
                'n' | 'r' | 't' | 'b' | 'f' => ' ',
                'u' => {
                    let digits: String = letters.by_ref().take(4).collect();
                    let number = u32::from_str_radix(&digits, 16).ok()?;
                    char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER)
                }
                other => other,
            },
            other => other,
        });
    }
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_found() {
        let line = r#" {"class":"DEVICES", "a" : [1, {"b":"x,}"}], "devices":[{"path":"/dev/\u0074\"x\"","n":1},{}], "e":{} } "#;
        let object = Object::read(line).expect("an object");
        assert_eq!(object.text("class").as_deref(), Some("DEVICES"));
        assert_eq!(object.value("a"), Some(r#"[1, {"b":"x,}"}]"#));
        assert_eq!((object.text("a"), object.text("nothing")), (None, None));
        let devices = object.objects("devices");
        assert_eq!(devices.len(), 2);
        assert_eq!(devices[0].text("path").as_deref(), Some("/dev/t\"x\""));
        assert_eq!(object.objects("class"), []);
        assert_eq!(Object::read("{}"), Some(Object(Vec::new())));
    }

    #[test]
    fn what_is_no_object_is_none() {
        for line in
            ["", "{", "[]", "GPSD,G=GPS", "{\"a\"}", "{\"a\":\"b}", "{a:1}", "{\"a\":}}", "{\"a\":[}", "{,}", "{\"é"]
        {
            assert_eq!(Object::read(line), None, "{line}");
        }
    }
}
