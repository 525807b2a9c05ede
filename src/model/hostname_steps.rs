//! What is still to be done for a custom hostname, and by whom: what its customer, and whoever he calls, wants to know.

use super::custom_hostname::{CustomHostname, HostnameStatus, SslStatus};

/// Who has to do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// The hostname's owner.
    Customer,
    /// Whoever runs the platform.
    Operator,
    /// The certificate authority.
    Authority,
    /// This platform, which does it by itself.
    Platform,
}

/// A record or token that somebody puts in place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// `CNAME`, `TXT`, or `HTTP` for a token that a server shows.
    pub kind: &'static str,
    /// Its name, or its address.
    pub name: String,
    /// Its value, or its body.
    pub value: String,
}

/// One thing to do, or that is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What it is about.
    pub title: &'static str,
    /// Who has to act; `None` when it is done.
    pub who: Option<Who>,
    /// What there is to say.
    pub text: String,
    /// What is to be put in place: one of them is enough.
    pub one_of: Vec<Piece>,
    /// What was found missing when it was last looked for.
    pub found: Vec<String>,
    /// When it is looked for next, in seconds since 1970.
    pub next_at: Option<i64>,
}

/// What is to be done for a hostname, in order. `target` is the name that customers point theirs at; `delegation` where
/// they may point what a certificate authority looks at.
pub fn steps(
    hostname: &CustomHostname,
    target: Option<&str>,
    delegation: Option<(&str, &str)>,
) -> Vec<Step> {
    let mut steps = vec![ownership(hostname, target)];
    steps.extend(certificate(hostname, delegation));
    steps
}

/// The name that is asked for, where a wildcard has none of its own.
fn base(hostname: &CustomHostname) -> &str {
    hostname.hostname.trim_start_matches("*.")
}

fn ownership(hostname: &CustomHostname, target: Option<&str>) -> Step {
    let ownership = &hostname.ownership;
    let mut step = Step {
        title: "The hostname",
        who: None,
        text: String::new(),
        one_of: Vec::new(),
        found: ownership.errors.clone(),
        next_at: (ownership.next_at != 0).then_some(ownership.next_at),
    };
    match hostname.status {
        HostnameStatus::Active => {
            step.text = "It is active.".into();
            if ownership.away_since.is_some() {
                step.who = Some(Who::Customer);
                step.text =
                    "It is active, but does not point here any more, and will be given up.".into();
            }
        }
        HostnameStatus::Blocked => {
            step.who = Some(Who::Operator);
            step.text = "The operator of this platform does not serve it.".into();
        }
        HostnameStatus::Deleted => step.text = "It is being removed.".into(),
        HostnameStatus::Pending | HostnameStatus::Moved => {
            step.who = Some(Who::Customer);
            step.text = match hostname.status {
                HostnameStatus::Moved => {
                    "It does not point here, and is not served. Once one of these is in place, ask the platform to check again."
                }
                _ => "One of these shows that it is yours:",
            }
            .into();
        }
    }
    if step.who == Some(Who::Customer) {
        let name = base(hostname);
        let is_wildcard = name != hostname.hostname;
        if let Some(target) = target
            && !ownership.is_contested
            && !is_wildcard
        {
            step.one_of.push(Piece {
                kind: "CNAME",
                name: hostname.hostname.clone(),
                value: target.to_owned(),
            });
        }
        step.one_of.push(Piece {
            kind: "TXT",
            name: format!("_cf-custom-hostname.{name}"),
            value: ownership.token.clone(),
        });
        // A wildcard is no name that anybody could ask.
        if !is_wildcard {
            step.one_of.push(Piece {
                kind: "HTTP",
                name: format!(
                    "http://{name}/.well-known/cf-custom-hostname-challenge/{}",
                    hostname.id
                ),
                value: ownership.token.clone(),
            });
        }
    }
    step
}

fn certificate(hostname: &CustomHostname, delegation: Option<(&str, &str)>) -> Option<Step> {
    let ssl = hostname.ssl.as_ref()?;
    let mut step = Step {
        title: "The certificate",
        who: None,
        text: String::new(),
        one_of: Vec::new(),
        found: ssl.errors.clone(),
        next_at: (ssl.next_at != 0).then_some(ssl.next_at),
    };
    let expires = ssl.certificates.first().map(|c| c.expires_on.as_str());
    (step.who, step.text) = match ssl.status {
        SslStatus::Active => {
            let until = expires.unwrap_or("its end");
            (None, format!("It is served, and valid until {until}."))
        }
        SslStatus::Deleted => (None, "It is being removed.".into()),
        SslStatus::Expired if ssl.is_custom => (
            Some(Who::Customer),
            "Its time is over: a new one must be uploaded.".into(),
        ),
        SslStatus::Expired => (
            Some(Who::Platform),
            "Its time is over; a new one is asked for.".into(),
        ),
        SslStatus::Initializing if step.next_at.is_none() && !ssl.errors.is_empty() => {
            (Some(Who::Operator), "It cannot be asked for yet.".into())
        }
        SslStatus::Initializing => (Some(Who::Platform), "It is about to be asked for.".into()),
        SslStatus::PendingIssuance | SslStatus::PendingDeployment => {
            (Some(Who::Authority), "The authority is making it.".into())
        }
        SslStatus::PendingValidation => waiting(hostname),
        SslStatus::ValidationTimedOut
        | SslStatus::InitializingTimedOut
        | SslStatus::IssuanceTimedOut => (
            Some(Who::Customer),
            "It was given up. Once what is missing is in place, ask the platform to check again."
                .into(),
        ),
    };
    if step.who == Some(Who::Customer) {
        let texts = ssl.records.iter().filter_map(|record| {
            Some(Piece {
                kind: "TXT",
                name: record.txt_name.clone()?,
                value: record.txt_value.clone()?,
            })
        });
        step.one_of.extend(texts);
        if let Some((name, value)) = delegation
            && !step.one_of.is_empty()
        {
            step.one_of.push(Piece {
                kind: "CNAME",
                name: name.to_owned(),
                value: value.to_owned(),
            });
        }
    }
    Some(step)
}

/// What an authority's proof waits for.
fn waiting(hostname: &CustomHostname) -> (Option<Who>, String) {
    let ssl = hostname.ssl.as_ref();
    let by_dns = ssl.is_some_and(|ssl| ssl.records.iter().any(|r| r.txt_name.is_some()));
    match (by_dns, hostname.status.is_active()) {
        (true, _) => (
            Some(Who::Customer),
            "The authority looks for these TXT records, each of them, or for a CNAME that hands this over:".into(),
        ),
        (false, true) => (
            Some(Who::Authority),
            "The authority is looking for its token, which is in place.".into(),
        ),
        (false, false) => (
            Some(Who::Customer),
            "The authority can look for its token, which is in place, as soon as the hostname points here.".into(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::custom_hostname::{Ownership, Ssl, ValidationRecord};

    fn hostname(status: HostnameStatus, ssl: Option<Ssl>) -> CustomHostname {
        CustomHostname {
            id: "i".into(),
            zone: "z".into(),
            hostname: "app.customer.com".into(),
            status,
            created_at: String::new(),
            changed_at: 0,
            revision: 0,
            is_by_hand: false,
            wanted: Default::default(),
            ownership: Ownership {
                token: "t".into(),
                ..Ownership::default()
            },
            ssl,
        }
    }

    #[test]
    fn it_says_who_must_act() {
        use HostnameStatus::{Active, Blocked, Moved, Pending};
        let ssl = |status, by_dns: bool| {
            Some(Ssl {
                status,
                records: vec![ValidationRecord {
                    txt_name: by_dns.then(|| "n".into()),
                    txt_value: by_dns.then(|| "v".into()),
                    ..ValidationRecord::default()
                }],
                ..Ssl::default()
            })
        };
        let customer = Some(Who::Customer);
        for (status, ssl, expected) in [
            (Active, None, vec![None]),
            (Pending, None, vec![customer]),
            (Moved, None, vec![customer]),
            (Blocked, None, vec![Some(Who::Operator)]),
            (Active, ssl(SslStatus::Active, false), vec![None, None]),
            (
                Active,
                ssl(SslStatus::PendingValidation, false),
                vec![None, Some(Who::Authority)],
            ),
            (
                Pending,
                ssl(SslStatus::PendingValidation, false),
                vec![customer, customer],
            ),
            (
                Active,
                ssl(SslStatus::PendingValidation, true),
                vec![None, customer],
            ),
            (
                Active,
                ssl(SslStatus::PendingIssuance, false),
                vec![None, Some(Who::Authority)],
            ),
        ] {
            let found = steps(&hostname(status, ssl), Some("edge.platform.com"), None);
            let who: Vec<Option<Who>> = found.iter().map(|step| step.who).collect();
            assert_eq!(who, expected, "{found:?}");
        }
    }

    #[test]
    fn a_contested_hostname_is_not_proven_by_where_it_points() {
        let mut contested = hostname(HostnameStatus::Pending, None);
        contested.ownership.is_contested = true;
        let found = steps(&contested, Some("edge.platform.com"), None);
        assert!(found[0].one_of.iter().all(|piece| piece.kind != "CNAME"));
    }
}
