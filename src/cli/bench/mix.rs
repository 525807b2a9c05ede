//! Whom visitors ask for: hostnames, some of them more often than others.

use http::uri::PathAndQuery;

use crate::model::Hostname;

/// What one visitor asks for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Visit {
    /// As `Host` or `:authority`, and as the name in TLS.
    pub(super) hostname: String,
    /// Path and query.
    pub(super) path: PathAndQuery,
}

/// Visits, and how often each is made.
#[derive(Debug)]
pub(super) struct Mix {
    visits: Vec<Visit>,
    /// The sum of the weights up to each visit, itself included.
    sums: Vec<f64>,
}

impl Mix {
    /// One visit alone.
    pub(super) fn one(visit: Visit) -> Self {
        Self {
            visits: vec![visit],
            sums: vec![1.0],
        }
    }

    /// Reads a file with `hostname [weight] [path]` on each line. Where no weight stands it is that of Zipf's law: the n-th line is
    /// asked for n to the power of `zipf` times less often than the first.
    ///
    /// # Errors
    /// What is wrong, with the number of the line.
    pub(super) fn parse(text: &str, path: &PathAndQuery, zipf: f64) -> Result<Self, String> {
        let mut mix = Self {
            visits: Vec::new(),
            sums: Vec::new(),
        };
        let mut sum = 0.0;
        for (number, line) in text.lines().enumerate() {
            let line = line.split('#').next().unwrap_or_default();
            let wrong = |reason: String| format!("line {}: {reason}", number + 1);
            let mut words = line.split_whitespace().peekable();
            let Some(hostname) = words.next() else {
                continue;
            };
            let hostname = Hostname::parse(hostname).map_err(|e| wrong(e.to_string()))?;
            let weight = match words.next_if(|word| !word.starts_with('/')) {
                None => 1.0 / ((mix.visits.len() + 1) as f64).powf(zipf),
                Some(word) => word
                    .parse()
                    .ok()
                    .filter(|weight: &f64| weight.is_finite() && *weight >= 0.0)
                    .ok_or_else(|| wrong(format!("`{word}` is neither a weight nor a path")))?,
            };
            let path = match words.next() {
                None => path.clone(),
                Some(word) => word
                    .parse()
                    .map_err(|_| wrong(format!("`{word}` is no path")))?,
            };
            if let Some(word) = words.next() {
                return Err(wrong(format!("`{word}` is one word too many")));
            }
            sum += weight;
            mix.sums.push(sum);
            mix.visits.push(Visit {
                hostname: hostname.to_string(),
                path,
            });
        }
        if sum > 0.0 && sum.is_finite() {
            Ok(mix)
        } else {
            Err("there is no hostname that is asked for".to_owned())
        }
    }

    /// The visit at a part, 0 to 1, of all of them.
    pub(super) fn pick(&self, part: f64) -> &Visit {
        let sum = self.sums.last().copied().unwrap_or_default() * part;
        let at = self.sums.partition_point(|upto| *upto <= sum);
        &self.visits[at.min(self.visits.len() - 1)]
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.visits.len()
    }
}

/// Numbers that look drawn and are the same in each run (xorshift64*, G. Marsaglia and S. Vigna).
#[derive(Debug)]
pub(super) struct Draw(u64);

impl Draw {
    /// A sequence of its own for each seed.
    pub(super) fn new(seed: u64) -> Self {
        // It must not begin with zero.
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// The next number, from 0 to below 1.
    pub(super) fn part(&mut self) -> f64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let drawn = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D);
        (drawn >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Mix, String> {
        Mix::parse(text, &PathAndQuery::from_static("/"), 1.0)
    }

    #[test]
    fn a_line_is_a_hostname_a_weight_and_a_path() {
        let mix = parse("a.test 3\n# nobody\n\nB.test 1 /cart?n=1\n").unwrap();
        for (part, hostname, path) in [
            (0.0, "a.test", "/"),
            (0.74, "a.test", "/"),
            (0.75, "b.test", "/cart?n=1"),
            (0.999, "b.test", "/cart?n=1"),
        ] {
            let visit = mix.pick(part);
            assert_eq!((&*visit.hostname, visit.path.as_str()), (hostname, path));
        }
    }

    #[test]
    fn without_weights_the_first_are_asked_for_most() {
        let mix = parse("a.test\nb.test /b\nc.test").unwrap();
        let mut draw = Draw::new(1);
        let mut counts = [0_u32; 3];
        for _ in 0..60_000 {
            let visit = mix.pick(draw.part());
            let at = mix.visits.iter().position(|it| it == visit).unwrap();
            counts[at] += 1;
        }
        // 1 : 1/2 : 1/3 of 60,000.
        for (count, due) in counts.iter().zip([32_727, 16_364, 10_909]) {
            assert!(count.abs_diff(due) < 700, "{counts:?}");
        }
    }

    #[test]
    fn a_wrong_line_is_named() {
        for (text, said) in [
            ("", "there is no hostname that is asked for"),
            ("a.test 0", "there is no hostname that is asked for"),
            ("a.test\nb.test often", "line 2: `often` is neither"),
            ("a.test -1", "line 1: `-1` is neither"),
            ("a.test 1 /a /b", "line 1: `/b` is one word too many"),
            ("a..test", "line 1: "),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.starts_with(said), "{text}: {error}");
        }
    }
}
