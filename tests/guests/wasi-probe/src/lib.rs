//! Tries what WASI 0.2 offers, most of it through Rust's standard library.

use std::io::{Read, Write};
use std::time::{Duration, Instant, SystemTime};

use exports::test::text::transform;
use exports::test::wasi::probe;
use wasip2::sockets::instance_network::instance_network;
use wasip2::sockets::ip_name_lookup::resolve_addresses;
use wasip2::sockets::network::{ErrorCode, IpAddressFamily, IpSocketAddress, Ipv4SocketAddress};
use wasip2::sockets::tcp_create_socket::create_tcp_socket;
use wasip2::sockets::udp_create_socket::create_udp_socket;

wit_bindgen::generate!({
    path: ["../../wit/text", "../../wit/wasi"],
    world: "test:wasi/probe-guest",
});

struct Probe;

impl probe::Guest for Probe {
    fn arguments() -> Vec<String> {
        std::env::args().collect()
    }

    fn variables() -> Vec<(String, String)> {
        std::env::vars().collect()
    }

    fn folders() -> Vec<String> {
        let folders = wasip2::filesystem::preopens::get_directories();
        folders.into_iter().map(|(_, path)| path).collect()
    }

    fn read(path: String) -> Result<String, String> {
        std::fs::read_to_string(path).map_err(said)
    }

    fn write(path: String, text: String) -> Result<(), String> {
        std::fs::write(path, text).map_err(said)
    }

    fn input() -> Result<String, String> {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map_err(said)?;
        Ok(text)
    }

    fn print(text: String) -> Result<(), String> {
        writeln!(std::io::stdout(), "{text}").map_err(said)
    }

    fn complain(text: String) -> Result<(), String> {
        writeln!(std::io::stderr(), "{text}").map_err(said)
    }

    // Not through the standard library: it has no sockets on wasm32-wasip1.
    fn connect(port: u16) -> Result<(), String> {
        let socket = create_tcp_socket(IpAddressFamily::Ipv4).map_err(code)?;
        let network = instance_network();
        socket
            .start_connect(&network, localhost(port))
            .map_err(code)?;
        loop {
            match socket.finish_connect() {
                Err(ErrorCode::WouldBlock) => socket.subscribe().block(),
                finished => return finished.map(drop).map_err(code),
            }
        }
    }

    fn bind() -> Result<(), String> {
        let socket = create_udp_socket(IpAddressFamily::Ipv4).map_err(code)?;
        let network = instance_network();
        socket.start_bind(&network, localhost(0)).map_err(code)?;
        socket.finish_bind().map_err(code)
    }

    fn resolve(name: String) -> Result<(), String> {
        let network = instance_network();
        let addresses = resolve_addresses(&network, &name).map_err(code)?;
        loop {
            match addresses.resolve_next_address() {
                Err(ErrorCode::WouldBlock) => addresses.subscribe().block(),
                address => return address.map(drop).map_err(code),
            }
        }
    }

    fn now() -> u64 {
        let since = SystemTime::UNIX_EPOCH.elapsed();
        since.map_or(0, |since| since.as_secs())
    }

    fn sleep(ms: u32) -> u64 {
        let start = Instant::now();
        std::thread::sleep(Duration::from_millis(ms.into()));
        start.elapsed().as_millis() as u64
    }

    fn random() -> u64 {
        wasip2::random::random::get_random_u64()
    }

    fn exit(code: u8) {
        std::process::exit(code.into())
    }
}

impl transform::Guest for Probe {
    fn apply(text: String) -> String {
        println!("{text}");
        text
    }
}

fn localhost(port: u16) -> IpSocketAddress {
    IpSocketAddress::Ipv4(Ipv4SocketAddress {
        port,
        address: (127, 0, 0, 1),
    })
}

fn said(error: std::io::Error) -> String {
    error.to_string()
}

fn code(error: ErrorCode) -> String {
    error.name().to_owned()
}

export!(Probe);
