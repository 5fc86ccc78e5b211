//! The presets have the values that their documentation states.

use std::time::Duration;

use composer::runtime::Limits;

const DOCS: &str = include_str!("../../composer/src/limits/component_limits.rs");

/// The four figures of a row of the table, as numbers: bytes, counts,
/// milliseconds; `None` for none.
fn documented(limit: &str) -> Vec<Option<u64>> {
    let row = format!("/// | [`{limit}`](");
    let row = DOCS.lines().find(|line| line.starts_with(&row)).unwrap();
    let cells: Vec<_> = row.split('|').map(str::trim).collect();
    cells[3..7].iter().map(|cell| number(cell)).collect()
}

fn number(cell: &str) -> Option<u64> {
    let (number, unit) = cell.split_once(' ').unwrap_or((cell, ""));
    if number == "none" {
        return None;
    }
    let number: u64 = number.replace(',', "").parse().unwrap();
    Some(match unit {
        "" | "ms" => number,
        "s" => number * 1_000,
        "min" => number * 60_000,
        "KiB" => number << 10,
        "MiB" => number << 20,
        "GiB" => number << 30,
        other => panic!("{other}"),
    })
}

/// What a preset has of a limit.
type Figure<'f> = &'f dyn Fn(&Limits) -> Option<u64>;

#[test]
fn as_documented() {
    let presets = [
        Limits::minimal(),
        Limits::default(),
        Limits::strict(),
        Limits::high_performance(),
    ];
    let ms = |time: Duration| time.as_millis() as u64;
    let some = |count: usize| Some(count as u64);
    let figures: [(&str, Figure<'_>); 18] = [
        ("memory", &|l| some(l.memory())),
        ("memories", &|l| some(l.memories())),
        ("table_elements", &|l| some(l.table_elements())),
        ("tables", &|l| some(l.tables())),
        ("core_instances", &|l| some(l.core_instances())),
        ("handles", &|l| some(l.handles())),
        ("value_size", &|l| some(l.value_size())),
        ("calls", &|l| some(l.calls())),
        ("inbox", &|l| some(l.inbox())),
        ("streams", &|l| some(l.streams())),
        ("stream_buffer", &|l| some(l.stream_buffer())),
        ("stream_idle", &|l| l.stream_idle().map(ms)),
        ("fuel", &|l| l.fuel()),
        ("time", &|l| l.time().map(ms)),
        ("start_time", &|l| l.start_time().map(ms)),
        ("destructor_time", &|l| l.destructor_time().map(ms)),
        ("background_time", &|l| l.background_time().map(ms)),
        ("deadline", &|l| l.deadline().map(ms)),
    ];
    for (limit, figure) in figures {
        let real: Vec<_> = presets.iter().map(figure).collect();
        assert_eq!(real, documented(limit), "{limit}");
    }
    let rows = DOCS.lines().filter(|line| line.starts_with("/// | [`"));
    assert_eq!(rows.count(), figures.len());
}

#[test]
fn each_can_be_set() {
    let limits = Limits::default()
        .with_memory(1)
        .with_memories(2)
        .with_table_elements(3)
        .with_tables(4)
        .with_core_instances(5)
        .with_handles(6)
        .with_value_size(7)
        .with_calls(8)
        .with_inbox(9)
        .with_fuel(Some(10))
        .with_time(Some(Duration::from_secs(11)))
        .with_start_time(Some(Duration::from_secs(12)))
        .with_destructor_time(Some(Duration::from_secs(13)))
        .with_background_time(Some(Duration::from_secs(14)))
        .with_deadline(Some(Duration::from_secs(15)));
    assert_eq!((limits.memory(), limits.memories()), (1, 2));
    assert_eq!((limits.table_elements(), limits.tables()), (3, 4));
    assert_eq!((limits.core_instances(), limits.handles()), (5, 6));
    assert_eq!(
        (limits.value_size(), limits.calls(), limits.inbox()),
        (7, 8, 9)
    );
    assert_eq!(limits.fuel(), Some(10));
    let times = [
        limits.time(),
        limits.start_time(),
        limits.destructor_time(),
        limits.background_time(),
        limits.deadline(),
    ];
    let seconds = [11, 12, 13, 14, 15].map(|seconds| Some(Duration::from_secs(seconds)));
    assert_eq!(times, seconds);
    let none = limits.with_calls(0).with_inbox(0);
    assert_eq!((none.calls(), none.inbox()), (1, 1));
}
