//! What is written in the strings of a manifest: sizes, durations, addresses, folders; and
//! limits, grants and restart policies made of them.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use composer::Restart;
use composer::http::HttpHosts;
use composer::runtime::{Grants, Limits};

use crate::manifest::{self, Located, Preset};
use crate::problem::{Problem, Problems};

/// Reads the values of one manifest, and keeps what is wrong with them.
pub struct Settings<'m> {
    /// The folder that paths are seen from.
    pub folder: &'m Path,
    /// The mistakes so far.
    pub problems: Problems,
}

impl Settings<'_> {
    /// Limits, which begin with those of a preset, or with `default`.
    pub fn limits(&mut self, written: &manifest::Limits, default: &Limits) -> Limits {
        let manifest::Limits {
            preset,
            memory,
            time,
            deadline,
            start_time,
            fuel,
            value_size,
            calls,
            inbox,
            handles,
            memories,
            tables,
            table_elements,
            core_instances,
        } = written;
        let mut limits = match preset {
            None => default.clone(),
            Some(Preset::Minimal) => Limits::minimal(),
            Some(Preset::Strict) => Limits::strict(),
            Some(Preset::HighPerformance) => Limits::high_performance(),
        };
        let mut set = |number: &Option<u32>, with: fn(Limits, usize) -> Limits| {
            if let Some(number) = number {
                limits = with(limits.clone(), *number as usize);
            }
        };
        set(calls, Limits::with_calls);
        set(inbox, Limits::with_inbox);
        set(handles, Limits::with_handles);
        set(memories, Limits::with_memories);
        set(tables, Limits::with_tables);
        set(table_elements, Limits::with_table_elements);
        set(core_instances, Limits::with_core_instances);
        for (size, with) in [
            (memory, Limits::with_memory as fn(Limits, usize) -> Limits),
            (value_size, Limits::with_value_size),
        ] {
            if let Some(size) = self.read(size.as_ref(), size_of) {
                limits = with(limits, size);
            }
        }
        for (time, with) in [
            (
                time,
                Limits::with_time as fn(Limits, Option<Duration>) -> Limits,
            ),
            (deadline, Limits::with_deadline),
            (start_time, Limits::with_start_time),
        ] {
            if let Some(time) = self.read(time.as_ref(), duration) {
                limits = with(limits, Some(time));
            }
        }
        match fuel {
            Some(fuel) => limits.with_fuel(Some(*fuel)),
            None => limits,
        }
    }

    /// Grants.
    pub fn grants(&mut self, written: &manifest::Grants) -> Grants {
        let manifest::Grants {
            read,
            write,
            env,
            env_from_host,
            args,
            network,
            tcp_to,
            tcp_at,
            udp_to,
            udp_at,
            name_lookup,
            http_to,
            real_randomness,
        } = written;
        let mut grants = Grants::none().with_args(args);
        for (name, folder) in read {
            if let Some(folder) = self.folder(folder) {
                grants = grants.with_folder_to_read(folder, name);
            }
        }
        for (name, folder) in write {
            if let Some(folder) = self.folder(folder) {
                grants = grants.with_folder_to_write(folder, name);
            }
        }
        for (name, value) in env {
            grants = grants.with_env(name, value);
        }
        for name in env_from_host {
            match std::env::var(&**name) {
                Ok(value) => grants = grants.with_env(&**name, value),
                Err(_) => {
                    let problem =
                        Problem::new(format!("this program has no variable `{}`", **name));
                    self.problems.push(problem.at(name.place()));
                }
            }
        }
        for (addresses, with) in [
            (
                tcp_to,
                Grants::with_tcp_to as fn(Grants, SocketAddr) -> Grants,
            ),
            (tcp_at, Grants::with_tcp_at),
            (udp_to, Grants::with_udp_to),
            (udp_at, Grants::with_udp_at),
        ] {
            for written in addresses {
                if let Some(address) = self.read(Some(written), address) {
                    grants = with(grants, address);
                }
            }
        }
        if *network {
            grants = grants.with_network();
        }
        if *name_lookup {
            grants = grants.with_name_lookup();
        }
        if *real_randomness {
            grants = grants.with_real_randomness();
        }
        if !http_to.is_empty() {
            let hosts = match http_to.iter().any(|host| host == "*") {
                true => HttpHosts::all(),
                false => http_to.iter().fold(HttpHosts::none(), HttpHosts::with),
            };
            grants = grants.with_http_to(hosts);
        }
        grants
    }

    /// A restart policy.
    pub fn restart(&mut self, written: &manifest::Restart) -> Restart {
        let manifest::Restart {
            first_wait,
            longest_wait,
            limit,
            within,
        } = written;
        let mut restart = Restart::on_death();
        let first = self.read(first_wait.as_ref(), duration);
        let longest = self.read(longest_wait.as_ref(), duration);
        if first.is_some() || longest.is_some() {
            let first = first.unwrap_or(Duration::from_millis(100));
            let longest = longest.unwrap_or(Duration::from_secs(10)).max(first);
            restart = restart.with_backoff(first, longest);
        }
        let within = self.read(within.as_ref(), duration);
        if limit.is_some() || within.is_some() {
            let within = within.unwrap_or(Duration::from_secs(60));
            restart = restart.with_limit(limit.unwrap_or(5), within);
        }
        restart
    }

    fn folder(&mut self, written: &Located<String>) -> Option<std::path::PathBuf> {
        let folder = self.folder.join(&**written);
        if folder.is_dir() {
            return Some(folder);
        }
        let problem = Problem::new(format!("there is no folder `{}`", folder.display()));
        self.problems.push(problem.at(written.place()));
        None
    }

    fn read<T>(
        &mut self,
        written: Option<&Located<String>>,
        read: fn(&str) -> Result<T, &'static str>,
    ) -> Option<T> {
        let written = written?;
        match read(written) {
            Ok(value) => Some(value),
            Err(form) => {
                let problem = Problem::new(format!("{:?} is not {form}", **written));
                self.problems.push(problem.at(written.place()));
                None
            }
        }
    }
}

/// A size, in bytes or with a unit.
fn size_of(text: &str) -> Result<usize, &'static str> {
    const FORM: &str = "a size, such as \"512KiB\", \"64MiB\" or \"1GiB\"";
    let (number, unit) = split(text).ok_or(FORM)?;
    let shift = match unit {
        "" | "B" => 0,
        "KiB" => 10,
        "MiB" => 20,
        "GiB" => 30,
        _ => return Err(FORM),
    };
    let bytes = number.checked_mul(1 << shift).ok_or(FORM)?;
    usize::try_from(bytes).map_err(|_| FORM)
}

/// A duration with its unit.
pub fn duration(text: &str) -> Result<Duration, &'static str> {
    const FORM: &str = "a duration, such as \"250ms\", \"2s\" or \"1m\"";
    let (number, unit) = split(text).ok_or(FORM)?;
    let millis = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return Err(FORM),
    };
    number
        .checked_mul(millis)
        .map(Duration::from_millis)
        .ok_or(FORM)
}

/// A whole number, and the unit behind it.
fn split(text: &str) -> Option<(u64, &str)> {
    let unit = text
        .find(|char: char| !char.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(unit);
    Some((number.parse().ok()?, unit.trim_start()))
}

fn address(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse()
        .map_err(|_| "an address with a port, such as \"127.0.0.1:5432\" or \"[::1]:53\"")
}
