//! Lists of items in sentences.

use std::fmt::Display;

/// Longer lists end in "and 12 more", so that messages stay readable.
const MOST: usize = 8;

/// `` `a`, `b` and `c` ``
pub(crate) fn all_of<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    join(items, "and", MOST)
}

/// As [`all_of`], however many there are.
pub(crate) fn every_one_of<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    join(items, "and", usize::MAX)
}

/// `` `a`, `b` or `c` ``
pub(crate) fn any_of<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    join(items, "or", MOST)
}

/// `; did you mean …?`, or nothing if there is no similar name.
pub(crate) fn did_you_mean<T: Display>(similar: &[T]) -> String {
    if similar.is_empty() {
        String::new()
    } else {
        format!("; did you mean {}?", any_of(similar))
    }
}

fn join<T: Display>(items: impl IntoIterator<Item = T>, last: &str, most: usize) -> String {
    let mut items: Vec<String> = items.into_iter().map(|item| format!("`{item}`")).collect();
    let more = items.len().saturating_sub(most);
    if more > 1 {
        items.truncate(most);
        return format!("{} {last} {more} more", items.join(", "));
    }
    match items.pop() {
        Some(end) if !items.is_empty() => format!("{} {last} {end}", items.join(", ")),
        Some(only) => only,
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_read_as_in_sentences() {
        assert_eq!(all_of::<&str>([]), "");
        assert_eq!(all_of(["a"]), "`a`");
        assert_eq!(all_of(["a", "b"]), "`a` and `b`");
        assert_eq!(any_of(["a", "b", "c"]), "`a`, `b` or `c`");
    }

    #[test]
    fn long_lists_are_cut() {
        let nine = any_of(1..=9);
        assert!(nine.ends_with("`8` or `9`"), "{nine}");
        let ten = any_of(1..=10);
        assert!(ten.ends_with("`8` or 2 more"), "{ten}");
        let ten = every_one_of(1..=10);
        assert!(ten.ends_with("`9` and `10`"), "{ten}");
    }
}
