//! The goals of the table, as ratios within one run.

use crate::subjects::Subject::{self, Channel, Dynamic, Fused, Inlined, Typed, Wac};
use crate::table::Kind::{self, Concurrent, Plain};
use crate::table::{Results, ratio};

/// One goal: an upper bound for a time as a multiple of another.
struct Goal {
    what: String,
    at_most: f64,
    measured: Option<f64>,
}

pub(crate) fn print(results: &Results) {
    let goals = goals(results);
    println!("\n| goal | at most | measured | |\n|---|---:|---:|---|");
    for goal in goals {
        let Some(measured) = goal.measured else {
            continue;
        };
        let met = match measured <= goal.at_most {
            true => "met",
            false => "**missed**",
        };
        let [at_most, measured] = [goal.at_most, measured].map(digits);
        println!("| {} | {at_most} | {measured} | {met} |", goal.what);
    }
}

/// One digit more than the table has, so that a narrow miss shows.
fn digits(value: f64) -> String {
    match value {
        value if value < 0.01 => ratio(value),
        value => format!("{value:.3}"),
    }
}

fn goals(results: &Results) -> Vec<Goal> {
    let get = |id, engine, subject| results.get(id, engine, subject);
    let against = |id, (engine, subject): (Kind, Subject), (base_engine, base)| {
        Some(get(id, engine, subject)? / get(id, base_engine, base)?)
    };
    let single = |name: &str| results.single.get(name).copied();
    let mut goals = Vec::new();
    let mut goal = |what: &str, at_most, measured| {
        goals.push(Goal {
            what: what.to_owned(),
            at_most,
            measured,
        });
    };

    goal(
        "scalar, isolated, on an engine without concurrency support, against channel and `Val` as it comes",
        0.2,
        against("add", (Plain, Dynamic), (Concurrent, Channel)),
    );
    goal(
        "the same against channel and `Val` on that engine too",
        0.2,
        against("add", (Plain, Dynamic), (Plain, Channel)),
    );
    goal(
        "scalar, isolated, on an engine with concurrency support, against channel and `Val`",
        0.6,
        against("add", (Concurrent, Dynamic), (Concurrent, Channel)),
    );
    for id in ["64 KiB", "1 MiB"] {
        let ours = (Concurrent, Dynamic);
        let what = format!("{id}, isolated, against channel and `Val`");
        goal(&what, 1.0 / 200.0, against(id, ours, (Concurrent, Channel)));
        let what = format!("{id}, isolated, against fused");
        goal(&what, 0.2, against(id, ours, (Concurrent, Fused)));
    }
    let big = get("16 MiB", Concurrent, Dynamic);
    goal(
        "16 MiB, isolated, against fused",
        1.0,
        against("16 MiB", (Concurrent, Dynamic), (Concurrent, Fused)),
    );
    goal(
        "16 MiB, isolated, against copying the bytes four times",
        4.0,
        big.zip(single("copy")).map(|(ours, copy)| ours / copy),
    );
    goal(
        "10,000 records, isolated, against channel and `Val`",
        0.3,
        against("10,000", (Concurrent, Dynamic), (Concurrent, Channel)),
    );
    for line in &results.lines {
        let engine = match line.engine {
            Concurrent => "",
            Plain => ", without concurrency support",
        };
        let between = |ours, base| against(line.id, (line.engine, ours), (line.engine, base));
        // In these rows the waiting dominates, not the transfer of values.
        if !line.id.starts_with("wait") {
            let what = format!("{}{engine}: typed against dynamic", line.title);
            goal(&what, 0.9, between(Typed, Dynamic));
        }
        let what = format!("{}{engine}: fused against wac", line.title);
        goal(&what, 1.05, between(Fused, Wac));
        if line.id == "add" {
            let what = format!("{}{engine}: fused and inlined against wac", line.title);
            goal(&what, 0.6, between(Inlined, Wac));
        }
    }
    goal(
        "1,000 waits at once against one",
        5.0,
        get("waits", Concurrent, Dynamic)
            .zip(get("wait", Concurrent, Dynamic))
            .map(|(all, one)| all / one),
    );
    for allocator in ["on demand", "pooled"] {
        let started = |way: &str, length: u32| single(&format!("{way} {length} {allocator}"));
        let what = format!("2 components from a prepared plan, {allocator}, against by hand");
        let hand = started("prepared", 2).zip(started("by hand", 2));
        goal(&what, 3.0, hand.map(|(ours, hand)| ours / hand));
        let growth = |way| Some(started(way, 1000)? / started(way, 10)? / 100.0);
        let what =
            format!("1,000 components from a prepared plan, {allocator}, against 100 times 10");
        goal(&what, 1.25, growth("prepared"));
        let beside = growth("prepared").zip(growth("by hand"));
        let what = format!("this growth, {allocator}, against that by hand");
        goal(&what, 1.25, beside.map(|(ours, hand)| ours / hand));
    }
    goals
}
