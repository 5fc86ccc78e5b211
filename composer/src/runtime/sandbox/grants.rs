//! The grants through which a component reaches the outside.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use wasmtime::component::{Component, Linker};
use wasmtime_wasi::p2::pipe::MemoryInputPipe;
use wasmtime_wasi::sockets::SocketAddrUse;
use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxBuilder};

use crate::error::PartError;
#[cfg(feature = "http")]
use crate::http::{HttpContext, HttpHosts};
use crate::runtime::sandbox::clock::{Clocks, VirtualClock, WasiVersion, define};
use crate::runtime::sandbox::output::{LinePrinter, StandardStream};
use crate::runtime::sandbox::random::SeededRandom;
#[cfg(feature = "wasi-config")]
use crate::wasi::ConfigValues;
use crate::wasi::{ImmediateOutput, KeptAndShownStderr, State};

/// The grants of a component: what it gets of the world outside the composition.
///
/// | | without a grant | granted by |
/// |---|---|---|
/// | files | no folder is open | [`with_folder_to_read`](Grants::with_folder_to_read), [`with_folder_to_write`](Grants::with_folder_to_write) |
/// | network | none, and no lookup of names | [`with_tcp_to`](Grants::with_tcp_to), [`with_tcp_at`](Grants::with_tcp_at), [`with_udp_to`](Grants::with_udp_to), [`with_udp_at`](Grants::with_udp_at), [`with_name_lookup`](Grants::with_name_lookup), [`with_network`](Grants::with_network) |
/// | HTTP (feature `http`) | every request is denied | `with_http_to` |
/// | environment | no variables, no arguments | [`with_env`](Grants::with_env), [`with_args`](Grants::with_args) |
/// | configuration (feature `wasi-config`) | no values | `with_config` |
/// | standard input | at its end | [`with_input`](Grants::with_input) |
/// | standard streams of this program | none | [`with_standard_streams`](Grants::with_standard_streams) |
/// | randomness | made from a [seed](crate::Runtime::seed) | [`with_real_randomness`](Grants::with_real_randomness) |
/// | clocks | real, [in steps of a millisecond](Clocks::Coarse) | [`with_clocks`](Grants::with_clocks) |
///
/// Printing needs no grant. Each line is an event of `tracing` with the target
/// `composer::guest` and the fields `component` and `stream`. Its level is `INFO` for the
/// standard output, and `WARN` for the standard error. Lines of more than 8 KiB are
/// split, bytes that are not text are replaced, and control characters are escaped.
///
/// Randomness does not come from the system, because then no run could be repeated. Nor
/// is it the same everywhere, because components make identities and keys of hash tables
/// from it. So the seed is chosen at random, once for each runtime, and
/// [can be read](crate::Runtime::seed). A component whose secrets must stay secret even
/// from those who learn that number needs the grant.
///
/// With [`Clocks::Frozen`] or [`Clocks::Virtual`] and a fixed seed, a component observes
/// the same outside in each run that makes the same calls in the same order.
///
/// ```
/// use std::time::SystemTime;
/// use composer::runtime::{Clocks, Grants};
///
/// let grants = Grants::none()
///     .with_folder_to_read("/var/lib/shop/prices", "/prices")
///     .with_env("REGION", "eu")
///     .with_tcp_to("10.0.0.7:5432".parse().unwrap())
///     .with_clocks(Clocks::Frozen(SystemTime::UNIX_EPOCH));
/// # let _ = grants;
/// ```
#[derive(Clone, Debug)]
pub struct Grants {
    folders: Vec<(PathBuf, String, FsPerms)>,
    variables: Vec<(String, String)>,
    args: Vec<String>,
    input: Vec<u8>,
    standard_streams: bool,
    sockets: SocketGrants,
    name_lookup: bool,
    real_randomness: bool,
    clocks: Clocks,
    #[cfg(feature = "http")]
    http: HttpHosts,
    #[cfg(feature = "wasi-config")]
    config: ConfigValues,
}

#[derive(Clone, Debug, Default)]
struct SocketGrants {
    all: bool,
    tcp_to: Vec<SocketAddr>,
    tcp_at: Vec<SocketAddr>,
    udp_to: Vec<SocketAddr>,
    udp_at: Vec<SocketAddr>,
}

impl Grants {
    /// No grants: a component can only print, read coarse clocks and use seeded
    /// randomness.
    pub fn none() -> Self {
        Grants {
            folders: Vec::new(),
            variables: Vec::new(),
            args: Vec::new(),
            input: Vec::new(),
            standard_streams: false,
            sockets: SocketGrants::default(),
            name_lookup: false,
            real_randomness: false,
            clocks: Clocks::Coarse,
            #[cfg(feature = "http")]
            http: HttpHosts::none(),
            #[cfg(feature = "wasi-config")]
            config: ConfigValues::default(),
        }
    }

    /// Lets the component read a folder of the host, which it sees as `name`. The folder
    /// is opened each time an instance is made; if that fails, the start fails with
    /// [`StartError::Store`](crate::StartError::Store).
    #[must_use]
    pub fn with_folder_to_read(
        mut self,
        folder: impl Into<PathBuf>,
        name: impl Into<String>,
    ) -> Self {
        let folder = (folder.into(), name.into(), FsPerms::ReadOnly);
        self.folders.push(folder);
        self
    }

    /// Lets the component read, write, make and remove files in a folder of the host.
    /// Otherwise this is like [`with_folder_to_read`](Grants::with_folder_to_read).
    #[must_use]
    pub fn with_folder_to_write(
        mut self,
        folder: impl Into<PathBuf>,
        name: impl Into<String>,
    ) -> Self {
        let folder = (folder.into(), name.into(), FsPerms::ReadWrite);
        self.folders.push(folder);
        self
    }

    /// Adds a variable to the component's environment, which is its own.
    #[must_use]
    pub fn with_env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }

    /// Sets the component's arguments, in place of earlier ones.
    #[must_use]
    pub fn with_args(mut self, args: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.args = args.into_iter().map(Into::into).collect();
        self
    }

    /// The arguments that [`with_args`](Grants::with_args) has set.
    ///
    /// ```
    /// use composer::runtime::Grants;
    ///
    /// assert_eq!(Grants::none().with_args(["tool", "-v"]).args(), ["tool", "-v"]);
    /// ```
    pub fn args(&self) -> &[String] {
        &self.args
    }

    /// Sets the bytes that each instance reads from its standard input.
    #[must_use]
    pub fn with_input(mut self, input: impl Into<Vec<u8>>) -> Self {
        self.input = input.into();
        self
    }

    /// Gives the component this program's own standard input, output and error, as a shell
    /// does. [`with_input`](Grants::with_input) has no effect then, and what it prints is no
    /// event.
    ///
    /// ```
    /// use composer::runtime::Grants;
    ///
    /// let command = Grants::none().with_args(["tool", "--help"]).with_standard_streams();
    /// # let _ = command;
    /// ```
    #[must_use]
    pub fn with_standard_streams(mut self) -> Self {
        self.standard_streams = true;
        self
    }

    /// Lets the component connect to this address by TCP.
    #[must_use]
    pub fn with_tcp_to(mut self, address: SocketAddr) -> Self {
        self.sockets.tcp_to.push(address);
        self
    }

    /// Lets the component listen at this address of the host by TCP, and accept every
    /// connection.
    #[must_use]
    pub fn with_tcp_at(mut self, address: SocketAddr) -> Self {
        self.sockets.tcp_at.push(address);
        self
    }

    /// Lets the component send datagrams to this address by UDP, and receive the answers.
    #[must_use]
    pub fn with_udp_to(mut self, address: SocketAddr) -> Self {
        self.sockets.udp_to.push(address);
        self
    }

    /// Lets the component receive datagrams at this address of the host by UDP, from
    /// any sender. To answer, it needs [`with_udp_to`](Grants::with_udp_to).
    #[must_use]
    pub fn with_udp_at(mut self, address: SocketAddr) -> Self {
        self.sockets.udp_at.push(address);
        self
    }

    /// Lets the component look up the addresses of names. The name server learns what it
    /// looks up.
    #[must_use]
    pub fn with_name_lookup(mut self) -> Self {
        self.name_lookup = true;
        self
    }

    /// Lets the component use TCP and UDP with every address, as the program itself can.
    #[must_use]
    pub fn with_network(mut self) -> Self {
        self.sockets.all = true;
        self
    }

    /// Lets the component send HTTP requests to these servers, in place of those that were
    /// granted before. [`with_network`](Grants::with_network) does not grant that.
    #[cfg(feature = "http")]
    #[must_use]
    pub fn with_http_to(mut self, hosts: HttpHosts) -> Self {
        self.http = hosts;
        self
    }

    #[cfg(feature = "http")]
    pub(in crate::runtime) fn http_context(&self) -> HttpContext {
        HttpContext::new(self.http.clone())
    }

    /// Adds a configuration value, which the component reads by its key from
    /// `wasi:config/store@0.2.0-rc.1`. A later value of the same key takes the place of an
    /// earlier one. Without any, the store is there and empty.
    ///
    /// ```
    /// use composer::runtime::Grants;
    ///
    /// let grants = Grants::none().with_config("currency", "EUR");
    /// # let _ = grants;
    /// ```
    #[cfg(feature = "wasi-config")]
    #[must_use]
    pub fn with_config(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.config.insert(key.into(), value.into());
        self
    }

    /// The state of an instance, with its configuration values in it.
    #[cfg(feature = "wasi-config")]
    pub(in crate::runtime) fn configured(&self, state: State) -> State {
        self.config.given_to(state)
    }

    /// Gives the component the system's randomness, which cannot be guessed or repeated.
    #[must_use]
    pub fn with_real_randomness(mut self) -> Self {
        self.real_randomness = true;
        self
    }

    /// Sets the kind of clocks that the component gets.
    #[must_use]
    pub fn with_clocks(mut self, clocks: Clocks) -> Self {
        self.clocks = clocks;
        self
    }

    /// The WASI context and the virtual clock of the `nth` instance of a component.
    pub(in crate::runtime) fn context(
        &self,
        component: &str,
        seed: u64,
        nth: u64,
    ) -> wasmtime::Result<(WasiCtx, VirtualClock)> {
        let mut ctx = WasiCtxBuilder::new();
        ctx.stdout(ImmediateOutput(LinePrinter::new(
            component,
            StandardStream::Stdout,
        )))
        .stderr(ImmediateOutput(LinePrinter::new(
            component,
            StandardStream::Stderr,
        )))
        .envs(&self.variables)
        .args(&self.args);
        if self.standard_streams {
            ctx.inherit_stdin()
                .inherit_stdout()
                .stderr(ImmediateOutput(KeptAndShownStderr));
        } else if !self.input.is_empty() {
            ctx.stdin(MemoryInputPipe::new(self.input.clone()));
        }
        for (folder, name, perms) in &self.folders {
            ctx.preopened_dir(folder, name, *perms)?;
        }
        self.sockets.allow(&mut ctx);
        ctx.allow_ip_name_lookup(self.name_lookup);
        if !self.real_randomness {
            let seeded = |purpose| SeededRandom::new(seed, component, nth, purpose);
            let mut number = seeded("insecure-seed");
            ctx.secure_random(seeded("random"))
                .insecure_random(seeded("insecure"))
                .insecure_random_seed(u128::from_le_bytes(number.array()));
        }
        let clock = self.clocks.set(&mut ctx);
        Ok((ctx.build(), clock))
    }

    /// Defines virtual waits, which a context cannot hold, in a linker that has WASI.
    pub(in crate::runtime) fn define_clocks(
        &self,
        linker: &mut Linker<State>,
        component: &Component,
        name: &str,
    ) -> Result<(), PartError> {
        if !matches!(self.clocks, Clocks::Virtual(_)) {
            return Ok(());
        }
        let versions = [
            ("0.2", WasiVersion::P2),
            #[cfg(feature = "wasi-p3")]
            ("0.3", WasiVersion::P3),
        ];
        for (version, define_for) in versions {
            if crate::wasi::imports(component, &format!("@{version}.")) {
                define(linker, define_for).map_err(|error| PartError::Wasi {
                    component: name.to_owned(),
                    version,
                    reason: format!("{error:#}"),
                })?;
            }
        }
        Ok(())
    }
}

impl Default for Grants {
    /// [`Grants::none`].
    fn default() -> Self {
        Grants::none()
    }
}

impl SocketGrants {
    fn allow(&self, ctx: &mut WasiCtxBuilder) {
        let has = |some: &[&Vec<SocketAddr>]| self.all || some.iter().any(|some| !some.is_empty());
        ctx.allow_tcp(has(&[&self.tcp_to, &self.tcp_at]))
            .allow_udp(has(&[&self.udp_to, &self.udp_at]));
        let sockets = Arc::new(self.clone());
        ctx.socket_addr_check(move |address, wanted| {
            let allowed = sockets.allows(address, wanted);
            Box::pin(async move { allowed })
        });
    }

    fn allows(&self, address: SocketAddr, wanted: SocketAddrUse) -> bool {
        // A socket that connects or sends is first bound to a port that the system
        // chooses.
        let any_port = address.port() == 0;
        self.all
            || match wanted {
                SocketAddrUse::TcpConnect => self.tcp_to.contains(&address),
                SocketAddrUse::TcpBind => {
                    self.tcp_at.contains(&address) || (any_port && !self.tcp_to.is_empty())
                }
                SocketAddrUse::TcpListen => self.tcp_at.contains(&address),
                SocketAddrUse::TcpAccept => !self.tcp_at.is_empty(),
                SocketAddrUse::UdpSend => self.udp_to.contains(&address),
                SocketAddrUse::UdpBind => {
                    self.udp_at.contains(&address) || (any_port && !self.udp_to.is_empty())
                }
                SocketAddrUse::UdpReceive => {
                    self.udp_to.contains(&address) || !self.udp_at.is_empty()
                }
            }
    }
}
