//! "Did you mean": names that resemble a misspelt one.

/// Finds similar names, and gives up comparing after a while: an error with
/// thousands of misspelt names among thousands must not take minutes to print.
pub(crate) struct Similar {
    /// How many comparisons are left. Counted, not timed, so that the same
    /// input gives the same message.
    budget: usize,
}

/// At most this many suggestions are made.
const MOST: usize = 3;

impl Similar {
    pub(crate) fn new() -> Self {
        Similar { budget: 100_000 }
    }

    /// The known names nearest to `wanted`, best first.
    pub(crate) fn to<'a>(
        &mut self,
        wanted: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) -> Vec<String> {
        let wanted_chars: Vec<char> = wanted.chars().collect();
        let mut near: Vec<(usize, &str)> = Vec::new();
        for name in known {
            if self.budget == 0 {
                break;
            }
            self.budget -= 1;
            let limit = (wanted_chars.len().max(name.len()) / 3).min(4);
            if let Some(distance) = self.distance(&wanted_chars, name, limit) {
                near.push((distance, name));
            }
        }
        near.sort();
        near.dedup();
        near.into_iter()
            .take(MOST)
            .map(|(_, name)| name.to_owned())
            .collect()
    }

    /// Counts the letters to insert, remove, replace or swap with their
    /// neighbour; `None` beyond `limit`. Equal names are not similar ones.
    fn distance(&self, a: &[char], b: &str, limit: usize) -> Option<usize> {
        let b: Vec<char> = b.chars().collect();
        if a.len().abs_diff(b.len()) > limit {
            return None;
        }
        let mut before: Vec<usize> = Vec::new();
        let mut above: Vec<usize> = (0..=b.len()).collect();
        for (i, &x) in a.iter().enumerate() {
            let mut row = vec![i + 1];
            for (j, &y) in b.iter().enumerate() {
                let mut best = (above[j] + usize::from(x != y))
                    .min(above[j + 1] + 1)
                    .min(row[j] + 1);
                if i > 0 && j > 0 && x == b[j - 1] && a[i - 1] == y {
                    best = best.min(before[j - 1] + 1);
                }
                row.push(best);
            }
            if row.iter().all(|&distance| distance > limit) {
                return None;
            }
            before = std::mem::replace(&mut above, row);
        }
        let distance = above[b.len()];
        (1..=limit).contains(&distance).then_some(distance)
    }
}

/// The names in `known` that a misspelt `wanted` may mean, nearest first.
pub fn similar_names<'a>(wanted: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    Similar::new().to(wanted, known)
}
