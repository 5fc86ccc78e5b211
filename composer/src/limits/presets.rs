//! The presets of limits. The table at [`Limits`] shows their figures side by side.

use std::time::Duration;

use crate::limits::component_limits::Limits;
use crate::limits::stream_limits::StreamLimits;

const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;

impl Default for Limits {
    /// For plugins of people you know: see [`Limits`] for the figures.
    fn default() -> Self {
        Limits {
            memory: 64 * MIB,
            memories: 8,
            table_elements: 100_000,
            tables: 16,
            core_instances: 64,
            handles: 10_000,
            value_size: 32 * MIB,
            calls: 256,
            inbox: 64,
            streams: StreamLimits {
                streams: 1_000,
                buffer: 256 * KIB,
                idle: Some(Duration::from_secs(10 * 60)),
            },
            fuel: None,
            time: Some(Duration::from_secs(10)),
            start_time: Some(Duration::from_secs(10)),
            destructor_time: Some(Duration::from_secs(10)),
            background_time: Some(Duration::from_secs(10)),
            deadline: Some(Duration::from_secs(10 * 60)),
        }
    }
}

impl Limits {
    /// For a small function in the path of each request: see [`Limits`] for the
    /// figures.
    pub fn minimal() -> Self {
        Limits {
            memory: 4 * MIB,
            memories: 2,
            table_elements: 5_000,
            tables: 4,
            core_instances: 16,
            handles: 100,
            value_size: 256 * KIB,
            calls: 4,
            inbox: 16,
            streams: StreamLimits {
                streams: 16,
                buffer: 16 * KIB,
                idle: Some(Duration::from_secs(10)),
            },
            fuel: None,
            time: Some(Duration::from_millis(100)),
            start_time: Some(Duration::from_secs(1)),
            destructor_time: Some(Duration::from_millis(100)),
            background_time: Some(Duration::from_millis(100)),
            deadline: Some(Duration::from_secs(10)),
        }
    }

    /// For plugins of people you do not know: see [`Limits`] for the figures.
    pub fn strict() -> Self {
        Limits {
            memory: 32 * MIB,
            memories: 4,
            table_elements: 20_000,
            tables: 8,
            core_instances: 64,
            handles: 1_000,
            value_size: 4 * MIB,
            calls: 64,
            inbox: 32,
            streams: StreamLimits {
                streams: 100,
                buffer: 64 * KIB,
                idle: Some(Duration::from_secs(60)),
            },
            fuel: Some(1_000_000_000),
            time: Some(Duration::from_secs(1)),
            start_time: Some(Duration::from_secs(5)),
            destructor_time: Some(Duration::from_secs(1)),
            background_time: Some(Duration::from_secs(1)),
            deadline: Some(Duration::from_secs(60)),
        }
    }

    /// For code that is trusted: see [`Limits`] for the figures.
    pub fn high_performance() -> Self {
        Limits {
            memory: 1024 * MIB,
            memories: 64,
            table_elements: 1_000_000,
            tables: 64,
            core_instances: 1_000,
            handles: 100_000,
            value_size: 128 * MIB,
            calls: 4_096,
            inbox: 1_024,
            streams: StreamLimits {
                streams: 100_000,
                buffer: 256 * KIB,
                idle: None,
            },
            fuel: None,
            time: None,
            start_time: None,
            destructor_time: None,
            background_time: None,
            deadline: None,
        }
    }
}
