//! A page that a customer can be sent to: what is missing for his hostname, and who must act. Its address is signed, and
//! shows nothing but this one hostname.

use std::fmt::Write;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use time::OffsetDateTime;
use time::macros::format_description;

use super::Api;
use crate::conf::Conf;
use crate::model::CustomHostname;
use crate::model::custom_hostname::delegation_uuid;
use crate::model::hostname_steps::{Step, Who, steps};
use crate::secrets::Keyring;
use crate::store::custom_hostnames as records;

/// Where the pages are.
const PATH: &str = "/.well-known/cirque/hostname-status/";
/// What their addresses are signed for.
const PURPOSE: &str = "cirque 2026-11 link to a hostname's status";
/// How long an address is good.
const GOOD_FOR_S: i64 = 30 * 86_400;
/// No address is longer.
const PATH_BYTES_MAX: usize = 256;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#1b1f24}\
h1{font-size:1.5rem}h2{font-size:1.1rem;margin:2rem 0 .3rem}table{border-collapse:collapse;width:100%;margin:.6rem 0}\
td,th{border:1px solid #d0d7de;padding:.4rem .6rem;text-align:left;vertical-align:top}\
td{font-family:ui-monospace,monospace;font-size:.85rem;overflow-wrap:anywhere}\
.who{display:inline-block;padding:.1rem .6rem;border-radius:1rem;background:#fff8c5}.done{background:#dafbe1}\
ul{color:#57606a}p.next{color:#57606a}@media(prefers-color-scheme:dark){body{background:#0d1117;color:#e6edf3}\
td,th{border-color:#30363d}.who{background:#4b3b00}.done{background:#033a16}ul,p.next{color:#9198a1}}";

/// The path of such a page, without what a proxy has put before it.
pub(super) fn page_of(path: &str) -> Option<&str> {
    path.find(PATH).map(|at| &path[at..])
}

/// The path of a hostname's page, good for some time from now.
pub(crate) fn path(keyring: &Keyring, id: &str, now: i64) -> String {
    // The same for a day, so that an object that is asked for again and again stays the same.
    let until = (now / 86_400) * 86_400 + GOOD_FOR_S;
    let signed = keyring.hashes(PURPOSE, &format!("{id} {until}"));
    let signature = signed.first().map(String::as_str).unwrap_or_default();
    format!("{PATH}{id}/{until}/{signature}")
}

/// Answers a request for a page.
pub(super) async fn answer(api: &Api, path: &str) -> Response {
    let now = OffsetDateTime::now_utc().unix_timestamp();
    let Some(id) = opened(&api.control.keyring, path, now) else {
        return page(
            StatusCode::NOT_FOUND,
            "This link is not good",
            "<p>It has ended, or is not complete. Ask whoever sent it to you for a new one.</p>",
            false,
        );
    };
    match records::read(&*api.control.store, id).await {
        Ok(Some((hostname, _))) if records::is_there(&hostname) => {
            let body = body(&api.control.conf, &hostname);
            let title = format!("Status of {}", escaped(&hostname.hostname));
            page(StatusCode::OK, &title, &body, true)
        }
        Ok(_) => page(
            StatusCode::NOT_FOUND,
            "This hostname is not here any more",
            "<p>It was removed from the platform.</p>",
            false,
        ),
        Err(error) => {
            tracing::warn!(%error, "a hostname's status cannot be shown");
            page(
                StatusCode::SERVICE_UNAVAILABLE,
                "The status cannot be read at the moment",
                "<p>Please try again shortly.</p>",
                true,
            )
        }
    }
}

/// The hostname whose page a path is, if its signature is ours and its time is not over.
fn opened<'a>(keyring: &Keyring, path: &'a str, now: i64) -> Option<&'a str> {
    let rest = path.strip_prefix(PATH)?;
    if path.len() > PATH_BYTES_MAX {
        return None;
    }
    let mut parts = rest.trim_end_matches('/').split('/');
    let (id, until, signature) = (parts.next()?, parts.next()?, parts.next()?);
    let end: i64 = until.parse().ok()?;
    let signature = blake3::Hash::from_hex(signature).ok()?;
    let ours = keyring.hashes(PURPOSE, &format!("{id} {until}"));
    // Hashes are compared in constant time.
    let is_ours = ours
        .iter()
        .any(|hash| blake3::Hash::from_hex(hash).is_ok_and(|hash| hash == signature));
    (is_ours && end > now && parts.next().is_none()).then_some(id)
}

fn body(conf: &Conf, hostname: &CustomHostname) -> String {
    let target = Some(conf.hostnames.target.as_str()).filter(|target| !target.is_empty());
    let base = hostname.hostname.trim_start_matches("*.");
    let alias = format!("_acme-challenge.{base}");
    let place = format!(
        "{base}.{}.{}",
        delegation_uuid(&hostname.zone),
        conf.dns.zone
    );
    let delegation = (!conf.dns.zone.is_empty()).then_some((alias.as_str(), place.as_str()));
    let mut text = String::new();
    let all = steps(hostname, target, delegation);
    let open = all.iter().find_map(|step| step.who);
    let _ = writeln!(text, "<p>{}</p>", summary(open));
    for step in &all {
        section(&mut text, step);
    }
    text
}

fn summary(open: Option<Who>) -> &'static str {
    match open {
        None => "Everything is in place. Nobody has to do anything.",
        Some(Who::Customer) => {
            "<b>You must act</b>: something of what follows is not in place yet."
        }
        Some(Who::Operator) => {
            "<b>The operator of the platform must act.</b> Please write to them."
        }
        Some(Who::Authority) => "Nobody has to do anything: a certificate authority is at work.",
        Some(Who::Platform) => "Nobody has to do anything: the platform is at work.",
    }
}

fn section(text: &mut String, step: &Step) {
    let (class, label) = match step.who {
        None => ("who done", "done"),
        Some(Who::Customer) => ("who", "you must act"),
        Some(Who::Operator) => ("who", "the operator must act"),
        Some(Who::Authority) => ("who", "the certificate authority is at work"),
        Some(Who::Platform) => ("who", "the platform is at work"),
    };
    // Writing to a text does not fail.
    let _ = writeln!(
        text,
        "<h2>{} <span class=\"{class}\">{label}</span></h2><p>{}</p>",
        step.title,
        escaped(&step.text)
    );
    if !step.one_of.is_empty() {
        let _ = writeln!(
            text,
            "<table><tr><th>Type</th><th>Name</th><th>Value</th></tr>"
        );
        for piece in &step.one_of {
            let _ = writeln!(
                text,
                "<tr><td>{}</td><td>{}</td><td>{}</td></tr>",
                piece.kind,
                escaped(&piece.name),
                escaped(&piece.value)
            );
        }
        let _ = writeln!(text, "</table>");
    }
    if step.who.is_some() && !step.found.is_empty() {
        let _ = writeln!(text, "<p>Found when it was last looked at:</p><ul>");
        for found in &step.found {
            let _ = writeln!(text, "<li>{}</li>", escaped(found));
        }
        let _ = writeln!(text, "</ul>");
    }
    if let (Some(_), Some(next)) = (step.who, step.next_at) {
        let format = format_description!("[year]-[month]-[day] [hour]:[minute] UTC");
        let time = OffsetDateTime::from_unix_timestamp(next).ok();
        if let Some(time) = time.and_then(|time| time.format(format).ok()) {
            let _ = writeln!(
                text,
                "<p class=\"next\">It is looked at again at {time}.</p>"
            );
        }
    }
}

fn page(status: StatusCode, title: &str, body: &str, refreshes: bool) -> Response {
    let refresh = match refreshes {
        true => "<meta http-equiv=\"refresh\" content=\"30\">",
        false => "",
    };
    let text = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\">{refresh}\
         <meta name=\"robots\" content=\"noindex\"><title>{title}</title><style>{STYLE}</style></head>\
         <body><h1>{title}</h1>{body}</body></html>"
    );
    let mut response = (status, text).into_response();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keyring() -> Keyring {
        let mut conf = Conf::default();
        conf.secrets.key = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=".into();
        Keyring::open(&conf).expect("a key")
    }

    #[test]
    fn a_link_is_good_as_it_was_signed_and_for_its_time() {
        let keyring = keyring();
        let now = 1_800_000_000;
        let link = path(&keyring, "one", now);
        assert_eq!(opened(&keyring, &link, now), Some("one"));
        assert_eq!(opened(&keyring, &link, now + 31 * 86_400), None);
        let other = link.replace("/one/", "/two/");
        assert_eq!(opened(&keyring, &other, now), None);
        let until = link.split('/').nth(5).expect("an end").to_owned();
        let later = link.replace(&until, "9999999999");
        assert_eq!(opened(&keyring, &later, now), None);
        for bad in ["", "one", "one/1", "one/x/00", "one/9999999999/zz"] {
            assert_eq!(
                opened(&keyring, &format!("{PATH}{bad}"), now),
                None,
                "{bad}"
            );
        }
        assert_eq!(opened(&keyring, &format!("{link}/more"), now), None);
    }
}
