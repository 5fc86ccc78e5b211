//! What others take of the processors while the benchmark runs: other programs, and
//! whoever runs this machine if it is virtual.

use std::time::Duration;

use rustix::param::clock_ticks_per_second;
use rustix::time::{ClockId, clock_gettime};

/// The processors' time that was not idle and was not this program's, since the machine
/// started: in steps of a hundredth of a second, and zero where the system does not tell.
pub(crate) fn used_by_others() -> Duration {
    let own = clock_gettime(ClockId::ProcessCPUTime);
    let own = Duration::new(own.tv_sec as u64, own.tv_nsec as u32);
    busy().unwrap_or_default().saturating_sub(own)
}

/// The first line of `/proc/stat`, without the two columns that count idle time: the
/// seventh of the rest is what a hypervisor gave to others.
fn busy() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/stat").ok()?;
    let columns = stat.lines().next()?.strip_prefix("cpu ")?;
    let ticks: Vec<u64> = columns
        .split_whitespace()
        .take(8)
        .map_while(|column| column.parse().ok())
        .collect();
    let [
        user,
        nice,
        system,
        _idle,
        _waiting,
        interrupts,
        soft,
        stolen,
    ] = ticks[..]
    else {
        return None;
    };
    let busy = user + nice + system + interrupts + soft + stolen;
    Some(Duration::from_secs_f64(
        busy as f64 / clock_ticks_per_second() as f64,
    ))
}
