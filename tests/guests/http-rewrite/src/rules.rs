//! The configuration, read.

use super::{Header, HeaderOp, RedirectKind};
use std::str::FromStr;

#[derive(Default)]
pub struct Rules {
    pub redirects: Vec<Redirect>,
    pub request: Vec<HeaderOp>,
    pub response: Vec<HeaderOp>,
    pub limit: Option<usize>,
    pub request_body: Option<Replace>,
    pub response_body: Option<Replace>,
}

pub struct Redirect {
    pub kind: RedirectKind,
    pub from: String,
    pub to: String,
}

/// One text for another.
#[derive(Clone)]
pub struct Replace {
    from: Vec<u8>,
    to: Vec<u8>,
}

impl Replace {
    /// What is done, and what must wait for more.
    pub fn apply(&self, bytes: Vec<u8>, last: bool) -> (Vec<u8>, Vec<u8>) {
        let mut done = Vec::with_capacity(bytes.len());
        let mut rest = &bytes[..];
        while rest.len() >= self.from.len() {
            if let Some(after) = rest.strip_prefix(&*self.from) {
                done.extend(&self.to);
                rest = after;
            } else {
                done.push(rest[0]);
                rest = &rest[1..];
            }
        }
        while !rest.is_empty() && (last || !self.from.starts_with(rest)) {
            done.push(rest[0]);
            rest = &rest[1..];
        }
        (done, rest.to_vec())
    }
}

impl FromStr for Rules {
    type Err = String;

    fn from_str(config: &str) -> Result<Rules, String> {
        let mut rules = Rules::default();
        for line in config
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
        {
            rules
                .read(line)
                .ok_or_else(|| format!("cannot read `{line}`"))?;
        }
        Ok(rules)
    }
}

impl Rules {
    fn read(&mut self, line: &str) -> Option<()> {
        let (place, rest) = line.split_once(' ')?;
        let words: Vec<&str> = rest.split_whitespace().collect();
        match (place, &words[..]) {
            ("redirect", [kind, from, to]) => self.redirects.push(Redirect {
                kind: match *kind {
                    "301" => RedirectKind::MovedPermanently,
                    "302" => RedirectKind::Found,
                    "303" => RedirectKind::SeeOther,
                    "307" => RedirectKind::Temporary,
                    "308" => RedirectKind::Permanent,
                    _ => return None,
                },
                from: (*from).to_string(),
                to: (*to).to_string(),
            }),
            ("request", ["limit", limit]) => self.limit = Some(limit.parse().ok()?),
            ("request", ["replace", from, to]) => self.request_body = Some(replace(from, to)),
            ("response", ["replace", from, to]) => self.response_body = Some(replace(from, to)),
            ("request", words) => self.request.push(header_op(words)?),
            ("response", words) => self.response.push(header_op(words)?),
            _ => return None,
        }
        Some(())
    }
}

fn replace(from: &str, to: &str) -> Replace {
    Replace {
        from: from.as_bytes().to_vec(),
        to: to.as_bytes().to_vec(),
    }
}

fn header_op(words: &[&str]) -> Option<HeaderOp> {
    let header = |name: &str, value: &[&str]| Header {
        name: name.to_string(),
        value: value.join(" ").into_bytes(),
    };
    Some(match words {
        ["set", name, value @ ..] => HeaderOp::Set(header(name, value)),
        ["append", name, value @ ..] => HeaderOp::Append(header(name, value)),
        ["remove", name] => HeaderOp::Remove((*name).to_string()),
        _ => return None,
    })
}
