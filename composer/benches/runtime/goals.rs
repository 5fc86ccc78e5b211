//! The goals of the tables, as multiples of the bare edge of the same row.

use crate::pairs::Pair;
use crate::ways::Way;
use crate::{Cell, find};

/// A goal of 1 means the same cost. Two measurements of the same thing differ, so a ratio
/// up to this one still meets it.
const SAME: f64 = 1.05;

/// The goals for `high_performance`, and for the limits that a call checks.
const GOALS: [(Way, f64); 3] = [
    (Way::HighPerformance, 1.0),
    (Way::Default, 1.6),
    (Way::Strict, 1.6),
];

pub(crate) fn print(cells: &[Cell]) {
    println!("\n| goal, against bare | at most | measured | |\n|---|---:|---:|---|");
    for cell in cells {
        let Cell { row, pair, way, .. } = cell;
        let goal = GOALS.iter().find(|(other, _)| other == way);
        let base = find(cells, row.id, Pair::Wat, Way::Bare);
        let (Some(&(_, at_most)), Some(base)) = (goal, base) else {
            continue;
        };
        let counts = match pair {
            Pair::Wat => true,
            Pair::Random | Pair::Poll => at_most > 1.0,
            // With larger values the work of the components themselves dominates.
            Pair::Rust => at_most > 1.0 && row.id == "add",
        };
        if !counts {
            continue;
        }
        let measured = cell.against(base);
        let met = match measured {
            Some(measured) if measured <= at_most.max(SAME) => "met",
            _ => "**missed**",
        };
        let measured = measured.map_or("failed".to_owned(), |measured| format!("{measured:.3}"));
        let (pair, way) = (pair.title(), way.title());
        println!(
            "| {}, {pair}, {way} | {at_most:.1} | {measured} | {met} |",
            row.title
        );
    }
}
