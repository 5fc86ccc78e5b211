//! Helpers that several benchmarks share: the format of figures, the resident memory, and
//! the configuration of an engine that takes instances from a pool.

use wasmtime::{Config, PoolingAllocationConfig};

pub(crate) fn time(nanoseconds: f64) -> String {
    let (value, unit) = match nanoseconds {
        n if n < 1e3 => (n, "ns"),
        n if n < 1e6 => (n / 1e3, "µs"),
        n if n < 1e9 => (n / 1e6, "ms"),
        n => (n / 1e9, "s"),
    };
    format!("{} {unit}", digits(value))
}

/// Three digits, or fewer for small ratios.
pub(crate) fn ratio(ratio: f64) -> String {
    match ratio {
        r if r < 0.01 => format!("1/{:.0}", 1.0 / r),
        r => digits(r),
    }
}

fn digits(value: f64) -> String {
    match value {
        v if v < 10.0 => format!("{v:.2}"),
        v if v < 100.0 => format!("{v:.1}"),
        v => format!("{v:.0}"),
    }
}

/// An engine's configuration, with room for 2,000 instances.
pub(crate) fn pooled() -> Config {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(2_000)
        .total_core_instances(8_000)
        .total_memories(2_000)
        .total_tables(4_000)
        .total_stacks(2_000)
        .max_memory_size(4 << 20);
    let mut config = Config::new();
    config
        .allocation_strategy(pool)
        .memory_reservation(4 << 20)
        .memory_guard_size(64 << 10);
    config
}

/// The resident bytes of this process, on Linux. This file has their exact sum; the
/// counters in `status` are updated in steps.
pub(crate) fn resident() -> Option<usize> {
    let rollup = std::fs::read_to_string("/proc/self/smaps_rollup").ok()?;
    let line = rollup.lines().find_map(|line| line.strip_prefix("Rss:"))?;
    let kibibytes: usize = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}
