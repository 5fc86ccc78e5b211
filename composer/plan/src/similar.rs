//! "Did you mean": names that resemble a misspelt one.

use crate::Name;

/// Finds similar names, and stops comparing after a while: an error with thousands of
/// misspelt names among thousands must not take minutes to print.
pub(crate) struct SimilarSearch {
    /// The number of comparisons left. Comparisons are counted, not timed, so that the
    /// same input gives the same message.
    budget: usize,
}

/// The maximum number of suggestions.
const MOST: usize = 3;

impl SimilarSearch {
    pub(crate) fn new() -> Self {
        SimilarSearch { budget: 100_000 }
    }

    /// The known names nearest to `wanted`, best first. A name written without a version
    /// is compared with the others without theirs; one written without a package, with
    /// what the others have behind theirs, if it resembles none as it stands.
    pub(crate) fn to<'a>(
        &mut self,
        wanted: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) -> Vec<String> {
        let known: Vec<&str> = known.into_iter().take(self.budget).collect();
        let versioned = Name::new(wanted).version().is_some();
        let mut near = self.nearest(wanted, &known, 1, |name| match versioned {
            true => Some(name.to_owned()),
            false => Some(Name::new(name).base().to_owned()),
        });
        if near.is_empty() && !wanted.contains([':', '/', '@']) {
            near = self.nearest(wanted, &known, 0, |name| {
                let name = Name::new(name);
                let (_, short) = name.base().rsplit_once('/')?;
                Some(short.to_owned())
            });
        }
        near
    }

    /// The names whose compared form, if they have one, is no nearer than `least` and not too
    /// far away.
    fn nearest(
        &mut self,
        wanted: &str,
        known: &[&str],
        least: usize,
        compared: impl Fn(&str) -> Option<String>,
    ) -> Vec<String> {
        let mut near: Vec<(usize, &str)> = Vec::new();
        for name in known.iter().take(self.budget) {
            self.budget -= 1;
            let Some(compared) = compared(name) else {
                continue;
            };
            let limit = (wanted.chars().count().max(compared.chars().count()) / 3).min(4);
            if wanted.len().abs_diff(compared.len()) > 4 * limit {
                continue;
            }
            let distance = strsim::osa_distance(wanted, &compared);
            if (least..=limit).contains(&distance) {
                near.push((distance, name));
            }
        }
        near.sort();
        near.dedup();
        let near = near.into_iter().take(MOST);
        near.map(|(_, name)| name.to_owned()).collect()
    }
}

/// The names in `known` that a misspelt `wanted` may mean, nearest first.
pub fn similar_names<'a>(wanted: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    SimilarSearch::new().to(wanted, known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn similar(wanted: &str, known: &[&str], expected: &[&str]) {
        assert_eq!(
            SimilarSearch::new().to(wanted, known.iter().copied()),
            expected
        );
    }

    #[test]
    fn one_slip_is_found() {
        similar("producr", &["producer", "consumer"], &["producer"]);
        similar("prodducer", &["producer"], &["producer"]);
        similar("prodicer", &["producer"], &["producer"]);
        similar("proudcer", &["producer"], &["producer"]);
    }

    #[test]
    fn a_package_may_be_missing() {
        let known = ["shop:till/checkout@1.0.0", "shop:tax/rates", "run"];
        similar("checkout", &known, &["shop:till/checkout@1.0.0"]);
        similar("chekout", &known, &["shop:till/checkout@1.0.0"]);
        similar("rate", &known, &["shop:tax/rates"]);
        similar("ran", &known, &["run"]);
        similar("other", &known, &[]);
        similar("", &known, &[]);
    }

    #[test]
    fn the_nearest_come_first_and_only_three() {
        let known = [
            "counter4",
            "counter-store",
            "counters",
            "encounter",
            "counted",
            "count",
        ];
        similar("counter", &known, &["counted", "counter4", "counters"]);
    }

    #[test]
    fn short_names_and_equal_ones_resemble_nothing() {
        similar("a", &["b", "c"], &[]);
        similar("ab", &["ac"], &[]);
        similar("abc", &["abc"], &[]);
        similar("", &["", "a"], &[]);
    }

    #[test]
    fn a_bare_name_resembles_one_with_a_version() {
        let known = ["shop:tax/rates@1.0.0"];
        similar("shop:tax/rate", &known, &known);
        similar("shop:tax/rates@1.1.0", &known, &known);
    }

    #[test]
    fn letters_count_and_not_bytes() {
        similar("zähler", &["zahler"], &["zahler"]);
    }

    #[test]
    fn comparing_ends_at_some_time() {
        let known: Vec<String> = (0..200_000).map(|i| format!("name{i}")).collect();
        let mut similar = SimilarSearch::new();
        assert!(
            !similar
                .to("name", known.iter().map(String::as_str))
                .is_empty()
        );
        assert!(
            similar
                .to("name", known.iter().map(String::as_str))
                .is_empty()
        );
    }
}
